import { expect, test } from 'vitest'
import { isSpeaking, loudness, share } from '../../src/core/speaking'
import { seen, welcome } from './scene'

const heard = (level: number) =>
  seen([welcome('lead'), { type: 'levels', levels: [['Sone:room_mic', level]] }], 1000)

test('a voice speaks, a quiet classroom does not', () => {
  expect(isSpeaking(heard(25), 'Sone', 1000)).toBe(true)
  expect(isSpeaking(heard(60), 'Sone', 1000)).toBe(false)
  expect(isSpeaking(heard(25), 'Stwo', 1000)).toBe(false)
})

test('levels that no longer come mean silence', () => {
  expect(loudness(heard(25), 'Sone', 3500)).toBeGreaterThan(0)
  expect(loudness(heard(25), 'Sone', 3501)).toBe(0)
})

test('courseware that plays is not a teacher who speaks', () => {
  const view = seen([welcome('lead'), { type: 'levels', levels: [['Slead:courseware_audio', 5]] }], 0)
  expect(isSpeaking(view, 'Slead', 0)).toBe(false)
})

test('the meter stays within its ends', () => {
  expect([share(0), share(127)]).toEqual([1, 0])
})
