"""Offers and answers of WebRTC: our own reader and writer, pure."""

from sfu.sdp.codecs import LESSON_VIDEO, Codec
from sfu.sdp.description import (
    Description,
    Extension,
    Fingerprint,
    Format,
    Kind,
    Section,
    Setup,
    SsrcGroup,
    Transport,
)
from sfu.sdp.dial import (
    answer_slots,
    offer_receive,
    offer_send,
    read_receive_answer,
    read_send_answer,
)
from sfu.sdp.fragment import Fragment, parse_fragment, write_fragment
from sfu.sdp.lines import LARGEST_TEXT, SdpError
from sfu.sdp.parameters import (
    Dialled,
    DtlsRole,
    Encoding,
    Extensions,
    LocalParameters,
    NegotiatedSlot,
    Publication,
    SlotParameters,
    Subscription,
    TrackParameters,
)
from sfu.sdp.publish import answer_publish
from sfu.sdp.read import parse_answer, parse_offer
from sfu.sdp.subscribe import answer_whep, offer_subscribe, read_subscribe_answer

__all__ = [
    "LARGEST_TEXT",
    "LESSON_VIDEO",
    "Codec",
    "Description",
    "Dialled",
    "DtlsRole",
    "Encoding",
    "Extension",
    "Extensions",
    "Fingerprint",
    "Format",
    "Fragment",
    "Kind",
    "LocalParameters",
    "NegotiatedSlot",
    "Publication",
    "SdpError",
    "Section",
    "Setup",
    "SlotParameters",
    "SsrcGroup",
    "Subscription",
    "TrackParameters",
    "Transport",
    "answer_publish",
    "answer_slots",
    "answer_whep",
    "offer_receive",
    "offer_send",
    "offer_subscribe",
    "parse_answer",
    "parse_fragment",
    "parse_offer",
    "read_receive_answer",
    "read_send_answer",
    "read_subscribe_answer",
    "write_fragment",
]
