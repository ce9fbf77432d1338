import { expect, test } from 'vitest'
import { roomWords } from '../../src/core/floor'
import { layoutOf } from '../../src/core/layout'
import { NOTHING, receive, type LessonView } from '../../src/core/lesson'
import { stopAction, stopWords } from '../../src/core/stop'

function seen(role: 'lead' | 'assistant' | 'room', by: string | null): LessonView {
  const may = { lead: ['pause_lesson', 'resume_lesson'], assistant: ['pause_lesson'], room: [] }
  const self = { session: 'X', seat: 'S', role, classroom: '东村', actions: may[role] }
  const view = { ...NOTHING, self, floor: { holder: 'S', requests: [] } }
  return by === null ? view : receive(view, { type: 'pause', seq: 1, paused: true, by }, 0)
}

test('every screen says who has stopped the lesson, and nothing once it goes on', () => {
  const by = ['lead', 'assistant', 'operator'].map((who) => stopWords(seen('room', who)))
  expect(by).toEqual(['stop.lead', 'stop.assistant', 'stop.operator'])
  const on = receive(seen('room', 'lead'), { type: 'pause', seq: 2, paused: false, by: 'lead' }, 0)
  expect(stopWords(on)).toBeNull()
})

test('the lead stops and lets go on, an assistant only stops, a room has no button', () => {
  expect(stopAction(seen('lead', null))).toBe('pause_lesson')
  expect(stopAction(seen('lead', 'assistant'))).toBe('resume_lesson')
  expect(stopAction(seen('lead', 'operator'))).toBeNull()
  expect(stopAction(seen('assistant', null))).toBe('pause_lesson')
  expect(stopAction(seen('assistant', 'lead'))).toBeNull()
  expect(stopAction(seen('room', null))).toBeNull()
})

test('a room that holds the floor of a paused lesson is not told that it is heard', () => {
  expect(roomWords(seen('room', null), true, true).key).toBe('room.you_speak')
  expect(roomWords(seen('room', 'lead'), true, true).key).toBe('room.paused')
})

test('no picture says that its room is heard while the lesson is stopped', () => {
  const seat = { seat: 'S', role: 'room', classroom: '东村', present: true, hand: false } as const
  const tiles = (view: LessonView) => layoutOf({ ...view, seats: [seat] }).stage
  expect(tiles({ ...seen('lead', null), self: { ...seen('lead', null).self!, seat: 'L' } })[0]?.heard).toBe(
    true,
  )
  expect(tiles({ ...seen('lead', 'lead'), self: { ...seen('lead', null).self!, seat: 'L' } })[0]?.heard).toBe(
    false,
  )
})
