let wanted = false
let lock: WakeLockSentinel | null = null

async function hold(): Promise<void> {
  if (!wanted || document.hidden) return
  lock = (await navigator.wakeLock?.request('screen').catch(() => null)) ?? null
}

// The browser lets go of the lock whenever the page is hidden.
document.addEventListener('visibilitychange', () => void hold())

/** A classroom's screen must not go dark in the middle of a lesson. */
export function keepAwake(inside: boolean): void {
  wanted = inside
  if (inside) void hold()
  else void lock?.release()
}

/** Comes when the browser has drawn all there is to draw, or a second later. */
export function idle(): Promise<void> {
  return new Promise((resolve) => {
    if ('requestIdleCallback' in window) window.requestIdleCallback(() => resolve(), { timeout: 1000 })
    else setTimeout(resolve, 300)
  })
}

/** Fills the screen with the page, or gives it back. */
export function toggleFullscreen(): void {
  if (document.fullscreenElement === null)
    void document.documentElement.requestFullscreen().catch(() => undefined)
  else void document.exitFullscreen()
}
