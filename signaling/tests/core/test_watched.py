"""signaling.core.watched"""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from signaling.core.subscriptions import Place, Placement, Scene, Stream, Subscriber, planned
from signaling.core.watched import SLEEPS_AFTER_S, WAKES_WITHIN_S, WHOLE, Picture, Watching, pictures
from signaling.messages import events as ev
from signaling.messages import node
from signaling.messages.ids import Mid, Role, SeatId, SessionId, Source, TrackId
from signaling.tests.core.stage import Stage, publisher, subscriber

LEAD, EAST, WEST, TAPE = SeatId("lead"), SeatId("east"), SeatId("west"), SeatId("tape")
THREE, TWO = ("l", "m", "h"), ("l", "h")
FACE: Place = (LEAD, "teacher")
PUPILS: Place = (EAST, "students")
PAGES = {LEAD: SessionId("X1"), EAST: SessionId("X2")}


def used(
    streams: tuple[Stream, ...],
    viewers: Mapping[SeatId, Role],
    *,
    rooms: int = 1,
    taken: frozenset[Source] = frozenset(),
    codecs: frozenset[str] = frozenset({"h264", "vp8"}),
) -> dict[Place, set[str]]:
    roles: dict[SeatId, Role] = {LEAD: "lead", EAST: "room"}
    roles.update(dict.fromkeys((SeatId(f"room{number}") for number in range(rooms - 1)), "room"))
    roles.update(viewers)
    slots = subscriber("any", 9, 0).slots
    scene = Scene(
        "dedicated", roles, None, streams, tuple(Subscriber(seat, slots, codecs) for seat in viewers), taken=taken
    )
    before: Placement = {}
    return {place: set(one.used) for place, one in pictures(scene, planned(scene, before)).items()}


def face(layers: tuple[str, ...] = THREE) -> Stream:
    return Stream(LEAD, "teacher", "h264", layers=layers)


def pupils(seat: SeatId = EAST, layers: tuple[str, ...] = TWO) -> Stream:
    return Stream(seat, "students", "h264", layers=layers)


def test_of_the_teacher_the_smallest_layer_stays_for_whoever_comes() -> None:
    assert used((face(), pupils()), {}) == {FACE: {"l"}, PUPILS: set()}
    assert used((face(()), pupils(layers=())), {}) == {FACE: set(WHOLE), PUPILS: set()}


def test_a_viewer_uses_the_layer_it_is_shown_and_those_to_which_its_line_may_lower_it() -> None:
    assert used((face(),), {EAST: "room"}) == {FACE: {"l", "m", "h"}}
    beside = (face(), Stream(LEAD, "courseware", "h264"))
    assert used(beside, {EAST: "room"}) == {FACE: {"l", "m"}, (LEAD, "courseware"): set(WHOLE)}


def test_pupils_on_one_of_many_tiles_are_used_small() -> None:
    others = tuple(pupils(SeatId(f"room{number}")) for number in range(4))
    assert used((pupils(), *others), {LEAD: "lead"}, rooms=5)[PUPILS] == {"l"}
    assert used((pupils(), *others[:3]), {LEAD: "lead"}, rooms=4)[PUPILS] == {"l", "h"}


def test_the_recorder_uses_the_richest_alone_and_what_it_takes_stays_while_it_is_away() -> None:
    taken: frozenset[Source] = frozenset({"students"})
    assert used((pupils(),), {TAPE: "recorder"}, taken=taken) == {PUPILS: {"h"}}
    roles: dict[SeatId, Role] = {EAST: "room", TAPE: "recorder"}
    scene = Scene("dedicated", roles, None, (pupils(),), (), taken=taken)
    assert pictures(scene, planned(scene, {}))[PUPILS].used == {"h"}
    assert not pictures(replace(scene, taken=frozenset()), planned(scene, {}))[PUPILS].used


def test_layers_of_strangers_are_used_together() -> None:
    assert used((pupils(layers=("low", "high")),), {LEAD: "lead"}) == {PUPILS: {"low", "high"}}


def test_where_a_copy_is_seen_its_original_stays_small() -> None:
    vp8 = frozenset({"vp8"})
    copy = replace(pupils(layers=()), codec="vp8", copy="vp8")
    assert used((pupils(), copy), {LEAD: "lead"}, codecs=vp8) == {PUPILS: {"l"}}


def picture(*layers: str, of: tuple[str, ...] = THREE) -> Picture:
    return Picture(of, frozenset(layers))


def test_a_layer_falls_asleep_after_a_while_and_is_awake_at_once() -> None:
    watching = Watching()
    assert watching.look({FACE: picture(*THREE)}, PAGES, 100.0) == ()
    # Nothing was looked at for an hour: it was of use all the time.
    assert watching.look({FACE: picture("l")}, PAGES, 3700.0) == ()
    assert watching.deadline_s(3700.0) == 3700 + SLEEPS_AFTER_S
    assert watching.look({FACE: picture("l")}, PAGES, 3704.9) == ()
    assert watching.look({FACE: picture("l")}, PAGES, 3705.0) == ((FACE, ("l",)),)
    assert watching.look({FACE: picture("l")}, PAGES, 3706.0) == ()
    assert watching.look({FACE: picture("l", "m")}, PAGES, 3707.0) == ((FACE, ("l", "m")),)
    assert watching.look({FACE: picture(*THREE)}, PAGES, 3707.1) == ((FACE, None),)


def test_who_comes_back_within_the_while_finds_it_awake() -> None:
    watching = Watching()
    for now_s, layers in ((0.0, TWO), (1.0, ()), (5.9, TWO), (60.0, TWO), (61.0, ()), (65.9, ())):
        assert watching.look({PUPILS: picture(*layers, of=TWO)}, PAGES, now_s) == ()
    assert watching.look({PUPILS: picture(of=TWO)}, PAGES, 66.0) == ((PUPILS, ()),)


