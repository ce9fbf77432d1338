import { ref } from 'vue'
import { waitMs } from '../core/backoff'
import type { Body } from '../core/outbox'
import { isWorthRestarting, remedyFor } from '../core/recovery'
import type { IceServer, ServerMessage } from '../messages'

export type MediaState = 'idle' | 'connecting' | 'connected' | 'broken'
/** Sends a request and waits for its reply; a refusal throws. */
export type Ask = (body: Body) => Promise<ServerMessage>

/** One RTCPeerConnection that looks for other paths when it is silent, and is built anew when it fails. */
export abstract class MediaConnection {
  readonly state = ref<MediaState>('idle')
  protected pc: RTCPeerConnection | null = null
  /** Made ahead of its need. */
  private spare: RTCPeerConnection | null = null
  private attempt = 0
  private isNegotiating = false
  private isStale = false
  /** The next negotiation gives ICE other credentials. */
  private isRestarting = false
  private hasRestarted = false
  private timer = 0
  /** Our own servers only, as signaling names them. */
  private iceServers: RTCIceServer[] = []

  constructor(
    protected readonly ask: Ask,
    private readonly refused: (error: unknown) => void,
  ) {}

  /** Exchanges descriptions for a connection that is new or has changed. */
  protected abstract negotiate(pc: RTCPeerConnection): Promise<void>
  /** The same for the paths alone: keys, streams and slots stay. */
  protected abstract renew(pc: RTCPeerConnection): Promise<void>
  /** Hangs the handlers on a new connection. */
  protected abstract prepare(pc: RTCPeerConnection): void

  get isAlive(): boolean {
    return this.pc !== null && ['new', 'connecting', 'connected'].includes(this.pc.connectionState)
  }

  /** Makes the connection before a person wants in: its key takes time. */
  warm(): void {
    this.spare ??= this.make()
  }

  /** Takes the servers of this welcome: a connection asks them when it next looks for paths. */
  useServers(servers: readonly IceServer[]): void {
    this.iceServers = servers.map((server) => ({ ...server, urls: [...server.urls] }))
    for (const pc of [this.spare, this.pc]) pc?.setConfiguration(this.configuration)
  }

  private get configuration(): RTCConfiguration {
    return { iceServers: this.iceServers, bundlePolicy: 'max-bundle' }
  }

  private make(): RTCPeerConnection {
    return new RTCPeerConnection(this.configuration)
  }

  /** A spare that nothing was negotiated on. */
  protected freshSpare(): RTCPeerConnection {
    if (this.spare !== null && this.spare.signalingState !== 'stable') {
      this.spare.close()
      this.spare = null
    }
    this.spare ??= this.make()
    return this.spare
  }

  /** Starts again from nothing, at once. */
  rebuild(): void {
    this.discard()
    void this.update()
  }

  /** The network is another one: a path that is still good goes on until there is another. */
  networkChanged(): void {
    if (this.pc !== null && isWorthRestarting(this.pc.connectionState)) this.lookElsewhere(this.pc)
  }

  /** Ends the connection; nothing is tried again. */
  close(): void {
    this.discard()
    this.spare?.close()
    this.spare = null
    this.state.value = 'idle'
  }

  async stats(): Promise<unknown[]> {
    const report = await this.pc?.getStats()
    return report === undefined ? [] : [...report.values()]
  }

  /** Negotiates what is; calls during a negotiation fold into one more. */
  protected async update(): Promise<void> {
    this.isStale = true
    if (this.isNegotiating) return
    this.isNegotiating = true
    while (this.isStale) {
      this.isStale = false
      await this.negotiateOnce(this.pc ?? this.open())
    }
    this.isNegotiating = false
  }

  private async negotiateOnce(pc: RTCPeerConnection): Promise<void> {
    try {
      const restarts = this.isRestarting
      this.isRestarting = false
      await (restarts ? this.renew(pc) : this.negotiate(pc))
    } catch (error) {
      if (this.pc !== pc) return
      this.refused(error)
      this.rebuildLater()
    }
  }

  private open(): RTCPeerConnection {
    const pc = this.spare ?? this.make()
    this.spare = null
    this.pc = pc
    if (this.state.value === 'idle') this.state.value = 'connecting'
    pc.onconnectionstatechange = () => this.follow(pc)
    this.prepare(pc)
    return pc
  }

  private follow(pc: RTCPeerConnection): void {
    if (this.pc !== pc) return
    window.clearTimeout(this.timer)
    if (pc.connectionState === 'connected') {
      this.attempt = 0
      this.hasRestarted = false
      this.state.value = 'connected'
    } else if (pc.connectionState === 'disconnected') {
      this.state.value = 'broken'
      this.mendLater(pc)
    } else if (pc.connectionState === 'failed' || pc.connectionState === 'closed') {
      this.rebuildLater()
    }
  }

  private mendLater(pc: RTCPeerConnection): void {
    window.clearTimeout(this.timer)
    const remedy = remedyFor(pc.connectionState, this.hasRestarted)
    if (remedy === null) return
    const act = () => (remedy.act === 'restart' ? this.lookElsewhere(pc) : this.rebuild())
    this.timer = window.setTimeout(act, remedy.after_ms)
  }

  private lookElsewhere(pc: RTCPeerConnection): void {
    this.isRestarting = true
    this.hasRestarted = pc.connectionState === 'disconnected'
    this.mendLater(pc)
    void this.update()
  }

  private rebuildLater(): void {
    this.state.value = 'broken'
    window.clearTimeout(this.timer)
    this.timer = window.setTimeout(() => this.rebuild(), waitMs(this.attempt, Math.random()))
    this.attempt += 1
  }

  private discard(): void {
    window.clearTimeout(this.timer)
    const pc = this.pc
    this.pc = null
    this.isStale = false
    this.isRestarting = false
    this.hasRestarted = false
    if (pc === null) return
    pc.onconnectionstatechange = null
    pc.ontrack = null
    pc.close()
    if (this.state.value !== 'idle') this.state.value = 'broken'
  }
}
