"""Who could teach in a teacher's place, and which room could stand in for one."""

from collections.abc import Iterable

from signaling.core.county.clashes import devices_of
from signaling.core.county.county import County
from signaling.core.county.planner import PlannedLesson
from signaling.core.county.things import Classroom, ClassroomId, Person


def teachers_for(county: County, lesson: PlannedLesson, lessons: Iterable[PlannedLesson]) -> tuple[Person, ...]:
    """Those of the subject who are free then: of the same studio first, then of the same school, then all others."""
    busy = {owner for other in _at_once(lesson, lessons) for owner in other.owners} | set(lesson.owners)
    subject = county.courses[lesson.course].subject
    absent = county.people[lesson.teacher]

    def farness(person: Person) -> tuple[bool, bool, str]:
        same_studio = bool(absent.studio) and person.studio == absent.studio
        return not same_studio, person.school != absent.school, person.id

    free = (p for p in county.people.values() if subject in p.subjects and p.id not in busy)
    return tuple(sorted(free, key=farness))


def rooms_for(
    county: County, lesson: PlannedLesson, room: ClassroomId, lessons: Iterable[PlannedLesson]
) -> tuple[Classroom, ...]:
    """Rooms of the same school that are free, with their devices, and can do what this one can."""
    others = list(_at_once(lesson, lessons))
    busy_rooms = {busy for other in (*others, lesson) for busy in other.rooms}
    busy_devices = frozenset(device for other in others for busy in other.rooms for device in devices_of(county, busy))
    wanted = county.classrooms[room]

    def fits(found: Classroom) -> bool:
        able = found.interactive or not wanted.interactive
        free = busy_devices.isdisjoint(devices_of(county, found.id))
        return found.school == wanted.school and found.id not in busy_rooms and able and free

    return tuple(sorted(filter(fits, county.classrooms.values()), key=lambda found: found.id))


def _at_once(lesson: PlannedLesson, lessons: Iterable[PlannedLesson]) -> Iterable[PlannedLesson]:
    return (
        other
        for other in lessons
        if other.id != lesson.id and other.begins < lesson.ends and lesson.begins < other.ends
    )
