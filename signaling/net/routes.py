"""The one route table: it makes the server, /openapi.json and the permission test."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from signaling.core.permissions import Action
from signaling.messages import county, http
from signaling.net import handlers, library
from signaling.net.county import handlers as week
from signaling.net.services import Asked, Services

Handler = Callable[[Services, Asked], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Route:
    """One row. Who may use it stands in the permission table under its action."""

    method: str
    path: str
    action: Action
    handler: Handler
    summary: str
    body: type | None = None
    """`bytes`: a file."""
    result: type | None = None
    status: int = 200


_L: Final = "/api/lessons"
_S: Final = "/api/session"
_C: Final = "/api/county"

ROUTES: Final[tuple[Route, ...]] = (
    Route("POST", _L, "create_lesson", handlers.create_lesson, "Plan a lesson", http.CreateLesson,
          http.LessonView, 201),
    Route("GET", _L, "list_lessons", handlers.list_lessons, "The newest 100 lessons", None, http.LessonList),
    Route("GET", _L + "/{lesson}", "read_lesson", handlers.read_lesson, "A lesson", None, http.LessonView),
    Route("POST", _L + "/{lesson}/open", "open_lesson", handlers.open_lesson, "Open doors", None, http.LessonView),
    Route("POST", _L + "/{lesson}/end", "end_lesson", handlers.end_lesson, "End a lesson", None, http.LessonView),
    Route("POST", _L + "/{lesson}/pause", "pause_by_route", handlers.pause_lesson, "Stop everything in a lesson", None,
          http.LessonView),
    Route("POST", _L + "/{lesson}/resume", "resume_by_route", handlers.resume_lesson, "Let it go on", None,
          http.LessonView),
    Route("POST", _L + "/{lesson}/shut-down", "shut_down_by_route", handlers.shut_down_lesson, "Emergency end", None,
          http.LessonView),
    Route("POST", _L + "/{lesson}/cancel", "cancel_lesson", handlers.cancel_lesson, "Cancel", None, http.LessonView),
    Route("POST", _L + "/{lesson}/invitations", "invite", handlers.invite, "Make a seat and a one-time code for it",
          http.Invite, http.Invitation, 201),
    Route("POST", _S, "start_session", handlers.start_session, "Exchange a one-time code", http.StartSession,
          http.SessionView),
    Route("GET", _S, "read_session", handlers.read_session, "Whose seat this is", None, http.SessionView),
    Route("DELETE", _S, "forget_session", handlers.forget_session, "Give the session back", None, None, 204),
    Route("POST", _S + "/media-token", "media_token", handlers.media_token, "A token for WHIP or WHEP",
          http.WantMediaToken, http.MediaToken),
    Route("POST", _S + "/library-code", "seat_library_code", library.seat_library_code, "A code for the library", None,
          http.LibraryCode),
    Route("POST", "/api/library-code", "library_code", library.library_code, "A code for the library, for the operator",
          None, http.LibraryCode),
    Route("GET", "/api/token-keys", "read_keys", library.read_keys, "The public keys that check our signatures"),
    Route("GET", "/healthz", "read_health", handlers.read_health, "Alive, and whether a node is there", None,
          http.Health),
    Route("GET", "/api/recorder", "read_recorder", handlers.read_recorder, "How long the recorder's disk lasts", None,
          http.RecorderView),
    Route("GET", "/metrics", "read_metrics", handlers.read_metrics, "Counters for Prometheus"),
    Route("POST", _C + "/check", "check_import", week.check_import, "What a file would be, and what is wrong with it",
          bytes, county.ImportReport),
    Route("POST", _C + "/import", "take_import", week.take_import, "Save a file, all or nothing", bytes,
          county.ImportReport),
    Route("GET", _C + "/template", "read_template", week.read_template, "An empty workbook that explains itself"),
    Route("GET", _C + "/lessons", "read_plan", week.read_plan, "The lessons of some days", None, county.PlanView),
    Route("GET", _C + "/lessons/{planned}/substitutes", "read_substitutes", week.read_substitutes,
          "Who and where else", None, county.SubstitutesView),
    Route("POST", _C + "/lessons/{planned}/change", "change_lesson", week.change_lesson,
          "Another teacher or room, or no lesson", county.ChangeLesson, county.ImportReport),
    Route("POST", _C + "/feeds", "make_feed", week.make_feed, "Let a calendar subscribe", county.MakeFeed,
          county.FeedKey, 201),
    Route("GET", _C + "/feeds", "list_feeds", week.list_feeds, "Who may subscribe", None, county.FeedList),
    Route("DELETE", _C + "/feeds/{feed}", "revoke_feed", week.revoke_feed, "End a subscription", None, None, 204),
    Route("GET", _C + "/calendar.ics", "read_calendar", week.read_calendar, "The timetable of a feed (RFC 5545)"),
)  # fmt: skip

STATUS_OF_CODE: Final[dict[str, int]] = {
    "not_permitted": 403,
    "unknown_lesson": 404,
    "unknown_seat": 404,
    "lesson_over": 409,
    "lesson_not_open": 409,
    "lesson_live": 409,
    "stopped_by_operator": 409,
    "code_not_valid": 403,
    "unknown_planned": 404,
    "unknown_feed": 404,
    "county_changed": 409,
    "lesson_open": 409,
    "too_many": 429,
    "restarting": 503,
}
"""Every other refusal is 400: what was asked for makes no sense."""
