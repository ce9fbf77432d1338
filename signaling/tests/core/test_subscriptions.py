"""signaling.core.subscriptions"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.core.subscriptions import Placement, Plan, Scene, Stream, Subscriber, heard, planned, wanted
from signaling.messages.ids import Kind, Mid, Role, SeatId, Source, kind_of, track_id
from signaling.messages.node import SlotPlace

ALL = frozenset({"h264", "vp8", "opus"})
NO_H264 = frozenset({"vp8", "opus"})
ONLY_H264 = frozenset({"h264", "opus"})


def seat_of(name: str) -> SeatId:
    return SeatId(name)


def slots(video: int, audio: int) -> tuple[SlotPlace, ...]:
    places = [SlotPlace(Mid(f"v{i}"), "video") for i in range(video)]
    return tuple(places + [SlotPlace(Mid(f"a{i}"), "audio") for i in range(audio)])


def streams(*names: str) -> tuple[Stream, ...]:
    """`east:students`, `lead:teacher/vp8` in another codec, `lead:teacher+vp8` as an extra copy"""
    return tuple(_stream(name) for name in names)


def _stream(name: str) -> Stream:
    head, _, copy = name.partition("+")
    head, _, codec = head.partition("/")
    seat, _, source = head.partition(":")
    known: Source = source  # type: ignore[assignment]
    usual = "h264" if kind_of(known) == "video" else "opus"
    return Stream(SeatId(seat), known, copy or codec or usual, copy or None)


ROLES: dict[SeatId, Role] = {
    SeatId("lead"): "lead",
    SeatId("east"): "room",
    SeatId("west"): "room",
    SeatId("north"): "room",
    SeatId("guest"): "attendee",
}
EVERYTHING = streams(
    "lead:teacher",
    "lead:students",
    "lead:board",
    "lead:courseware",
    "lead:teacher_mic",
    "lead:room_mic",
    "lead:courseware_audio",
    *(f"{room}:{source}" for room in ("east", "west", "north") for source in ("students", "room_mic")),
)


def scene(*subscribers: Subscriber, published: tuple[Stream, ...] = EVERYTHING, holder: str | None = None) -> Scene:
    held = None if holder is None else SeatId(holder)
    return Scene("dedicated", ROLES, held, published, subscribers)


def viewer(seat: str, video: int = 5, audio: int = 5, codecs: frozenset[str] = ALL) -> Subscriber:
    return Subscriber(SeatId(seat), slots(video, audio), codecs)


def shown(plan: Plan, seat: str) -> dict[str, str]:
    """`{"v0": "lead:teacher"}`"""
    return {slot.mid: f"{slot.seat}:{slot.source}" for slot in plan.slots[SeatId(seat)] if slot.seat is not None}


def seen(seat: str, kind: Kind = "video", holder: str | None = None) -> list[str]:
    return [":".join(place) for place in wanted(scene(holder=holder), SeatId(seat), kind)]


def test_a_room_sees_the_lesson_first_and_other_rooms_last() -> None:
    assert seen("east") == [
        "lead:courseware",
        "lead:teacher",
        "lead:board",
        "lead:students",
        "west:students",
        "north:students",
    ]


def test_the_floor_holders_pupils_come_before_the_leads() -> None:
    assert seen("east", holder="west")[3:5] == ["west:students", "lead:students"]


def test_what_the_holder_shows_is_seen_only_while_it_holds_the_floor() -> None:
    published = (*EVERYTHING, *streams("west:courseware"))
    assert SeatId("west") not in {p[0] for p in wanted(scene(published=published), SeatId("guest"), "video")[:4]}
    held = wanted(scene(published=published, holder="west"), SeatId("guest"), "video")
    assert (SeatId("west"), "courseware") in held


def test_a_room_hears_the_lead_and_who_holds_the_floor() -> None:
    lead = ["lead:teacher_mic", "lead:room_mic", "lead:courseware_audio"]
    assert seen("east", "audio") == lead
    assert seen("east", "audio", holder="west") == [*lead, "west:room_mic"]


def test_the_holder_hears_not_itself() -> None:
    assert seen("west", "audio", holder="west") == ["lead:teacher_mic", "lead:room_mic", "lead:courseware_audio"]
    assert "west:students" not in seen("west", holder="west")


def test_the_lead_sees_and_hears_each_room_once() -> None:
    assert seen("lead") == ["east:students", "west:students", "north:students"]
    assert seen("lead", "audio") == ["east:room_mic", "west:room_mic", "north:room_mic"]


def test_the_lead_sees_what_a_room_without_pupils_camera_shows() -> None:
    published = streams("east:board", "east:courseware", "west:students", "west:board")
    found = wanted(scene(published=published), SeatId("lead"), "video")
    assert found == [(SeatId("east"), "board"), (SeatId("west"), "students")]


def test_only_the_lead_and_the_holder_are_open_to_be_heard() -> None:
    closed = planned(scene(), {}).open
    assert track_id(SeatId("lead"), "teacher_mic") in closed
    assert not [track for track in closed if track.endswith(":room_mic") and not track.startswith("lead")]
    assert "west:room_mic" in planned(scene(holder="west"), {}).open
    assert "east:room_mic" not in planned(scene(holder="west"), {}).open


def test_what_is_wanted_keeps_its_slot_when_the_floor_moves() -> None:
    guest = viewer("guest")
    before = planned(scene(guest), {})
    after = planned(scene(guest, holder="west"), before.slots)
    back = planned(scene(guest), after.slots)
    for old, new in ((before, after), (after, back)):
        common = set(shown(old, "guest").values()) & set(shown(new, "guest").values())
        assert {m: p for m, p in shown(old, "guest").items() if p in common} == {
            m: p for m, p in shown(new, "guest").items() if p in common
        }


LIPS: dict[Source | None, Source] = {"teacher_mic": "teacher", "room_mic": "students", "courseware_audio": "courseware"}


def apart(plan: Plan, seat: str) -> list[str]:
    """Sounds that are not beside their own picture although it is shown."""
    where = {place: mid for mid, place in shown(plan, seat).items()}
    pairs = [
        (place, f"{place.split(':')[0]}:{LIPS[kind]}") for kind in LIPS for place in where if place.endswith(str(kind))
    ]
    return [voice for voice, face in pairs if face in where and where[face][1:] != where[voice][1:]]


def test_a_voice_arrives_beside_its_own_picture() -> None:
    plan = planned(scene(viewer("guest"), holder="west"), {})
    assert shown(plan, "guest")["v1"] == "lead:teacher"
    assert shown(plan, "guest")["a1"] == "lead:teacher_mic"
    assert apart(plan, "guest") == []


def test_a_voice_moves_once_to_a_picture_that_comes_later_and_then_stays() -> None:
    guest = viewer("guest")
    voice = planned(scene(guest, published=streams("lead:teacher_mic")), {})
    with_slides = streams("lead:teacher_mic", "lead:courseware")
    slides = planned(scene(guest, published=with_slides), voice.slots)
    full = planned(scene(guest, published=(*with_slides, *streams("lead:teacher"))), slides.slots)
    assert [shown(plan, "guest").get("a0") for plan in (voice, slides, full)] == ["lead:teacher_mic"] * 2 + [None]
    assert apart(full, "guest") == []
    assert planned(scene(guest, published=with_slides), full.slots).slots[SeatId("guest")][6].source == "teacher_mic"


@given(st.lists(st.tuples(st.sets(st.sampled_from(EVERYTHING)), st.sampled_from([None, "east", "west", "north"]))))
def test_no_voice_is_apart_from_its_picture_whatever_came_before(
    steps: list[tuple[set[Stream], str | None]],
) -> None:
    before: Placement = {}
    for published, holder in steps:
        ordered = tuple(stream for stream in EVERYTHING if stream in published)
        plan = planned(scene(viewer("guest"), viewer("lead", 4, 4), published=ordered, holder=holder), before)
        assert apart(plan, "guest") == [] and apart(plan, "lead") == []
        before = plan.slots


def test_few_slots_show_what_matters_most() -> None:
    assert shown(planned(scene(viewer("east", 1, 1)), {}), "east") == {
        "v0": "lead:courseware",
        "a0": "lead:teacher_mic",
    }


def test_a_subscriber_that_has_not_answered_gets_nothing() -> None:
    assert planned(scene(viewer("east", codecs=frozenset())), {}).bindings == ()


def test_a_viewer_without_the_codec_asks_for_a_copy_and_gets_it_when_it_comes() -> None:
    fox = viewer("guest", codecs=NO_H264)
    waiting = planned(scene(fox, published=streams("lead:teacher")), {})
    slot = waiting.slots[SeatId("guest")][0]
    assert (slot.source, slot.track, slot.trouble) == ("teacher", None, "copy_coming")
    assert waiting.copies == ((SeatId("lead"), "teacher"),)
    served = planned(scene(fox, published=streams("lead:teacher", "lead:teacher+vp8")), waiting.slots)
    slot = served.slots[SeatId("guest")][0]
    assert (slot.track, slot.trouble) == ("lead:teacher:vp8", None)
    assert served.copies == waiting.copies


def test_a_copy_is_wanted_only_while_someone_needs_it() -> None:
    published = streams("lead:teacher", "lead:teacher+vp8")
    assert planned(scene(viewer("guest", codecs=NO_H264), viewer("east"), published=published), {}).copies
    plan = planned(scene(viewer("guest"), viewer("east"), published=published), {})
    assert plan.copies == ()
    assert {binding.track for binding in plan.bindings} == {"lead:teacher"}


def test_a_publisher_that_cannot_copy_leaves_a_trouble_in_words() -> None:
    place = (SeatId("lead"), "teacher")
    stage = scene(viewer("guest", codecs=NO_H264), published=streams("lead:teacher"))
    plan = planned(replace(stage, no_copy=frozenset({place})), {})  # type: ignore[arg-type]
    assert plan.slots[SeatId("guest")][0].trouble == "codec_not_supported"


def test_no_copy_is_asked_for_a_viewer_that_has_no_vp8() -> None:
    plan = planned(scene(viewer("guest", codecs=ONLY_H264), published=streams("lead:teacher/vp8")), {})
    assert plan.copies == ()
    assert plan.slots[SeatId("guest")][0].trouble == "codec_not_supported"


@pytest.mark.parametrize("kind", ["video", "audio"])
def test_nobody_receives_their_own(kind: Kind) -> None:
    for seat in ROLES:
        for holder in (None, "east", "west"):
            assert seat not in {place[0] for place in wanted(scene(holder=holder), seat, kind)}


PLACES = [(seat, source) for seat in ("lead", "east", "west", "north") for source in
          ("teacher", "students", "board", "courseware", "teacher_mic", "room_mic", "courseware_audio")
          if seat == "lead" or source in ("students", "board", "courseware", "room_mic")]  # fmt: skip
CODECS = st.sampled_from([ALL, NO_H264, ONLY_H264, frozenset({"opus"}), frozenset()])


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    published: list[Stream] = []
    for seat, source in draw(st.lists(st.sampled_from(PLACES), unique=True, max_size=12)):
        name = f"{seat}:{source}"
        if kind_of(source) == "video":  # type: ignore[arg-type]
            name += draw(st.sampled_from(["", "/vp8", "/av1"]))
            published += streams(name, *([f"{seat}:{source}+vp8"] if draw(st.booleans()) else []))
        else:
            published += streams(name)
    seats = draw(st.lists(st.sampled_from(list(ROLES)), unique=True))
    viewers = [Subscriber(s, slots(draw(st.integers(0, 6)), draw(st.integers(0, 5))), draw(CODECS)) for s in seats]
    holder = draw(st.sampled_from([None, SeatId("east"), SeatId("west"), SeatId("north")]))
    return Scene("dedicated", ROLES, holder, tuple(published), tuple(viewers))


@given(st.lists(scenes(), min_size=1, max_size=5))
def test_laws_of_every_plan_after_any_history(history: list[Scene]) -> None:
    plan = Plan()
    for now in history:
        before, plan = plan, planned(now, plan.slots)
        for viewer_now in now.subscribers:
            _check_viewer(now, viewer_now, before, plan)
        codec_of = {track_id(s.seat, s.source, s.copy): s.codec for s in now.streams}
        codecs = {subscriber.seat: subscriber.codecs for subscriber in now.subscribers}
        assert all(codec_of[binding.track] in codecs[binding.seat] for binding in plan.bindings)
        assert all(heard(now, (SeatId(t.split(":")[0]), t.split(":")[1])) for t in plan.open)  # type: ignore[arg-type]


def _check_viewer(now: Scene, subscriber: Subscriber, before: Plan, plan: Plan) -> None:
    placed = plan.slots[subscriber.seat]
    if not subscriber.codecs:
        assert placed == ()
        return
    assert [(slot.mid, slot.kind) for slot in placed] == [(slot.mid, slot.kind) for slot in subscriber.slots]
    for kind in ("video", "audio"):
        got = [(slot.seat, slot.source) for slot in placed if slot.kind == kind and slot.seat is not None]
        room = sum(slot.kind == kind for slot in subscriber.slots)
        assert sorted(got) == sorted(wanted(now, subscriber.seat, kind)[:room])
    assert all(slot.seat != subscriber.seat for slot in placed)
    _check_stable(before, plan, subscriber)


def _check_stable(before: Plan, plan: Plan, subscriber: Subscriber) -> None:
    mids = {slot.mid for slot in subscriber.slots}
    kinds = {slot.mid: slot.kind for slot in subscriber.slots}
    were = {(s.seat, s.source): s.mid for s in before.slots.get(subscriber.seat, ()) if s.seat is not None}
    are = {(s.seat, s.source): s.mid for s in plan.slots[subscriber.seat] if s.seat is not None}
    for place, mid in were.items():
        if place in are and mid in mids and place[1] is not None and kinds[mid] == kind_of(place[1]):
            taken = {mid: place for place, mid in are.items()}.get(mid)
            assert are[place] == mid or is_beside(place, are) or (taken is not None and is_beside(taken, are))


def is_beside(voice: tuple[SeatId | None, Source | None], where: Mapping[Any, str]) -> bool:
    """Whether this is a sound that lies beside its own picture: only such sounds move, and push others away."""
    face = (voice[0], LIPS.get(voice[1])) if voice[1] in LIPS else None
    return face in where and where[face][1:] == where[voice][1:]


@given(scenes())
def test_the_same_scene_twice_changes_nothing(now: Scene) -> None:
    plan = planned(now, {})
    assert planned(now, plan.slots) == plan


def layered(name: str, *layers: str) -> Stream:
    (stream,) = streams(name)
    return replace(stream, layers=layers)


def bound(plan: Plan) -> dict[str, str | None]:
    """The layer of each track that somebody gets."""
    return {f"{binding.seat} {binding.track}": binding.layer for binding in plan.bindings}


def test_each_binding_names_the_layer_that_its_picture_is_worth() -> None:
    cameras = (layered("lead:teacher", "l", "m", "h"), layered("west:students", "l", "h"))
    published = (*cameras, *streams("lead:teacher_mic", "lead:teacher+vp8"))
    plan = planned(scene(viewer("east"), viewer("guest", codecs=NO_H264), published=published), {})
    assert bound(plan) == {
        "east lead:teacher": "h",
        "east west:students": "l",
        "east lead:teacher_mic": None,
        "guest lead:teacher:vp8": None,
        "guest lead:teacher_mic": None,
    }
    shown_beside = planned(scene(viewer("east"), published=(*published, *streams("lead:courseware"))), plan.slots)
    assert bound(shown_beside)["east lead:teacher"] == "m"
    assert bound(shown_beside)["east lead:courseware"] is None
