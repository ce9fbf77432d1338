"""The configuration file is its owner's alone, and made once."""

from pathlib import Path

import pytest

from deploy.core.configuration import ConfigurationError, operator_key, with_tls
from deploy.disk.configuration import change, read, read_or_make


def test_the_first_start_makes_a_file_that_others_cannot_read(tmp_path: Path) -> None:
    path = tmp_path / "var" / "three-classrooms.toml"
    tables, made = read_or_make(path)
    assert made and path.stat().st_mode & 0o777 == 0o600
    assert read(path) == tables
    assert read_or_make(path) == (tables, False)


def test_two_machines_have_different_secrets(tmp_path: Path) -> None:
    keys = {operator_key(read_or_make(tmp_path / name)[0]) for name in ("a.toml", "b.toml")}
    assert len(keys) == 2 and all(len(key) >= 32 for key in keys)


def test_a_change_keeps_the_mode_and_the_comments(tmp_path: Path) -> None:
    path = tmp_path / "three-classrooms.toml"
    before, _ = read_or_make(path)
    path.write_text(path.read_text() + "# a note\n")
    after = with_tls(before, Path("/a"), Path("/b"))
    change(path, before, after)
    assert read(path) == after and "# a note" in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_a_file_that_cannot_be_changed_by_line_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "odd.toml"
    path.write_text(
        'signaling.listen = "a:1"\nsignaling.public_url = "http://a:1"\nsignaling.node_url = "http://a:2"\n'
    )
    path.write_text(path.read_text() + 'node = {listen = "a:2", public_url = "http://a:2"}\n')
    text, before = path.read_text(), read(path)
    with pytest.raises(ConfigurationError, match="put the options in by hand"):
        change(path, before, with_tls(before, Path("/a"), Path("/b")))
    assert path.read_text() == text


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="`three-classrooms up` makes one"):
        read(tmp_path / "none.toml")


@pytest.mark.parametrize("content", [b"[node", b"a = 'b", b"\xff\xfe"])
def test_a_broken_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match="broken.toml is no TOML"):
        read(path)
