import { ref } from 'vue'

const PERIOD_MS = 500

/** The page's clock, for what grows stale. */
export const now_ms = ref(performance.now())

window.setInterval(() => (now_ms.value = performance.now()), PERIOD_MS)
