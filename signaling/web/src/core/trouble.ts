import type { TextKey } from './text'

const DEVICE: Readonly<Record<string, TextKey>> = {
  NotAllowedError: 'device.denied',
  SecurityError: 'device.denied',
  NotFoundError: 'device.none',
  OverconstrainedError: 'device.none',
  NotReadableError: 'device.busy',
  AbortError: 'device.busy',
}

/** What to tell a teacher when the browser refuses a camera or microphone. */
export function deviceTrouble(error: unknown): TextKey {
  return DEVICE[nameOf(error)] ?? 'device.failed'
}

/** Whether a person merely closed the browser's window of choices. */
export function isDismissed(error: unknown): boolean {
  return nameOf(error) === 'NotAllowedError'
}

const REFUSED: Readonly<Record<string, TextKey>> = {
  lesson_not_open: 'refused.lesson_not_open',
  lesson_over: 'refused.lesson_over',
  lesson_paused: 'refused.lesson_paused',
  shut_down: 'refused.shut_down',
  stopped_by_operator: 'refused.stopped_by_operator',
  not_permitted: 'refused.not_permitted',
  not_joined: 'refused.not_joined',
  no_node: 'refused.no_node',
  too_many: 'refused.too_many',
  too_large: 'refused.too_large',
  already_asked: 'refused.already_asked',
  floor_not_held: 'refused.floor_not_held',
  nothing_to_take: 'refused.nothing_to_take',
  unknown_seat: 'refused.unknown_seat',
  wrong_sdp: 'refused.wrong_sdp',
  version: 'over.version',
  forgotten: 'refused.forgotten',
  wrong_message: 'refused.wrong_message',
  old_number: 'refused.old_number',
  no_connection: 'refused.old_number',
  no_answer: 'refused.no_answer',
  replaced: 'over.replaced_how',
  slow: 'refused.slow',
  ended: 'over.ended_how',
  restarting: 'refused.restarting',
  not_authenticated: 'refused.not_authenticated',
}

/** What to tell when signaling refuses a message. */
export function refusalTrouble(code: string): TextKey {
  return REFUSED[code] ?? 'refused.other'
}

const OVER: Readonly<Record<string, TextKey>> = {
  ended: 'over.ended',
  shut_down: 'over.shut_down',
  lesson_over: 'over.ended',
  replaced: 'over.replaced',
  version: 'over.version',
  left: 'over.left',
}

/** What to tell when the lesson is over for this page. */
export function overReason(code: string): TextKey {
  return OVER[code] ?? 'over.other'
}

const ARRIVAL: Readonly<Record<string, TextKey>> = {
  offline: 'arrival.offline',
  timeout: 'arrival.offline',
  code_not_valid: 'arrival.code_used',
  not_authenticated: 'arrival.code_used',
  not_permitted: 'arrival.code_used',
  wrong_message: 'arrival.code_wrong',
  too_large: 'arrival.code_wrong',
  foreign_origin: 'arrival.foreign_origin',
  unknown_lesson: 'arrival.unknown_lesson',
  unknown_seat: 'arrival.unknown_seat',
  unknown_address: 'arrival.server',
  lesson_over: 'arrival.lesson_over',
  lesson_not_open: 'refused.lesson_not_open',
  too_many: 'arrival.too_many',
  our_fault: 'arrival.server',
  restarting: 'refused.restarting',
  pages_missing: 'arrival.server',
}

/** What to tell when the way into the lesson is refused over HTTP. */
export function arrivalTrouble(code: string): TextKey {
  return ARRIVAL[code] ?? 'arrival.server'
}

/** Whether the way in is blocked by a fault that may pass, not by the code. */
export function mayPass(status: number): boolean {
  return status === 0 || status === 408 || status >= 500
}

/** What a close code means for the way on (PROTOCOL.md, "Codes"). */
export type CloseVerdict = 'retry' | 'no_seat' | 'over'

const CLOSE: Readonly<Record<number, CloseVerdict>> = { 4001: 'no_seat', 4003: 'over', 4004: 'over' }

export function closeVerdict(code: number): CloseVerdict {
  return CLOSE[code] ?? 'retry'
}

function nameOf(error: unknown): string {
  return error instanceof Error || error instanceof DOMException ? error.name : ''
}
