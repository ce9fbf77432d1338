import { computed, ref, shallowRef } from 'vue'
import { waitMs } from '../core/backoff'
import { isNews, NOTHING, receive, type LessonView } from '../core/lesson'
import type { Body } from '../core/outbox'
import { after, isInside, STEPS, type Phase, type Step } from '../core/phase'
import { closeVerdict } from '../core/trouble'
import {
  VERSIONS,
  type Connection,
  type Hello,
  type IceServer,
  type Offer,
  type ServerMessage,
} from '../messages'
import { ApiError, exchangeCode, ownSeat, type SeatAnswer } from './api'
import { recall, remember } from './memory'
import { RefusedError, Requests } from './requests'
import { Socket } from './socket'

/** What the session's owner does when the lesson tells it to. */
export interface SessionEvents {
  /** Servers by which the node may be reached, with credentials of this day. */
  relays(servers: readonly IceServer[]): void
  /** An offer for the receiving connection, while a person stands at the door. */
  offered(offer: Offer): void
  /** Whether the join needs no offer: one was brought to the door. */
  isReady(): boolean
  /** The join is on its way. */
  joining(): void
  /** The seat was not given. */
  refused(): void
  /** Signaling knows nothing of this page any more, or not yet. */
  forgotten(): void
  /** The seat is ours, for the first time or again; `living` is what the node still holds of it. */
  seated(living: readonly Connection[], offer: Offer | null): void
  received(message: ServerMessage): void
  over(): void
}

const WATCH_MS = 1000

/** This page's place in the lesson, across lost WebSockets. */
export class Session {
  readonly phase = shallowRef<Phase>('arriving')
  readonly view = shallowRef<LessonView>(NOTHING)
  readonly seat = shallowRef<SeatAnswer | null>(null)
  readonly isOnline = ref(false)
  /** The last arrival that failed. */
  readonly arrivalError = shallowRef<ApiError | null>(null)
  /** Why a join was refused. */
  readonly joinRefusal = shallowRef<string | null>(null)
  readonly overCode = ref('')
  readonly isInside = computed(() => isInside(this.phase.value))
  private socket: Socket | null = null
  private attempt = 0
  private timer = 0
  private isTakingSeat = false
  private readonly requests = new Requests((request) => {
    if (!this.isOnline.value) return false
    this.socket?.send(request)
    return true
  })

  constructor(
    private readonly lesson: string,
    private readonly events: SessionEvents,
  ) {
    window.setInterval(() => this.watch(), WATCH_MS)
    window.addEventListener('online', () => this.hurry())
    window.addEventListener('offline', () => this.socket?.drop())
  }

  /** Comes to the lesson with a code, or with the cookie of an earlier one. */
  async arrive(code: string | null): Promise<void> {
    this.arrivalError.value = null
    this.seat.value = null
    try {
      this.seat.value = await this.findSeat(code)
    } catch (error) {
      this.arrivalError.value = error instanceof ApiError ? error : new ApiError(0, 'offline', '')
    }
    const isHere = this.seat.value?.lesson === this.lesson
    this.step(isHere ? 'seat_found' : 'seat_missing')
    if (!isHere || this.seat.value === null) return
    remember(this.seatName, this.seat.value.seat, 'sessionStorage')
    this.connect()
  }

  /** A link that was used before still leads to the seat that this browser keeps. */
  private async findSeat(code: string | null): Promise<SeatAnswer> {
    if (code === null) return this.keptSeat()
    try {
      return await exchangeCode(code)
    } catch (refusal) {
      const kept = await this.keptSeat().catch(() => null)
      if (kept?.lesson === this.lesson) return kept
      throw refusal
    }
  }

