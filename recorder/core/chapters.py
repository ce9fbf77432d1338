"""Chapters of a lesson: where the floor and the courseware changed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

What = Literal["begin", "floor", "lead", "courseware", "courseware_end"]

MOST: Final = 200
CLOSEST_MS: Final = 3_000
"""Two changes within this are one moment for a viewer; the later one is what it came to."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Something happened in the lesson, on the take's clock."""

    at_ms: int
    what: What
    who: str = ""
    """The classroom that got the floor, or whose courseware is shown."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A place to jump to; the page makes words of it in its own language."""

    at_ms: int
    what: What
    who: str = ""


def chapters(moments: Iterable[Moment], duration_ms: int) -> tuple[Chapter, ...]:
    """The beginning, then each change; what lies outside of the film is left out."""
    found = [Chapter(0, "begin")]
    for moment in sorted(moments, key=lambda each: each.at_ms):
        if not 0 <= moment.at_ms < duration_ms:
            continue
        chapter = Chapter(moment.at_ms, moment.what, moment.who)
        if (chapter.what, chapter.who) == (found[-1].what, found[-1].who):
            continue
        if len(found) > 1 and chapter.at_ms - found[-1].at_ms < CLOSEST_MS:
            found.pop()
        found.append(chapter)
    return tuple(found[:MOST])
