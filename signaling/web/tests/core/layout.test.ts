import { expect, test } from 'vitest'
import { columnsFor, layoutOf } from '../../src/core/layout'
import type { ServerMessage, SlotState, Source } from '../../src/messages'
import { seen, welcome } from './scene'

let seq = 100
const flows = (seat: string, source: Source): ServerMessage => ({
  type: 'source_changed',
  seq: (seq += 1),
  source: { seat, source, kind: 'video', flowing: true },
})
const bound = (mid: string, seat: string, source: Source, trouble: string | null = null): SlotState => {
  return { mid, kind: 'video', seat, source, track: `${seat}:${source}`, trouble }
}
const slots = (...slots: SlotState[]): ServerMessage => ({ type: 'slots', seq: (seq += 1), slots })
const floor = (holder: string | null, ...requests: string[]): ServerMessage => {
  return { type: 'floor_changed', seq: (seq += 1), floor: { holder, requests } }
}
const keys = (tiles: readonly { key: string }[]): string[] => tiles.map((tile) => tile.key)

test('the lead sees every room, present or not', () => {
  const absent = { seat: 'Stwo', role: 'room', classroom: '山前小学', present: false, hand: false } as const
  const view = seen([welcome('lead'), { type: 'seat_changed', seq: (seq += 1), seat: absent }])
  const { stage } = layoutOf(view)
  expect(keys(stage)).toEqual(['Sone:students', 'Stwo:students'])
  expect(stage.map((tile) => tile.trouble)).toEqual(['picture.camera_off', 'picture.absent'])
})

test('the lead sees who asks, in which order, and who holds the floor', () => {
  const { stage } = layoutOf(seen([welcome('lead'), floor('Sone', 'Stwo')]))
  expect(stage.map(({ heard, queue }) => [heard, queue])).toEqual([
    [true, 0],
    [false, 1],
  ])
})

test('without courseware the teacher fills the stage of a room', () => {
  const view = seen([welcome('room'), flows('Slead', 'teacher'), slots(bound('0', 'Slead', 'teacher'))])
  const { stage, side } = layoutOf(view)
  expect(stage).toMatchObject([{ key: 'Slead:teacher', mid: '0', trouble: null }])
  expect(side).toEqual([])
})

test('courseware takes the stage, then the board, and the teacher stands beside', () => {
  const view = seen([
    welcome('room'),
    slots(bound('0', 'Slead', 'teacher'), bound('1', 'Slead', 'board'), bound('2', 'Slead', 'courseware')),
  ])
  const { stage, side } = layoutOf(view)
  expect(keys([...stage, ...side])).toEqual(['Slead:courseware', 'Slead:board', 'Slead:teacher'])
  expect(stage).toHaveLength(1)
})

test('the room that speaks stands before the other rooms', () => {
  const { side } = layoutOf(
    seen([
      welcome('attendee'),
      floor('Stwo'),
      slots(bound('1', 'Sone', 'students'), bound('2', 'Stwo', 'students')),
    ]),
  )
  expect(keys(side)).toEqual(['Stwo:students', 'Sone:students'])
})

test('a room that speaks without a picture is still named', () => {
  const { side } = layoutOf(seen([welcome('attendee'), floor('Stwo')]))
  expect(side).toMatchObject([{ key: 'Stwo:students', heard: true, trouble: 'picture.camera_off' }])
})

test('what a room that speaks puts up comes before the teacher', () => {
  const view = seen([
    welcome('attendee'),
    floor('Sone'),
    slots(bound('0', 'Slead', 'teacher'), bound('1', 'Sone', 'students'), bound('2', 'Sone', 'courseware')),
  ])
  const { stage, side } = layoutOf(view)
  expect(keys([...stage, ...side])).toEqual(['Sone:courseware', 'Slead:teacher', 'Sone:students'])
})

test('the lead sees what a room sends in place of its pupils', () => {
  const view = seen([welcome('lead'), slots(bound('3', 'Stwo', 'board'))])
  expect(keys(layoutOf(view).stage)).toEqual(['Sone:students', 'Stwo:board'])
})

test('a room does not see itself among the others', () => {
  const { side } = layoutOf(seen([welcome('room'), floor('Sone')]))
  expect(side).toEqual([])
})

test('a codec that the browser lacks is said in words', () => {
  const view = seen([
    welcome('room'),
    flows('Slead', 'teacher'),
    slots(bound('0', 'Slead', 'teacher', 'codec_not_supported')),
  ])
  expect(layoutOf(view).stage[0]!.trouble).toBe('picture.codec')
})

test('a source that does not flow is said in words', () => {
  const stalled = { seat: 'Slead', source: 'teacher', kind: 'video', flowing: false } as const
  const view = seen([
    welcome('room'),
    { type: 'source_changed', seq: (seq += 1), source: stalled },
    slots(bound('0', 'Slead', 'teacher')),
  ])
  expect(layoutOf(view).stage[0]!.trouble).toBe('picture.interrupted')
})

test.each([
  [1, 1400, 900, 1],
  [2, 1400, 900, 1],
  [2, 1900, 600, 2],
  [4, 1400, 900, 2],
  [4, 390, 2000, 1],
  [6, 1900, 900, 3],
  [0, 100, 100, 1],
])('%i tiles in %i by %i stand in %i columns', (count, width, height, columns) => {
  expect(columnsFor(count, width, height)).toBe(columns)
})
