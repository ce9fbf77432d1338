import { computed, onBeforeUnmount, ref, watch, type ComputedRef, type Ref } from 'vue'
import { now_ms } from './clock'

export type PictureState = 'waiting' | 'playing' | 'stalled'

/** Follows the frames that a video element really shows; `binding` names what should be in it. */
export function useFrames(
  video: Ref<HTMLVideoElement | null>,
  stream: () => MediaStream | null,
  binding: () => string,
  patience_ms: () => number,
): ComputedRef<PictureState> {
  const last_ms = ref<number | null>(null)
  let stop = (): void => undefined

  watch(
    [video, stream],
    ([element, source]) => {
      stop()
      last_ms.value = null
      if (element === null) return
      if (element.srcObject !== source) element.srcObject = source
      if (source !== null) stop = eachFrame(element, () => (last_ms.value = performance.now()))
    },
    { flush: 'post', immediate: true },
  )
  watch(binding, () => (last_ms.value = null))
  onBeforeUnmount(() => stop())

  return computed(() => {
    if (last_ms.value === null) return 'waiting'
    // A hidden page draws nothing, which says nothing about the sender.
    const isLate = now_ms.value - last_ms.value > patience_ms() && !document.hidden
    return isLate ? 'stalled' : 'playing'
  })
}

/** Calls back at each frame shown; browsers without the hook tell by the element's own clock. */
function eachFrame(video: HTMLVideoElement, shown: () => void): () => void {
  if (!('requestVideoFrameCallback' in video)) {
    const element: HTMLVideoElement = video
    element.addEventListener('timeupdate', shown)
    return () => element.removeEventListener('timeupdate', shown)
  }
  let handle = 0
  const again = (): void => {
    handle = video.requestVideoFrameCallback(() => {
      shown()
      again()
    })
  }
  again()
  return () => video.cancelVideoFrameCallback(handle)
}
