"""recorder.core.timeline, with publishers whose clocks are wrong in every way that classrooms know"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recorder.core.timeline import NodeTime, Stream, Timeline
from recorder.tests.story import SEAT
from signaling.messages.ids import track_id

SECOND = 1_000_000
ORIGIN = NodeTime(77 * SECOND)
VIDEO, SOUND = 90_000, 48_000
LESSON_S = 45 * 60


@dataclass
class Publisher:
    """A classroom PC: one clock for its reports, a crystal behind each stream's timestamps, a line with jitter."""

    seed: int
    ppm: float = 0.0
    has_clock: bool = True
    """What it reports, the node knows within `report_us`, too late rather than too early."""
    report_us: int = 3_000
    delay_us: int = 20_000
    jitter_us: int = 30_000
    streams: dict[Stream, int] = field(default_factory=dict)
    """Each with its first timestamp."""

    def __post_init__(self) -> None:
        self.chance = Random(self.seed)

    def rtp(self, stream: Stream, at_us: int) -> int:
        first = self.streams[stream]
        return (first + round(at_us * (1 + self.ppm / 1e6) * stream.clock_rate / 1e6)) % 2**32

    def arrival(self, at_us: int) -> NodeTime:
        late = min(self.chance.expovariate(3 / self.jitter_us), 10 * self.jitter_us) if self.jitter_us else 0
        return NodeTime(ORIGIN + at_us + self.delay_us + round(late))

    def captured(self, at_us: int) -> NodeTime | None:
        return NodeTime(ORIGIN + at_us + self.chance.randint(0, self.report_us)) if self.has_clock else None


def stream(kind: int, ssrc: int = 1, peer: str = "p") -> Stream:
    return Stream(peer, track_id(SEAT, "teacher" if kind == VIDEO else "teacher_mic"), ssrc, kind)


def errors(
    publisher: Publisher,
    timeline: Timeline,
    until_s: float,
    *,
    start_s: float = 0,
    step_s: float = 0.5,
    unknown_s: Sequence[tuple[float, float]] = ((0, 1),),
) -> Iterator[tuple[float, Stream, int]]:
    """Sends and places frames of all streams; gives each frame's error in microseconds."""
    arrived: dict[Stream, int] = dict.fromkeys(publisher.streams, 0)
    last: dict[Stream, int] = {}
    for number in range(int((until_s - start_s) / step_s)):
        at = round((start_s + number * step_s) * SECOND)
        for one in publisher.streams:
            came = NodeTime(max(arrived[one], publisher.arrival(at)))
            arrived[one] = came
            is_known = not any(begins <= at / SECOND < ends for begins, ends in unknown_s)
            captured = publisher.captured(at) if is_known else None
            placed = timeline.place(one, publisher.rtp(one, at), came, captured)
            assert placed.at_us > last.get(one, -1), "times only go forward"
            last[one] = placed.at_us
            yield at / SECOND, one, placed.at_us - at


