"""signaling.core.claims"""

import pytest

from signaling.core.claims import ClaimsError, MediaClaims, SessionClaims, media_sources, session_claims
from signaling.core.permissions import publishable
from signaling.messages.ids import LessonId, SeatId

GOOD = SessionClaims("T1", LessonId("L1"), SeatId("S1"), 100, 200)
LEAD, ROOM = publishable("dedicated", "lead"), publishable("dedicated", "room")


def test_what_is_written_is_read() -> None:
    assert session_claims(GOOD.to_claims(), 199.9) == GOOD


@pytest.mark.parametrize("now_s", [200, 200.1, 1e12])
def test_an_expired_token_opens_nothing(now_s: float) -> None:
    with pytest.raises(ClaimsError):
        session_claims(GOOD.to_claims(), now_s)


@pytest.mark.parametrize(
    "change",
    [{"iss": "someone"}, {"aud": "node"}, {"jti": None}, {"lesson": 5}, {"seat": None}, {"exp": "200"}, {"iat": True}],
)
def test_a_token_for_something_else_opens_nothing(change: dict[str, object]) -> None:
    with pytest.raises(ClaimsError):
        session_claims({**GOOD.to_claims(), **change}, 150)


def test_a_media_token_opens_no_session() -> None:
    media = MediaClaims("M1", LessonId("L1"), SeatId("S1"), "publish", "teacher", None, 100, 200)
    with pytest.raises(ClaimsError):
        session_claims(media.to_claims(), 150)


def test_an_encoder_sends_the_first_of_each_kind_unless_told() -> None:
    assert media_sources("publish", None, None, LEAD) == ("teacher", "teacher_mic")
    assert media_sources("publish", None, None, ROOM) == ("students", "room_mic")
    assert media_sources("publish", "board", "courseware_audio", LEAD) == ("board", "courseware_audio")
    assert media_sources("subscribe", "board", None, LEAD) == (None, None)


@pytest.mark.parametrize(("video", "audio"), [("teacher", None), (None, "teacher_mic"), ("room_mic", None)])
def test_an_encoder_sends_nothing_that_its_seat_may_not(video: str | None, audio: str | None) -> None:
    with pytest.raises(ClaimsError):
        media_sources("publish", video, audio, ROOM)
