import type { SeatId } from '../messages'
import type { LessonView } from './lesson'

// RFC 6464 §3: the level is -dBov. Speech at arm's length lies above -45; a quiet classroom below -55.
const SPEECH_DBOV = 45
const SILENCE_DBOV = 70
// Levels come each second; two that fail to come mean that nobody is heard.
const STALE_MS = 2500

/** How loud a seat is, from 0 (silent) to 1, by its microphones only. */
export function loudness(view: LessonView, seat: SeatId, now_ms: number): number {
  const levels = ['teacher_mic', 'room_mic'].map((source) => view.levels.get(`${seat}:${source}`))
  const fresh = levels.filter((level) => level !== undefined && now_ms - level.at_ms <= STALE_MS)
  return Math.max(0, ...fresh.map((level) => share(level!.level)))
}

/** A level as a share of the meter. */
export function share(level: number): number {
  return Math.min(1, Math.max(0, (SILENCE_DBOV - level) / SILENCE_DBOV))
}

/** Whether somebody speaks at this seat now. */
export function isSpeaking(view: LessonView, seat: SeatId, now_ms: number): boolean {
  return loudness(view, seat, now_ms) >= share(SPEECH_DBOV)
}
