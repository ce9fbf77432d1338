import { NOTHING, receive, type LessonView } from '../../src/core/lesson'
import type { Role, ServerMessage, Snapshot, Welcome } from '../../src/messages'

export const SNAPSHOT: Snapshot = {
  lesson: 'Laaaaaaaaaa',
  title: '古诗二首',
  mode: 'dedicated',
  state: 'open',
  taken: ['teacher', 'teacher_mic'],
  seats: [
    { seat: 'Slead', role: 'lead', classroom: '中心校', present: true, hand: false },
    { seat: 'Sone', role: 'room', classroom: '河口小学', present: true, hand: false },
    { seat: 'Stwo', role: 'room', classroom: '山前小学', present: true, hand: false },
    { seat: 'Swatch', role: 'attendee', classroom: '教研室', present: false, hand: false },
  ],
  sources: [],
  floor: { holder: null, requests: [] },
  recording_pause: 'off',
}

export function welcome(role: Role, changes: Partial<Welcome> = {}): Welcome {
  const seat = { lead: 'Slead', room: 'Sone' }[role as string] ?? 'Swatch'
  const base = {
    type: 'welcome',
    version: 1,
    session: 'X1',
    seat,
    role,
    classroom: '',
    resumed: false,
    seq: 10,
    ice_servers: [],
  } as const
  return { ...base, connections: [], actions: [], snapshot: SNAPSHOT, ...changes }
}

/** The view after these messages, all at the same moment. */
export function seen(messages: readonly ServerMessage[], now_ms = 0, from: LessonView = NOTHING): LessonView {
  return messages.reduce((view, message) => receive(view, message, now_ms), from)
}
