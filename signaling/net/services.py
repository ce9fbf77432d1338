"""What the routes work with."""

from dataclasses import dataclass
from typing import TypeVar

from aiohttp import web

from signaling.messages.ids import LessonId
from signaling.net.callers import Caller, Doorkeeper
from signaling.net.county.office import CountyOffice
from signaling.net.guard import Guard
from signaling.net.lessons import Lessons
from signaling.net.metrics import Metrics
from signaling.net.recording import RecordingDoor
from signaling.net.settings import SignalingSettings
from signaling.net.store import Store
from signaling.net.tokens import Signer

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that one signaling process is made of."""

    settings: SignalingSettings
    store: Store
    signer: Signer
    doorkeeper: Doorkeeper
    guard: Guard
    lessons: Lessons
    recording: RecordingDoor
    metrics: Metrics
    county: CountyOffice


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, after caller, permission and body have been checked."""

    request: web.Request
    caller: Caller
    body: object = None
    lesson: LessonId | None = None

    def the_body(self, form: type[T]) -> T:
        """The body in the form that the route table gives it."""
        assert isinstance(self.body, form)
        return self.body

    @property
    def by(self) -> str:
        """Whom the log names."""
        return "operator" if self.caller.claims is None else self.caller.claims.seat
