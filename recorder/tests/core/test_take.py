"""recorder.core.take and recorder.core.track"""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recorder.core import h264
from recorder.core.manifest import Manifest
from recorder.core.names import TakeTime
from recorder.core.records import FragmentWritten, Marked, Policy, Record
from recorder.core.take import NodeClock, Take
from recorder.core.timeline import NodeTime
from recorder.tests.footage import PictureCodec, pictures
from recorder.tests.kept import LONGEST_US
from recorder.tests.lesson import Camera, Microphone, Stage
from recorder.tests.playing import complaints, decoded, times_us
from recorder.tests.story import SEAT, SOFTWARE
from signaling.messages.ids import AUDIO_SOURCES, VIDEO_SOURCES, Source, TrackId, track_id

MS = 1000


def covered(records: list[Record], manifest: Manifest, track: TrackId) -> int:
    """The longest time, in microseconds, in which a track is neither in a fragment nor in a gap."""
    segments = {segment.segment for segment in manifest.segments if segment.track == track}
    parts = [(r.start_us, r.end_us) for r in records if isinstance(r, FragmentWritten) and r.segment in segments]
    parts += [(g.start_us, g.end_us or manifest.duration_us) for g in manifest.gaps if g.track == track]
    (until,) = (one.added_us for one in manifest.tracks if one.track == track)
    longest = 0
    for start, end in sorted(parts):
        longest = max(longest, start - until)
        until = TakeTime(max(until, end))
    return max(longest, manifest.duration_us - until)


def test_a_lesson_is_on_one_clock_and_playable() -> None:
    stage = Stage()
    camera, microphone = stage.camera(), stage.microphone()
    stage.run(5)
    stage.end()
    manifest = stage.kept.manifest
    assert stage.kept.states == ["waiting", "recording", "closing", "closed"]
    video, sound = sorted(manifest.segments, key=lambda segment: segment.container)
    assert (video.track, video.codec, video.width, video.height) == (camera.track, "h264", 160, 120)
    assert (sound.track, sound.codec, sound.channels) == (microphone.track, "opus", 2)
    assert abs(video.start_us - sound.start_us) <= MS and abs(video.end_us - sound.end_us) <= 40 * MS
    assert (video.frames, sound.frames) == (125, 250)
    assert [time for time, _ in decoded(stage.kept.files[video.segment])] == [n * 40_000 for n in range(125)]
    assert len(decoded(stage.kept.files[sound.segment])) == 250


def test_nothing_waits_longer_than_a_second_to_be_written() -> None:
    stage = Stage()
    camera, microphone = stage.camera(), stage.microphone()
    for _ in range(40):
        stage.run(0.24)
        ends = [segment.end_us for segment in stage.kept.manifest.segments]
        assert stage.at < 1_500 * MS or stage.at - min(ends) <= 1_300 * MS
    written = [record for record in stage.kept.records if isinstance(record, FragmentWritten)]
    assert max(record.end_us - record.start_us for record in written) <= LONGEST_US
    assert {camera.track, microphone.track} == {segment.track for segment in stage.kept.manifest.segments}


@pytest.mark.parametrize("delay_ms", [600, 1100, 2500])
def test_a_long_line_is_written_in_whole_fragments_too(monkeypatch: pytest.MonkeyPatch, delay_ms: int) -> None:
    monkeypatch.setattr("recorder.tests.lesson.DELAY_US", delay_ms * MS)
    stage = Stage()
    camera, microphone = stage.camera(), stage.microphone()
    stage.run(10)
    assert [stage.kept.gaps(one.track) for one in (camera, microphone)] == [["absent"], ["absent"]]
    written = [record for record in stage.kept.records if isinstance(record, FragmentWritten)]
    assert len(written) <= 22 and max(record.end_us - record.start_us for record in written) <= LONGEST_US


