"""Things of a county to rows of tables, and back."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import JSON, Table

from signaling.core.county import county as counties
from signaling.core.county import things
from signaling.core.county.bells import Bells
from signaling.core.county.county import County
from signaling.core.county.term import Term
from signaling.net.county import tables


@dataclass(frozen=True, slots=True)
class Kept:
    """Where one kind of thing lies."""

    kind: str
    """Its name in County."""
    table: Table
    form: type
    adapter: TypeAdapter[Any] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "adapter", TypeAdapter(self.form))

    @property
    def key(self) -> tuple[str, ...]:
        """What tells two of them apart."""
        return tuple(column.name for column in self.table.primary_key)

    def key_of(self, thing: object) -> tuple[Hashable, ...]:
        """The key of one."""
        return tuple(getattr(thing, name) for name in self.key)

    def row_of(self, thing: object) -> dict[str, object]:
        """One row."""
        as_json = self.adapter.dump_python(thing, mode="json")
        return {
            column.name: as_json[column.name] if isinstance(column.type, JSON) else getattr(thing, column.name)
            for column in self.table.columns
        }

    def thing_of(self, row: Mapping[str, object]) -> Any:
        """One thing."""
        return self.adapter.validate_python(dict(row))

    def things_of(self, county: County) -> dict[tuple[Hashable, ...], object]:
        """All of a county's, by their keys."""
        held: Any = getattr(county, self.kind)
        values: Iterable[object] = held.values() if isinstance(held, Mapping) else held
        return {self.key_of(thing): thing for thing in values}


KEPT: Final[tuple[Kept, ...]] = (
    Kept("regions", tables.regions, things.Region),
    Kept("schools", tables.schools, things.School),
    Kept("classrooms", tables.classrooms, things.Classroom),
    Kept("people", tables.people, things.Person),
    Kept("classes", tables.classes, things.SchoolClass),
    Kept("textbooks", tables.textbooks, things.Textbook),
    Kept("bells", tables.bells, Bells),
    Kept("terms", tables.terms, Term),
    Kept("pairings", tables.pairings, things.Pairing),
    Kept("courses", tables.courses, things.Course),
    Kept("entries", tables.entries, things.Entry),
    Kept("changes", tables.changes, counties.Change),
)


def county_of(found: Mapping[str, Iterable[Any]]) -> County:
    """A county of its things."""
    made: dict[str, Any] = {}
    for kept in KEPT:
        of_kind = sorted(found[kept.kind], key=kept.key_of)
        single = len(kept.key) == 1
        made[kept.kind] = {kept.key_of(thing)[0] if single else kept.key_of(thing): thing for thing in of_kind}
    made["entries"] = tuple(made["entries"].values())
    return County(**made)


@dataclass(frozen=True, slots=True)
class Difference:
    """What has to be written of one kind."""

    kept: Kept
    gone: tuple[tuple[Hashable, ...], ...]
    """Keys of rows that are no more as they were."""
    come: tuple[object, ...]


def difference(before: County, after: County) -> tuple[Difference, ...]:
    """What makes the one of the other; kinds in which nothing has changed are left out."""
    found = []
    for kept in KEPT:
        if getattr(before, kept.kind) is getattr(after, kept.kind):
            continue
        old, new = kept.things_of(before), kept.things_of(after)
        gone = tuple(key for key, thing in old.items() if new.get(key) != thing)
        come = tuple(thing for key, thing in new.items() if old.get(key) != thing)
        if gone or come:
            found.append(Difference(kept, gone, come))
    return tuple(found)
