from pathlib import Path

import pytest

from sfu.net.settings import NodeSettings, SettingsError, address_of

SECRETS = 'signaling_token = "ssssssssssssssss"\nnode_token = "nnnnnnnnnnnnnnnn"\n'


def loaded(folder: Path, text: str) -> NodeSettings:
    path = folder / "config.toml"
    path.write_text(text)
    return NodeSettings.load(path)


def test_a_file_needs_no_more_than_the_tokens(tmp_path: Path) -> None:
    settings = loaded(tmp_path, f'[signaling]\nlisten = "x"\n[node]\n{SECRETS}')
    assert (settings.listen, settings.media, settings.announce) == ("127.0.0.1:8081", ("auto:7000",), ())
    assert settings.tcp


def test_everything_can_be_set(tmp_path: Path) -> None:
    text = (
        f'[node]\n{SECRETS}name = "n2"\nlisten = "[::1]:9"\npublic_url = "https://n2"\n'
        'media = ["192.0.2.1:7000", "[2001:db8::1]:7000"]\nannounce = ["198.51.100.1:7000"]\n'
        '[tls]\ncertificate = "c.pem"\nkey = "k.pem"\n'
    )
    settings = loaded(tmp_path, text)
    assert settings.name == "n2"
    assert (settings.media[1], settings.announce) == ("[2001:db8::1]:7000", ("198.51.100.1:7000",))
    assert (settings.certificate, settings.key) == ("c.pem", "k.pem")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[node]\n", "[node] signaling_token: Field required"),
        (f"[node]\n{SECRETS}listen = 1\n", "[node] listen: Input should be a valid string"),
        (f'[node]\n{SECRETS}listen = "localhost"\n', "'localhost' is no address with a port"),
        (f"[node]\n{SECRETS}media = []\n", "[node] media: Tuple should have at least 1 item"),
        (f'[node]\n{SECRETS}media = ["0.0.0.0:7000"]\n', "'0.0.0.0:7000' is no address of its own"),
        (f'[node]\n{SECRETS}announce = ["auto:7000"]\n', "auto can be bound, not announced"),
        (f"[node]\n{SECRETS}colour = 1\n", "[node] colour: Extra inputs are not permitted"),
        (f'[node]\n{SECRETS}[tls]\ncertificate = "x"\n', "certificate and key belong together"),
        ('[node]\nsignaling_token = "short"\n', "[node] signaling_token: String should have at least 16 characters"),
        ("node = 1\n", "node is no table"),
        ("[node\n", "config.toml"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(SettingsError) as error:
        loaded(tmp_path, text)
    assert sentence in str(error.value)
    assert "config.toml" in str(error.value)


def test_a_sentence_never_shows_a_secret(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as error:
        loaded(tmp_path, '[node]\nsignaling_token = "hunter2"\nnode_token = "nnnnnnnnnnnnnnnn"\n')
    assert "hunter2" not in str(error.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.toml"):
        NodeSettings.load(tmp_path / "none.toml")


def test_addresses_are_taken_apart() -> None:
    assert address_of("127.0.0.1:0") == ("127.0.0.1", 0)
    assert address_of("[::1]:7000") == ("::1", 7000)
    for wrong in ("7000", ":7000", "a:", "a:x", "a:65536", "a:٣"):
        with pytest.raises(ValueError, match="no address with a port"):
            address_of(wrong)
