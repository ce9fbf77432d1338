import { expect, test } from 'vitest'
import { isNews, mayDo, NOTHING, receive, slotOf, sourceOf, TEXT_LINES } from '../../src/core/lesson'
import type { ServerMessage, Slots } from '../../src/messages'
import { seen, SNAPSHOT, welcome } from './scene'

const HAND_UP: ServerMessage = {
  type: 'seat_changed',
  seq: 11,
  seat: { ...SNAPSHOT.seats[1]!, hand: true },
}
const SLOTS: Slots = {
  type: 'slots',
  seq: 12,
  slots: [
    { mid: '0', kind: 'video', seat: 'Slead', source: 'teacher', track: 'Slead:teacher', trouble: null },
    { mid: '5', kind: 'audio', seat: null, source: null, track: null, trouble: null },
  ],
}

test('a snapshot replaces all that was known', () => {
  const before = seen([welcome('room'), HAND_UP, SLOTS])
  const view = seen([welcome('room', { session: 'X2', seq: 3 })], 0, before)
  expect(view.seats[1]!.hand).toBe(false)
  expect(view.slots).toEqual([])
  expect(view.seq).toBe(3)
})

test('slots of a connection that still lives at the node are kept', () => {
  const view = seen([welcome('room', { connections: ['subscribe'] })], 0, seen([welcome('room'), SLOTS]))
  expect(slotOf(view, 'Slead', 'teacher')?.mid).toBe('0')
})

test('a resume keeps what is known and goes on from the last number', () => {
  const before = seen([welcome('room'), HAND_UP])
  const view = receive(before, welcome('room', { resumed: true, seq: 14, snapshot: null }), 0)
  expect(view.seats[1]!.hand).toBe(true)
  expect(view.seq).toBe(11)
  expect(seen([SLOTS], 0, view).slots).toHaveLength(2)
})

test('what a resume repeats changes nothing', () => {
  const view = seen([welcome('room'), HAND_UP, SLOTS])
  const late: ServerMessage = { ...HAND_UP, seat: { ...HAND_UP.seat, hand: false } }
  expect(isNews(view, late)).toBe(false)
  expect(receive(view, late, 0)).toBe(view)
})

test('replies and levels have no number and leave it alone', () => {
  const view = seen([welcome('room'), { type: 'levels', levels: [['Slead:teacher_mic', 20]] }], 500)
  expect(view.seq).toBe(10)
  expect(view.levels.get('Slead:teacher_mic')).toEqual({ level: 20, at_ms: 500 })
})

test('a seat that comes late is added at the end', () => {
  const seat = { seat: 'Snew', role: 'listener', classroom: '新校', present: true, hand: false } as const
  const view = seen([welcome('lead'), { type: 'seat_changed', seq: 11, seat }])
  expect(view.seats.map((other) => other.seat)).toEqual(['Slead', 'Sone', 'Stwo', 'Swatch', 'Snew'])
})

test('a source begins, stalls and ends', () => {
  const source = { seat: 'Sone', source: 'students', kind: 'video', flowing: true } as const
  const begun = seen([welcome('lead'), { type: 'source_changed', seq: 11, source }])
  const stalled = seen([{ type: 'source_changed', seq: 12, source: { ...source, flowing: false } }], 0, begun)
  const ended = seen([{ type: 'source_ended', seq: 13, seat: 'Sone', source: 'students' }], 0, stalled)
  expect([begun, stalled, ended].map((view) => sourceOf(view, 'Sone', 'students')?.flowing)).toEqual([
    true,
    false,
    undefined,
  ])
})

test('only the last lines of text are kept', () => {
  const lines = Array.from({ length: TEXT_LINES + 5 }, (_, place) => {
    return { type: 'text', seq: 11 + place, sender: 'Sone', at_ms: 0, body: `${place}` } as const
  })
  const view = seen([welcome('lead'), ...lines])
  expect(view.texts).toHaveLength(TEXT_LINES)
  expect(view.texts[0]!.body).toBe('5')
})

test('the floor, the state and the goodbye are what signaling says', () => {
  const view = seen([
    welcome('lead'),
    { type: 'floor_changed', seq: 11, floor: { holder: 'Sone', requests: ['Stwo'] } },
    { type: 'lesson_changed', seq: 12, state: 'ended' },
    { type: 'bye', code: 'ended', sentence: '', retry: false },
  ])
  expect(view.floor).toEqual({ holder: 'Sone', requests: ['Stwo'] })
  expect(view.lesson?.state).toBe('ended')
  expect(view.bye?.code).toBe('ended')
})

test('only what the role may send has a button', () => {
  expect(mayDo(NOTHING, 'hand')).toBe(false)
  expect(mayDo(seen([welcome('room', { actions: ['hand'] })]), 'hand')).toBe(true)
})
