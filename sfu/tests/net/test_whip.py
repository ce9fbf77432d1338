import time
from typing import Any

import pytest

from sfu.sdp import LARGEST_TEXT, parse_answer
from sfu.tests.core import lesson as given
from sfu.tests.net.node import RunningNode, media_token, running
from sfu.tests.sdp.samples import sample
from signaling.messages import node as say

LESSON = given.desired(1).lesson
PUBLISH = media_token(given.LESSON, given.LEAD, sources=("teacher", "teacher_mic"))
WATCH = media_token(given.LESSON, given.ROOM, "subscribe")
WHIP, WHEP = f"/whip/{given.LESSON}", f"/whep/{given.LESSON}"


def headers(token: str = PUBLISH, content_type: str = "application/sdp") -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Content-Type": content_type}


async def status(node: RunningNode, method: str, path: str, **options: Any) -> tuple[int, dict[str, str], str]:
    async with node.http.request(method, node.url(path), **options) as answer:
        return answer.status, dict(answer.headers), await answer.text()


async def begun(node: RunningNode, token: str = PUBLISH, path: str = WHIP, name: str = "ffmpeg_passive") -> str:
    """Posts an offer; returns the session's path."""
    code, answered, text = await status(node, "POST", path, data=sample(name), headers=headers(token))
    assert code == 201, text
    return answered["Location"]


async def test_an_offer_gets_201_with_an_answer_and_a_location() -> None:
    async with running() as node, node.signaling() as signaling:
        await signaling.desire(LESSON)
        code, answered, text = await status(node, "POST", WHIP, data=sample("ffmpeg_passive"), headers=headers())
        assert (code, answered["Content-Type"].partition(";")[0]) == (201, "application/sdp")
        assert answered["Location"].startswith(WHIP + "/")
        assert parse_answer(text).transport.setup == "active"
        told = await signaling.until(say.PeerChanged)
        assert (told.peer.origin, [track.source for track in told.peer.tracks]) == ("whip", ["teacher_mic", "teacher"])


async def test_deleting_a_session_ends_it_once_even_after_the_tokens_time() -> None:
    async with running() as node, node.signaling() as signaling:
        await signaling.desire(LESSON)
        session = await begun(node)
        late = media_token(given.LESSON, given.LEAD, sources=("teacher",), other={"exp": int(time.time()) - 3600})
        assert (await status(node, "DELETE", session, headers=headers(late)))[0] == 200
        gone = await signaling.until(say.PeerGone)
        assert (gone.seat, gone.connection, gone.reason) == (given.LEAD, "publish", "closed_by_peer")
        assert (await status(node, "DELETE", session, headers=headers()))[0] == 404


async def test_a_new_offer_replaces_the_session() -> None:
    async with running() as node, node.signaling() as signaling:
        await signaling.desire(LESSON)
        first = await begun(node)
        second = await begun(node, name="ffmpeg_active")
        assert (await status(node, "DELETE", first, headers=headers()))[0] == 404
        assert (await status(node, "DELETE", second, headers=headers()))[0] == 200


async def test_another_seat_cannot_end_a_session() -> None:
    async with running() as node, node.signaling() as signaling:
        await signaling.desire(LESSON)
        session = await begun(node)
        other = media_token(given.LESSON, given.ROOM, sources=("students",))
        assert (await status(node, "DELETE", session, headers=headers(other)))[0] == 404
        assert (await status(node, "DELETE", session))[0] == 401


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (
            "a=ice-ufrag:6710947c\r\na=candidate:1 1 udp 1 192.0.2.9 9 typ host\r\n",
            "application/trickle-ice-sdpfrag",
            204,
        ),
        ("a=candidate:1 1 udp 1 192.0.2.9 9 typ host\r\n", "application/trickle-ice-sdpfrag", 204),
        ("a=ice-ufrag:again\r\n", "application/trickle-ice-sdpfrag", 422),
        ("a=ice-ufrag:6710947c\r\n", "application/sdp", 415),
    ],
)
async def test_trickle_is_taken_and_a_restart_refused(body: str, content_type: str, expected: int) -> None:
    async with running() as node, node.signaling() as signaling:
        await signaling.desire(LESSON)
        session = await begun(node)
        sent = headers(content_type=content_type)
        assert (await status(node, "PATCH", session, data=body, headers=sent))[0] == expected


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("", 401),
        ("no.token.at-all", 401),
        ("x" * 5000, 401),
        (media_token(given.LESSON, given.LEAD, sources=("teacher",), other={"exp": int(time.time()) - 60}), 401),
        (media_token(given.LESSON, given.LEAD, sources=("teacher",), other={"aud": "signaling"}), 401),
        (media_token(given.LESSON, given.LEAD, sources=("teacher",), other={"iss": "somebody"}), 401),
        (media_token("L0", given.LEAD, sources=("teacher",)), 403),
        (media_token(given.LESSON, given.LEAD, "subscribe"), 403),
        (media_token(given.LESSON, "S0", sources=("teacher",)), 403),
        (media_token(given.LESSON, given.ROOM, sources=("teacher",)), 403),
    ],
)
async def test_without_the_right_token_nothing_begins(token: str, expected: int) -> None:
    async with running() as node, node.signaling() as signaling:
        await signaling.desire(LESSON)
        code, answered, text = await status(node, "POST", WHIP, data=sample("ffmpeg_active"), headers=headers(token))
        assert code == expected
        assert '"sentence"' in text
        assert (answered.get("WWW-Authenticate") is not None) == (expected == 401)
        assert node.service.station.node.inventory() == ()


