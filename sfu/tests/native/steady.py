"""A process of its own that sends a packet each 10 ms through a forwarder and counts what returns.

Prints the digests of its two certificates, waits for a line, connects, prints "flowing", waits for a line, and writes
one byte to a pipe: whether as many packets that were sent afterwards have come as two seconds hold.
"""

import os
import struct
import sys
import threading
import time

from sfu.tests.native.client import Client

INTERVAL_S = 0.01
WANTED = 200
PATIENCE_S = 60.0
ENOUGH, TOO_FEW = b"+", b"-"


class Sender(threading.Thread):
    """Numbers its packets; `sent` is the last one's."""

    def __init__(self, source: Client) -> None:
        super().__init__(daemon=True)
        self.sent = 0
        self._source = source

    def run(self) -> None:
        """Sends until the process ends."""
        due = time.monotonic()
        while True:
            time.sleep(max(0.0, due - time.monotonic()))
            number, due = self.sent + 1, due + INTERVAL_S
            self._source.send_rtp(111, number % 2**16, 480 * number % 2**32, 1000, struct.pack("!80xI", number))
            self.sent = number


def main(host: str, port: int, pipe: int) -> None:
    source, sink = Client(1, (host, port)), Client(2, (host, port))
    for client in (source, sink):
        print(client.fingerprint[1].hex(), flush=True)
    sys.stdin.readline()
    source.connect()
    sink.connect()
    sender = Sender(source)
    sender.start()
    sink.receive_rtp()
    print("flowing", flush=True)
    sys.stdin.readline()
    os.write(pipe, ENOUGH if _received(sink, after=sender.sent) >= WANTED else TOO_FEW)


def _received(sink: Client, after: int) -> int:
    """How many packets with higher numbers have come; ends when they are as many as wanted."""
    numbers: set[int] = set()
    deadline = time.monotonic() + PATIENCE_S
    try:
        while len(numbers) < WANTED:
            (number,) = struct.unpack("!I", sink.receive_rtp(deadline)[-4:])
            numbers |= {number} if number > after else set()
    except TimeoutError:
        pass
    return len(numbers)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
