import type { ClientMessage } from '../messages'

/** A message that wants a reply. */
export type Request = Exclude<ClientMessage, { type: 'hello' }>
/** A request before it has its id. */
export type Body = Request extends infer R ? (R extends Request ? Omit<R, 'id'> : never) : never

/** A request that has no reply yet. */
export interface Pending {
  readonly request: Request
  /** When it last went out; null while there is no connection. */
  readonly sent_ms: number | null
}

/** Requests that wait for their reply; they keep their ids when they are sent again. */
export interface Outbox {
  readonly prefix: string
  readonly next: number
  readonly pending: readonly Pending[]
}

export function emptyOutbox(prefix: string): Outbox {
  return { prefix, next: 1, pending: [] }
}

/** Puts a request in and gives it an id that this page never uses again. */
export function post(outbox: Outbox, body: Body): [Outbox, Request] {
  const request = { ...body, id: `${outbox.prefix}-${outbox.next}` } as Request
  const pending = [...outbox.pending, { request, sent_ms: null }]
  return [{ ...outbox, next: outbox.next + 1, pending }, request]
}

/** Takes a request out: its reply is here. */
export function settle(outbox: Outbox, id: string): Outbox {
  return { ...outbox, pending: outbox.pending.filter((item) => item.request.id !== id) }
}

export function markSent(outbox: Outbox, id: string, now_ms: number): Outbox {
  const mark = (item: Pending) => (item.request.id === id ? { ...item, sent_ms: now_ms } : item)
  return { ...outbox, pending: outbox.pending.map(mark) }
}

/** After a lost connection nothing counts as sent. */
export function unsend(outbox: Outbox): Outbox {
  return { ...outbox, pending: outbox.pending.map((item) => ({ ...item, sent_ms: null })) }
}

/** Whether a reply is so late that the connection must be dead. */
export function isOverdue(outbox: Outbox, now_ms: number, limit_ms: number): boolean {
  return outbox.pending.some((item) => item.sent_ms !== null && now_ms - item.sent_ms > limit_ms)
}
