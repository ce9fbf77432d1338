"""Takes that a process left behind and whose lesson is over: they are closed, so that nobody waits for them."""

from recorder.core.names import TakeId
from recorder.disk.recording import Ask, Moment, Recording, Shelf
from recorder.disk.take_files import INDEX, MANIFEST, TakeFiles, folder_of, lesson_key, salvaged
from signaling.messages.ids import LessonId


def left_over(shelf: Shelf) -> list[tuple[LessonId, TakeId]]:
    """Every take that has an index and no manifest."""
    found = []
    for lesson in shelf.files.names(shelf.root / "takes"):
        for take in shelf.files.names(shelf.root / "takes" / lesson):
            inside = shelf.files.names(shelf.root / "takes" / lesson / take)
            if INDEX in inside and MANIFEST not in inside:
                found.append((LessonId(lesson), TakeId(take)))
    return found


def close_left_over(shelf: Shelf, lesson: LessonId, take: TakeId, moment: Moment) -> None:
    """Salvages a take and writes its manifest; raises FormatError or OSError and leaves it as it is."""
    key = lesson_key(shelf.files, shelf.root, lesson, shelf.master)
    folder = folder_of(shelf.root, lesson, take)
    found = salvaged(shelf.files, folder, key)
    if found is None:
        return  # nothing of it was ever named
    if found.manifest.state in ("closed", "failed"):
        writer = TakeFiles(shelf.files, folder, key, found.tip)
        writer.finish()
        writer.close()
        return
    ask = Ask(lesson, found.manifest.title, found.manifest.policy, take)
    recording = Recording(shelf, ask, moment)
    recording.end(moment, "the recorder was not there when the lesson ended")
