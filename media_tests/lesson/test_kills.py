"""Recorder, node and signaling die without a goodbye at random instants of a lesson: the take goes on by itself.

Whatever a screen called recorded lies in a file, and what was lost stands in the manifest.
"""

import itertools
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Final

import pytest

from media_tests.lesson.classrooms import LEAD, LEAD_FILES, Classroom, classrooms
from media_tests.lesson.kills import VICTIMS, Kill, killed, lost_ms_of
from media_tests.lesson.recording import all_recording, finished
from media_tests.lesson.system import running_system
from media_tests.lesson.taken import Span, Taken, uncovered_us
from signaling.messages.client import Taking
from signaling.messages.ids import Source, track_id

LOST_MS: Final = 2000
SHOWN_LATE_MS: Final = 5_000
"""A state that is no longer true must go before: signaling believes the recorder's last word for no longer."""
Record = Callable[[str, object], None]


@pytest.mark.parametrize("kills", [3, pytest.param(50, marks=pytest.mark.proof)], ids=["three", "fifty"])
async def test_a_take_outlives_kills_and_the_screens_tell_the_truth(
    tmp_path: Path, record_property: Record, kills: int
) -> None:
    chance = Random(kills)
    victims = list(itertools.islice(itertools.cycle(VICTIMS), kills))
    chance.shuffle(victims)
    async with running_system(tmp_path, recorder=True) as system, classrooms(system, 1) as lesson:
        root = tmp_path / "recordings"
        log = tmp_path / "sent.log"
        await system.recorder.start()
        lead = await lesson.add("lead", LEAD, LEAD_FILES, sent_log=log)
        await lesson.until("the take", lambda: all_recording(lead, LEAD_FILES))
        done = [await killed(lesson, lead, root, victim, chance.uniform(0.2, 2.5)) for victim in victims]
        await system.post(f"/api/lessons/{lesson.lesson}/end")
        await lesson.until("the manifest", lambda: finished(root, lesson.lesson))
        taken = Taken(root, lesson.lesson)
    assert taken.manifest.state == "closed" and len(taken.manifest.software) == 1 + victims.count("recorder")
    assert taken.complaints() == {}
    lost_ms = {kill: lost_ms_of(taken, lead.seat, kill) for kill in done}
    for victim in VICTIMS:
        figures = sorted(lost for kill, lost in lost_ms.items() if kill.victim == victim)
        backs = sorted((kill.back_us - kill.at_us) / 1000 for kill in done if kill.victim == victim)
        record_property(f"lost_ms_{victim}", " ".join(f"{lost:.0f}" for lost in figures))
        record_property(f"back_ms_{victim}", " ".join(f"{back:.0f}" for back in backs))
    of_recorder = sorted(lost for kill, lost in lost_ms.items() if kill.victim == "recorder")
    record_property("recording_lost_ms_on_kill_p95", round(of_recorder[int(0.95 * len(of_recorder))]))
    assert max(lost_ms.values()) <= LOST_MS, lost_ms
    for source, file in LEAD_FILES.items():
        track = track_id(lead.seat, source)
        pairing = taken.pairing(track, lesson.clips / file, log)
        assert pairing.strangers == () and taken.unaccounted(track, pairing) == [], source
        late_ms = _shown_late_ms(taken, lead, source, [kill for kill in done if kill.victim == "signaling"])
        record_property(f"shown_late_ms_{source}", round(late_ms))
        assert late_ms <= SHOWN_LATE_MS


def _shown_late_ms(taken: Taken, lead: Classroom, source: Source, signaling: Sequence[Kill]) -> float:
    """The longest time that the screen said `recording` while nothing was."""
    spans = taken.spans(track_id(lead.seat, source))
    return max((uncovered_us(spans, shown) / 1000 for shown in _shown(lead, source, signaling)), default=0.0)


def _shown(lead: Classroom, source: Source, signaling: Sequence[Kill]) -> list[Span]:
    """When the lead's screen said that a source is recorded; while signaling is away it says that the line is lost."""
    told = [(at, it) for at, it in zip(lead.heard_us, lead.messages, strict=True) if isinstance(it, Taking)]
    shown = []
    for (at_us, taking), (until_us, _) in itertools.pairwise(told):
        state = next((one.state for one in taking.sources if one.source == source), "waiting")
        ends = min([until_us, *(kill.at_us for kill in signaling if at_us < kill.at_us < until_us)])
        if state == "recording":
            shown.append((at_us, ends))
    return shown
