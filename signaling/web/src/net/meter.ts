import { onScopeDispose, ref, watch, type Ref } from 'vue'

const FLOOR_DB = -60
const PERIOD_MS = 80

/** The level of a microphone, 0 to 1, while the scope lives. */
export function useMeter(track: Ref<MediaStreamTrack | null>): Ref<number> {
  const level = ref(0)
  let context: AudioContext | null = null
  let analyser: AnalyserNode | null = null
  const samples = new Float32Array(1024)
  const resume = () => void context?.resume()
  const timer = window.setInterval(() => {
    level.value = analyser === null ? 0 : measure(analyser, samples)
  }, PERIOD_MS)

  const stop = () => {
    void context?.close()
    context = null
    analyser = null
  }
  watch(
    track,
    (now) => {
      stop()
      if (now === null) return
      context = new AudioContext()
      analyser = context.createAnalyser()
      context.createMediaStreamSource(new MediaStream([now])).connect(analyser)
      resume()
    },
    { immediate: true },
  )
  // Some browsers let no audio run before the first touch.
  window.addEventListener('pointerdown', resume)
  onScopeDispose(() => {
    window.clearInterval(timer)
    window.removeEventListener('pointerdown', resume)
    stop()
  })
  return level
}

function measure(analyser: AnalyserNode, samples: Float32Array<ArrayBuffer>): number {
  analyser.getFloatTimeDomainData(samples)
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length
  const db = 10 * Math.log10(power + 1e-12)
  return Math.min(1, Math.max(0, 1 - db / FLOOR_DB))
}

const NOTES_HZ = [523.25, 659.25, 783.99]
const NOTE_S = 0.28

/** Plays three short notes through the chosen speaker. */
export async function playTestSound(speakerId: string): Promise<void> {
  const context = new AudioContext()
  const out = context.createMediaStreamDestination()
  NOTES_HZ.forEach((frequency, place) => note(context, out, frequency, context.currentTime + place * NOTE_S))
  const audio = new Audio()
  audio.srcObject = out.stream
  await chooseOutput(audio, speakerId)
  await audio.play()
  window.setTimeout(() => void context.close(), 1500)
}

function note(context: AudioContext, out: AudioNode, frequency: number, start_s: number): void {
  const oscillator = context.createOscillator()
  const gain = context.createGain()
  oscillator.frequency.value = frequency
  gain.gain.setValueAtTime(0.25, start_s)
  gain.gain.exponentialRampToValueAtTime(0.001, start_s + NOTE_S)
  oscillator.connect(gain).connect(out)
  oscillator.start(start_s)
  oscillator.stop(start_s + NOTE_S)
}

/** Sends an element's sound to a speaker; browsers without the choice use the system's. */
export async function chooseOutput(element: HTMLMediaElement, speakerId: string): Promise<void> {
  if (!('setSinkId' in element)) return
  await element.setSinkId(speakerId).catch(() => undefined)
}
