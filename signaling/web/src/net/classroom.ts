import { computed, inject, provide, ref, shallowRef, watch, type InjectionKey } from 'vue'
import { dutiesOf } from '../core/duties'
import type { Body } from '../core/outbox'
import type { TextKey } from '../core/text'
import { refusalTrouble } from '../core/trouble'
import type { Connection, Offer, Role, ServerMessage, Source } from '../messages'
import { Devices } from './devices'
import { recall, remember } from './memory'
import { onOtherNetwork } from './network'
import { Publisher } from './publisher'
import { RefusedError } from './requests'
import { Screen } from './screen'
import { Session } from './session'
import { Subscriber } from './subscriber'
import { warmUp } from './warm_up'

// Refusals of negotiations are tried again; these two would be refused for ever.
const WORTH_TELLING = ['wrong_sdp', 'no_node', 'not_permitted']

/** Everything of one lesson page: session, devices, both connections, and what joins them. */
export class Classroom {
  readonly session: Session
  readonly publisher: Publisher
  readonly subscriber: Subscriber
  readonly screen = new Screen()
  readonly devices = new Devices(() => dutiesOf(this.role.value))
  readonly role = computed<Role>(() => this.session.seat.value?.role ?? 'attendee')
  readonly duties = computed(() => dutiesOf(this.role.value))
  /** What the last action met, for the line at the top of the page. */
  readonly notice = shallowRef<TextKey | null>(null)
  /** The browser keeps sound back until somebody touches the page. */
  readonly isSoundBlocked = ref(false)
  readonly isWaitingForDoor = computed(() => this.session.joinRefusal.value === 'lesson_not_open')
  readonly marks: Record<string, number> = {}

  constructor(private readonly lesson: string) {
    this.session = new Session(this.lesson, {
      relays: (servers) => {
        this.subscriber.useServers(servers)
        this.publisher.useServers(servers)
      },
      offered: (offer) => this.subscriber.getReady(offer),
      isReady: () => this.subscriber.isReady,
      joining: () => this.subscriber.goAhead(),
      refused: () => this.subscriber.standDown(),
      forgotten: () => this.forgotten(),
      seated: (living, offer) => this.seated(living, offer),
      received: (message) => this.received(message),
      over: () => this.over(),
    })
    const ask = (body: Body) => this.session.ask(body)
    this.publisher = new Publisher(ask, (error) => this.mediaRefused(error))
    this.subscriber = new Subscriber(ask, (error) => this.mediaRefused(error))
    onOtherNetwork(() => {
      this.subscriber.networkChanged()
      this.publisher.networkChanged()
    })
    this.feed()
  }

  /** Gets ready while a person looks at the start screen. */
  warm(): void {
    this.subscriber.warm()
    if (this.duties.value.camera !== null) this.publisher.warm()
    void warmUp()
  }

  enter(): void {
    this.marks['join_ms'] = performance.now()
    remember(`inside.${this.lesson}`, 'yes', 'sessionStorage')
    this.session.enter()
  }

  /** Whether this window was inside before it was reloaded. */
  get wasInside(): boolean {
    return recall(`inside.${this.lesson}`, 'sessionStorage') !== null
  }

  /** Does what a person asked for; a refusal becomes a line on the page. */
  async act(body: Body): Promise<boolean> {
    try {
      this.notice.value = null
      await this.session.ask(body)
      return true
    } catch (error) {
      this.notice.value = refusalTrouble(error instanceof RefusedError ? error.code : 'other')
      return false
    }
  }

  firstFrame(): void {
    this.marks['first_frame_ms'] ??= performance.now()
  }

  private seated(living: readonly Connection[], offer: Offer | null): void {
    this.subscriber.start(living.includes('subscribe'), offer)
    this.publisher.start(living.includes('publish'))
  }

  private forgotten(): void {
    this.subscriber.forgetOffer()
    this.publisher.forgetWatched()
  }

  private received(message: ServerMessage): void {
    if (message.type === 'republish') {
      this.publisher.setCopy(message.source, message.wanted ? message.codec : null)
    } else if (message.type === 'watched') {
      this.publisher.setWatched(message.source, message.layers)
    } else if (message.type === 'rejoin') {
      if (message.connections.includes('subscribe')) this.subscriber.rebuild()
      if (message.connections.includes('publish')) this.publisher.restart()
    }
    this.knock()
  }

  /** Goes in by itself once the door opens for a person who wanted in. */
  private knock(): void {
    const state = this.session.view.value.lesson?.state
    const isOpen = state === 'open' || state === 'live'
    if (isOpen && this.isWaitingForDoor.value && this.session.phase.value === 'looking') this.enter()
  }

  private over(): void {
    remember(`inside.${this.lesson}`, null, 'sessionStorage')
    this.publisher.close()
    this.subscriber.close()
    this.screen.stop()
    this.devices.close()
  }

  private mediaRefused(error: unknown): void {
    if (!(error instanceof RefusedError)) console.error(error)
    else if (WORTH_TELLING.includes(error.code)) this.notice.value = refusalTrouble(error.code)
  }

  /** Whatever camera, microphone or screen is on goes out as the source of this role. */
  private feed(): void {
    const send = (source: Source | null, track: MediaStreamTrack | null) => {
      if (source !== null) this.publisher.setTrack(source, track)
    }
    watch(this.devices.camera, (track) => send(this.duties.value.camera, track))
    watch(this.devices.microphone, (track) => send(this.duties.value.microphone, track))
    watch(this.screen.picture, (track) => send(this.duties.value.screen, track))
    watch(this.screen.sound, (track) => send(this.duties.value.screen_audio, track))
  }
}

const KEY: InjectionKey<Classroom> = Symbol('classroom')

export function provideClassroom(classroom: Classroom): void {
  provide(KEY, classroom)
}

export function useClassroom(): Classroom {
  const classroom = inject(KEY)
  if (classroom === undefined) throw new Error('no classroom above this component')
  return classroom
}
