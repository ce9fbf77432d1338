const FIRST_MS = 300
// A lesson is back within 5 s of signaling's return, so no wait may come near that.
const LONGEST_MS = 3000

/** The wait before attempt `attempt` (from 0); `chance` in [0, 1) spreads the rooms of a county. */
export function waitMs(attempt: number, chance: number): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 16))
  return Math.round(ceiling / 2 + (ceiling / 2) * chance)
}
