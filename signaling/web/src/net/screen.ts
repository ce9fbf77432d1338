import { shallowRef } from 'vue'
import { encodingOf } from '../core/duties'
import type { TextKey } from '../core/text'
import { isDismissed } from '../core/trouble'

/** The shared screen or window, with its sound when the browser gives it. */
export class Screen {
  readonly picture = shallowRef<MediaStreamTrack | null>(null)
  readonly sound = shallowRef<MediaStreamTrack | null>(null)
  readonly trouble = shallowRef<TextKey | null>(null)

  async start(): Promise<void> {
    this.trouble.value = null
    if (navigator.mediaDevices?.getDisplayMedia === undefined) {
      this.trouble.value = 'share.insecure'
      return
    }
    try {
      this.adopt(await navigator.mediaDevices.getDisplayMedia(wishes()))
    } catch (error) {
      this.trouble.value = isDismissed(error) ? 'share.refused' : 'device.failed'
    }
  }

  stop(): void {
    for (const track of [this.picture.value, this.sound.value]) track?.stop()
    this.picture.value = null
    this.sound.value = null
  }

  private adopt(stream: MediaStream): void {
    const picture = stream.getVideoTracks()[0] ?? null
    this.picture.value = picture
    this.sound.value = stream.getAudioTracks()[0] ?? null
    // The browser's own "stop sharing" bar.
    if (picture !== null) picture.onended = () => this.stop()
  }
}

function wishes(): DisplayMediaStreamOptions {
  const { width, height, frame_rate } = encodingOf('courseware')
  // Music and film of the courseware must not be cleaned as if they were a voice.
  const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false }
  return {
    video: { width: { max: width }, height: { max: height }, frameRate: { max: frame_rate } },
    audio: plain,
    systemAudio: 'include',
  } as DisplayMediaStreamOptions
}
