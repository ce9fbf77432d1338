"""recorder.net.library_settings"""

from pathlib import Path

import pytest

from recorder.core.retention import Terms
from recorder.net.library_settings import LibrarySettings, SettingsError

GOOD = f"""
[signaling]
public_url = "https://classroom.test/"
[recorder]
folder = "/recordings"
master_key = "{"ab" * 32}"
[library]
listen = "[::1]:8082"
public_url = "https://library.test/"
region = "东县"
raw_days = 30
[tls]
certificate = "cert.pem"
key = "key.pem"
"""


def load(tmp_path: Path, text: str) -> LibrarySettings:
    path = tmp_path / "three-classrooms.toml"
    path.write_text(text, "utf-8")
    return LibrarySettings.load(path)


def test_one_file_says_everything(tmp_path: Path) -> None:
    settings = load(tmp_path, GOOD)
    assert (settings.address, settings.public_url, settings.region) == (("::1", 8082), "https://library.test", "东县")
    assert (settings.signaling_url, settings.folder) == ("https://classroom.test", Path("/recordings"))
    assert settings.master.secret == b"\xab" * 32 and settings.secure and settings.certificate == "cert.pem"
    assert settings.terms == Terms(7, 30, None, 190)


def test_a_former_master_opens_too(tmp_path: Path) -> None:
    text = GOOD.replace("[recorder]\n", f'[recorder]\nold_master_keys = ["{"cd" * 32}"]\n')
    assert load(tmp_path, text).master.former == (b"\xcd" * 32,)
    with pytest.raises(SettingsError, match="old_master_keys: .*openssl rand"):
        load(tmp_path, text.replace("cd" * 32, "cd"))


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('"[::1]:8082"', '"8082"', "listen"),
        ('"https://library.test/"', '"library.test"', "public_url"),
        ("raw_days = 30", "raw_days = 0", "raw_days"),
        ("raw_days = 30", "log_days = 30", "log_days"),
        ("ab" * 32, "ab", "openssl rand"),
        ("region", "regions", "regions"),
        ("[library]", "[library", "toml"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, old: str, new: str, named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        load(tmp_path, GOOD.replace(old, new, 1))


def test_without_a_master_key_it_is_said_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="master_key is missing"):
        _ = load(tmp_path, "").master