@settings(max_examples=25, deadline=None)
@given(st.sets(st.sampled_from((*VIDEO_SOURCES, *AUDIO_SOURCES))))
def test_exactly_what_the_policy_allows_is_taken(allowed: set[Source]) -> None:
    stage = Stage(Policy(tuple(sorted(allowed))))
    for number, source in enumerate((*VIDEO_SOURCES, *AUDIO_SOURCES)):
        track = stage.publish(source)
        kind = Camera if source in VIDEO_SOURCES else Microphone
        stage.senders[track] = kind(track, ssrc=number + 1)
    stage.run(0.2)
    stage.end()
    taken = {segment.track.split(":")[1] for segment in stage.kept.manifest.segments}
    assert taken == allowed and {track.source for track in stage.kept.manifest.tracks} == allowed
    assert (stage.take.strangers > 0) == (len(allowed) < 7)


def test_a_process_that_is_stopped_has_written_all_that_came_and_the_next_one_goes_on() -> None:
    stage = Stage()
    tracks = stage.camera().track, stage.microphone().track
    stage.run(3.34)
    before = {segment.track: segment.frames for segment in stage.kept.manifest.segments}
    assert before[tracks[0]] < 83 and stage.state() == "recording"
    stage.kept.carry_out(stage.take.left(stage.now))
    left = stage.kept.manifest
    assert {segment.track: segment.frames for segment in left.segments} == {tracks[0]: 84, tracks[1]: 167}
    assert all(segment.sha256 for segment in left.segments) and left.state == "gap"
    stopped, stage.now = stage.at, NodeTime(stage.now + 2_000_000)
    clock = NodeClock("boot", stage.now, stage.at)
    stage.take, orders = Take.resumed(left, clock, SOFTWARE, 0)
    stage.kept.carry_out(orders)
    gaps = [gap for gap in stage.kept.manifest.gaps if gap.cause == "recorder_restarted"]
    assert sorted(gap.track for gap in gaps) == sorted(tracks)
    assert all(abs(gap.start_us - stopped) <= 40 * MS and gap.end_us == stage.at for gap in gaps)


def test_what_was_a_gap_stays_one_when_the_process_is_stopped() -> None:
    stage = Stage()
    camera = stage.camera()
    stage.run(1)
    stage.kept.carry_out(stage.take.track_stopped(camera.track, stage.now))
    stage.kept.carry_out(stage.take.left(stage.now))
    assert stage.kept.gaps(camera.track) == ["absent", "absent"]


def test_recording_is_said_only_while_frames_arrive() -> None:
    stage = Stage()
    camera = stage.camera()
    assert stage.state() == "waiting"
    stage.run(1)
    assert stage.state() == "recording"
    del stage.senders[camera.track]
    stage.run(3)
    assert stage.state() == "gap" and stage.kept.gaps(camera.track)[-1] == "stalled"
    stage.senders[camera.track] = camera
    stage.run(1)
    assert stage.state() == "recording"


def test_a_silent_publisher_never_makes_it_recording() -> None:
    stage = Stage()
    track = stage.publish("teacher")
    stage.run(10)
    assert stage.state() == "waiting" and stage.kept.gaps(track) == ["absent", "stalled"]


def test_a_publisher_that_comes_back_begins_a_segment_on_the_same_clock() -> None:
    stage = Stage()
    microphone = stage.microphone()
    stage.run(3)
    stage.kept.carry_out(stage.take.track_stopped(microphone.track, stage.now))
    del stage.senders[microphone.track]
    stage.run(4)
    stage.publish("teacher_mic")
    stage.senders[microphone.track] = Microphone(microphone.track, ssrc=555)
    stage.run(2)
    stage.end()
    first, second = stage.kept.manifest.segments
    assert second.cause == "ssrc" and abs(second.start_us - 7_000 * MS) <= 50 * MS
    absent = [gap for gap in stage.kept.manifest.gaps if gap.cause == "absent"][1]
    assert absent.start_us == first.end_us and absent.end_us == second.start_us


@pytest.mark.parametrize("silent_s", [0.16, 1])
def test_what_never_came_of_a_publisher_that_left_is_in_the_gap(silent_s: float) -> None:
    stage = Stage()
    camera = stage.camera()
    stage.run(2)
    last = stage.at
    del stage.senders[camera.track]
    stage.run(silent_s)
    stage.kept.carry_out(stage.take.track_stopped(camera.track, stage.now))
    stage.run(1)
    stage.end()
    (segment,) = stage.kept.manifest.segments
    (gap,) = [gap for gap in stage.kept.manifest.gaps if gap.cause == "absent"][1:]
    assert gap.start_us == segment.end_us <= last + 40 * MS


