"""recorder.net.recorder_settings"""

from pathlib import Path

import pytest

from recorder.core.space import MIB, SpaceRules
from recorder.net.library_settings import SettingsError
from recorder.net.recorder_settings import RecorderSettings
from recorder.tests.story import MASTER

GOOD = f'[recorder]\ntoken = "{"t" * 16}"\nmaster_key = "{MASTER.secret.hex()}"\n'


def load(folder: Path, text: str) -> RecorderSettings:
    path = folder / "three-classrooms.toml"
    path.write_text(text, "utf-8")
    return RecorderSettings.load(path)


def test_signaling_and_its_certificate_are_known_from_their_own_tables(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        GOOD + '[signaling]\npublic_url = "https://school.example/"\n[tls]\ncertificate = "server.crt"\nkey = "k"\n',
    )
    assert (settings.signaling_url, settings.certificate) == ("https://school.example", "server.crt")
    assert settings.master == MASTER and settings.rules == SpaceRules(512 * MIB, 3000)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "token: Field required"),
        (GOOD.replace("t" * 16, "short"), "token: .* at least 16"),
        (GOOD.replace(MASTER.secret.hex(), "ab"), "openssl rand -hex 32"),
        (GOOD + 'signaling_url = "ws://x"\n', "'ws://x' is no http or https address"),
        (GOOD + "speed = 1\n", "speed: Extra"),
        ("[recorder", "three-classrooms.toml"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        load(tmp_path, text)
