import { expect, test } from 'vitest'
import { dutiesOf, encodingOf, layersOf, onlyWatches } from '../../src/core/duties'

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

test('a camera is sent in layers from small to rich, as many as its picture is large enough for', () => {
  const layers = (source: 'teacher' | 'students', lines: number) =>
    layersOf(source, lines).map(({ rid, scale }) => [rid, lines / scale])
  expect(layers('teacher', 720)).toEqual([
    ['l', 180],
    ['m', 360],
    ['h', 720],
  ])
  expect(layers('teacher', 480)).toEqual([
    ['l', 240],
    ['h', 480],
  ])
  expect(layers('students', 360)).toEqual([
    ['l', 180],
    ['h', 360],
  ])
  expect(layers('students', 720).length).toBe(2)
  expect(layers('teacher', 240)).toEqual([])
  const rates = layersOf('teacher', 720).map((layer) => layer.bitrate_bps)
  expect(rates).toEqual([...rates].sort((a, b) => a - b))
  expect(rates.at(-1)).toBe(encodingOf('teacher').bitrate_bps)
})

test('slides are sent in one layer, since nobody reads small letters', () => {
  expect(layersOf('courseware', 1080)).toEqual([])
})
