"""Each system of a county finds its steps."""

from pathlib import PurePosixPath

import pytest

from deploy.core.trust import steps

TEXT = steps(
    PurePosixPath("/v/county.crt"), PurePosixPath("/v/server.crt"), PurePosixPath("/v/server.key"), "AB:CD", "a.example"
)


@pytest.mark.parametrize("system", ["Windows", "Kylin", "UOS", "Debian", "Firefox", "Chromium"])
def test_every_system_is_named(system: str) -> None:
    assert system in TEXT


def test_the_start_command_and_the_fingerprint_are_ready_to_copy() -> None:
    assert "three-classrooms up --host a.example --tls-cert /v/server.crt --tls-key /v/server.key" in TEXT
    assert "AB:CD" in TEXT and "county.key" in TEXT
