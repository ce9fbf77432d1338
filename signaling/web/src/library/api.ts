/** An entry as a list shows it. */
export interface Listed {
  readonly id: string
  readonly title: string
  readonly school: string
  readonly teacher: string
  readonly classrooms: readonly string[]
  readonly held_at_ms: number
  readonly duration_ms: number
  readonly sources: readonly string[]
  readonly honours: readonly string[]
  readonly playable: boolean
  readonly why_not: string
  readonly poster: string | null
}

export interface FilePart {
  readonly name: string
  readonly media_type: string
  readonly size: number
}

export interface Resource extends Listed {
  readonly film: FilePart | null
  readonly thumbnails: readonly string[]
  readonly tracks: readonly FilePart[]
  readonly enabled_by: string
  readonly basis: string
  readonly pupils: boolean
  readonly chapters: readonly { at_ms: number; what: string; who: string }[]
  readonly missing: readonly { start_ms: number; end_ms: number; what: string; cause: string }[]
  readonly trouble: string
  readonly may_delete: boolean
  readonly objection: string
}

export interface Wanted {
  readonly text: string
  readonly school: string
  readonly teacher: string
  readonly from_ms: number | null
  readonly until_ms: number | null
  readonly offset: number
}

/** A request that failed; status 0 when nobody answered. */
export class LibraryError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    sentence: string,
  ) {
    super(sentence)
  }
}

const API = '/api/library'

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const json: RequestInit =
    body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }
  const response = await fetch(API + path, {
    method,
    credentials: 'same-origin',
    cache: 'no-store',
    ...json,
  }).catch(() => {
    throw new LibraryError(0, 'offline', 'no answer')
  })
  const answer: unknown = await response.json().catch(() => ({}))
  if (response.ok) return answer as T
  const { code = '', sentence = '' } = answer as { code?: string; sentence?: string }
  throw new LibraryError(response.status, code, sentence)
}

/** Exchanges a one-time code for a cookie. */
export function enter(code: string): Promise<unknown> {
  return call('POST', '/session', { code })
}

export function find(wanted: Wanted): Promise<{ total: number; resources: Listed[] }> {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(wanted))
    if (value !== null && value !== '') query.set(name, String(value))
  return call('GET', `/resources?${query}`)
}

export function resource(id: string): Promise<Resource> {
  return call('GET', `/resources/${encodeURIComponent(id)}`)
}

export function remove(id: string, why: string): Promise<unknown> {
  return call('DELETE', `/resources/${encodeURIComponent(id)}`, { why })
}

export function fileUrl(id: string, name: string): string {
  return `${API}/resources/${encodeURIComponent(id)}/files/${encodeURIComponent(name)}`
}
