"""signaling.net.settings"""

from pathlib import Path

import pytest
from pydantic import ValidationError

from signaling.net.settings import PACKAGED_PAGES, SettingsError, SignalingSettings, address_of

GOOD = """
[signaling]
listen = "[::1]:8080"
public_url = "https://classroom.test/"
operator_key = "a-key-of-sixteen-letters"
signaling_token = "a-token-of-sixteen-letters"
node_token = "another-token-of-sixteen"
[node]
public_url = "https://node.test"
name = "node-1"
[library]
public_url = "https://library.test/"
region = "东县"
[tls]
certificate = "cert.pem"
key = "key.pem"
"""


def load(tmp_path: Path, text: str) -> SignalingSettings:
    path = tmp_path / "three-classrooms.toml"
    path.write_text(text, "utf-8")
    return SignalingSettings.load(path)


def test_one_file_says_everything(tmp_path: Path) -> None:
    settings = load(tmp_path, GOOD)
    assert settings.address == ("::1", 8080)
    assert (settings.public_url, settings.node_public_url) == ("https://classroom.test", "https://node.test")
    assert (settings.library_public_url, settings.region) == ("https://library.test", "东县")
    assert settings.secure and settings.certificate == "cert.pem"
    assert settings.pages == PACKAGED_PAGES


def test_settings_do_not_change(tmp_path: Path) -> None:
    with pytest.raises(ValidationError):
        load(tmp_path, GOOD).listen = "127.0.0.1:1"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('operator_key = "a-key-of-sixteen-letters"', "", "operator_key"),
        ('"a-key-of-sixteen-letters"', '"short"', "operator_key"),
        ('"[::1]:8080"', '"8080"', "listen"),
        ('"https://classroom.test/"', '"classroom.test"', "public_url"),
        ("listen", "listens", "listens"),
        ('"[::1]:8080"', "8080", "listen"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, old: str, new: str, named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        load(tmp_path, GOOD.replace(old, new, 1))


def test_a_secret_is_in_no_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as error:
        load(tmp_path, GOOD.replace("a-key-of-sixteen-letters", "geheim"))
    assert "geheim" not in str(error.value)


def test_a_file_that_is_not_there_or_no_toml_is_told_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="three-classrooms.toml"):
        load(tmp_path, "[signaling")
    with pytest.raises(SettingsError, match="nowhere.toml"):
        SignalingSettings.load(tmp_path / "nowhere.toml")


@pytest.mark.parametrize(
    ("listen", "address"),
    [("127.0.0.1:8080", ("127.0.0.1", 8080)), ("[::]:1", ("::", 1)), ("localhost:0", ("localhost", 0))],
)
def test_addresses(listen: str, address: tuple[str, int]) -> None:
    assert address_of(listen) == address


@pytest.mark.parametrize("listen", ["", ":8080", "host", "host:", "host:x", "host:70000"])
def test_what_is_no_address(listen: str) -> None:
    with pytest.raises(ValueError):
        address_of(listen)