def drift(found: list[tuple[float, Stream, int]], after_s: float) -> int:
    late = [error for at, _, error in found if at >= after_s]
    return max(late) - min(late)


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([-100.0, -37.0, 0.0, 100.0]), st.booleans(), st.integers(0, 2**32 - 1))
def test_a_lesson_drifts_no_more_than_40_ms(seed: int, ppm: float, has_clock: bool, first: int) -> None:
    publisher = Publisher(seed, ppm, has_clock=has_clock, streams={stream(VIDEO): first, stream(SOUND, 2): first // 2})
    found = list(errors(publisher, Timeline(ORIGIN), LESSON_S, step_s=1))
    assert drift(found, after_s=30) <= 40_000


@pytest.mark.parametrize("unknown", [((100, 105),), ((60, 61), (90, 150), (160, 161))])
def test_a_clock_that_is_unknown_for_a_while_moves_nothing(unknown: Sequence[tuple[float, float]]) -> None:
    """As after it was set by nobody knows how much, until its streams report again."""
    publisher = Publisher(1, 60, delay_us=200_000, streams={stream(VIDEO): 5, stream(SOUND, 2): 2**31})
    found = list(errors(publisher, Timeline(ORIGIN), 300, unknown_s=((0, 1), *unknown)))
    assert drift(found, after_s=25) <= 20_000


@pytest.mark.parametrize("first", [0, 2**31 - 1000, 2**32 - 1, 2**32 - 90_000 * 5])
def test_wraps_of_the_timestamp_are_not_seen(first: int) -> None:
    publisher = Publisher(1, jitter_us=0, streams={stream(VIDEO): first})
    found = list(errors(publisher, Timeline(ORIGIN), 60))
    assert drift(found, after_s=5) <= 1000


def test_a_day_of_timestamps_wraps_twice_and_stays() -> None:
    publisher = Publisher(1, streams={stream(VIDEO): 2**32 - 1})
    found = list(errors(publisher, Timeline(ORIGIN), 28 * 3600, step_s=30))
    assert drift(found, after_s=120) <= 40_000


def test_picture_and_sound_of_one_peer_are_aligned_though_pictures_take_longer() -> None:
    publisher = Publisher(3, 80, streams={stream(VIDEO): 9, stream(SOUND, 2): 7})
    timeline = Timeline(ORIGIN)
    skew = []
    for number in range(600):
        at = number * SECOND // 5
        for one, encoding_us in ((stream(VIDEO), 120_000), (stream(SOUND, 2), 5_000)):
            captured = publisher.captured(at) if number > 5 else None
            came = NodeTime(publisher.arrival(at) + encoding_us)
            placed = timeline.place(one, publisher.rtp(one, at), came, captured)
            skew.append((at, placed.at_us))
    apart = [
        abs(video - sound) for (at, video), (_, sound) in zip(skew[::2], skew[1::2], strict=True) if at > 15 * SECOND
    ]
    assert max(apart) <= 10_000


def test_peers_on_lines_of_other_lengths_are_aligned() -> None:
    timeline, ends = Timeline(ORIGIN), []
    for seed, delay_us in ((1, 5_000), (2, 300_000)):
        one = stream(SOUND, seed, f"p{seed}")
        publisher = Publisher(seed, (-1) ** seed * 100, delay_us=delay_us, streams={one: seed})
        ends.append([error for at, _, error in errors(publisher, timeline, 120) if at > 30])
    assert max(abs(a - b) for a, b in zip(*ends, strict=True)) <= 20_000


def test_a_layer_without_a_report_begins_where_its_sibling_was() -> None:
    timeline = Timeline(ORIGIN)
    publisher = Publisher(5, jitter_us=2_000, streams={stream(VIDEO, 1): 11})
    for one in list(errors(publisher, timeline, 60)):
        last = one[2]
    publisher.streams = {stream(VIDEO, 2): 2**32 - 5}
    switched = [error for _, _, error in errors(publisher, timeline, 70, start_s=60, unknown_s=((60, 70),))]
    assert abs(switched[0] - last) <= 20_000 and max(switched) - min(switched) <= 20_000


@pytest.mark.parametrize("has_clock", [True, False])
@pytest.mark.parametrize("firsts", [(5, 2**31), (2**32 - 90_000, 2**32 - 90_000 * 4), (2**32 - 1, 0)])
def test_layers_that_are_switched_to_before_any_report_follow_each_other(
    has_clock: bool, firsts: tuple[int, int]
) -> None:
    timeline, found = Timeline(ORIGIN), []
    publisher = Publisher(11, 100, has_clock=has_clock, jitter_us=10_000)
    layers = [{stream(VIDEO, ssrc): first} for ssrc, first in enumerate(firsts, 1)]
    for number, (start_s, until_s) in enumerate(((0.0, 3.0), (3.0, 5.0), (5.0, 6.0), (6.0, 120.0))):
        publisher.streams = layers[number % 2]
        run = errors(publisher, timeline, until_s, start_s=start_s, step_s=0.04, unknown_s=((0, 6.1),))
        found.append([error for _, _, error in run])
    for before, after in zip(found, found[1:], strict=False):
        assert abs(after[0] - before[-1]) <= 10_000
    assert max(map(max, found)) - min(map(min, found)) <= 40_000
    # Reports tell how long the line is; without a clock nobody knows.
    settled = found[-1][30 * 25 :]
    assert max(settled) - min(settled) <= 5_000
    assert abs(settled[-1] - (0 if has_clock else publisher.delay_us)) <= 5_000


@pytest.mark.parametrize("has_clock", [True, False])
@pytest.mark.parametrize("first", [7, 2**32 - 90_000 * 20 - 1])
def test_pictures_stay_in_place_though_upper_temporal_layers_go_and_come(has_clock: bool, first: int) -> None:
    publisher = Publisher(12, -100, has_clock=has_clock, jitter_us=10_000, streams={stream(VIDEO): first})
    timeline, found = Timeline(ORIGIN), []
    for start_s, until_s, step_s in ((0.0, 20.0, 1 / 30), (20.0, 60.0, 4 / 30), (60.0, 80.0, 1 / 30)):
        found += list(errors(publisher, timeline, until_s, start_s=start_s, step_s=step_s))
    assert drift(found, after_s=10) <= 10_000


def test_a_publisher_that_comes_back_is_on_the_same_clock() -> None:
    timeline = Timeline(ORIGIN)
    before = [e for at, _, e in errors(Publisher(6, 90, streams={stream(SOUND, 1): 1}), timeline, 100) if at > 30]
    again = Publisher(7, 90, streams={stream(SOUND, 99): 2**32 - 7})
    after = [e for at, _, e in errors(again, timeline, 260, start_s=120) if at > 145]
    assert max(*before, *after) - min(*before, *after) <= 40_000


def test_an_encoder_that_starts_its_timestamps_anew_is_told_and_stays_in_place() -> None:
    timeline, one = Timeline(ORIGIN), stream(VIDEO)
    publisher = Publisher(8, jitter_us=1000, streams={one: 1000})
    list(errors(publisher, timeline, 60))
    publisher.streams = {one: 3_000_000_000}
    jumped = timeline.place(one, publisher.rtp(one, 60 * SECOND), publisher.arrival(60 * SECOND))
    assert jumped.stepped and abs(jumped.at_us - 60 * SECOND) <= 50_000
    after = timeline.place(one, publisher.rtp(one, 61 * SECOND), publisher.arrival(61 * SECOND))
    assert not after.stepped and abs(after.at_us - jumped.at_us - SECOND) <= 10_000


def test_what_the_node_knows_is_followed_and_a_guess_before_it_is_corrected_without_a_jump() -> None:
    timeline, one, chance = Timeline(ORIGIN), stream(SOUND), Random(1)
    found = []
    for number in range(3000):
        at = number * 20_000
        arrived = NodeTime(ORIGIN + at + 60_000 + chance.randrange(9_000))
        captured = NodeTime(ORIGIN + at) if number >= 150 else None
        found.append(timeline.place(one, at * 48 // 1000, arrived, captured).at_us - at)
    assert 55_000 <= found[140] <= 70_000 and abs(found[-1]) <= 1000
    assert max(abs(a - b) for a, b in zip(found[20:], found[21:], strict=False)) <= 500
    assert max(map(abs, found[1000:])) <= 1000


def test_reports_of_a_publisher_that_is_held_up_do_not_move_it() -> None:
    """A busy client dates its reports late, each of its streams otherwise; the least late of some tells the time."""
    timeline, chance, late = Timeline(ORIGIN), Random(4), {}
    found: dict[Stream, list[int]] = {stream(VIDEO): [], stream(SOUND, 2): []}
    for number in range(3000):
        at = number * 20_000
        for one, errors_us in found.items():
            if number % 50 == 10:
                late[one] = chance.choice((0, 0, 15_000, 60_000, 90_000))
            captured = NodeTime(ORIGIN + at + late[one]) if one in late else None
            rtp = at * one.clock_rate // SECOND
            errors_us.append(timeline.place(one, rtp, NodeTime(ORIGIN + at + 95_000), captured).at_us - at)
    settled = [(abs(seen), abs(heard)) for seen, heard in zip(*found.values(), strict=True)][750:]
    assert max(map(max, settled)) <= 10_000


def test_a_publisher_that_stood_still_is_put_right_within_seconds() -> None:
    """A process that slept goes on where its clip was: its timestamps know nothing of the time between."""
    timeline, one, slept_us = Timeline(ORIGIN), stream(SOUND), 0
    errors_us, reported = [], 0
    for number in range(3000):
        slept_us = 1_300_000 if number >= 1500 else 0
        media, at = number * 20_000, number * 20_000 + slept_us
        reported = slept_us if number % 50 == 10 else reported
        placed = timeline.place(
            one, media * 48 // 1000, NodeTime(ORIGIN + at + 30_000), NodeTime(ORIGIN + media + reported)
        )
        errors_us.append(placed.at_us - at)
    assert max(map(abs, errors_us[200:1500])) <= 1000
    assert max(map(abs, errors_us[1500 + 3 * 50 + 10 :])) <= 1000
