from classroom_client.core.watching import decoded_mids
from signaling.messages.client import SlotState
from signaling.messages.ids import Mid, SeatId, Source, TrackId


def video(mid: str, source: Source | None) -> SlotState:
    track = None if source is None else TrackId(f"S:{source}")
    return SlotState(Mid(mid), "video", SeatId("S"), source, track)


SOUND = SlotState(Mid("9"), "audio", SeatId("S"), "teacher_mic", TrackId("S:teacher_mic"))


def test_a_counting_room_decodes_the_teacher_alone() -> None:
    slots = (video("0", None), video("1", "courseware"), video("2", "teacher"), video("3", "students"), SOUND)
    assert decoded_mids("count", slots) == {"2"}


def test_a_counting_room_without_pictures_decodes_nothing() -> None:
    assert decoded_mids("count", (video("0", None), SOUND)) == frozenset()


def test_a_decoding_room_decodes_whatever_is_bound() -> None:
    assert decoded_mids("decode", (video("0", None), video("1", "students"), SOUND)) == {"1", "9"}
