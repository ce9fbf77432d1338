"""recorder.core.view"""

from recorder.core.view import Chapter, Heard, LessonView, Paused, Started, Stopped
from signaling.messages import client as say
from signaling.messages.ids import LessonId, Mid, RecordingPause, SeatId, SessionId, Source, source_mark, track_id

LEAD, ROOM = SeatId("S1"), SeatId("S2")


def welcome(*sources: say.SourceState, holder: SeatId | None = None, pause: RecordingPause = "off") -> say.Welcome:
    seats = (say.Seat(LEAD, "lead", "城关小学", True), say.Seat(ROOM, "room", "石坡小学", True))
    snapshot = say.Snapshot(LessonId("L1"), "分数", "dedicated", "open", (), seats, sources, say.Floor(holder), pause)
    return say.Welcome(1, SessionId("X1"), SeatId("S9"), "recorder", "录制服务", False, 1, (), (), snapshot)


TEACHER = say.SourceState(LEAD, "teacher", "video", True)
VOICES = say.SourceState(ROOM, "room_mic", "audio", True)
SLIDES = say.SourceState(LEAD, "courseware", "video", True)


def test_what_is_published_at_the_door_has_started_and_only_the_lead_is_heard() -> None:
    assert LessonView().told(welcome(TEACHER, VOICES)) == [
        Started(LEAD, "城关小学", "teacher", True),
        Started(ROOM, "石坡小学", "room_mic", False),
    ]


def test_a_snapshot_after_a_lost_line_tells_only_what_has_changed() -> None:
    view = LessonView()
    view.told(welcome(TEACHER, VOICES))
    assert view.told(welcome(TEACHER, VOICES)) == []
    assert view.told(welcome(SLIDES, TEACHER, holder=ROOM)) == [
        Stopped(track_id(ROOM, "room_mic")),
        Chapter("floor", "floor_given", ROOM, "石坡小学"),
        Started(LEAD, "城关小学", "courseware", True),
        Chapter("courseware", "courseware_started", LEAD, "城关小学"),
    ]


def test_the_floor_makes_a_room_heard_and_silent_again() -> None:
    view = LessonView()
    view.told(welcome(VOICES))
    assert view.told(say.FloorChanged(2, say.Floor(ROOM))) == [
        Heard(track_id(ROOM, "room_mic"), True),
        Chapter("floor", "floor_given", ROOM, "石坡小学"),
    ]
    assert view.told(say.FloorChanged(3, say.Floor(ROOM, (LEAD,)))) == []
    assert view.told(say.FloorChanged(4, say.Floor())) == [
        Heard(track_id(ROOM, "room_mic"), False),
        Chapter("floor", "floor_back", ROOM, "石坡小学"),
    ]


def test_a_pause_is_told_once_and_before_whatever_comes_with_it() -> None:
    view = LessonView()
    assert view.told(welcome(TEACHER, pause="asked")) == [Paused(True), Started(LEAD, "城关小学", "teacher", True)]
    assert view.told(say.RecordingChanged(2, "held")) == view.told(welcome(TEACHER, pause="asked")) == []
    assert view.told(say.RecordingChanged(3, "off")) == [Paused(False)]
    assert view.told(welcome(TEACHER)) == []


def test_sources_and_slots_come_and_go() -> None:
    view = LessonView()
    view.told(welcome())
    assert view.told(say.SourceChanged(2, SLIDES))[0] == Started(LEAD, "城关小学", "courseware", True)
    assert view.told(say.SourceChanged(3, SLIDES)) == []
    slots = (say.SlotState(Mid("0"), "video", LEAD, "courseware", None), say.SlotState(Mid("1"), "audio"))
    assert view.told(say.Slots(4, slots)) == [] and view.slots == {"0": track_id(LEAD, "courseware"), "1": None}
    assert view.told(say.SourceEnded(5, LEAD, "courseware"))[0] == Stopped(track_id(LEAD, "courseware"))
    assert view.told(say.LessonChanged(6, "ended")) == [Chapter("lesson", "ended", None)] and view.state == "ended"


def test_a_frame_is_whose_mark_it_carries_whenever_the_message_about_its_slot_comes() -> None:
    view, mid = LessonView(), Mid("v0")
    view.told(welcome(TEACHER, SLIDES))
    swaps: list[tuple[Source, Source]] = [("teacher", "courseware"), ("courseware", "teacher")]
    for source, other in swaps:
        # The slot changes hands at the node some tens of milliseconds before or after this message.
        view.told(say.Slots(1, (say.SlotState(mid, "video", LEAD, source, track_id(LEAD, source)),)))
        assert view.track_in(mid, source_mark(LEAD, source)) == track_id(LEAD, source)
        assert view.track_in(mid, source_mark(LEAD, other)) == track_id(LEAD, other)
        assert view.track_in(mid, None) == track_id(LEAD, source)
    view.told(say.SourceEnded(2, LEAD, "courseware"))
    assert view.track_in(mid, source_mark(LEAD, "courseware")) == track_id(LEAD, "courseware")
    assert view.track_in(mid, 12345) is None
