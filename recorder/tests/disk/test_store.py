"""recorder.disk.store, with a folder and with a real S3 server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from recorder.disk.store import Store, StoreAway
from recorder.tests.s3 import ACCESS, BUCKET, SECRET, Line, S3Server, bucket, s3_server, store

NAME = "takes/L1/K1/derived/film.mp4.sealed/00001-00112233"


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[S3Server, Line]]:
    with s3_server(tmp_path_factory.mktemp("s3") / "root") as running:
        yield running


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "folder":
        yield Store.in_folder(tmp_path / "store")
    else:
        opened = store(request.getfixturevalue("s3")[1])
        yield opened
        opened.clear("takes")


def test_what_was_put_is_read_whole_and_in_part(place: Store) -> None:
    place.put(NAME, bytes(range(100)))
    assert place.get(NAME) == bytes(range(100)) and place.read(NAME, 10, 20) == bytes(range(10, 20))
    place.put(NAME, b"another")
    assert place.get(NAME) == b"another"


def test_what_lies_below_a_name_is_listed_and_deleted(place: Store) -> None:
    for take in ("K1", "K10", "K2"):
        place.put(f"takes/L1/{take}/manifest.json", b"{}" + take.encode())
    assert place.sizes("takes/L1/K1") == {"takes/L1/K1/manifest.json": 4}, "K10 is another take"
    place.delete(["takes/L1/K1/manifest.json", "takes/L1/K1/never-was"])
    assert set(place.sizes("takes")) == {"takes/L1/K10/manifest.json", "takes/L1/K2/manifest.json"}
    place.clear("takes/L1")
    assert place.sizes("takes") == {} and place.sizes("nothing/here") == {}


def test_what_is_not_there_is_said_so(place: Store) -> None:
    words = "film.mp4.sealed/00001-00112233 is not in the store"
    with pytest.raises(FileNotFoundError, match=words):
        place.get(NAME)
    with pytest.raises(FileNotFoundError, match=words):
        place.read(NAME, 0, 1)


def test_a_folder_loses_what_a_killed_process_left_half_written(tmp_path: Path) -> None:
    place = Store.in_folder(tmp_path)
    place.put(NAME, b"whole")
    (tmp_path / (NAME + "#1")).write_bytes(b"ha")
    assert list(place.sizes("takes")) == [NAME]
    place.clear("takes/L1/K1")
    assert not (tmp_path / "takes" / "L1" / "K1").exists()


def test_wrong_keys_a_wrong_bucket_and_no_server_are_words_without_a_secret(
    s3: tuple[S3Server, Line], tmp_path: Path
) -> None:
    _, line = s3
    dead = Line(S3Server(tmp_path / "never started"))
    wrong = {
        "refuses our keys": Store.in_bucket(bucket(line.port, secret="another")),
        "There is no store s3://elsewhere/school: make it": Store.in_bucket(bucket(line.port, name="elsewhere")),
        "does not do it": Store.in_bucket(bucket(dead.port)),
    }
    try:
        for sentence, place in wrong.items():
            with pytest.raises(StoreAway) as refused:
                place.sizes("takes")
            words = str(refused.value)
            assert sentence in words and not [key for key in (ACCESS, SECRET, "another") if key in words], words
            assert len(words) < 400
    finally:
        dead.close()


def test_keys_do_not_show_in_what_may_be_logged() -> None:
    shown = repr(bucket(1)) + repr(Store.in_bucket(bucket(1))) + bucket(1).shown
    assert BUCKET in shown and not [key for key in (ACCESS, SECRET) if key in shown]
