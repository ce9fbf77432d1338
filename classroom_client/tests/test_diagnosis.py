import pytest

from classroom_client.core import diagnosis


@pytest.mark.parametrize(
    ("trouble", "words", "retry"),
    [
        (diagnosis.from_status(404, "not_found", "no such code"), "wrong code: no such code", False),
        (diagnosis.from_status(410, "wrong_code", ""), "wrong code: ", False),
        (diagnosis.from_server("lesson_not_open", "x", retry=False), "lesson not open", True),
        (diagnosis.untrusted_certificate("self-signed certificate"), "certificate not trusted: self-signed", False),
        (
            diagnosis.unreachable_node([("192.0.2.1", 7000), ("2001:db8::1", 7000)]),
            "node unreachable on UDP 7000 (",
            True,
        ),
        (diagnosis.from_close_code(4003), "replaced", False),
        (diagnosis.from_close_code(None), "the connection to the server was lost", True),
        (diagnosis.from_status(503, "", ""), "the server answered 503", True),
        (diagnosis.from_server("strange", "in its own words", retry=True), "in its own words", True),
    ],
)
def test_one_line_says_what_is_wrong_and_whether_to_try_again(
    trouble: diagnosis.Trouble, words: str, retry: bool
) -> None:
    assert trouble.sentence.startswith(words)
    assert "\n" not in trouble.sentence
    assert trouble.retry is retry