def test_what_sleeps_altogether_is_excused_and_so_it_is_while_it_wakes() -> None:
    watching = Watching()
    watching.look({PUPILS: picture(of=WHOLE)}, PAGES, 0.0)
    assert watching.excused == frozenset()
    assert watching.look({PUPILS: picture(of=WHOLE)}, PAGES, 5.0) == ((PUPILS, ()),)
    assert watching.excused == {PUPILS}
    assert watching.look({PUPILS: picture(*WHOLE, of=WHOLE)}, PAGES, 60.0) == ((PUPILS, None),)
    assert watching.excused == {PUPILS} and watching.deadline_s(60.0) == 60.0 + WAKES_WITHIN_S
    watching.look({PUPILS: picture(*WHOLE, of=WHOLE)}, PAGES, 62.0)
    assert watching.excused == frozenset() and watching.deadline_s(62.0) is None


def test_what_is_published_anew_is_awake_and_its_page_is_told_so() -> None:
    watching = Watching()
    watching.look({FACE: picture("l")}, PAGES, 0.0)
    assert watching.look({FACE: picture("l")}, PAGES, 5.0) == ((FACE, ("l",)),)
    assert watching.look({}, PAGES, 6.0) == () and watching.told(LEAD) == ((FACE, ("l",)),)
    assert watching.look({FACE: picture("l")}, PAGES, 7.0) == ((FACE, None),)
    assert watching.look({FACE: picture("l", of=TWO)}, PAGES, 11.0) == ()
    assert watching.look({FACE: picture("l", of=TWO)}, PAGES, 16.0) == ((FACE, ("l",)),)


def test_another_page_on_the_seat_has_been_told_nothing() -> None:
    watching = Watching()
    watching.look({FACE: picture("l")}, PAGES, 0.0)
    watching.look({FACE: picture("l")}, PAGES, 5.0)
    assert watching.look({FACE: picture("l")}, {LEAD: SessionId("X9")}, 6.0) == () and watching.told(LEAD) == ()
    assert watching.look({FACE: picture("l")}, {LEAD: SessionId("X9")}, 11.0) == ((FACE, ("l",)),)
    assert watching.look({FACE: picture("l")}, {}, 12.0) == () and watching.deadline_s(12.0) is None


# In the room, with clients and a node.


@pytest.fixture
def stage() -> Stage:
    made = Stage(versions=(2, 1))
    made.join("lead", "east", "west")
    made.node_up()
    return made


def layered(seat: str, source: str, layers: tuple[str, ...], flowing: bool = True) -> node.PeerState:
    peer = publisher(seat, source, flowing=flowing)
    return replace(peer, tracks=tuple(replace(track, layers=layers) for track in peer.tracks))


def watched(stage: Stage, name: str) -> list[list[str] | None]:
    return [message["layers"] for message in stage.take(name) if message["type"] == "watched"]


def test_a_room_that_nobody_sees_is_asked_for_nothing_and_wakes_with_the_first_viewer(stage: Stage) -> None:
    stage.node_has(layered("east", "students", TWO))
    stage.later(SLEEPS_AFTER_S)
    assert watched(stage, "east") == [[]] and watched(stage, "lead") == []
    stage.node_has(layered("east", "students", TWO, flowing=False))
    stage.heard.clear()
    stage.node_has(subscriber("lead"))
    assert watched(stage, "east") == [None]
    assert stage.desired().bindings == (node.Binding(LEAD, Mid("v0"), TrackId("east:students"), "h"),)


def test_a_source_that_sleeps_is_not_said_to_be_interrupted_unless_it_does_not_wake(stage: Stage) -> None:
    def flowing() -> list[bool]:
        return [m["source"]["flowing"] for m in stage.take("west") if m["type"] == "source_changed"]

    stage.node_has(layered("east", "students", TWO))
    stage.later(SLEEPS_AFTER_S)
    stage.take("west")
    stage.node_has(layered("east", "students", TWO, flowing=False))
    stage.later(60)
    assert flowing() == []
    stage.node_has(subscriber("lead"))
    stage.later(WAKES_WITHIN_S - 0.1)
    assert flowing() == []
    stage.later(0.2)
    assert flowing() == [False]
    stage.node_has(layered("east", "students", TWO))
    assert flowing() == [True]


def test_a_page_that_remembers_nothing_is_told_with_its_seat(stage: Stage) -> None:
    stage.node_has(layered("lead", "teacher", THREE))
    stage.later(SLEEPS_AFTER_S)
    assert watched(stage, "lead") == [["l"]]
    session = stage.session("lead")
    stage.lose("lead")
    stage.hello("lead", resume=(session, 10**6))
    assert watched(stage, "lead") == []
    stage.say("lead", "join")
    assert watched(stage, "lead") == [["l"]]


def test_an_old_page_and_an_encoder_are_told_nothing() -> None:
    for versions, origin in (((1,), "control"), ((2, 1), "whip")):
        stage = Stage(versions=versions)
        stage.join("lead", "east")
        stage.node_up()
        stage.node_has(publisher("east", "students", origin=origin))
        stage.later(60)
        assert watched(stage, "east") == []
        stage.node_has(publisher("east", "students", origin=origin, flowing=False))
        assert [m["source"]["flowing"] for m in stage.take("lead") if m["type"] == "source_changed"][-1:] == [False]


def test_a_lesson_is_not_live_for_a_picture_that_sleeps(stage: Stage) -> None:
    stage.node_has(layered("lead", "courseware", (), flowing=False))
    stage.later(60)
    stage.node_has(layered("lead", "courseware", (), flowing=False))
    assert ev.LessonStarted("lead") not in stage.events
