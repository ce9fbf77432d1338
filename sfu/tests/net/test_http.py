import pytest

from sfu.net import http


@pytest.mark.parametrize(
    ("code", "status"), [("wrong_sdp", 400), ("not_permitted", 403), ("lesson_not_open", 404), ("unheard_of", 400)]
)
def test_every_code_has_a_status(code: str, status: int) -> None:
    assert http.refused(code, "why").status == status


def test_who_is_not_known_is_told_how_to_show_it() -> None:
    assert http.refused("not_authenticated", "why").headers["WWW-Authenticate"].startswith("Bearer")


async def test_every_refusal_of_the_core_has_a_status_of_its_own() -> None:
    assert {http.STATUS[code] for code in ("seat_busy", "codec_not_supported", "node_full")} == {409, 422, 503}
    assert http.refused("node_full", "why").headers["Retry-After"] == "2"
