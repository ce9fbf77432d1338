"""What the library's address says and hears, as JSON."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from recorder.core.access import Viewer, decide
from recorder.core.catalogue import Entry, Part
from recorder.core.finding import LONGEST_QUERY, Query
from recorder.net.shelf_rows import Shelved


class StartSession(BaseModel):
    """Exchanges a code."""

    model_config = ConfigDict(extra="forbid")
    code: str = Field(max_length=4096)
    bearer: bool = False


class Why(BaseModel):
    """A change that needs a reason."""

    model_config = ConfigDict(extra="forbid")
    why: str = Field(max_length=4096)


class Again(BaseModel):
    """A failed job to be tried once more."""

    model_config = ConfigDict(extra="forbid")
    job: str = Field(max_length=200)


class Search(BaseModel):
    """The query of a list."""

    model_config = ConfigDict(extra="forbid")
    text: str = Field(default="", max_length=LONGEST_QUERY)
    school: str = Field(default="", max_length=LONGEST_QUERY)
    teacher: str = Field(default="", max_length=LONGEST_QUERY)
    from_ms: int | None = None
    until_ms: int | None = None
    offset: int = Field(default=0, ge=0, le=1_000_000)
    limit: int = Field(default=24, ge=1, le=100)

    def query(self) -> Query:
        """The same as the core has it."""
        return Query(**self.model_dump())


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a request changed nothing; `code` is stable, `sentence` is for people."""

    code: str
    sentence: str


def listed(shelved: Shelved, viewer: Viewer) -> dict[str, Any]:
    """An entry in a list: enough for a card."""
    entry = shelved.entry
    verdict = decide(viewer, "play", shelved.holding)
    return {
        "id": entry.id,
        "title": entry.title,
        "school": entry.school,
        "teacher": entry.teacher,
        "classrooms": entry.classrooms,
        "held_at_ms": entry.held_at_ms,
        "duration_ms": entry.duration_ms,
        "sources": entry.sources,
        "honours": entry.honours,
        "playable": verdict.allowed and entry.film is not None,
        "why_not": verdict.why,
        "why_not_code": verdict.code,
        "poster": entry.poster.name if verdict.allowed and entry.poster else None,
    }


def whole(shelved: Shelved, viewer: Viewer) -> dict[str, Any]:
    """Everything about an entry; whoever may not play it is told of no file."""
    entry = shelved.entry
    shown = listed(shelved, viewer)
    may = decide(viewer, "play", shelved.holding).allowed
    files = {
        "film": _part(entry.film) if may else None,
        "thumbnails": [part.name for part in entry.thumbnails] if may else [],
        "tracks": [_part(part) for part in entry.tracks] if may else [],
    }
    said = {
        "enabled_by": entry.enabled_by,
        "basis": entry.basis,
        "pupils": entry.pupils,
        "chapters": [asdict(chapter) for chapter in entry.chapters],
        "missing": [asdict(each) for each in entry.missing],
        "trouble": entry.trouble,
        "may_delete": decide(viewer, "delete", shelved.holding).allowed,
        "may_settle": decide(viewer, "object", shelved.holding).allowed,
        "objection": shelved.objection if decide(viewer, "object", shelved.holding).allowed else "",
        "held": shelved.held,
    }
    return {**shown, **files, **said}


def _part(part: Part | None) -> dict[str, Any] | None:
    return None if part is None else {"name": part.name, "media_type": part.media_type, "size": part.size}


def picture(entry: Entry, name: str) -> bool:
    """A still picture is looked at, a film is played: the log tells them apart."""
    return name.endswith(".jpg")


def answer(body: object, status: int = 200) -> web.Response:
    """Answers with JSON."""
    text = json.dumps(body, ensure_ascii=False)
    return web.Response(text=text, status=status, content_type="application/json")


def problem(status: int, code: str, sentence: str) -> web.Response:
    """Answers with an error."""
    return answer(asdict(Problem(code, sentence)), status)
