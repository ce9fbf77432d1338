/** The layers of a picture that somebody uses, by rid; null: all of them; empty: nobody sees it. */
export type Watched = readonly string[] | null

/** Whether an encoding is to be sent. A picture without layers has one encoding, and that has no rid. */
export function isSent(rid: string | undefined, watched: Watched): boolean {
  if (watched === null) return true
  return rid ? watched.includes(rid) : watched.length > 0
}
