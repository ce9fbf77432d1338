import { shallowRef } from 'vue'
import type { Mid, Offer } from '../messages'
import { MediaConnection } from './media_connection'

/** Receives: the server offers slots, and each `mid` becomes a stream. */
export class Subscriber extends MediaConnection {
  readonly streams = shallowRef<ReadonlyMap<Mid, MediaStream>>(new Map())

  /** The offer that came with the seat; good for one answer. */
  private offered: Offer | null = null

  /** Opens the connection; one that lives at both ends is kept. */
  start(isAtNode: boolean, offered: Offer | null): void {
    this.offered = offered
    if (offered !== null || !isAtNode || !this.isAlive) this.rebuild()
  }

  override close(): void {
    super.close()
    this.streams.value = new Map()
  }

  protected override prepare(pc: RTCPeerConnection): void {
    this.streams.value = new Map()
    pc.ontrack = ({ transceiver, track }) => {
      if (transceiver.mid === null) return
      this.streams.value = new Map(this.streams.value).set(transceiver.mid, new MediaStream([track]))
    }
  }

  protected override async negotiate(pc: RTCPeerConnection): Promise<void> {
    // No wait where there is none: the browser reads the offer while the page draws the room.
    const offer = this.takeOffered() ?? (await this.askOffer())
    await pc.setRemoteDescription({ type: 'offer', sdp: offer.sdp })
    const answer = await pc.createAnswer()
    // Checks teach the node our addresses, so the answer goes at once and not after candidates are gathered.
    const answered = this.ask({ type: 'subscribe_answer', number: offer.number, sdp: answer.sdp! })
    await Promise.all([answered, pc.setLocalDescription(answer)])
  }

  private takeOffered(): Offer | null {
    const offered = this.offered
    this.offered = null
    return offered
  }

  private async askOffer(): Promise<Offer> {
    const offer = await this.ask({ type: 'subscribe' })
    if (offer.type !== 'subscribe_offer') throw new Error(`subscribe was answered with ${offer.type}`)
    return offer
  }
}
