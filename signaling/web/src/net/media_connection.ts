import { ref } from 'vue'
import { waitMs } from '../core/backoff'
import type { Body } from '../core/outbox'
import type { ServerMessage } from '../messages'

export type MediaState = 'idle' | 'connecting' | 'connected' | 'broken'
/** Sends a request and waits for its reply; a refusal throws. */
export type Ask = (body: Body) => Promise<ServerMessage>

const CONFIGURATION: RTCConfiguration = { iceServers: [], bundlePolicy: 'max-bundle' }
// ICE often recovers by itself within a second or two; after this long it is built anew.
const PATIENCE_MS = 4000

/** One RTCPeerConnection that is built anew whenever it fails. */
export abstract class MediaConnection {
  readonly state = ref<MediaState>('idle')
  protected pc: RTCPeerConnection | null = null
  /** Made ahead of its need. */
  private spare: RTCPeerConnection | null = null
  private attempt = 0
  private isNegotiating = false
  private isStale = false
  private timer = 0

  constructor(
    protected readonly ask: Ask,
    private readonly refused: (error: unknown) => void,
  ) {}

  /** Exchanges descriptions for a connection that is new or has changed. */
  protected abstract negotiate(pc: RTCPeerConnection): Promise<void>
  /** Hangs the handlers on a new connection. */
  protected abstract prepare(pc: RTCPeerConnection): void

  get isAlive(): boolean {
    return this.pc !== null && ['new', 'connecting', 'connected'].includes(this.pc.connectionState)
  }

  /** Makes the connection before a person wants in: its key takes time. */
  warm(): void {
    this.spare ??= new RTCPeerConnection(CONFIGURATION)
  }

  /** A spare that nothing was negotiated on. */
  protected freshSpare(): RTCPeerConnection {
    if (this.spare !== null && this.spare.signalingState !== 'stable') {
      this.spare.close()
      this.spare = null
    }
    this.spare ??= new RTCPeerConnection(CONFIGURATION)
    return this.spare
  }

  /** Starts again from nothing, at once. */
  rebuild(): void {
    this.discard()
    void this.update()
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
      await this.negotiate(pc)
    } catch (error) {
      if (this.pc !== pc) return
      this.refused(error)
      this.rebuildLater()
    }
  }

  private open(): RTCPeerConnection {
    const pc = this.spare ?? new RTCPeerConnection(CONFIGURATION)
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
      this.state.value = 'connected'
    } else if (pc.connectionState === 'disconnected') {
      this.state.value = 'broken'
      this.timer = window.setTimeout(() => this.rebuild(), PATIENCE_MS)
    } else if (pc.connectionState === 'failed' || pc.connectionState === 'closed') {
      this.rebuildLater()
    }
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
    if (pc === null) return
    pc.onconnectionstatechange = null
    pc.ontrack = null
    pc.close()
    if (this.state.value !== 'idle') this.state.value = 'broken'
  }
}
