import { expect, test } from 'vitest'
import { dutiesOf, encodingOf, onlyWatches } from '../../src/core/duties'

test('who only watches is asked for no device', () => {
  expect((['lead', 'room', 'attendee', 'listener', 'assistant'] as const).map(onlyWatches)).toEqual([
    false,
    false,
    true,
    true,
    true,
  ])
})

test('a room publishes pupils, a lead the teacher and the courseware', () => {
  expect(dutiesOf('room')).toMatchObject({ camera: 'students', microphone: 'room_mic', screen: null })
  expect(dutiesOf('lead')).toMatchObject({ camera: 'teacher', screen: 'courseware' })
})

test('slides are encoded for sharpness, cameras for movement', () => {
  expect(encodingOf('courseware').hint).toBe('detail')
  expect(encodingOf('students').bitrate_bps).toBeLessThan(encodingOf('teacher').bitrate_bps)
})
