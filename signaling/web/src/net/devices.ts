import { ref, shallowRef } from 'vue'
import { encodingOf, type Duties } from '../core/duties'
import type { TextKey } from '../core/text'
import { deviceTrouble } from '../core/trouble'
import { recall, remember } from './memory'

type Use = 'camera' | 'microphone'
const NONE = 'none'

/** This computer's camera, microphone and speaker. */
export class Devices {
  readonly cameras = shallowRef<readonly MediaDeviceInfo[]>([])
  readonly microphones = shallowRef<readonly MediaDeviceInfo[]>([])
  readonly speakers = shallowRef<readonly MediaDeviceInfo[]>([])
  readonly camera = shallowRef<MediaStreamTrack | null>(null)
  readonly microphone = shallowRef<MediaStreamTrack | null>(null)
  readonly isMuted = ref(false)
  readonly isAsking = ref(false)
  readonly trouble = shallowRef<TextKey | null>(null)
  readonly cameraId = ref(recall('camera') ?? '')
  readonly microphoneId = ref(recall('microphone') ?? '')
  readonly speakerId = ref(recall('speaker') ?? '')

  /** What was unplugged: it is opened again when it comes back. */
  private readonly lost = new Set<Use>()

  constructor(private readonly duties: () => Duties) {}

  get isSecure(): boolean {
    return window.isSecureContext && navigator.mediaDevices !== undefined
  }

  /** Opens what the role needs, and says in words what does not open. */
  async open(): Promise<void> {
    const wanted = this.wanted()
    this.trouble.value = null
    if (wanted.length === 0) return
    if (!this.isSecure) {
      this.trouble.value = 'device.insecure'
      return
    }
    navigator.mediaDevices.ondevicechange = () => void this.changed()
    this.isAsking.value = true
    await this.openAll(wanted)
    this.isAsking.value = false
    await this.list()
  }

  async chooseCamera(id: string): Promise<void> {
    remember('camera', (this.cameraId.value = id))
    await this.reopen('camera')
  }

  async chooseMicrophone(id: string): Promise<void> {
    remember('microphone', (this.microphoneId.value = id))
    await this.reopen('microphone')
  }

  chooseSpeaker(id: string): void {
    remember('speaker', (this.speakerId.value = id))
  }

  /** The camera's own light goes out when it is off. */
  async switchCamera(on: boolean): Promise<void> {
    if (!on) return this.stop('camera')
    if (this.cameraId.value === NONE) this.cameraId.value = ''
    await this.reopen('camera')
  }

  async switchMicrophone(on: boolean): Promise<void> {
    this.isMuted.value = !on
    if (this.microphone.value !== null) this.microphone.value.enabled = on
    else if (on) {
      if (this.microphoneId.value === NONE) this.microphoneId.value = ''
      await this.reopen('microphone')
    }
  }

  close(): void {
    this.stop('camera')
    this.stop('microphone')
  }

  private wanted(): Use[] {
    const uses: Use[] = []
    if (this.duties().camera !== null && this.cameraId.value !== NONE) uses.push('camera')
    if (this.duties().microphone !== null && this.microphoneId.value !== NONE) uses.push('microphone')
    return uses
  }

  /** One question for both; when that fails, each alone, so that one broken device does not cost the other. */
  private async openAll(wanted: readonly Use[]): Promise<void> {
    const error = await this.tryOpen(wanted)
    if (error === null) return
    this.trouble.value = deviceTrouble(error)
    if (wanted.length < 2 || this.trouble.value === 'device.denied') return
    const errors = [await this.tryOpen(['camera']), await this.tryOpen(['microphone'])]
    if (errors[0] === null) this.trouble.value = 'device.microphone_only'
    if (errors[1] === null) this.trouble.value = 'device.camera_only'
    if (errors[0] === null && errors[1] === null) this.trouble.value = null
  }

  private async reopen(use: Use): Promise<void> {
    this.trouble.value = null
    if (!this.isSecure) {
      this.trouble.value = 'device.insecure'
      return
    }
    const old = this[use].value
    if (!this.wanted().includes(use)) return this.stop(use)
    const error = await this.tryOpen([use])
    if (error !== null) this.trouble.value = deviceTrouble(error)
    old?.stop()
    await this.list()
  }

  private async tryOpen(uses: readonly Use[]): Promise<unknown> {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        video: uses.includes('camera') && this.videoWishes(),
        audio: uses.includes('microphone') && this.audioWishes(),
      })
      for (const track of stream.getTracks()) this.adopt(track)
      return null
    } catch (error) {
      return error
    }
  }

  private videoWishes(): MediaTrackConstraints {
    const { width, height, frame_rate } = encodingOf(this.duties().camera ?? 'teacher')
    const size = { width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: frame_rate } }
    return { ...size, ...device(this.cameraId.value) }
  }

  private audioWishes(): MediaTrackConstraints {
    const cleaning = { echoCancellation: true, noiseSuppression: true, autoGainControl: true }
    return { ...cleaning, channelCount: { ideal: 1 }, ...device(this.microphoneId.value) }
  }

  /** A cable was pulled or put in. */
  private async changed(): Promise<void> {
    await this.list()
    const there = { camera: this.cameras.value, microphone: this.microphones.value }
    for (const use of this.lost) if (there[use].length > 0) await this.tryOpen([use])
    if (this.lost.size === 0 && this.trouble.value === 'device.lost') this.trouble.value = null
  }

  private adopt(track: MediaStreamTrack): void {
    const use: Use = track.kind === 'video' ? 'camera' : 'microphone'
    this.lost.delete(use)
    if (use === 'microphone') track.enabled = !this.isMuted.value
    this[use].value = track
    track.onended = () => {
      if (this[use].value !== track) return
      this[use].value = null
      this.lost.add(use)
      this.trouble.value = 'device.lost'
    }
  }

  private stop(use: Use): void {
    const track = this[use].value
    this[use].value = null
    this.lost.delete(use)
    track?.stop()
  }

  private async list(): Promise<void> {
    const all = await navigator.mediaDevices.enumerateDevices()
    // Chromium lists the default device twice; before permission there are entries without a name.
    const doubles = ['', 'default', 'communications']
    const named = (kind: MediaDeviceKind) =>
      all.filter((info) => info.kind === kind && !doubles.includes(info.deviceId))
    this.cameras.value = named('videoinput')
    this.microphones.value = named('audioinput')
    this.speakers.value = named('audiooutput')
  }
}

// `ideal`, not `exact`: a remembered camera that is gone gives way to one that is there.
function device(id: string): MediaTrackConstraints {
  return id === '' || id === NONE ? {} : { deviceId: { ideal: id } }
}
