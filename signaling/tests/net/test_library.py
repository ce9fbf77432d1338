"""signaling.net.library: codes that open the library once, and the keys that check them."""

import json
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import KeySet

from signaling.core.claims import LIBRARY_LIFETIME_S
from signaling.tests.net.town import Town


async def claims_of(town: Town, code: str) -> dict[str, Any]:
    """What a code says, checked as the library does."""
    status, keys = await town.call("GET", "/api/token-keys", token=None)
    assert status == 200 and '"d"' not in str(keys)
    read = jwt.decode(code, KeySet.import_key_set(json.loads(keys)), algorithms=["ES256"])
    return dict(read.claims)


async def test_a_seats_code_says_who_comes_from_where(town: Town) -> None:
    lesson = await town.lesson()
    invited = await town.invite(lesson, "room", "东村")
    token = await town.call("POST", "/api/session", {"code": invited["code"], "bearer": True}, token=None)
    status, made = await town.call("POST", "/api/session/library-code", token=token[1]["token"])
    assert status == 200 and made["link"] == f"http://library.test/#code={made['code']}"
    claims = await claims_of(town, made["code"])
    assert {name: claims[name] for name in ("iss", "aud", "role", "lesson", "seat", "school", "region")} == {
        "iss": "signaling",
        "aud": "library",
        "role": "room",
        "lesson": lesson,
        "seat": invited["seat"],
        "school": "东村",
        "region": "东县",
    }
    assert claims["exp"] - claims["iat"] == LIBRARY_LIFETIME_S and made["expires_at_ms"] == claims["exp"] * 1000


async def test_the_operator_has_no_seat_and_each_code_has_a_name_of_its_own(town: Town) -> None:
    codes = [(await town.call("POST", "/api/library-code"))[1]["code"] for _ in range(2)]
    first, second = [await claims_of(town, code) for code in codes]
    assert (first["role"], first["lesson"], first["seat"]) == ("operator", "", "")
    assert first["jti"] != second["jti"]


async def test_a_seat_knows_whether_there_is_a_library_also_when_the_lesson_is_over(town: Town) -> None:
    lesson = await town.lesson()
    invited = await town.invite(lesson, "attendee", "西校")
    _, seat = await town.call("POST", "/api/session", {"code": invited["code"], "bearer": True}, token=None)
    assert seat["library"]
    await town.call("POST", f"/api/lessons/{lesson}/end")
    assert (await town.call("GET", "/api/session", token=seat["token"]))[1]["library"]
    assert (await town.call("POST", "/api/session/library-code", token=seat["token"]))[0] == 200


async def test_without_a_library_there_is_no_code(tmp_path: Path) -> None:
    async with Town(tmp_path, library_public_url="") as town:
        invited = await town.invite(await town.lesson(), "room", "东村")
        _, seat = await town.call("POST", "/api/session", {"code": invited["code"], "bearer": True}, token=None)
        assert not seat["library"]
        status, answer = await town.call("POST", "/api/library-code")
    assert (status, answer["code"]) == (400, "no_library") and "[library]" in answer["sentence"]
