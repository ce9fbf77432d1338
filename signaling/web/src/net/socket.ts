import type { ClientMessage, SeatId, ServerMessage } from '../messages'

/** What the owner of a socket is told. */
export interface SocketEvents {
  opened(): void
  received(message: ServerMessage): void
  /** Once, whatever the reason; `wasOpen` false when the server let nobody in. */
  closed(code: number, wasOpen: boolean): void
}

/** One WebSocket to signaling; it is never reused. */
export class Socket {
  private readonly socket: WebSocket
  private wasOpen = false
  private isClosed = false

  constructor(
    seat: SeatId,
    private readonly events: SocketEvents,
  ) {
    // The browser may hold other seats too, each with a page of its own.
    const url = new URL(`/ws?${new URLSearchParams({ seat })}`, location.href)
    url.protocol = url.protocol.replace('http', 'ws')
    this.socket = new WebSocket(url)
    this.socket.onopen = () => {
      this.wasOpen = true
      events.opened()
    }
    this.socket.onmessage = (event) => events.received(JSON.parse(event.data as string) as ServerMessage)
    this.socket.onclose = (event) => this.finish(event.code)
  }

  send(message: ClientMessage): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message))
  }

  /** Gives up at once: a dead network would hold back the browser's own close event. */
  drop(): void {
    this.socket.close(1000)
    this.finish(1006)
  }

  private finish(code: number): void {
    if (this.isClosed) return
    this.isClosed = true
    this.socket.onmessage = null
    this.socket.onopen = null
    this.events.closed(code, this.wasOpen)
  }
}
