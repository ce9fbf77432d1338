import { shallowRef } from 'vue'
import type { Mid } from '../messages'
import { MediaConnection } from './media_connection'

/** Receives: the server offers slots, and each `mid` becomes a stream. */
export class Subscriber extends MediaConnection {
  readonly streams = shallowRef<ReadonlyMap<Mid, MediaStream>>(new Map())

  /** Opens the connection; one that lives at both ends is kept. */
  start(isAtNode: boolean): void {
    if (!isAtNode || !this.isAlive) this.rebuild()
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
    const offer = await this.ask({ type: 'subscribe' })
    if (offer.type !== 'subscribe_offer') throw new Error(`subscribe was answered with ${offer.type}`)
    await pc.setRemoteDescription({ type: 'offer', sdp: offer.sdp })
    await pc.setLocalDescription(await pc.createAnswer())
    await this.ask({ type: 'subscribe_answer', number: offer.number, sdp: pc.localDescription!.sdp })
  }
}
