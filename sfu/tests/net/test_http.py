import pytest

from sfu.core.tables import Refusal
from sfu.net import http


@pytest.mark.parametrize(
    ("code", "status"), [("wrong_sdp", 400), ("not_permitted", 403), ("lesson_not_open", 404), ("unheard_of", 400)]
)
def test_every_code_has_a_status(code: str, status: int) -> None:
    assert http.refused(code, "why").status == status


def test_who_is_not_known_is_told_how_to_show_it() -> None:
    assert http.refused("not_authenticated", "why").headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("fragment", ["", "a=ice-ufrag:same\r\n", "a=candidate:1 1 udp 1 192.0.2.1 1 typ host"])
def test_candidates_are_no_restart(fragment: str) -> None:
    http.check_no_restart(fragment, "same")


def test_another_ufrag_is_a_restart() -> None:
    with pytest.raises(Refusal, match="restarts no ICE"):
        http.check_no_restart("a=ice-pwd:x\r\na=ice-ufrag:other\r\n", "same")
