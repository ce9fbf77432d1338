"""The TURN and STUN servers that pages are told of, with credentials that expire."""

import base64
import hashlib
import hmac

from signaling.messages.client import IceServer
from signaling.messages.ids import SeatId
from signaling.net.settings import SignalingSettings

LIFETIME_S = 12 * 3600
"""A school day; each welcome brings new ones."""


def ice_servers(settings: SignalingSettings, seat: SeatId, now_s: float) -> tuple[IceServer, ...]:
    """Coturn's `use-auth-secret`: the name says until when, and a keyed hash of the name is the password."""
    if not settings.ice_servers:
        return ()
    if not settings.ice_secret:
        return (IceServer(settings.ice_servers),)
    name = f"{int(now_s) + LIFETIME_S}:{seat}"
    digest = hmac.digest(settings.ice_secret.encode(), name.encode(), hashlib.sha1)
    return (IceServer(settings.ice_servers, name, base64.b64encode(digest).decode()),)