def test_a_hole_between_two_streams_of_a_camera_is_a_gap() -> None:
    stage = Stage()
    camera = stage.camera()
    stage.run(2)
    del stage.senders[camera.track]
    stage.run(0.6)
    stage.senders[camera.track] = Camera(camera.track, ssrc=7)
    stage.run(1)
    stage.end()
    first, second = stage.kept.manifest.segments
    (gap,) = [gap for gap in stage.kept.manifest.gaps if gap.cause == "stalled"]
    assert (gap.start_us, gap.end_us) == (first.end_us, second.start_us) and second.start_us - first.end_us >= 500 * MS


@pytest.mark.parametrize("change", ["resolution", "ssrc", "codec"])
def test_a_change_begins_a_segment_at_the_next_keyframe(change: str) -> None:
    stage = Stage()
    camera = stage.camera()
    stage.run(2.4)
    stage.senders[camera.track] = {
        "resolution": replace(camera, size=(322, 182), sent=0),
        "ssrc": replace(camera, ssrc=2),
        "codec": replace(camera, codec="vp8", sent=0),
    }[change]
    stage.run(2)
    stage.end()
    first, second = stage.kept.manifest.segments
    assert second.cause == change and first.end_us <= second.start_us
    assert (second.width, second.container) == (
        322 if change == "resolution" else 160,
        "webm" if change == "codec" else "mp4",
    )
    assert decoded(stage.kept.files[second.segment])[0][0] == 0
    assert covered(stage.kept.records, stage.kept.manifest, camera.track) == 0


@pytest.mark.parametrize("change", ["resolution", "codec"])
def test_a_change_of_av1_begins_a_segment_on_the_same_clock(change: str) -> None:
    stage = Stage()
    camera = stage.camera(codec="vp9")
    stage.run(1.4)
    stage.senders[camera.track] = av1 = replace(camera, codec="av1", sent=0)
    stage.run(1)
    stage.senders[camera.track] = replace(av1, size=(322, 182), sent=0) if change == "resolution" else camera
    stage.run(1)
    stage.end()
    segments = stage.kept.manifest.segments
    assert [segment.cause for segment in segments] == ["opened", "codec", change]
    assert [segment.container for segment in segments[:2]] == ["webm", "mp4"]
    assert len(decoded(stage.kept.files[segments[1].segment])) == segments[1].frames == 25
    assert [round(segment.start_us / 40_000) for segment in segments[:2]] == [0, 35]
    assert covered(stage.kept.records, stage.kept.manifest, camera.track) == 0


def test_a_lost_picture_is_a_gap_until_a_keyframe_which_is_asked_for() -> None:
    stage = Stage()
    camera = stage.camera()
    stage.run(2.2)
    stage.run(1.8, lose=camera.track)
    stage.end()
    gap = stage.kept.manifest.gaps[1]
    assert gap.cause == "lost" and gap.end_us is not None and 0 < gap.end_us - gap.start_us <= 160 * MS
    assert len(stage.kept.manifest.segments) == 1
    times = [time for time, _ in decoded(stage.kept.files[stage.kept.manifest.segments[0].segment])]
    hole = gap.start_us - stage.kept.manifest.segments[0].start_us
    assert not [time for time in times if hole < time < hole + gap.end_us - gap.start_us - 1]


def test_frames_that_are_given_out_again_are_taken_once() -> None:
    stage = Stage()
    camera = stage.camera()
    stage.run(1.4)
    again = [frame for n in range(25, 35) if (frame := replace(camera, sent=n).frame(NodeTime(5_000_000 + n * 40_000)))]
    for frame in again:
        stage.kept.carry_out(stage.take.frame(frame))
    stage.run(1)
    stage.end()
    (segment,) = stage.kept.manifest.segments
    assert segment.frames == 60 and stage.kept.gaps(camera.track) == ["absent"]
    assert [time for time, _ in decoded(stage.kept.files[segment.segment])] == [n * 40_000 for n in range(60)]


