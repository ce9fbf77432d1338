"""The demonstration's clips, made once and kept between runs: that takes twenty seconds."""

from pathlib import Path

import pytest

from classroom_client.demo.clips import make_clips

CLIPS = Path(__file__).resolve().parents[2] / "var" / "clips"


@pytest.fixture(scope="session")
def clips() -> Path:
    return make_clips(CLIPS, print)
