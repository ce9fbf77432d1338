import base64
import hashlib
import hmac

import pytest

from signaling.messages.client import IceServer
from signaling.messages.ids import SeatId
from signaling.net.relays import LIFETIME_S, ice_servers
from signaling.net.settings import SettingsError, SignalingSettings

SECRETS = {name: name.ljust(16, "-") for name in ("operator_key", "signaling_token", "node_token")}
TURNS = "turns:turn.school.example:443?transport=tcp"


def test_by_default_pages_are_told_of_no_server() -> None:
    assert ice_servers(SignalingSettings.checked({**SECRETS}), SeatId("S1"), 0) == ()


def test_credentials_are_the_seats_and_end_in_a_day() -> None:
    settings = SignalingSettings.checked({**SECRETS, "ice_servers": [TURNS], "ice_secret": "the shared secret"})
    (server,) = ice_servers(settings, SeatId("S1"), 1_000_000.9)
    assert (server.urls, server.username) == ((TURNS,), f"{1_000_000 + LIFETIME_S}:S1")
    digest = hmac.digest(b"the shared secret", server.username.encode(), hashlib.sha1)
    assert base64.b64decode(server.credential) == digest
    assert "the shared secret" not in repr(server)
    (other,) = ice_servers(settings, SeatId("S2"), 1_000_000.9)
    assert other.credential != server.credential


def test_a_server_that_wants_nothing_is_shown_nothing() -> None:
    settings = SignalingSettings.checked({**SECRETS, "ice_servers": ["stun:192.0.2.1:3478", "stun:[2001:db8::1]"]})
    assert ice_servers(settings, SeatId("S1"), 0) == (IceServer(("stun:192.0.2.1:3478", "stun:[2001:db8::1]")),)


@pytest.mark.parametrize("url", ["turn.school.example", "https://turn", "turn:a@b", "turns:", "turn:x?transport=sctp"])
def test_what_is_no_server_is_refused_in_words(url: str) -> None:
    with pytest.raises(SettingsError, match=r"\[signaling\] ice_servers: .* is no server such as turns:"):
        SignalingSettings.checked({**SECRETS, "ice_servers": [url]})


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"\[signaling\] ice_secret"):
        SignalingSettings.checked({**SECRETS, "ice_servers": [TURNS], "ice_secret": "short"})
