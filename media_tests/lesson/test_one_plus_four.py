"""A lead and four rooms through a real signaling and a real node, each a client from clips."""

from pathlib import Path

from media_tests.lesson.classrooms import Classroom, classrooms, one_plus_four
from media_tests.lesson.system import running_system
from signaling.messages import client as wire
from signaling.messages.ids import track_id


def sees_and_hears_the_lead(room: Classroom, lead: Classroom) -> bool:
    return (
        room.frames(lead, "teacher") >= 25
        and room.frames(lead, "courseware") >= 5
        and room.frames(lead, "teacher_mic") >= 50
    )


async def test_every_source_arrives_in_every_room(tmp_path: Path) -> None:
    async with running_system(tmp_path) as system, classrooms(system) as lesson:
        lead, rooms = await one_plus_four(lesson)
        await lesson.until("the lead in every room", lambda: all(sees_and_hears_the_lead(r, lead) for r in rooms))
        others = [(room, other) for room in (lead, *rooms) for other in rooms if other is not room]
        await lesson.until("pupils", lambda: all(room.frames(other, "students") >= 15 for room, other in others))
        assert all(room.count(track_id(lead.seat, "teacher")).decoded > 0 for room in rooms)
        assert all(room.count(track_id(other.seat, "students")).decoded == 0 for room, other in others if room != lead)
        # Nobody holds the floor: no room is heard anywhere.
        assert not any(room.frames(other, "room_mic") for room, other in others)
        assert lead.client.view.state == "live"
        levels = [message for message in rooms[0].messages if isinstance(message, wire.Levels)]
        heard = [level for message in levels for track, level in message.levels if track == f"{lead.seat}:teacher_mic"]
        assert heard and min(heard) < 60


async def test_sound_arrives_only_from_who_holds_the_floor(tmp_path: Path) -> None:
    async with running_system(tmp_path) as system, classrooms(system) as lesson:
        lead, rooms = await one_plus_four(lesson)
        await lesson.until("the lead in every room", lambda: all(sees_and_hears_the_lead(r, lead) for r in rooms))
        first, second = rooms[1], rooms[2]

        await first.client.wish(wire.FloorRequest)
        await lesson.until("the request", lambda: lead.client.view.floor.requests == (first.seat,))
        await lead.client.wish(lambda message_id: wire.FloorGive(message_id, first.seat))
        listeners = [room for room in (lead, *rooms) if room is not first]
        await lesson.until("the first", lambda: all(room.frames(first, "room_mic") >= 25 for room in listeners))
        silent = [room for room in rooms if room is not first]
        assert not any(room.frames(other, "room_mic") for room in (lead, *rooms) for other in silent)

        await lead.client.wish(lambda message_id: wire.FloorGive(message_id, second.seat))
        listeners = [room for room in (lead, *rooms) if room is not second]
        await lesson.until("the second", lambda: all(room.frames(second, "room_mic") >= 25 for room in listeners))
        before = [room.frames(first, "room_mic") for room in listeners]
        await lesson.until("more", lambda: all(room.frames(second, "room_mic") >= 75 for room in listeners))
        assert [room.frames(first, "room_mic") for room in listeners] == before

        await second.client.wish(wire.FloorRelease)
        await lesson.until("the release", lambda: lead.client.view.floor.holder is None)


async def test_who_joins_a_seat_anew_replaces_the_client_on_it_and_it_stays_away(tmp_path: Path) -> None:
    async with running_system(tmp_path) as system, classrooms(system) as lesson:
        lead, rooms = await one_plus_four(lesson)
        await lesson.until("the lead in every room", lambda: all(sees_and_hears_the_lead(r, lead) for r in rooms))
        person = await lesson.add("room", "第4教学点", {"students": "room-1.mp4"})
        assert person.seat == rooms[3].seat
        await lesson.until("the goodbye", rooms[3].ended.done)
        trouble = rooms[3].ended.result()
        assert trouble is not None and trouble.code == "replaced"
        await lesson.until("the person's view", lambda: person.frames(lead, "teacher") >= 25)
        await lesson.until("the person's picture", lambda: lead.frames(person, "students") > 30)
