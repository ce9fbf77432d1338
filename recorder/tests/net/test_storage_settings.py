"""recorder.net.storage_settings"""

from pathlib import Path
from typing import Any

import pytest

from recorder.net.library_settings import LibrarySettings, SettingsError
from recorder.net.storage_settings import ENVIRONMENT, StorageSettings

S3 = {
    "url": "s3://lessons/county/school",
    "endpoint": "https://storage.test:9000/",
    "access_key": "AK",
    "secret_key": "SK",
}


def test_without_a_url_the_recorders_folder_is_the_store(tmp_path: Path) -> None:
    assert StorageSettings().open(tmp_path / "recordings").root == tmp_path / "recordings"


@pytest.mark.parametrize("url", ["{folder}/archive", "file://{folder}/archive", "file://{folder}/%61rchive"])
def test_a_folder_is_a_store(tmp_path: Path, url: str) -> None:
    opened = StorageSettings(url=url.format(folder=tmp_path)).open(tmp_path / "recordings")
    assert opened.root == tmp_path / "archive"


def test_a_bucket_is_a_store_and_its_keys_may_stand_in_the_environment() -> None:
    environment = {ENVIRONMENT["secret_key"]: "from the environment", "PATH": "/bin"}
    told = StorageSettings.told({name: S3[name] for name in ("url", "access_key")}, environment)
    settings = StorageSettings.model_validate(told)
    assert settings.in_bucket and settings.secret_key.get_secret_value() == "from the environment"
    assert settings.open(Path("never")).shown == "s3://lessons/county/school"
    assert "from the environment" not in repr(settings) + str(settings.model_dump())


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"url": "gs://lessons"}, r"\[storage\] url: .*no folder and no s3://bucket/prefix"),
        ({"url": "s3:///lessons"}, r"\[storage\] url"),
        ({"url": "s3://AK:SK@lessons"}, r"\[storage\] url: .*never in the url"),
        ({"endpoint": "storage.test"}, r"\[storage\] endpoint: .*no http or https address"),
        ({"secret_key": ""}, r"\[storage\] : .*secret_key are missing"),
        ({"secret": "x"}, r"\[storage\] secret: "),
    ],
)
def test_what_is_wrong_is_named_without_a_secret(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(SettingsError, match=named) as refused:
        LibrarySettings.checked({"storage": {**S3, **changes}})
    assert "SK" not in str(refused.value)


def test_the_table_is_read_from_the_one_file(tmp_path: Path) -> None:
    path = tmp_path / "three-classrooms.toml"
    path.write_text('[recorder]\nreserve_mib = 64\n[storage]\nurl = "/mnt/archive"\n', "utf-8")
    settings = LibrarySettings.load(path)
    assert settings.storage.url == "/mnt/archive" and settings.reserve_bytes == 64 << 20
