"""signaling.core.county.substitutes"""

from signaling.core.county.planner import plan
from signaling.core.county.substitutes import rooms_for, teachers_for
from signaling.core.county.things import ClassroomId
from signaling.tests.core.county.test_clashes import second
from signaling.tests.core.county.week import CHEN, EAST_ROOM, FIRST, LEAD, MUSIC, WEST_ROOM, ZHAO, small_county


def test_the_studio_stands_in_first_then_the_school() -> None:
    county = small_county()
    lessons = plan(county, FIRST, FIRST).lessons
    assert [person.name for person in teachers_for(county, lessons[0], lessons)] == ["赵敏", "陈静"]


def test_who_teaches_elsewhere_at_that_time_cannot_stand_in() -> None:
    county = second("main/3", WEST_ROOM, CHEN, ZHAO)
    lessons = plan(county, FIRST, FIRST).lessons
    music = next(lesson for lesson in lessons if lesson.course == MUSIC)
    assert teachers_for(county, music, lessons) == ()
    later = second("main/3", WEST_ROOM, CHEN, ZHAO, period=3)
    lessons = plan(later, FIRST, FIRST).lessons
    assert len(teachers_for(later, lessons[0], lessons)) == 2


def test_a_room_that_stands_in_is_free_with_its_devices_and_of_the_same_school() -> None:
    county = small_county()
    lessons = plan(county, FIRST, FIRST).lessons
    assert [room.id for room in rooms_for(county, lessons[0], LEAD, lessons)] == ["main/2", "main/3"]
    assert rooms_for(county, lessons[0], EAST_ROOM, lessons) == ()
    busy = second("main/2", WEST_ROOM, CHEN, ZHAO)
    lessons = plan(busy, FIRST, FIRST).lessons
    music = next(lesson for lesson in lessons if lesson.course == MUSIC)
    assert [room.id for room in rooms_for(busy, music, LEAD, lessons)] == [ClassroomId("main/3")]
