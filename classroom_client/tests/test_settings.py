from pathlib import Path

import pytest

from classroom_client.net.settings import ClientSettings, SettingsError, SourceFile, server_and_code


def test_a_join_link_holds_server_and_code() -> None:
    assert server_and_code("https://lesson.example:8443/lesson/Labc#code=x-Y_9") == (
        "https://lesson.example:8443",
        "x-Y_9",
    )


@pytest.mark.parametrize(
    "link", ["", "abc", "http://[::1/lesson/L1#code=a", "http://host/lesson/L1", "http://host/lesson/L1#code=a&code=b"]
)
def test_what_is_no_join_link_is_refused_in_words(link: str) -> None:
    with pytest.raises(SettingsError, match="no join link"):
        server_and_code(link)


@pytest.mark.parametrize(
    ("text", "sentence"), [("teacher", "name=file"), ("teacher=", "name=file"), ("lecturer=a.mp4", "the sources are")]
)
def test_a_source_is_a_known_name_and_a_file(text: str, sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        SourceFile.parse(text)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"server": "localhost:8080", "code": "x"}, "server: .*no address"),
        ({"server": "http://localhost:99999", "code": "x"}, "server: .*[Pp]ort"),
        ({"server": "http://[::1", "code": "x"}, "server: .*IPv6"),
        ({"server": "http://h", "code": "x", "ca": Path("nothere.pem")}, "ca: .*nothere.pem.*No such file"),
        ({"server": "http://h", "code": "x", "ca": Path(__file__)}, "ca: .*test_settings.py cannot be used"),
        ({"server": "http://localhost:8080", "code": ""}, "code"),
        ({"server": "http://h", "code": "x", "duration_s": 0}, "duration_s"),
        ({"server": "http://h", "code": "x", "sink": "listen"}, "sink"),
    ],
)
def test_settings_are_checked_at_the_start_and_named(values: dict[str, object], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        ClientSettings.checked(**values)


def test_a_source_is_given_once() -> None:
    twice = tuple(SourceFile(source="teacher", path=Path(name)) for name in ("a.mp4", "b.mp4"))
    with pytest.raises(SettingsError, match="once"):
        ClientSettings.checked(server="http://h", code="x", sources=twice)


def test_the_code_is_not_in_what_is_logged() -> None:
    assert "secret" not in repr(ClientSettings.checked(server="http://h", code="secret"))
