import type { LessonView } from './lesson'
import type { TextKey } from './text'

/** What a room is told about its own voice. */
export interface RoomWords {
  readonly key: TextKey
  readonly tone: 'speaking' | 'warning' | 'other' | 'waiting' | 'quiet'
  /** Place in the floor queue, from 1; 0 outside it. */
  readonly place: number
}

/** One sentence for the foot of the screen: what counts most for its own voice; null where none is sent. */
export function roomWords(
  view: LessonView,
  isOnline: boolean,
  hasMicrophone: boolean | null | null,
): RoomWords {
  const seat = view.self?.seat ?? ''
  const place = view.floor.requests.indexOf(seat) + 1
  if (!isOnline) return { key: 'room.offline', tone: 'warning', place }
  if (view.stoppedBy !== null) return { key: 'room.paused', tone: 'warning', place }
  if (view.floor.holder === seat) {
    return hasMicrophone
      ? { key: 'room.you_speak', tone: 'speaking', place }
      : { key: 'room.microphone_off', tone: 'warning', place }
  }
  if (place > 0) return { key: 'room.queued', tone: 'waiting', place }
  if (view.floor.holder !== null) return { key: 'room.other_speaks', tone: 'other', place }
  if (view.seats.some((other) => other.seat === seat && other.hand)) {
    return { key: 'room.hand_up', tone: 'waiting', place }
  }
  return { key: hasMicrophone === null ? 'watch.note' : 'room.silent', tone: 'quiet', place }
}

/** What the floor button of a room does now. */
export type FloorAction = 'ask' | 'withdraw' | 'release'

export function floorAction(view: LessonView): FloorAction {
  const seat = view.self?.seat ?? ''
  if (view.floor.holder === seat) return 'release'
  return view.floor.requests.includes(seat) ? 'withdraw' : 'ask'
}
