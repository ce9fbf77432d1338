import { onBeforeUnmount, onMounted, ref, type Ref } from 'vue'

/** The inner size of an element, as it changes. */
export function useSize(element: Ref<HTMLElement | null>): { width_px: Ref<number>; height_px: Ref<number> } {
  const width_px = ref(0)
  const height_px = ref(0)
  const observer = new ResizeObserver(([entry]) => {
    width_px.value = entry?.contentRect.width ?? 0
    height_px.value = entry?.contentRect.height ?? 0
  })
  onMounted(() => element.value && observer.observe(element.value))
  onBeforeUnmount(() => observer.disconnect())
  return { width_px, height_px }
}
