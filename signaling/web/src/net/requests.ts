import {
  emptyOutbox,
  isOverdue,
  markSent,
  post,
  settle,
  unsend,
  type Body,
  type Outbox,
  type Request,
} from '../core/outbox'
import type { ServerMessage } from '../messages'

/** A request that signaling refused, or that was forgotten with its session. */
export class RefusedError extends Error {
  constructor(
    readonly code: string,
    sentence: string,
  ) {
    super(sentence)
  }
}

interface Waiter {
  resolve(reply: ServerMessage): void
  reject(error: RefusedError): void
}

// A reply takes one trip to the node at most; later than this the connection is dead.
const REPLY_LIMIT_MS = 8000

/** Requests on their way: each gets one reply, however often the WebSocket is lost. */
export class Requests {
  private outbox: Outbox = emptyOutbox(randomName())
  private readonly waiters = new Map<string, Waiter>()

  /** `deliver` sends at once and says whether it could. */
  constructor(private readonly deliver: (request: Request) => boolean) {}

  ask(body: Body): Promise<ServerMessage> {
    const [outbox, request] = post(this.outbox, body)
    this.outbox = outbox
    const reply = new Promise<ServerMessage>((resolve, reject) => {
      this.waiters.set(request.id, { resolve, reject })
    })
    this.trySend(request)
    return reply
  }

  /** Takes a reply; other messages are none of its business. */
  receive(message: ServerMessage): void {
    if (!('reply_to' in message) || message.reply_to === null) return
    const waiter = this.waiters.get(message.reply_to)
    this.outbox = settle(this.outbox, message.reply_to)
    this.waiters.delete(message.reply_to)
    if (message.type === 'refused') waiter?.reject(new RefusedError(message.code, message.sentence))
    else waiter?.resolve(message)
  }

  lost(): void {
    this.outbox = unsend(this.outbox)
  }

  /** After a resume: what had no reply goes out again with its old id. */
  resend(): void {
    for (const { request } of this.outbox.pending) this.trySend(request)
  }

  /** The session is forgotten, and with it what was asked. */
  forget(): void {
    const waiters = [...this.waiters.values()]
    this.waiters.clear()
    this.outbox = { ...this.outbox, pending: [] }
    for (const waiter of waiters) waiter.reject(new RefusedError('forgotten', 'the session is gone'))
  }

  isOverdue(now_ms: number): boolean {
    return isOverdue(this.outbox, now_ms, REPLY_LIMIT_MS)
  }

  private trySend(request: Request): void {
    if (this.deliver(request)) this.outbox = markSent(this.outbox, request.id, performance.now())
  }
}

// crypto.randomUUID is missing on http:// of another host.
function randomName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8))
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
