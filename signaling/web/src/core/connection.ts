import type { TextKey } from './text'

type MediaState = 'idle' | 'connecting' | 'connected' | 'broken'

/** The state of all connections in one sentence: the worst that a teacher can notice comes first. */
export function connectionWords(isOnline: boolean, receiving: MediaState, sending: MediaState): TextKey {
  if (!isOnline) return 'connection.reconnecting'
  if (receiving === 'broken') return 'connection.media'
  if (sending === 'broken') return 'connection.sending'
  return receiving === 'connected' ? 'connection.good' : 'connection.connecting'
}

/** What stands across the page while something is lost; null while all is well, or has not begun. */
export function connectionBanner(
  isOnline: boolean,
  receiving: MediaState,
  sending: MediaState,
): TextKey | null {
  if (!isOnline) return 'banner.reconnecting'
  if (receiving === 'broken') return 'banner.media'
  return sending === 'broken' ? 'banner.sending' : null
}
