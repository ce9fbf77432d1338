"""Where two lessons want the same room, teacher or device at once, in words, before anything is saved."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from signaling.core.county.county import County, room_name, school_of
from signaling.core.county.findings import Finding
from signaling.core.county.planner import PlannedLesson
from signaling.core.county.things import ClassroomId

Kind = Literal["room", "teacher", "device", "class"]
Wanted: TypeAlias = tuple[Kind, str, str]
"""Kind, id, and name for people."""
_WORDS: Final[dict[Kind, tuple[str, str]]] = {
    "room": ("教室", "The classroom"),
    "teacher": ("教师", "The teacher"),
    "device": ("设备", "The device"),
    "class": ("班级", "The class"),
}


@dataclass(frozen=True, slots=True)
class Clash:
    """Two lessons at the same time that both need one thing."""

    kind: Kind
    name: str
    one: PlannedLesson
    other: PlannedLesson


def clashes(county: County, lessons: Iterable[PlannedLesson]) -> tuple[Clash, ...]:
    """Every pair of lessons that cannot both be held."""
    wanted: dict[Wanted, list[PlannedLesson]] = {}
    for lesson in sorted(lessons, key=lambda lesson: (lesson.begins, lesson.course)):
        for thing in wanted_by(county, lesson):
            wanted.setdefault(thing, []).append(lesson)
    return tuple(
        Clash(kind, name, one, other)
        for (kind, _, name), held in sorted(wanted.items(), key=lambda item: item[0])
        for one, other in _overlapping(held)
    )


def wanted_by(county: County, lesson: PlannedLesson) -> frozenset[Wanted]:
    """What a lesson needs for itself."""
    found: set[Wanted] = {("teacher", owner, f"{county.people[owner].name}({owner})") for owner in lesson.owners}
    found |= {("room", room, room_name(county, room)) for room in lesson.rooms}
    found |= {device for room in lesson.rooms for device in devices_of(county, room)}
    for pupils in county.courses[lesson.course].classes:
        school_class = county.classes[pupils]
        found.add(("class", pupils, f"{county.schools[school_class.school].name} {school_class.name}"))
    return frozenset(found)


def devices_of(county: County, room: ClassroomId) -> frozenset[Wanted]:
    """What a classroom works with; a device belongs to its school, not to the room."""
    school = school_of(county, room)
    names = county.classrooms[room].devices
    return frozenset(("device", f"{school.id}/{name}", f"{school.name} {name}") for name in names)


def _overlapping(held: list[PlannedLesson]) -> Iterator[tuple[PlannedLesson, PlannedLesson]]:
    """Pairs of a list that is ordered by beginning."""
    for i, one in enumerate(held):
        for other in held[i + 1 :]:
            if other.begins >= one.ends:
                break
            yield one, other


def in_words(found: Iterable[Clash]) -> tuple[Finding, ...]:
    """One sentence for what recurs, with the first day of it."""
    times: dict[tuple[object, ...], list[Clash]] = {}
    for clash in found:
        key = (clash.kind, clash.name, clash.one.course, clash.other.course, clash.one.period)
        times.setdefault(key, []).append(clash)
    return tuple(_sentence(again) for again in times.values())


def _sentence(again: list[Clash]) -> Finding:
    first = min(again, key=lambda clash: clash.one.begins)
    zh, en = _WORDS[first.kind]
    at = f"{first.other.begins:%Y-%m-%d %H:%M}"
    more_zh, more_en = (f"(共 {len(again)} 次)", f" ({len(again)} times)") if len(again) > 1 else ("", "")
    one, other = first.one.course, first.other.course
    return Finding(
        f"{first.kind}_clash",
        f"{zh} {first.name} 在 {at} 同时要上课程 {one} 和课程 {other}{more_zh}。",
        f"{en} {first.name} is needed by the courses {one} and {other} at once, on {at}{more_en}.",
    )