@pytest.mark.parametrize(
    ("sdp", "content_type", "expected", "sentence"),
    [
        ("v=0\r\nnonsense", "application/sdp", 400, "line 2: 'nonsense' is not of the form letter=value"),
        (sample("ffmpeg_active").replace("opus", "PCMA"), "application/sdp", 400, "must offer Opus; it offers PCMA"),
        (sample("firefox_viewer"), "application/sdp", 400, "sends nothing that the token is for"),
        (sample("ffmpeg_active"), "text/plain", 415, "must be application/sdp"),
        ("v=0\r\n" + "a=x\r\n" * LARGEST_TEXT, "application/sdp", 413, "at most"),
        (b"v=0\r\ns=\xff", "application/sdp", 400, "not UTF-8"),
    ],
)
async def test_a_wrong_body_gets_its_status_and_sentence(
    sdp: str | bytes, content_type: str, expected: int, sentence: str
) -> None:
    async with running() as node, node.signaling() as signaling:
        await signaling.desire(LESSON)
        code, _, text = await status(node, "POST", WHIP, data=sdp, headers=headers(content_type=content_type))
        assert code == expected
        assert sentence in text


async def test_before_signaling_has_come_encoders_are_asked_to_wait() -> None:
    async with running() as node:
        code, answered, _ = await status(node, "POST", WHIP, data=sample("ffmpeg_active"), headers=headers())
        assert (code, answered["Retry-After"]) == (503, "2")


async def test_a_lesson_that_is_not_here_is_not_found() -> None:
    async with running() as node, node.signaling():
        assert (await status(node, "POST", WHIP, data=sample("ffmpeg_active"), headers=headers()))[0] == 404


@pytest.mark.parametrize("path", [WHIP, WHEP])
async def test_preflights_name_what_can_be_posted(path: str) -> None:
    async with running() as node:
        code, answered, _ = await status(node, "OPTIONS", path)
        assert (code, answered["Accept-Post"], answered["Access-Control-Allow-Origin"]) == (204, "application/sdp", "*")
        code, answered, _ = await status(node, "OPTIONS", path + "/x")
        assert (code, answered["Accept-Patch"]) == (204, "application/trickle-ice-sdpfrag")
        assert (await status(node, "GET", path))[0] == 405


async def test_a_viewer_gets_slots_and_ends_them() -> None:
    async with running() as node, node.signaling() as signaling:
        await signaling.desire(LESSON)
        session = await begun(node, WATCH, WHEP, "chromium_viewer")
        told = await signaling.until(say.PeerChanged)
        assert (told.peer.origin, [place.mid for place in told.peer.slots]) == ("whep", ["0", "1"])
        assert (await status(node, "DELETE", session, headers=headers(WATCH)))[0] == 200


async def test_a_viewers_token_does_not_publish() -> None:
    async with running() as node, node.signaling() as signaling:
        await signaling.desire(LESSON)
        assert (await status(node, "POST", WHIP, data=sample("ffmpeg_active"), headers=headers(WATCH)))[0] == 403
        assert (await status(node, "POST", WHEP, data=sample("aiortc_view"), headers=headers(PUBLISH)))[0] == 403
