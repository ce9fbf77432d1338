/** What is done about a connection that is silent: first other paths for it, then another connection. */
export interface Remedy {
  readonly act: 'restart' | 'rebuild'
  readonly after_ms: number
}

// ICE often recovers by itself within a second or two.
const RESTART_AFTER_MS = 2000
// A restart takes an exchange with the node and a check; over a satellite both fit three times.
const REBUILD_AFTER_MS = 4000

/** What is next while nothing arrives; null while there is nothing to mend. */
export function remedyFor(state: RTCPeerConnectionState, hasRestarted: boolean): Remedy | null {
  if (state !== 'disconnected') return null
  if (hasRestarted) return { act: 'rebuild', after_ms: REBUILD_AFTER_MS }
  return { act: 'restart', after_ms: RESTART_AFTER_MS }
}

/** Whether another way out is worth a restart at once: there is something whose path may be gone. */
export function isWorthRestarting(state: RTCPeerConnectionState): boolean {
  return state === 'connected' || state === 'disconnected'
}
