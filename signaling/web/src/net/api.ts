import type { LessonId, Role, SeatId } from '../messages'

/** The seat that this browser's cookie stands for. */
export interface SeatAnswer {
  readonly lesson: LessonId
  readonly seat: SeatId
  readonly role: Role
  readonly classroom: string
  /** There is a library, and this seat may ask for a link that opens it. */
  readonly library?: boolean
}

/** An HTTP request that failed; status 0 when nobody answered. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    sentence: string,
  ) {
    super(sentence)
  }
}

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const json: RequestInit =
    body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }
  const response = await fetch(path, {
    method,
    credentials: 'same-origin',
    cache: 'no-store',
    ...json,
  }).catch(() => {
    throw new ApiError(0, 'offline', 'no answer')
  })
  const answer: unknown = await response.json().catch(() => ({}))
  if (response.ok) return answer as T
  const { code = '', sentence = '' } = answer as { code?: string; sentence?: string }
  throw new ApiError(response.status, code, sentence)
}

/** Exchanges a one-time code for the cookie of its seat. */
export function exchangeCode(code: string): Promise<SeatAnswer> {
  return call('POST', '/api/session', { code, bearer: false })
}

/** Asks which seat this page has: the one it remembers, or the newest that the browser got for the lesson. */
export function ownSeat(lesson: string, seat: string | null): Promise<SeatAnswer> {
  return call('GET', `/api/session?${new URLSearchParams(seat === null ? { lesson } : { seat })}`)
}

/** Asks for a link that opens the library once, within a minute. */
export function libraryLink(seat: string): Promise<{ readonly link: string }> {
  return call('POST', `/api/session/library-code?${new URLSearchParams({ seat })}`)
}
