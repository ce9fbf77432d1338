import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from sfu.core import publishing
from sfu.net import http
from sfu.sdp import LARGEST_TEXT, parse_answer, parse_fragment
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


async def status(node: RunningNode, method: str, path: str, **options: Any) -> tuple[int, Mapping[str, str], str]:
    async with node.http.request(method, node.url(path), **options) as answer:
        return answer.status, answer.headers, await answer.text()


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
        assert answered["ETag"].strip('"') == parse_answer(text).transport.ufrag
        assert "Location" in answered["Access-Control-Expose-Headers"]
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


CANDIDATE = "a=candidate:1 1 udp 1 192.0.2.9 9 typ host\r\n"
FRAGMENT = "application/trickle-ice-sdpfrag"


@pytest.mark.parametrize(
    ("body", "content_type", "match", "expected"),
    [
        ("m=audio 9 x y\r\na=mid:0\r\na=ice-ufrag:6710947c\r\n" + CANDIDATE, FRAGMENT, "{}", 204),
        (CANDIDATE, FRAGMENT, '"other", {}', 204),
        (CANDIDATE, FRAGMENT, "*", 204),
        (CANDIDATE, FRAGMENT, None, 428),
        (CANDIDATE, FRAGMENT, '"other"', 412),
        (CANDIDATE, FRAGMENT, "W/{}", 412),
        ("a=ice-ufrag:again\r\n", FRAGMENT, "*", 400),
        ("a=ice-ufrag:6710947c\r\na=ice-pwd:" + "p" * 22, FRAGMENT, "*", 400),
        ("a=ice-ufrag:1\r\n", FRAGMENT, "{}", 400),
        ("nonsense", FRAGMENT, "{}", 400),
        ("a=x\r\n" * LARGEST_TEXT, FRAGMENT, "{}", 413),
        ("a=ice-ufrag:6710947c\r\n", "application/sdp", "{}", 415),
    ],
)
async def test_trickle_is_taken_and_half_a_restart_refused(
    body: str, content_type: str, match: str | None, expected: int
) -> None:
    async with running() as node, node.signaling() as signaling:
        await signaling.desire(LESSON)
        _, answered, _ = await status(node, "POST", WHIP, data=sample("ffmpeg_passive"), headers=headers())
        sent = headers(content_type=content_type)
        sent |= {} if match is None else {"If-Match": match.format(answered["ETag"])}
        code, patched, text = await status(node, "PATCH", answered["Location"], data=body, headers=sent)
        assert (code, "ETag" in patched, '"sentence"' in text) == (expected, False, expected != 204)


async def test_a_restart_is_answered_with_new_credentials_and_another_tag() -> None:
    async with running() as node, node.signaling() as signaling:
        await signaling.desire(LESSON)
        _, answered, sdp = await status(node, "POST", WHIP, data=sample("ffmpeg_passive"), headers=headers())
        first = parse_answer(sdp).transport
        body = f"a=ice-ufrag:again\r\na=ice-pwd:{'p' * 22}\r\nm=audio 9 x y\r\na=mid:0\r\n{CANDIDATE}"
        sent = headers(content_type=FRAGMENT) | {"If-Match": "*"}
        code, patched, text = await status(node, "PATCH", answered["Location"], data=body, headers=sent)
        assert (code, patched["Content-Type"].partition(";")[0]) == (200, FRAGMENT)
        fragment = parse_fragment(text)
        assert patched["ETag"] == f'"{fragment.ufrag}"' != answered["ETag"]
        assert fragment.restarts(first.ufrag, first.password) and fragment.candidates > 0
        (peer,) = node.service.station.node.inventory()
        assert [track.source for track in peer.tracks] == ["teacher_mic", "teacher"]
        trickle = headers(content_type=FRAGMENT) | {"If-Match": answered["ETag"]}
        assert (await status(node, "PATCH", answered["Location"], data=CANDIDATE, headers=trickle))[0] == 412
        assert (await status(node, "DELETE", answered["Location"], headers=headers()))[0] == 200


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


ONE_SOURCE = [
    ({"sources": ["teacher"]}, "section 0 (audio, line 8)"),
    ({"sources": ["teacher_mic"]}, "section 1 (video, line 21)"),
    ({"video": None, "audio": "teacher_mic"}, "section 1 (video, line 21)"),
]


@pytest.mark.parametrize(("claims", "section"), ONE_SOURCE)
async def test_an_encoder_is_taken_whole_or_not_at_all(claims: Mapping[str, object], section: str) -> None:
    async with running() as node, node.signaling() as signaling:
        await signaling.desire(LESSON)
        token = media_token(given.LESSON, given.LEAD, sources=None, other=claims)
        code, _, text = await status(node, "POST", WHIP, data=sample("ffmpeg_passive"), headers=headers(token))
        assert (code, "no_source" in text, section in text) == (422, True, True), text
        assert node.service.station.node.inventory() == ()


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
        assert (code, answered["Accept-Post"], answered["Access-Control-Allow-Origin"]) == (200, "application/sdp", "*")
        code, answered, _ = await status(node, "OPTIONS", path + "/x")
        assert (code, answered["Accept-Patch"]) == (200, "application/trickle-ice-sdpfrag")


@pytest.mark.parametrize("path", [WHIP, WHEP, WHIP + "/x", WHEP + "/x"])
async def test_methods_that_say_nothing_here_are_answered_and_others_refused(path: str) -> None:
    async with running() as node:
        for method in ("GET", "HEAD"):
            code, answered, text = await status(node, method, path)
            assert (code, answered["Content-Type"], text) == (200, "application/sdp", "")
        for method in ("PUT", "POST" if path.endswith("/x") else "DELETE"):
            code, answered, text = await status(node, method, path, headers=headers())
            assert (code, answered["Access-Control-Allow-Origin"]) == (405, "*")
            assert method not in answered["Allow"] and "is not for this address" in text


async def test_a_body_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "BODY_PATIENCE_S", 0.05)

    async def slowly() -> AsyncIterator[bytes]:
        yield b"v=0"
        await asyncio.sleep(600)

    async with running() as node, node.signaling() as signaling:
        await signaling.desire(LESSON)
        code, _, text = await status(node, "POST", WHIP, data=slowly(), headers=headers())
        assert (code, "did not come" in text) == (408, True)


async def test_a_defect_of_ours_is_answered_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> None:
        raise KeyError("a defect of ours")

    monkeypatch.setattr(publishing, "whip_sources", breaks)
    async with running() as node, node.signaling() as signaling:
        await signaling.desire(LESSON)
        code, answered, text = await status(node, "POST", WHIP, data=sample("ffmpeg_active"), headers=headers())
        assert (code, answered["Access-Control-Allow-Origin"], "Try again" in text) == (500, "*", True)


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
