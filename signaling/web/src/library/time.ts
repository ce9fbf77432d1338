const CHINA_MS = 8 * 3600 * 1000
const DAY_MS = 24 * 3600 * 1000

/** `3:05` or `1:02:03`. */
export function clock(ms: number): string {
  const all_s = Math.max(0, Math.round(ms / 1000))
  const [hours, minutes, seconds] = [Math.floor(all_s / 3600), Math.floor(all_s / 60) % 60, all_s % 60]
  const tail = `${String(minutes).padStart(hours > 0 ? 2 : 1, '0')}:${String(seconds).padStart(2, '0')}`
  return hours > 0 ? `${hours}:${tail}` : tail
}

/** `2026-11-30 10:20` in China, wherever the viewer sits. */
export function when(at_ms: number): string {
  return new Date(at_ms + CHINA_MS).toISOString().slice(0, 16).replace('T', ' ')
}

/** What a token says of itself (RFC 7519); the signature is for whoever has the keys. */
export function claimsOf(token: string): Readonly<Record<string, unknown>> {
  try {
    const part = (token.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/')
    const bytes = Uint8Array.from(atob(part), (letter) => letter.charCodeAt(0))
    return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>
  } catch {
    return {}
  }
}

/** The first moment of a day in China, or of the day after; null for no date. */
export function dayStart(date: string, after = false): number | null {
  const at_ms = Date.parse(`${date}T00:00:00Z`)
  return date === '' || Number.isNaN(at_ms) ? null : at_ms - CHINA_MS + (after ? DAY_MS : 0)
}

/** Which chapter plays at a time: the last that has begun. */
export function chapterAt(starts_ms: readonly number[], at_ms: number): number {
  let found = -1
  starts_ms.forEach((start_ms, i) => {
    if (start_ms <= at_ms) found = i
  })
  return found
}
