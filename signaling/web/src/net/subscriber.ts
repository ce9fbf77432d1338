import { shallowRef } from 'vue'
import { withStereo } from '../core/stereo'
import type { Mid, Offer } from '../messages'
import { MediaConnection } from './media_connection'
import { Patience } from './playout'

/** What an offer is answered with; its promise rejects where the browser cannot. */
interface Answer {
  readonly pc: RTCPeerConnection
  readonly number: number
  readonly description: Promise<RTCSessionDescriptionInit>
}

/** Receives: the server offers slots, and each `mid` becomes a stream. */
export class Subscriber extends MediaConnection {
  readonly patience = new Patience()
  readonly streams = shallowRef<ReadonlyMap<Mid, MediaStream>>(new Map())

  /** The offer that came with the seat; good for one answer. */
  private offered: Offer | null = null
  /** The answer to the offer at the door, made on the spare connection; good once. */
  private ahead: Answer | null = null
  /** It went out with the join, whose reply is still to come. */
  private wentAhead = false

  get isReady(): boolean {
    return this.ahead !== null
  }

  /** Has the browser read the door's offer, which takes it longer than all the rest, before a person wants in. */
  getReady(offer: Offer): void {
    const pc = this.freshSpare()
    const description = answerOf(pc, offer.sdp)
    // Nobody waits for it yet; whoever then does meets the error.
    description.catch(() => undefined)
    this.ahead = { pc, number: offer.number, description }
  }

  /** Answers the door's offer, beside the join. */
  goAhead(): void {
    if (this.ahead === null) return
    this.wentAhead = true
    this.rebuild()
  }

  /** The join was refused, and the answer with it. */
  standDown(): void {
    if (this.wentAhead) this.close()
  }

  /** The session that the door's offer was made for is gone. */
  forgetOffer(): void {
    this.ahead = null
  }

  /** Opens the connection; one that lives at both ends, or is on its way, is kept. */
  start(isAtNode: boolean, offered: Offer | null): void {
    const isKept = (isAtNode || this.wentAhead) && this.isAlive
    this.wentAhead = false
    this.offered = offered
    if (offered !== null || !isKept) this.rebuild()
  }

  override close(): void {
    super.close()
    this.patience.stop()
    this.ahead = null
    this.wentAhead = false
    this.streams.value = new Map()
  }

  protected override prepare(pc: RTCPeerConnection): void {
    this.streams.value = new Map()
    this.patience.follow(pc)
    for (const transceiver of pc.getTransceivers()) this.place(transceiver)
    pc.ontrack = ({ transceiver }) => this.place(transceiver)
  }

  private place({ mid, receiver }: RTCRtpTransceiver): void {
    if (mid === null) return
    this.streams.value = new Map(this.streams.value).set(mid, new MediaStream([receiver.track]))
  }

  protected override async negotiate(pc: RTCPeerConnection): Promise<void> {
    await this.give(pc, await this.answer(pc))
  }

  protected override async renew(pc: RTCPeerConnection): Promise<void> {
    const offer = await this.askOffer(true)
    await this.give(pc, { pc, number: offer.number, description: answerOf(pc, offer.sdp) })
  }

  private async give(pc: RTCPeerConnection, { number, description }: Answer): Promise<void> {
    // Checks teach the node our addresses, so the answer goes at once and not after candidates are gathered.
    const answer = await description
    const answered = this.ask({ type: 'subscribe_answer', number, sdp: answer.sdp! })
    await Promise.all([answered, pc.setLocalDescription(answer)])
  }

  private async answer(pc: RTCPeerConnection): Promise<Answer> {
    const ahead = this.ahead
    this.ahead = null
    if (ahead?.pc === pc) return ahead
    // No wait where there is none: the browser reads the offer while the page draws the room.
    const offer = this.takeOffered() ?? (await this.askOffer(false))
    return { pc, number: offer.number, description: answerOf(pc, offer.sdp) }
  }

  private takeOffered(): Offer | null {
    const offered = this.offered
    this.offered = null
    return offered
  }

  private async askOffer(restart: boolean): Promise<Offer> {
    const offer = await this.ask({ type: 'subscribe', restart })
    if (offer.type !== 'subscribe_offer') throw new Error(`subscribe was answered with ${offer.type}`)
    return offer
  }
}

async function answerOf(pc: RTCPeerConnection, sdp: string): Promise<RTCSessionDescriptionInit> {
  await pc.setRemoteDescription({ type: 'offer', sdp })
  const { type, sdp: answer } = await pc.createAnswer()
  return { type, sdp: withStereo(answer ?? '') }
}
