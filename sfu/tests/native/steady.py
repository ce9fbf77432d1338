"""A process of its own that sends a packet each 10 ms through a forwarder and measures the gaps in what returns.

Prints the digests of its two certificates, waits for a line, connects, prints "flowing", and in the end
how many packets came and the largest gap between two of them in milliseconds.
"""

import sys
import threading
import time

from sfu.tests.native.client import Client

INTERVAL_S = 0.01


def main(host: str, port: int, seconds: float) -> None:
    source, sink = Client(1, (host, port)), Client(2, (host, port))
    for client in (source, sink):
        print(client.fingerprint[1].hex(), flush=True)
    sys.stdin.readline()
    source.connect()
    sink.connect()
    end = time.monotonic() + seconds
    sender = threading.Thread(target=_send, args=(source, end))
    sender.start()
    arrivals = _receive(sink, end)
    sender.join()
    gaps = [after - before for before, after in zip(arrivals, arrivals[1:], strict=False)]
    print(len(arrivals), 1000 * max(gaps), flush=True)


def _send(source: Client, end: float) -> None:
    number, due = 0, time.monotonic()
    while due < end:
        time.sleep(max(0.0, due - time.monotonic()))
        source.send_rtp(111, number, 480 * number, 1000, bytes(80))
        number, due = number + 1, due + INTERVAL_S


def _receive(sink: Client, end: float) -> list[float]:
    arrivals: list[float] = []
    try:
        while True:
            sink.receive_rtp(end)
            arrivals.append(time.monotonic())
            if len(arrivals) == 1:
                print("flowing", flush=True)
    except TimeoutError:
        return [*arrivals, end]


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
