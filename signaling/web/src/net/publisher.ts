import { preferred } from '../core/codecs'
import { encodingOf, layersOf } from '../core/duties'
import { withStereo } from '../core/stereo'
import type { Watched } from '../core/watched'
import type { PublishedSource, Source } from '../messages'
import { MediaConnection } from './media_connection'
import { sendOnly } from './sleep'

/** One sending media section: a source, or its extra copy in another codec. */
interface Sending {
  readonly source: Source
  readonly copy: string | null
  readonly transceiver: RTCRtpTransceiver
}

/** Sends this page's sources: the page offers. */
export class Publisher extends MediaConnection {
  private readonly tracks = new Map<Source, MediaStreamTrack>()
  private readonly copies = new Map<Source, string>()
  /** What was said last of each source; all are sent of which nothing was. */
  private readonly watched = new Map<Source, Watched>()
  private sendings: Sending[] = []
  /** One change after another: a sender takes no second one before the first is done. */
  private settling: Promise<void> = Promise.resolve()
  private isStarted = false

  /** Opens the connection if there is anything to send; one that lives at both ends is kept. */
  start(isAtNode: boolean): void {
    this.isStarted = true
    if (!isAtNode || !this.isAlive) this.restart()
  }

  /** The node lost the connection: it is built anew, if there is anything to send. */
  restart(): void {
    if (this.isStarted && (this.pc !== null || this.tracks.size > 0)) this.rebuild()
  }

  override close(): void {
    this.isStarted = false
    super.close()
  }

  /** Sends this track as the source, or with null ends the source. */
  setTrack(source: Source, track: MediaStreamTrack | null): void {
    if (this.tracks.get(source) === (track ?? undefined)) return
    const isNew = track !== null && this.tracks.has(source)
    if (track === null) this.tracks.delete(source)
    else this.tracks.set(source, track)
    if (track?.kind === 'video') track.contentHint = encodingOf(source).hint
    // Another camera for the same source needs no new description.
    if (isNew) void this.replace(source, track)
    else this.changed()
  }

  /** Sends an extra copy in this codec, or with null ends it. */
  setCopy(source: Source, codec: string | null): void {
    if (codec === null) this.copies.delete(source)
    else this.copies.set(source, codec)
    this.changed()
  }

  /** Sends these layers of a source and no others. */
  setWatched(source: Source, watched: Watched): void {
    this.watched.set(source, watched)
    this.settle()
  }

  /** Another session begins: everything is sent until it says otherwise. */
  forgetWatched(): void {
    this.watched.clear()
    this.settle()
  }

  protected override prepare(): void {
    this.sendings = []
  }

  protected override async negotiate(pc: RTCPeerConnection): Promise<void> {
    for (const source of this.tracks.keys()) await this.arrange(pc, source, null)
    for (const [source, codec] of this.copies) await this.arrange(pc, source, codec)
    await this.endOthers()
    await pc.setLocalDescription(await pc.createOffer())
    const sources = this.sources()
    const music = sources.filter(({ source }) => source === 'courseware_audio').map(({ mid }) => mid)
    // Chromium sends two channels to who welcomes them, and the node welcomes them where the offer does.
    const sdp = withStereo(pc.localDescription!.sdp, new Set(music))
    const answer = await this.ask({ type: 'publish', sdp, sources })
    if (answer.type !== 'published') throw new Error(`publish was answered with ${answer.type}`)
    await pc.setRemoteDescription({ type: 'answer', sdp: answer.sdp })
    // A browser may take a description as the word to send all that stands in it.
    this.settle()
  }

  private settle(): void {
    this.settling = this.settling.then(async () => {
      for (const { source, copy, transceiver } of this.sendings) {
        if (copy !== null || this.tracks.get(source)?.kind !== 'video') continue
        // A browser that cannot sends on; nothing is lost by it but a part of the line.
        await sendOnly(transceiver.sender, this.watched.get(source) ?? null).catch(console.warn)
      }
    })
  }

  protected override async renew(pc: RTCPeerConnection): Promise<void> {
    pc.restartIce()
    await this.negotiate(pc)
  }

  private changed(): void {
    if (this.isStarted && (this.pc !== null || this.tracks.size > 0)) void this.update()
  }

  private async replace(source: Source, track: MediaStreamTrack): Promise<void> {
    const sendings = this.sendings.filter((sending) => sending.source === source)
    await Promise.all(sendings.map((sending) => sending.transceiver.sender.replaceTrack(track)))
  }

  private async arrange(pc: RTCPeerConnection, source: Source, copy: string | null): Promise<void> {
    const track = this.tracks.get(source)
    if (track === undefined) return
    const known = this.sendings.find((sending) => sending.source === source && sending.copy === copy)
    if (known === undefined) {
      this.sendings.push({ source, copy, transceiver: addSender(pc, source, copy, track) })
      return
    }
    await known.transceiver.sender.replaceTrack(track)
    known.transceiver.direction = 'sendonly'
  }

  private async endOthers(): Promise<void> {
    for (const sending of this.sendings.filter((sending) => !this.isWanted(sending))) {
      await sending.transceiver.sender.replaceTrack(null)
      sending.transceiver.direction = 'inactive'
    }
  }

  private isWanted({ source, copy }: Sending): boolean {
    return this.tracks.has(source) && (copy === null || this.copies.get(source) === copy)
  }

  private sources(): PublishedSource[] {
    return this.sendings
      .filter((sending) => this.isWanted(sending))
      .map(({ source, copy, transceiver }) => ({ mid: transceiver.mid!, source, copy }))
  }
}

function addSender(
  pc: RTCPeerConnection,
  source: Source,
  copy: string | null,
  track: MediaStreamTrack,
): RTCRtpTransceiver {
  if (track.kind === 'audio') return pc.addTransceiver(track, { direction: 'sendonly' })
  const transceiver = pc.addTransceiver(track, {
    direction: 'sendonly',
    sendEncodings: encodings(source, copy, track),
  })
  const codecs = RTCRtpSender.getCapabilities('video')?.codecs ?? []
  const order = preferred(codecs, copy)
  // Firefox before 128 has no choice of codec; the node then takes what comes.
  if ('setCodecPreferences' in transceiver && order.length > 0) transceiver.setCodecPreferences(order)
  return transceiver
}

/** A browser without simulcast takes no notice of layers, and sends the whole picture. */
function encodings(source: Source, copy: string | null, track: MediaStreamTrack): RTCRtpEncodingParameters[] {
  const whole = encodingOf(source)
  const layers = copy === null ? layersOf(source, track.getSettings().height ?? whole.height) : []
  if (layers.length === 0) return [{ maxBitrate: whole.bitrate_bps, maxFramerate: whole.frame_rate }]
  return layers.map(({ rid, scale, frame_rate, bitrate_bps }) => ({
    rid,
    scaleResolutionDownBy: scale,
    maxFramerate: frame_rate,
    maxBitrate: bitrate_bps,
  }))
}
