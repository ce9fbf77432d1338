"""Offers as Chromium 156, Firefox 153, FFmpeg 9 and aiortc 1.16 really wrote them."""

from pathlib import Path

from sfu.sdp import Fingerprint, LocalParameters

_FOLDER = Path(__file__).parent / "samples"
NAMES = tuple(sorted(path.stem for path in _FOLDER.glob("*.sdp")))
PUBLISHERS = tuple(name for name in NAMES if not name.endswith("view") and not name.endswith("viewer"))
VIEWERS = tuple(name for name in NAMES if name not in PUBLISHERS)

LOCAL = LocalParameters(
    ufrag="node",
    password="n" * 24,
    fingerprint=Fingerprint("sha-256", bytes(range(32))),
    addresses=(("192.0.2.1", 7000), ("2001:db8::1", 7000), ("127.0.0.1", 7000)),
    session=81985529216486895,
)


def sample(name: str) -> str:
    """An offer with the line ends it came with."""
    return (_FOLDER / f"{name}.sdp").read_bytes().decode()


def as_answer(offer: str) -> str:
    """A full agent's answer that takes every section of our own offer."""
    text = offer.replace("a=sendonly", "a=recvonly").replace("a=setup:actpass", "a=setup:active")
    return text.replace("a=ice-lite\r\n", "")


def small_offer(*lines: str, media: str = "audio", setup: str = "actpass") -> str:
    """The smallest offer of one sending section, with more lines behind it."""
    body = ("a=rtpmap:111 opus/48000/2",) if media == "audio" else ("a=rtpmap:111 VP8/90000",)
    return (
        "\r\n".join(
            (
                "v=0",
                "o=- 1 1 IN IP4 127.0.0.1",
                "s=-",
                "t=0 0",
                f"m={media} 9 UDP/TLS/RTP/SAVPF 111",
                "c=IN IP4 0.0.0.0",
                "a=ice-ufrag:peer",
                "a=ice-pwd:pppppppppppppppppppppppp",
                f"a=fingerprint:sha-256 {bytes(32).hex(':')}",
                f"a=setup:{setup}",
                "a=rtcp-mux",
                *body,
                *lines,
            )
        )
        + "\r\n"
    )
