"""How frames of a file are told from each other, though silences sound the same."""

import pytest

from media_tests.lesson.taken import Sent, paired

TICK_US = 20_000
SENT = [Sent(1_000_000 + number * TICK_US, 0, number) for number in range(10)]
SILENCE = b"silence"
CLIP = {SILENCE: frozenset(range(6)), **{bytes([number]): frozenset({number}) for number in range(6, 10)}}


@pytest.mark.parametrize("late_ticks", [-2, 0, 3])
@pytest.mark.parametrize("frames", [range(2, 10), range(10), [3, 5, 6, 9], [0, 7]])
def test_a_silence_lies_as_late_as_the_voice_beside_it(late_ticks: int, frames: list[int]) -> None:
    marks = [(SILENCE if number < 6 else bytes([number]), number) for number in frames]
    samples = [(1_000_000 + (number + late_ticks) * TICK_US, mark) for mark, number in marks]
    found = paired(samples, SENT, CLIP, 0)
    assert [sent.frame for sent, _ in found.kept] == list(frames)
    assert found.strangers == () and len(found.missing) == len(SENT) - len(frames)


def test_what_nobody_sent_is_a_stranger() -> None:
    samples = [(1_000_000, SILENCE), (1_020_000, b"another's"), (1_120_000, bytes([6])), (1_140_000, bytes([6]))]
    found = paired(samples, SENT, CLIP, 0)
    assert [(sent.frame, at_us) for sent, at_us in found.kept] == [(0, 1_000_000), (6, 1_120_000)]
    assert found.strangers == ((1_020_000, frozenset()), (1_140_000, frozenset({6})))
