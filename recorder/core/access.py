"""Who may find, play or delete a resource: one table, role by act, and a guardian's objection and evidence above it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from signaling.messages.ids import LessonId, Role, Source

Act = Literal["find", "play", "delete", "object", "hold", "read_log", "see_work"]
Why = Literal["", "role", "pupils", "objection", "held"]
Scope = Literal["none", "own", "region", "all"]
"""`own`: the lesson on whose seat the viewer sits. `region`: everything of the viewer's region, and the own lesson."""

PUPILS: Final[frozenset[Source]] = frozenset({"students", "room_mic"})


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks, as signaling signed it."""

    token: str
    """The token's name, as the log has it."""
    role: Role
    region: str = ""
    school: str = ""
    lesson: LessonId | None = None
    seat: str = ""

    @property
    def name(self) -> str:
        """Whom a log or a tombstone names."""
        return self.seat or self.role


@dataclass(frozen=True, slots=True)
class Holding:
    """What the rule must know of a resource."""

    lesson: LessonId
    region: str = ""
    pupils: bool = False
    """Pupils are seen or heard in it."""
    objection: bool = False
    """A guardian objected."""
    held: bool = False
    """Kept as evidence."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether, and if not, why in words."""

    allowed: bool
    why: str = ""
    code: Why = ""
    """The same for pages, which say it in their own language."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a role may reach: without pupils, and with them."""

    plain: Scope
    pupils: Scope


_NOTHING: Final = Rule("none", "none")
_REGION: Final = Rule("region", "region")
_ALL: Final = Rule("all", "all")

MAY: Final[Mapping[Act, Mapping[Role, Rule]]] = {
    "find": {
        "operator": _ALL,
        "lead": _REGION,
        "assistant": _REGION,
        "reviewer": _REGION,
        "patrol": _REGION,
        "room": Rule("own", "own"),
        "listener": Rule("own", "own"),
        "attendee": Rule("region", "none"),
    },
    # Replaying pupils beyond their own lesson needs an approval, and there is none to give yet.
    "play": {
        "operator": _ALL,
        "lead": Rule("region", "own"),
        "assistant": Rule("region", "own"),
        "reviewer": Rule("region", "none"),
        "patrol": Rule("region", "none"),
        "room": Rule("own", "own"),
        "listener": Rule("own", "own"),
        "attendee": Rule("own", "none"),
    },
    "delete": {"operator": _ALL},
    "object": {"operator": _ALL},
    "hold": {"operator": _ALL},
    "read_log": {"operator": _ALL},
    "see_work": {"operator": _ALL},
}


def decide(viewer: Viewer, act: Act, holding: Holding) -> Verdict:
    """Answers from the table; an objection keeps everybody from playing, whoever they are."""
    rule = rule_of(viewer, act)
    scope = rule.pupils if holding.pupils else rule.plain
    if not _reaches(scope, viewer, holding):
        return _refusal(viewer, act, holding)
    if act == "play" and holding.objection:
        words = "A guardian objected; nobody plays this until the operator has settled it."
        return Verdict(False, words, "objection")
    if act == "delete" and holding.held:
        return Verdict(False, "This is kept as evidence; release it before it is deleted.", "held")
    return Verdict(True)


def rule_of(viewer: Viewer, act: Act) -> Rule:
    """The viewer's row; who is in no row may do nothing."""
    return MAY[act].get(viewer.role, _NOTHING)


def _reaches(scope: Scope, viewer: Viewer, holding: Holding) -> bool:
    own = viewer.lesson is not None and viewer.lesson == holding.lesson
    if scope == "all" or (own and scope != "none"):
        return True
    return scope == "region" and viewer.region == holding.region


def _refusal(viewer: Viewer, act: Act, holding: Holding) -> Verdict:
    if act == "play" and holding.pupils and _reaches(rule_of(viewer, act).plain, viewer, holding):
        words = f"Pupils are seen or heard in this lesson; the role {viewer.role} may not replay it."
        return Verdict(False, words, "pupils")
    return Verdict(False, f"The role {viewer.role} may not {act.replace('_', ' ')} this here.", "role")
