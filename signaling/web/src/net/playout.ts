import { AT_EASE, heardIn, judge, type Judged, type Playout } from '../core/playout'

const LOOK_MS = 1000

/** Looks at what comes in, and makes its receivers wait for lost packets as long as the line needs. */
export class Patience {
  private judged: Judged | null = null
  private timer = 0

  get playout(): Playout {
    return this.judged?.playout ?? AT_EASE
  }

  /** Follows this connection, from nothing. */
  follow(pc: RTCPeerConnection): void {
    this.stop()
    this.timer = window.setInterval(() => void this.look(pc), LOOK_MS)
    // How far it is shows before the first picture, and Chromium takes 10 s to wait a second longer after it.
    pc.addEventListener('iceconnectionstatechange', () => void this.look(pc))
  }

  stop(): void {
    window.clearInterval(this.timer)
    this.judged = null
  }

  private async look(pc: RTCPeerConnection): Promise<void> {
    if (!['connected', 'completed'].includes(pc.iceConnectionState)) return
    const reports = await pc.getStats()
    this.judged = judge(this.judged, heardIn([...reports.values()]), performance.now())
    for (const { receiver } of pc.getTransceivers()) wait(receiver, this.playout.wait_ms)
  }
}

// Browsers that do not have it wait as they think best.
function wait(receiver: RTCRtpReceiver, wait_ms: number | null): void {
  if ('jitterBufferTarget' in receiver && receiver.jitterBufferTarget !== wait_ms)
    receiver.jitterBufferTarget = wait_ms
}
