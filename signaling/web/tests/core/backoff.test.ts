import { expect, test } from 'vitest'
import { waitMs } from '../../src/core/backoff'

const attempts = Array.from({ length: 40 }, (_, attempt) => attempt)

test('waits grow and never pass three seconds', () => {
  const longest = attempts.map((attempt) => waitMs(attempt, 0.999))
  expect(longest).toEqual([...longest].sort((a, b) => a - b))
  expect(Math.max(...longest)).toBeLessThanOrEqual(3000)
  expect(longest[0]).toBeLessThanOrEqual(300)
})

test('chance spreads a wait over its upper half', () => {
  expect(waitMs(3, 0)).toBe(1200)
  expect(waitMs(3, 0.5)).toBe(1800)
})