@pytest.mark.parametrize("codec", ["h264", "vp8"])
def test_pictures_older_than_what_is_there_have_a_time_of_their_own_each(codec: PictureCodec) -> None:
    """A publisher that comes back brings its kept group, and some of it was made before the last picture was."""
    stage = Stage()
    camera = stage.camera(codec=codec)
    stage.run(1.2)
    back = replace(camera, ssrc=2, sent=0)
    stage.senders[camera.track] = back
    for n in range(6):
        frame = back.frame(NodeTime(stage.now - 360_000 + n * 40_000))
        assert frame is not None
        stage.kept.carry_out(stage.take.frame(frame))
    stage.run(1)
    stage.end()
    first, second = stage.kept.manifest.segments
    assert (first.frames, second.frames) == (30, 31)
    times = times_us(stage.kept.files[second.segment])
    assert times == sorted(set(times)) and complaints(stage.kept.files[second.segment]) == ""


def test_sound_that_is_saved_on_is_no_gap() -> None:
    """Opus with DTX sends a packet each 400 ms while nobody speaks (RFC 7587 section 3.1.3)."""
    stage = Stage()
    microphone = stage.microphone()
    stage.run(1)
    del stage.senders[microphone.track]
    for _ in range(10):
        stage.run(0.38)
        stage.senders[microphone.track] = microphone
        stage.run(0.02)
        del stage.senders[microphone.track]
    stage.senders[microphone.track] = microphone
    stage.run(1)
    stage.end()
    (segment,) = stage.kept.manifest.segments
    assert stage.kept.gaps(microphone.track) == ["absent"] and segment.frames == 110
    assert segment.end_us - segment.start_us == 6_000 * MS and stage.kept.states[1:2] == ["recording"]


def test_a_lost_sound_is_a_gap_of_its_length() -> None:
    stage = Stage()
    microphone = stage.microphone()
    stage.run(2)
    stage.now = NodeTime(stage.now + 60 * MS)
    stage.run(2, lose=microphone.track)
    (gap,) = [gap for gap in stage.kept.manifest.gaps if gap.cause == "lost"]
    assert gap.end_us is not None and abs(gap.end_us - gap.start_us - 60 * MS) <= 2 * MS


def test_a_room_that_is_not_to_be_heard_is_a_gap() -> None:
    stage = Stage()
    room = stage.microphone("room_mic")
    stage.kept.carry_out(stage.take.track_heard(room.track, False, stage.now))
    stage.run(2)
    stage.kept.carry_out(stage.take.track_heard(room.track, True, stage.now))
    stage.run(2)
    stage.kept.carry_out(stage.take.track_heard(room.track, False, stage.now))
    stage.run(1)
    stage.end()
    (segment,) = stage.kept.manifest.segments
    assert stage.kept.gaps(room.track) == ["absent", "muted", "muted"]
    assert segment.start_us >= 2_000 * MS and segment.end_us <= 4_050 * MS and 98 <= segment.frames <= 100


def test_a_policy_may_take_muted_sound() -> None:
    stage = Stage(Policy(("room_mic",), muted_sound=True, enabled_by="王老师", basis="consent"))
    room = stage.microphone("room_mic")
    stage.kept.carry_out(stage.take.track_heard(room.track, False, stage.now))
    stage.run(1)
    stage.end()
    assert stage.kept.manifest.segments[0].frames == 50 and stage.kept.gaps(room.track) == ["absent"]


def test_a_pause_takes_nothing_and_goes_on_with_a_keyframe() -> None:
    stage = Stage()
    camera = stage.camera()
    stage.run(1.5)
    stage.kept.carry_out(stage.take.paused(stage.now))
    late = stage.publish("courseware")
    assert late not in {segment.track for segment in stage.kept.manifest.segments}
    stage.run(5)
    assert stage.state() == "paused"
    stage.kept.carry_out(stage.take.goes_on(stage.now))
    assert stage.state() == "gap"
    stage.run(2)
    stage.end()
    paused = [gap for gap in stage.kept.manifest.gaps if gap.cause == "paused"]
    assert [gap.track for gap in paused] == [camera.track] and 4_900 * MS <= (paused[0].end_us or 0) - paused[
        0
    ].start_us
    assert stage.kept.states == ["waiting", "recording", "paused", "gap", "recording", "closing", "closed"]


