import { expect, test } from 'vitest'
import { NOTHING, receive, type LessonView } from '../../src/core/lesson'
import { askedOfLead, ownCue, partners } from '../../src/core/private'
import type { Role, Seat } from '../../src/messages'

const seat = (name: string, role: Role, present = true): Seat => {
  return { seat: name, role, classroom: `${name} 教室`, present, hand: false }
}
const SEATS = [
  seat('L', 'lead'),
  seat('R', 'room'),
  seat('A', 'assistant'),
  seat('B', 'assistant', false),
  seat('G', 'attendee'),
]
const MAY: Partial<Record<Role, string[]>> = {
  lead: ['send_private', 'cue_seen'],
  assistant: ['send_private', 'send_cue'],
  room: ['send_cue'],
}

function seen(role: Role, seats = SEATS): LessonView {
  const own = seats.find((each) => each.role === role)!
  const self = {
    session: 'X',
    seat: own.seat,
    role,
    classroom: own.classroom,
    actions: MAY[role] ?? [],
  }
  return { ...NOTHING, self, seats }
}

test('an assistant writes to the lead alone, the lead to assistants who are there, others to nobody', () => {
  expect(partners(seen('lead')).map((each) => each.seat)).toEqual(['A'])
  expect(partners(seen('assistant')).map((each) => each.seat)).toEqual(['L'])
  expect(partners(seen('room'))).toEqual([])
  expect(partners(seen('attendee'))).toEqual([])
  const alone = SEATS.map((each) => (each.role === 'lead' ? { ...each, present: false } : each))
  expect(partners(seen('assistant', alone))).toEqual([])
})

test('what is asked stands on the lead’s page with its classroom, and on its sender’s', () => {
  const cues = { type: 'cues', seq: 1, cues: [{ seat: 'A', cue: 'slower' }] } as const
  expect(askedOfLead(receive(seen('lead'), cues, 0))).toEqual([
    { seat: 'A', classroom: 'A 教室', cue: 'slower' },
  ])
  expect(askedOfLead(receive(seen('assistant'), cues, 0))).toEqual([])
  expect(ownCue(receive(seen('assistant'), cues, 0))).toBe('slower')
  const over = receive(receive(seen('assistant'), cues, 0), { type: 'cues', seq: 2, cues: [] }, 0)
  expect(ownCue(over)).toBeNull()
})

test('a private line stands among the messages in the order in which they came', () => {
  const line = { type: 'private', seq: 1, sender: 'A', to: 'L', at_ms: 1, body: '网断了' } as const
  const view = receive(
    receive(seen('lead'), line, 0),
    { type: 'text', seq: 2, sender: 'R', at_ms: 2, body: '好' },
    0,
  )
  expect(view.texts.map((each) => [each.type, each.body])).toEqual([
    ['private', '网断了'],
    ['text', '好'],
  ])
})
