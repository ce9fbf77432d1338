"""recorder.disk.files"""

from pathlib import Path

import pytest

from recorder.disk.files import Disk, write_whole


def test_a_file_is_created_once_and_grows(tmp_path: Path) -> None:
    disk, path = Disk(), tmp_path / "a" / "b" / "c"
    file = disk.create(path)
    file.write(b"one")
    file.sync()
    file.close()
    with pytest.raises(FileExistsError):
        disk.create(path)
    again = disk.append(path)
    again.write(b"two")
    again.close()
    assert (disk.read(path), disk.read(path, 2, 2), disk.size(path)) == (b"onetwo", b"et", 6)
    disk.cut(path, 4)
    assert disk.read(path) == b"onet"
    assert disk.names(path.parent) == ["c"] and disk.names(tmp_path / "nowhere") == []
    assert disk.free_bytes(tmp_path / "not" / "yet") > 0


def test_a_whole_file_replaces_the_old_one_even_beside_a_left_over_part(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    path.with_name("manifest.json.part").write_bytes(b"of an earlier process, and longer")
    write_whole(Disk(), path, b"first")
    write_whole(Disk(), path, b"second")
    assert path.read_bytes() == b"second" and Disk().names(tmp_path) == ["manifest.json"]
