"""What went wrong, in one line of words, and whether trying again can help."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that went wrong."""

    code: str
    """Stable, for programs."""
    sentence: str
    """One line, for the person in the classroom."""
    retry: bool
    """False: the same attempt would meet the same end."""


_FINAL = {
    "wrong_code": "wrong code: it was used before, has expired, or was mistyped; ask the operator for a new one",
    "not_authenticated": "not admitted: the seat's token is no longer valid; ask the operator for a new code",
    "replaced": "replaced: someone else has taken this seat, so this client stays away",
    "ended": "the lesson has ended",
    "lesson_over": "the lesson is over",
    "version": "this client and the server speak no common version of the protocol; update the older one",
    "wrong_message": "the server did not understand this client; update the older one",
}
_PASSING = {
    "lesson_not_open": "lesson not open: its doors open when the operator opens it; waiting",
    "no_node": "no forwarder node is there; waiting for one",
    "too_many": "the server asks for fewer messages; waiting a moment",
    "slow": "the server closed the connection because this client read too slowly; coming back",
    "flood": "the server closed the connection because of too many messages; coming back",
    "restarting": "the server is restarting; coming back",
    "silent": "the server does not answer; coming back",
    "connection_lost": "the connection to the server was lost; coming back",
}
_CLOSE_CODES = {
    4000: "wrong_message",
    4001: "not_authenticated",
    4003: "replaced",
    4004: "ended",
    4008: "slow",
    4009: "flood",
    4010: "restarting",
}


def known(code: str) -> Trouble | None:
    """The words for a code that this client knows."""
    if code in _FINAL:
        return Trouble(code, _FINAL[code], retry=False)
    return Trouble(code, _PASSING[code], retry=True) if code in _PASSING else None


def from_server(code: str, sentence: str, *, retry: bool) -> Trouble:
    """What the server said, in our words where we have better ones."""
    return known(code) or Trouble(code, sentence, retry)


def from_close_code(close_code: int | None) -> Trouble:
    """Why the server closed the WebSocket."""
    return known(_CLOSE_CODES.get(close_code or 0, "connection_lost")) or connection_lost()


def connection_lost() -> Trouble:
    return Trouble("connection_lost", _PASSING["connection_lost"], retry=True)


def from_status(status: int, code: str, sentence: str) -> Trouble:
    """Why the server did not exchange a code or open a WebSocket, by its HTTP status."""
    if named := known(code):
        return named
    if status in (400, 401, 403, 404, 410):
        return Trouble("wrong_code", f"wrong code: {sentence}" if sentence else _FINAL["wrong_code"], retry=False)
    return Trouble(code or "server_error", f"the server answered {status}: {sentence or 'no reason given'}", retry=True)


def forbidden(action: str) -> Trouble:
    return Trouble("not_permitted", f"this seat may not {action}: the invitation is for another role", retry=False)


def untrusted_certificate(reason: str) -> Trouble:
    return Trouble(
        "certificate", f"certificate not trusted: {reason}; give the county's CA with --ca or install it", retry=False
    )


def unreachable_server(address: str, reason: str) -> Trouble:
    return Trouble("unreachable", f"server unreachable at {address}: {reason}", retry=True)


def unreachable_node(addresses: Iterable[tuple[str, int]]) -> Trouble:
    """No way for media to the node, though signaling works: nearly always a firewall."""
    found = sorted(set(addresses))
    ports = ", ".join(str(port) for port in sorted({port for _, port in found})) or "?"
    hosts = ", ".join(dict.fromkeys(host for host, _ in found)) or "no address announced"
    return Trouble(
        "node_unreachable", f"node unreachable on UDP {ports} ({hosts}); is a firewall in between?", retry=True
    )