def test_sound_made_before_a_room_was_heard_is_not_taken_though_it_arrives_later() -> None:
    stage = Stage()
    room = stage.microphone("room_mic")
    stage.run(2)
    stage.kept.carry_out(stage.take.track_heard(room.track, False, stage.now))
    stage.run(1)
    del stage.senders[room.track]
    stage.run(0.04)
    said = room.frame(NodeTime(stage.now - 20 * MS))
    stage.kept.carry_out(stage.take.track_heard(room.track, True, stage.now))
    assert said is not None and stage.take.frame(said) == []
    stage.senders[room.track] = room
    stage.run(1)
    assert stage.kept.manifest.gaps[-1].end_us == stage.kept.manifest.gaps[-1].start_us + 1_040 * MS


def test_what_was_made_in_a_pause_is_not_taken_though_it_arrives_later() -> None:
    stage = Stage()
    room = stage.microphone("teacher_mic")
    stage.run(2)
    stage.kept.carry_out(stage.take.paused(stage.now))
    stage.run(1)
    del stage.senders[room.track]
    stage.run(0.04)
    said = room.frame(NodeTime(stage.now - 20 * MS))
    stage.kept.carry_out(stage.take.goes_on(stage.now))
    assert said is not None and stage.take.frame(said) == []
    stage.senders[room.track] = room
    stage.run(1)
    (gap,) = [gap for gap in stage.kept.manifest.gaps if gap.cause == "paused"]
    assert gap.end_us == gap.start_us + 1_040 * MS


@pytest.mark.parametrize("codec", ["h265", "opus"])
def test_a_codec_that_is_not_kept_is_a_gap_in_words(codec: str) -> None:
    stage = Stage()
    camera = stage.camera()
    frame = camera.frame(stage.now)
    assert frame is not None
    stage.kept.carry_out(stage.take.frame(replace(frame, codec=codec)))
    gap = stage.kept.manifest.gaps[-1]
    assert (gap.cause, gap.note, stage.state()) == ("codec", f"{codec} is not kept", "waiting")


def test_pictures_without_parameters_wait_for_a_keyframe() -> None:
    stage = Stage()
    camera = stage.camera()
    camera.sent = 3
    frame = camera.frame(stage.now)
    assert frame is not None
    stage.kept.carry_out(stage.take.frame(frame))
    stage.kept.carry_out(stage.take.frame(replace(frame, keyframe=True)))
    assert stage.kept.gaps(camera.track)[-1] == "no_keyframe" and stage.kept.asked == [camera.track]


def test_a_full_disk_is_a_gap_everywhere_and_never_called_recording() -> None:
    stage = Stage()
    camera, microphone = stage.camera(), stage.microphone()
    stage.run(2)
    stage.kept.carry_out(stage.take.disk_fails("disk_full", "0 MiB left on /takes", stage.now))
    stage.run(2)
    assert stage.state() == "gap" and stage.kept.manifest.gaps[-1].note == "0 MiB left on /takes"
    stage.kept.carry_out(stage.take.disk_works(stage.now))
    stage.run(2)
    stage.end()
    for track in (camera.track, microphone.track):
        assert "disk_full" in stage.kept.gaps(track)
        assert covered(stage.kept.records, stage.kept.manifest, track) <= 40 * MS


def test_a_node_that_was_started_again_has_a_new_clock_and_the_take_has_not() -> None:
    stage = Stage()
    microphone = stage.microphone()
    stage.run(3)
    del stage.senders[microphone.track]
    stage.kept.carry_out(stage.take.node_restarted(NodeClock("another", NodeTime(1_000), TakeTime(4_000 * MS))))
    assert stage.state() == "gap"
    stage.now = NodeTime(101_000)
    stage.publish("teacher_mic")
    stage.senders[microphone.track] = Microphone(microphone.track, ssrc=3)
    stage.run(1)
    first, second = stage.kept.manifest.segments
    assert second.start_us == pytest.approx(4_100 * MS + 30 * MS, abs=31 * MS)
    assert stage.kept.gaps(microphone.track) == ["absent", "node_restarted", "absent"]


