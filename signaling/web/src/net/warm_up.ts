/** Has the browser load what it negotiates with: the first description of a browser otherwise takes a third of a second. */
export async function warmUp(): Promise<void> {
  const [one, other] = [0, 1].map(() => new RTCPeerConnection({ iceServers: [] })) as [
    RTCPeerConnection,
    RTCPeerConnection,
  ]
  try {
    for (const kind of ['video', 'audio']) one.addTransceiver(kind, { direction: 'sendonly' })
    await other.setRemoteDescription(await one.createOffer())
    await other.createAnswer()
  } catch {
    // A browser that cannot do this says so when it is asked in earnest.
  } finally {
    one.close()
    other.close()
  }
}
