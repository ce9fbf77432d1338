interface NetworkInformation extends EventTarget {
  readonly type?: string
}

/** Calls when the way out may be another one: online again, or by Wi-Fi instead of a mobile network. */
export function onOtherNetwork(changed: () => void): void {
  window.addEventListener('online', changed)
  const connection = (navigator as Navigator & { connection?: NetworkInformation }).connection
  let type = connection?.type
  // It also tells each new guess at the bandwidth, which is no other way.
  connection?.addEventListener('change', () => {
    if (connection.type === type) return
    type = connection.type
    changed()
  })
}
