import { expect, test } from 'vitest'
import { chapterAt, claimsOf, clock, dayStart, when } from '../../src/library/time'

test('a length is read at a glance', () => {
  expect([0, 5_400, 65_000, 3_723_000].map(clock)).toEqual(['0:00', '0:05', '1:05', '1:02:03'])
})

test('dates are China’s, wherever the viewer sits', () => {
  expect(when(Date.UTC(2026, 8, 20, 16, 0))).toBe('2026-09-21 00:00')
  expect(dayStart('2026-09-21')).toBe(Date.UTC(2026, 8, 20, 16, 0))
  expect(dayStart('2026-09-21', true)).toBe(Date.UTC(2026, 8, 21, 16, 0))
  expect(dayStart('')).toBeNull()
})

test('the chapter that plays is the last that has begun', () => {
  expect([0, 9, 10, 99].map((at) => chapterAt([0, 10, 20], at))).toEqual([0, 0, 1, 2])
  expect(chapterAt([], 5)).toBe(-1)
})

test('a tombstone is read in any script, and nonsense is nothing', () => {
  const part = Buffer.from(JSON.stringify({ title: '语文', why: '家长要求' })).toString('base64url')
  expect(claimsOf(`x.${part}.y`)).toEqual({ title: '语文', why: '家长要求' })
  expect(claimsOf('nonsense')).toEqual({})
})
