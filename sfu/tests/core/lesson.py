"""A lesson of one lead and one room, and the words that are said about it."""

import random
from collections.abc import Sequence

from sfu.core.chance import BYTES_PER_CONNECTION, Chance
from sfu.core.tables import Node, OfferKey
from sfu.sdp import Fingerprint, SlotParameters, offer_subscribe
from sfu.tests.sdp.samples import LOCAL, as_answer, sample
from signaling.messages.ids import LessonId, Mid, SeatId, Source, TrackId
from signaling.messages.node import (
    AnswerSubscribe,
    Binding,
    Desired,
    DesiredLesson,
    OfferPublish,
    OpenSubscriber,
    PublishedMid,
    SeatRights,
)

LESSON = LessonId("L1234567890")
LEAD, ROOM = SeatId("SLEAD"), SeatId("SROOM")
TEACHER, TEACHER_MIC = TrackId("SLEAD:teacher"), TrackId("SLEAD:teacher_mic")
ROOM_MIC = TrackId("SROOM:room_mic")
ROOM_OFFER = OfferKey(LESSON, ROOM, None)
RIGHTS = (
    SeatRights(LEAD, ("teacher", "board", "courseware", "teacher_mic", "courseware_audio"), True),
    SeatRights(ROOM, ("students", "room_mic"), True),
)
NODE = Node(Fingerprint("sha-256", bytes(32)), (("192.0.2.1", 7000), ("127.0.0.1", 7000)))


def chance(seed: int = 1) -> Chance:
    """The same bytes for the same seed."""
    return Chance(random.Random(seed).randbytes(BYTES_PER_CONNECTION))


def desired(
    generation: int,
    *,
    seats: Sequence[SeatRights] = RIGHTS,
    open: Sequence[TrackId] = (),
    bindings: Sequence[tuple[SeatId, str, TrackId]] = (),
    lesson: LessonId = LESSON,
) -> Desired:
    """What signaling says of a lesson."""
    bound = tuple(Binding(seat, Mid(mid), track) for seat, mid, track in bindings)
    return Desired(generation, DesiredLesson(lesson, tuple(seats), tuple(open), bound))


def offer(seat: SeatId, *sources: tuple[str, Source], sdp: str | None = None, copy: str | None = None) -> OfferPublish:
    """A publish offer as Chromium makes it: audio in section 0, video in section 1."""
    named = tuple(PublishedMid(Mid(mid), source, copy if mid == "2" else None) for mid, source in sources)
    return OfferPublish(7, LESSON, seat, sdp or other_ufrag(str(seat)), named)


def other_ufrag(ufrag: str, name: str = "chromium_plain") -> str:
    """The same offer of another connection."""
    lines = (f"a=ice-ufrag:{ufrag}" if line.startswith("a=ice-ufrag") else line for line in sample(name).split("\r\n"))
    return "\r\n".join(lines)


def three_sections(ufrag: str) -> str:
    """Chromium's offer with a second video section."""
    text = other_ufrag(ufrag)
    video = text[text.index("m=video") :]
    third = video.replace("a=mid:1", "a=mid:2").replace("a=ssrc-group:FID", "a=x:")
    third = "\r\n".join(line for line in third.split("\r\n") if not line.startswith("a=ssrc"))
    return text.replace("BUNDLE 0 1", "BUNDLE 0 1 2") + third


def open_subscriber(seat: SeatId, video: int = 2, audio: int = 1) -> OpenSubscriber:
    """Asks for slots."""
    return OpenSubscriber(8, LESSON, seat, video, audio)


def answer(seat: SeatId, number: int, slots: Sequence[SlotParameters], *, ufrag: str = "view") -> AnswerSubscribe:
    """Takes every slot of an offer."""
    text = as_answer(offer_subscribe(LOCAL, slots)).replace("ice-ufrag:node", f"ice-ufrag:{ufrag}")
    return AnswerSubscribe(9, LESSON, seat, number, text)
