"""All takes are read from end to end and compared with what was written of them."""

from collections.abc import Callable

from recorder.core.form import FormatError
from recorder.disk.checking import check
from recorder.disk.depot import Depot
from recorder.disk.store import StoreAway
from recorder.disk.takes import Takes
from recorder.net.library_settings import LibrarySettings


def damaged(settings: LibrarySettings, tell: Callable[[str], None]) -> int:
    """Tells of each take whether it is as it was; returns how many are not, or cannot be read now."""
    store = settings.storage.open(settings.folder)
    takes = Takes(settings.folder, settings.master, store)
    depot, seen, bad = Depot(settings.folder, takes, store), 0, 0
    for lesson, take in takes.finished():
        seen += 1
        try:
            files = check(depot, lesson, take, lambda part: None)
            tell(f"{lesson}/{take}: {files} files are as they were.")
        except (FormatError, StoreAway, OSError) as error:
            bad += 1
            tell(f"{lesson}/{take}: {error}.")
    tell(f"{seen} takes were read, {bad} are damaged or cannot be read.")
    return bad
