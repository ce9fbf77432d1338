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
  readonly why_not_code: string
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
  readonly may_settle: boolean
  readonly objection: string
  readonly held: boolean
}

/** Whose session this is. */
export interface Viewer {
  readonly role: string
  readonly school: string
  readonly lesson: string
}

/** A take that is on its way to the shelf. */
export interface Coming {
  readonly take: string
  readonly title: string
  readonly held_at_ms: number
  readonly progress: number
}

export interface Job {
  readonly id: string
  readonly kind: string
  readonly subject: string
  readonly state: string
  readonly progress: number
  readonly attempts: number
  readonly not_before_ms: number
  readonly cause: string
}

/** A take with work to be done, or that failed. */
export interface Work extends Coming {
  readonly resource: string
  readonly jobs: readonly Job[]
}

/** A line of the log: who watched, or decided, what. */
export interface Line {
  readonly at_ms: number
  readonly act: string
  readonly file: string
  readonly role: string
  readonly school: string
  readonly allowed: boolean
  readonly why: string
}

/** What stays of a deleted lesson: a token of ES256, whose claims say what it was. */
export interface Stone {
  readonly resource: string
  readonly part: string
  readonly deleted_at_ms: number
  readonly signed: string
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
  const answer: unknown = response.status === 204 ? null : await response.json().catch(() => ({}))
  if (response.ok) return answer as T
  const { code = '', sentence = '' } = answer as { code?: string; sentence?: string }
  throw new LibraryError(response.status, code, sentence)
}

/** Exchanges a one-time code for a cookie. */
export function enter(code: string): Promise<Viewer> {
  return call('POST', '/session', { code })
}

export function session(): Promise<Viewer> {
  return call('GET', '/session')
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

export type Decision = 'objection' | 'hold'

/** Notes an objection or keeps as evidence, with the reason. */
export function decide(id: string, what: Decision, why: string): Promise<unknown> {
  return call('PUT', `/resources/${encodeURIComponent(id)}/${what}`, { why })
}

/** The objection is settled, or the evidence is released. */
export function undo(id: string, what: Decision): Promise<unknown> {
  return call('DELETE', `/resources/${encodeURIComponent(id)}/${what}`)
}

export function log(id: string): Promise<Line[]> {
  return call('GET', `/resources/${encodeURIComponent(id)}/playbacks`)
}

export function coming(): Promise<Coming[]> {
  return call('GET', '/coming')
}

export function work(): Promise<Work[]> {
  return call('GET', '/jobs')
}

export function again(job: string): Promise<unknown> {
  return call('POST', '/jobs/again', { job })
}

export function stones(): Promise<Stone[]> {
  return call('GET', '/tombstones')
}

export function fileUrl(id: string, name: string): string {
  return `${API}/resources/${encodeURIComponent(id)}/files/${encodeURIComponent(name)}`
}
