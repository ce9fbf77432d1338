"""recorder.core.after_bell: what is made of which take."""

from dataclasses import replace

import pytest

from recorder.core.after_bell import classrooms, film, lead_seat, missing, moments, school, whole_tracks
from recorder.core.catalogue import Missing
from recorder.core.chapters import Moment
from recorder.core.manifest import Gap, Manifest, Mark, Segment, Track
from recorder.core.names import CONTAINERS, Codec, SegmentNumber, TakeId, TakeTime
from recorder.core.records import About, Policy
from signaling.messages.ids import LessonId, SeatId, Source, kind_of, track_id

LEAD, ROOM = SeatId("SLEAD"), SeatId("SROOM")
Cut = tuple[SeatId, Source, Codec, int, int]


def at(milliseconds: int) -> TakeTime:
    return TakeTime(milliseconds * 1000)


def manifest(*cuts: Cut) -> Manifest:
    """A take of these segments: seat, source, codec, start and end."""
    tracks = [
        Track(track_id(seat, source), seat, f"room of {seat}", source, kind_of(source), at(0))
        for seat, source in dict.fromkeys((seat, source) for seat, source, *_ in cuts)
    ]
    segments = [
        Segment(
            segment=SegmentNumber(number),
            track=track_id(seat, source),
            file=f"{number}",
            container=CONTAINERS[codec],
            codec=codec,
            width=0,
            height=0,
            channels=0,
            ssrc=1,
            cause="opened",
            start_us=at(start),
            end_us=at(end),
            fragments=1,
        )
        for number, (seat, source, codec, start, end) in enumerate(cuts, 1)
    ]
    return Manifest(
        take=TakeId("K1"),
        lesson=LessonId("L1"),
        title="t",
        started_at_ms=0,
        state="closed",
        reason="",
        duration_us=at(60_000),
        policy=Policy(("teacher",)),
        software=(),
        tracks=tuple(tracks),
        segments=tuple(segments),
        gaps=(),
        marks=(),
    )


def test_each_run_of_a_codec_is_a_file() -> None:
    take = manifest(
        (LEAD, "teacher", "h264", 0, 10),
        (LEAD, "teacher", "h264", 20, 30),
        (LEAD, "teacher", "vp8", 30, 40),
        (LEAD, "teacher", "h264", 40, 50),
        (ROOM, "room_mic", "opus", 5, 50),
    )
    made = [(whole.name, whole.container, [len(reel.segments) for reel in whole.reels]) for whole in whole_tracks(take)]
    assert made == [
        ("SLEAD-teacher", "mp4", [2]),
        ("SLEAD-teacher-2", "webm", [1]),
        ("SLEAD-teacher-3", "mp4", [1]),
        ("SROOM-room_mic", "webm", [1]),
    ]


def test_a_track_of_which_nothing_was_written_makes_no_file() -> None:
    take = manifest((LEAD, "teacher", "vp8", 0, 10))
    empty = replace(take, segments=(replace(take.segments[0], fragments=0),))
    assert whole_tracks(empty) == () and film(empty) is None


@pytest.mark.parametrize(
    ("sources", "wanted"),
    [
        ([(ROOM, "students"), (LEAD, "board"), (LEAD, "teacher"), (LEAD, "teacher_mic")], ["teacher", "teacher_mic"]),
        ([(LEAD, "courseware"), (LEAD, "board"), (LEAD, "teacher_mic")], ["board", "teacher_mic"]),
        ([(LEAD, "room_mic"), (LEAD, "teacher")], ["teacher", "room_mic"]),
        ([(LEAD, "teacher"), (ROOM, "room_mic")], ["teacher"]),
        ([(LEAD, "teacher_mic"), (ROOM, "students")], ["teacher_mic"]),
    ],
)
def test_the_film_is_the_leads_first_camera_with_its_microphone(
    sources: list[tuple[SeatId, Source]], wanted: list[Source]
) -> None:
    take = manifest(
        *((seat, source, "h264" if kind_of(source) == "video" else "opus", 0, 100) for seat, source in sources)
    )
    made = film(take)
    assert made is not None and [reel.source for reel in made.reels] == wanted
    assert {track.seat for track in take.tracks if track.track in {reel.track for reel in made.reels}} == {LEAD}
    assert made.container == ("mp4" if kind_of(wanted[0]) == "video" else "webm")


def test_who_brings_what_only_a_lead_may_is_the_lead() -> None:
    assert lead_seat(manifest((ROOM, "board", "vp8", 0, 1), (LEAD, "teacher_mic", "opus", 0, 1)).tracks) == LEAD
    assert lead_seat(manifest((ROOM, "board", "vp8", 0, 1)).tracks) == ROOM
    assert lead_seat(()) is None


def test_a_film_is_in_the_codec_that_has_most_of_it_and_says_what_is_missing() -> None:
    take = manifest(
        (LEAD, "teacher", "vp8", 1000, 3000),
        (LEAD, "teacher", "h264", 3000, 9000),
        (LEAD, "teacher_mic", "opus", 500, 9000),
    )
    gaps = (
        Gap(track_id(LEAD, "teacher_mic"), at(4000), at(4100), "lost"),
        Gap(track_id(LEAD, "teacher_mic"), at(5000), at(6000), "stalled"),
        Gap(track_id(LEAD, "teacher"), at(8500), None, "absent"),
    )
    take = replace(take, gaps=gaps)
    made = film(take)
    assert made is not None and (made.container, made.start_us, made.end_us) == ("mp4", 500_000, 9_000_000)
    assert missing(take, made) == (
        Missing(500, 2500, "teacher", "codec"),
        Missing(8000, 8500, "teacher", "absent"),
        Missing(4500, 5500, "teacher_mic", "stalled"),
    )


def test_school_and_classrooms_are_the_lessons_even_where_nothing_was_taken() -> None:
    take = manifest((LEAD, "teacher", "vp8", 0, 1))
    assert (school(take), classrooms(take)) == ("room of SLEAD", ("room of SLEAD",))
    named = replace(take, about=About("", "王老师", ("room of SLEAD", "二教学点")))
    assert (school(named), classrooms(named)) == ("room of SLEAD", ("room of SLEAD", "二教学点"))
    assert school(replace(take, about=About("中心校"))) == "中心校"


def test_a_mark_knows_the_classroom_of_which_nothing_was_taken() -> None:
    take = manifest((LEAD, "teacher", "vp8", 0, 3000))
    made = film(take)
    assert made is not None
    marks = (Mark(at(2000), "floor", "floor_given", ROOM, "二教学点"),)
    assert moments(replace(take, marks=marks), made) == (Moment(2000, "floor", "二教学点"),)


def test_marks_are_moments_on_the_films_clock() -> None:
    take = manifest((LEAD, "teacher", "h264", 2000, 9000), (ROOM, "board", "h264", 2000, 9000))
    marks = (
        Mark(at(3000), "floor", "floor_given", ROOM),
        Mark(at(4000), "floor", "floor_back", ROOM),
        Mark(at(5000), "courseware", "courseware_started", LEAD),
        Mark(at(6000), "source", "source_started", LEAD),
    )
    made = film(take)
    assert made is not None
    assert moments(replace(take, marks=marks), made) == (
        Moment(1000, "floor", "room of SROOM"),
        Moment(2000, "lead"),
        Moment(3000, "courseware"),
    )
