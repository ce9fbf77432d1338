import numpy as np
import pytest

from classroom_client.devices.sent import Sent
from media_tests.bench.glass import RATE, SentTimes, located, skews


@pytest.mark.parametrize("behind", [1, 12_345, 90_000])
def test_heard_sound_is_found_where_it_begins_before_the_end(behind: int) -> None:
    chance = np.random.default_rng(5)
    clip = chance.normal(size=16 * RATE).astype(np.float32)
    heard = np.roll(clip, behind)[: 3 * RATE] + chance.normal(scale=0.3, size=3 * RATE).astype(np.float32)
    found, sureness = located(heard, clip)
    assert abs(found - behind) <= 1
    assert sureness > 3


def test_sound_of_another_clip_is_not_surely_found() -> None:
    chance = np.random.default_rng(6)
    clip, other = (chance.normal(size=8 * RATE).astype(np.float32) for _ in range(2))
    assert located(other[:RATE], clip)[1] < 1.5


def test_a_frame_was_sent_in_the_last_loop_before_it_was_seen() -> None:
    log = [Sent(at, "teacher", loop, 7) for loop, at in enumerate((1000.0, 21_000.0, 41_000.0))]
    sent = SentTimes.of(log, "teacher")
    assert sent.before(7, 21_400.0) == 21_000.0
    assert sent.before(7, 900.0) is None
    assert sent.before(8, 21_400.0) is None


def test_a_sound_is_compared_with_the_pictures_around_it() -> None:
    pictures = [(1000.0, 80.0), (2000.0, 90.0), (3000.0, 100.0), (60_000.0, 300.0)]
    assert skews(pictures, [(2500.0, 120.0), (61_000.0, 290.0), (30_000.0, 50.0)]) == [30.0, -10.0]
