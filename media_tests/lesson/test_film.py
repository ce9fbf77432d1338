"""Which looks at a film may be believed."""

import pytest

from media_tests.lesson.film import HEARD_US, Look, unbroken
from recorder.core.manifest import Gap
from recorder.core.names import TakeTime
from signaling.messages.ids import SeatId, track_id

MIC = track_id(SeatId("S0000000001"), "teacher_mic")
GAP = Gap(MIC, TakeTime(661_246_000), TakeTime(661_730_000), "absent")


@pytest.mark.parametrize(
    ("at_us", "is_believed"),
    [
        (661_246_000 - HEARD_US, True),
        (661_246_000 - HEARD_US + 1, False),
        (660_271_900, False),
        (661_729_999, False),
        (661_730_000, True),
    ],
)
def test_a_look_that_hears_two_clients_is_not_believed(at_us: int, is_believed: bool) -> None:
    look = Look(at_us, 19_000_000, 18_541_150)
    assert unbroken([look], [GAP]) == [look] * is_believed


def test_what_is_heard_before_a_gap_that_lasts_is_believed() -> None:
    lasts = Gap(MIC, TakeTime(9_000_000), None, "absent")
    looks = [Look(1_000_000, 0, 0), Look(8_000_000, 0, 0)]
    assert unbroken(looks, [lasts]) == looks[:1]