  /** The seat of the cookie; its lack is no fault of a code. */
  private async keptSeat(): Promise<SeatAnswer> {
    try {
      return await ownSeat(this.lesson, recall(this.seatName, 'sessionStorage'))
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) throw new ApiError(401, 'no_seat', error.message)
      throw error
    }
  }

  /** What this page, and no other of the browser, remembers its seat as. */
  private get seatName(): string {
    return `seat.${this.lesson}`
  }

  /** Takes the seat now, or as soon as there is a connection. */
  enter(): void {
    this.joinRefusal.value = null
    this.step('enter')
    if (this.isOnline.value) void this.takeSeat()
  }

  ask(body: Body): Promise<ServerMessage> {
    return this.requests.ask(body)
  }

  /** Gives the seat up; the page may come back. */
  async leave(): Promise<void> {
    await this.ask({ type: 'leave' }).catch(() => undefined)
    this.finish('left')
  }

  /** Back from `over` or `no_seat`, as a new session. */
  again(): void {
    this.view.value = NOTHING
    this.step('again')
  }

  private step(step: Step): void {
    this.phase.value = after(this.phase.value, step)
  }

  private stepIfKnown(step: Step): void {
    if (STEPS[this.phase.value][step] !== undefined) this.step(step)
  }

  private connect(): void {
    window.clearTimeout(this.timer)
    this.socket?.drop()
    if (this.seat.value === null) return
    const socket: Socket = new Socket(this.seat.value.seat, {
      opened: () => socket.send(this.hello()),
      received: (message) => this.receive(message),
      closed: (code, wasOpen) => this.closed(socket, code, wasOpen),
    })
    this.socket = socket
  }

  private hello(): Hello {
    const { self, seq } = this.view.value
    const resume = self === null ? null : { session: self.session, last_seq: seq }
    return { type: 'hello', versions: VERSIONS, client: 'page/0.1.0', resume, offer: true }
  }

  private receive(message: ServerMessage): void {
    const news = isNews(this.view.value, message)
    this.view.value = receive(this.view.value, message, performance.now())
    if (message.type === 'welcome') {
      this.events.relays(message.ice_servers)
      this.welcomed(message.resumed)
    }
    if (message.type === 'bye' && !message.retry) this.dismissed(message.code)
    if (message.type === 'door_offer' && this.phase.value === 'looking') this.events.offered(message.offer)
    this.requests.receive(message)
    if (news) this.events.received(message)
  }

  private dismissed(code: string): void {
    if (code === 'not_authenticated') this.unseated()
    else this.finish(code)
  }

  private welcomed(resumed: boolean): void {
    this.attempt = 0
    this.isOnline.value = true
    this.stepIfKnown('welcomed')
    if (resumed) this.requests.resend()
    else {
      this.requests.forget()
      this.events.forgotten()
    }
    if (this.phase.value === 'joining' || this.phase.value === 'rejoining') void this.takeSeat()
  }

  private async takeSeat(): Promise<void> {
    if (this.isTakingSeat) return
    this.isTakingSeat = true
    const [refusal, offer] = await this.join()
    this.isTakingSeat = false
    // The session was forgotten while it joined: the new one joins again.
    if (refusal === 'forgotten') {
      if (this.isOnline.value) void this.takeSeat()
    } else if (refusal === null) {
      // First the media, then the picture of the room: drawing it takes longer than a description.
      if (STEPS[this.phase.value].seated !== undefined) this.events.seated(this.view.value.connections, offer)
      this.stepIfKnown('seated')
    } else {
      this.joinRefusal.value = refusal
      this.events.refused()
      this.stepIfKnown('refused')
    }
  }

  /** Why not, or else the subscriber's offer that comes with the seat. */
  private async join(): Promise<[string | null, Offer | null]> {
    try {
      const asked = this.ask({ type: 'join', offer: !this.events.isReady() })
      this.events.joining()
      const reply = await asked
      return [null, reply.type === 'joined' ? reply.offer : null]
    } catch (error) {
      return [error instanceof RefusedError ? error.code : 'other', null]
    }
  }

  private closed(socket: Socket, code: number, wasOpen: boolean): void {
    if (this.socket !== socket) return
    this.socket = null
    this.isOnline.value = false
    this.requests.lost()
    if (this.phase.value === 'over' || this.phase.value === 'no_seat') return
    this.step('lost')
    const verdict = closeVerdict(code)
    if (verdict === 'over') this.finish(code === 4003 ? 'replaced' : 'ended')
    else if (verdict === 'no_seat') this.unseated()
    else void this.retry(wasOpen)
  }

  private async retry(wasOpen: boolean): Promise<void> {
    this.timer = window.setTimeout(() => this.connect(), waitMs(this.attempt, Math.random()))
    this.attempt += 1
    // A browser does not say why a WebSocket was not let in; the seat's route does.
    if (wasOpen) return
    const error: unknown = await this.keptSeat().catch((reason: unknown) => reason)
    if (error instanceof ApiError && error.status === 401) this.unseated()
  }

  private unseated(): void {
    this.arrivalError.value = new ApiError(401, 'no_seat', '')
    this.seat.value = null
    this.stepIfKnown('seat_missing')
    this.settleDown()
  }

  private finish(code: string): void {
    if (this.phase.value === 'over') return
    this.overCode.value = code
    this.stepIfKnown('ended')
    this.settleDown()
  }

  private settleDown(): void {
    window.clearTimeout(this.timer)
    this.socket?.drop()
    this.requests.forget()
    this.events.over()
  }

  /** A reply that does not come means a dead connection: the browser itself may not notice for minutes. */
  private watch(): void {
    if (this.isOnline.value && this.requests.isOverdue(performance.now())) this.socket?.drop()
  }

  private hurry(): void {
    const isWaiting =
      this.socket === null && ['connecting', 'joining', 'rejoining'].includes(this.phase.value)
    if (isWaiting) this.connect()
  }
}