def test_another_process_goes_on_where_the_index_ends() -> None:
    stage = Stage()
    camera = stage.camera()
    stage.run(3)
    before = stage.kept.manifest
    clock = NodeClock("boot", NodeTime(stage.now + 2_000 * MS), TakeTime(stage.at + 2_000 * MS))
    stage.take, orders = Take.resumed(before, clock, SOFTWARE, 17)
    stage.kept.carry_out(orders)
    assert stage.state() == "waiting"
    stage.now = clock.node_us
    stage.publish("teacher")
    camera.key()
    stage.run(2)
    stage.end()
    first, second = stage.kept.manifest.segments
    assert (second.segment, second.cause) == (2, "resumed") and len(stage.kept.manifest.software) == 2
    assert abs(second.start_us - 5_000 * MS) <= 50 * MS
    assert stage.kept.gaps(camera.track) == ["absent", "recorder_restarted", "absent"]
    assert covered(stage.kept.records, stage.kept.manifest, camera.track) == 0


def test_after_the_end_nothing_is_taken() -> None:
    stage = Stage()
    camera = stage.camera()
    stage.run(1)
    stage.end()
    count = len(stage.kept.records)
    stage.run(1)
    mark = Marked(stage.at, "floor", "floor_given")
    more = [*stage.take.mark(mark), *stage.take.end(stage.now, ""), *stage.take.failed(stage.now, "")]
    assert not more and not stage.take.track_stopped(camera.track, stage.now) and len(stage.kept.records) == count


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32))
def test_whatever_happens_no_loss_is_hidden(seed: int) -> None:
    chance, stage = Random(seed), Stage()
    senders: list[Camera | Microphone] = [stage.camera(), stage.microphone(), stage.microphone("room_mic")]
    for _ in range(chance.randrange(4, 14)):
        sender = chance.choice(senders)
        match chance.randrange(8):
            case 0:
                stage.senders.pop(sender.track, None)
                stage.kept.carry_out(stage.take.track_stopped(sender.track, stage.now))
            case 1:
                stage.publish(stage_source(sender.track))
                sender.ssrc += 10
                stage.senders[sender.track] = sender
            case 2:
                stage.senders.pop(sender.track, None)
            case 3:
                stage.kept.carry_out(stage.take.track_heard(sender.track, chance.random() < 0.5, stage.now))
            case 4:
                stage.kept.carry_out(stage.take.disk_fails(chance.choice(["disk_full", "disk_slow"]), "", stage.now))
            case 5:
                stage.kept.carry_out(stage.take.disk_works(stage.now))
            case 6:
                stage.kept.carry_out(
                    stage.take.paused(stage.now) if chance.random() < 0.5 else stage.take.goes_on(stage.now)
                )
            case 7:
                stage.run(0.2, lose=sender.track)
        stage.run(chance.choice([0.1, 0.5, 1.3, 2.6]))
    stage.run(2.6)
    stage.end()
    for sender in senders:
        assert covered(stage.kept.records, stage.kept.manifest, sender.track) <= 60 * MS
    for segment in stage.kept.manifest.segments:
        assert len(decoded(stage.kept.files[segment.segment])) == segment.frames


def stage_source(track: TrackId) -> Source:
    return next(source for source in (*VIDEO_SOURCES, *AUDIO_SOURCES) if track == track_id(SEAT, source))


def test_parameter_sets_without_a_picture_are_no_frame() -> None:
    stage = Stage()
    camera = stage.camera()
    stage.run(1)
    frame = camera.frame(stage.now)
    assert frame is not None
    sets = [unit for unit in h264.nal_units(pictures("h264")[0][0]) if unit[0] & 0x1F in (h264.SPS, h264.PPS)]
    alone = replace(frame, data=b"".join(b"\0\0\1" + unit for unit in sets), keyframe=False)
    assert len(sets) == 2 and stage.take.frame(alone) == []
    assert stage.take.tracks[camera.track].gap is None
