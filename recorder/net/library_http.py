"""The library's routes: who asks, may they, what is answered; every playback is permitted and logged first."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, TypeVar

import structlog
from aiohttp import web
from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import OperationalError

from recorder.core.access import Act, Viewer, decide, rule_of
from recorder.core.deletion import ReasonError, reason
from recorder.net.clock import wall_ms
from recorder.net.job_rows import JobRows
from recorder.net.library_callers import COOKIE, Door, TrustedKeys, viewer_of
from recorder.net.library_files import Playing, deed
from recorder.net.library_views import Again, Search, StartSession, Why, answer, listed, problem, whole
from recorder.net.library_work import Work
from recorder.net.removal import Remover
from recorder.net.shelf_rows import ShelfRows, Shelved
from recorder.net.signing import Signer, TokenError

log = structlog.get_logger("recorder.library")

LARGEST_BODY: Final = 16 * 1024
Body = TypeVar("Body", bound=BaseModel)
Noted = Literal["object", "settle", "hold", "release"]


class Turned(Exception):
    """The request is answered with this problem."""

    def __init__(self, status: int, code: str, sentence: str) -> None:
        super().__init__(code)
        self.response = problem(status, code, sentence)


@dataclass(frozen=True, slots=True)
class Library:
    """Everything that the library's process is made of."""

    shelf: ShelfRows
    rows: JobRows
    signer: Signer
    door: Door
    keys: TrustedKeys
    remover: Remover
    playing: Playing
    work: Work

    def routes(self) -> list[web.RouteDef]:
        """The one route table."""
        api, one = "/api/library", "/api/library/resources/{id}"
        return [
            web.post(api + "/session", self._start),
            web.get(api + "/session", self._session),
            web.delete(api + "/session", self._leave),
            web.get(api + "/resources", self._find),
            web.get(one, self._show),
            web.delete(one, self._delete),
            web.put(one + "/objection", self._object),
            web.delete(one + "/objection", self._settle),
            web.put(one + "/hold", self._hold),
            web.delete(one + "/hold", self._release),
            web.get(one + "/playbacks", self._playbacks),
            web.get(one + "/files/{name}", self._play),
            web.get(api + "/tombstones", self._tombstones),
            web.get(api + "/keys", self._keys),
            web.get(api + "/coming", self._coming),
            web.get(api + "/jobs", self._jobs),
            web.post(api + "/jobs/again", self._again),
            web.get("/healthz", self._health),
        ]

    async def _start(self, request: web.Request) -> web.StreamResponse:
        if self.door.foreign(request):
            raise Turned(403, "foreign_origin", "This request came from no page of ours.")
        wish, now_ms = await _body(request, StartSession), wall_ms()
        try:
            claims = await self.keys.read(wish.code, now_ms / 1000)
            viewer = viewer_of(claims)
        except TokenError as error:
            raise Turned(403, "code_not_valid", f"This link opens nothing: {error}. Ask for a new one.") from None
        if not await self.shelf.show_token(viewer.token, claims["exp"] * 1000, now_ms):
            raise Turned(403, "code_not_valid", "This link was used before; each works once. Ask for a new one.")
        token = self.door.session(viewer, now_ms // 1000)
        log.info("library_entered", role=viewer.role, seat=viewer.seat, token=viewer.token)
        if wish.bearer:
            return answer({**_who(viewer), "token": token})
        response = answer(_who(viewer))
        self.door.set_cookie(request, response, token)
        return response

    async def _session(self, request: web.Request) -> web.StreamResponse:
        return answer(_who(self._viewer(request)))

    async def _leave(self, request: web.Request) -> web.StreamResponse:
        self._viewer(request)
        response = web.Response(status=204)
        response.del_cookie(COOKIE, path="/")
        return response

    async def _find(self, request: web.Request) -> web.StreamResponse:
        viewer = self._viewer(request)
        try:
            query = Search.model_validate(dict(request.query)).query()
        except ValidationError as error:
            raise _wrong(error) from None
        total, page = await self.shelf.find(query, viewer, rule_of(viewer, "find"))
        return answer({"total": total, "resources": [listed(shelved, viewer) for shelved in page]})

    async def _show(self, request: web.Request) -> web.StreamResponse:
        viewer, shelved = await self._shelved(request, "find")
        return answer(whole(shelved, viewer))

    async def _play(self, request: web.Request) -> web.StreamResponse:
        viewer, shelved = await self._shelved(request, "find")
        return await self.playing.serve(request, viewer, shelved, request.match_info["name"])

    async def _delete(self, request: web.Request) -> web.StreamResponse:
        viewer, shelved = await self._shelved(request, "delete")
        stone = await self.remover.delete(shelved, viewer.name, await _reason(request), wall_ms())
        log.info("resource_deleted", resource=stone.resource, by=viewer.name)
        return answer(asdict(stone))

    async def _object(self, request: web.Request) -> web.StreamResponse:
        viewer, shelved = await self._shelved(request, "object")
        why = await _reason(request)
        await self.shelf.set_objection(shelved.entry.id, why)
        return await self._noted(viewer, shelved, "object", why)

    async def _settle(self, request: web.Request) -> web.StreamResponse:
        viewer, shelved = await self._shelved(request, "object")
        await self.shelf.set_objection(shelved.entry.id, "")
        return await self._noted(viewer, shelved, "settle")

    async def _hold(self, request: web.Request) -> web.StreamResponse:
        viewer, shelved = await self._shelved(request, "hold")
        why = await _reason(request)
        await self.shelf.set_held(shelved.entry.id, True)
        return await self._noted(viewer, shelved, "hold", why)

    async def _release(self, request: web.Request) -> web.StreamResponse:
        viewer, shelved = await self._shelved(request, "hold")
        await self.shelf.set_held(shelved.entry.id, False)
        return await self._noted(viewer, shelved, "release")

    async def _noted(self, viewer: Viewer, shelved: Shelved, act: Noted, why: str = "") -> web.StreamResponse:
        """What was decided stands in the same log as who watched."""
        await self.shelf.log(deed(viewer, shelved, act, why, wall_ms()))
        log.info("resource_decided", resource=shelved.entry.id, act=act, by=viewer.name)
        return web.Response(status=204)

    async def _playbacks(self, request: web.Request) -> web.StreamResponse:
        _, shelved = await self._shelved(request, "read_log")
        return answer([asdict(line) for line in await self.shelf.log_of(shelved.entry.id)])

    async def _tombstones(self, request: web.Request) -> web.StreamResponse:
        self._refuse_others(request, "read_log")
        return answer([asdict(stone) for stone in await self.shelf.stones()])

    async def _keys(self, request: web.Request) -> web.StreamResponse:
        return web.Response(text=self.signer.public_keys(), content_type="application/jwk-set+json")

    async def _jobs(self, request: web.Request) -> web.StreamResponse:
        self._refuse_others(request, "see_work")
        return answer(await self.work.unsettled())

    async def _coming(self, request: web.Request) -> web.StreamResponse:
        viewer = self._viewer(request)
        return answer([] if viewer.lesson is None else await self.work.coming(viewer.lesson))

    async def _again(self, request: web.Request) -> web.StreamResponse:
        self._refuse_others(request, "see_work")
        wish = await _body(request, Again)
        if not await self.rows.again(wish.job, wall_ms()):
            raise Turned(409, "nothing_failed", "There is no such job, or it has not failed.")
        return web.Response(status=204)

    async def _health(self, request: web.Request) -> web.StreamResponse:
        return answer({"alive": True})

    def _viewer(self, request: web.Request) -> Viewer:
        viewer = self.door.viewer(request, wall_ms() / 1000)
        if viewer is None:
            raise Turned(401, "not_authenticated", "Open the library by a link from the lesson page or the operator.")
        if self.door.foreign(request):
            raise Turned(403, "foreign_origin", "This request came from no page of ours.")
        return viewer

    def _refuse_others(self, request: web.Request, act: Act) -> None:
        """For what belongs to no resource."""
        viewer = self._viewer(request)
        if rule_of(viewer, act).plain != "all":
            raise Turned(403, "not_permitted", f"The role {viewer.role} may not {act.replace('_', ' ')}.")

    async def _shelved(self, request: web.Request, act: Act) -> tuple[Viewer, Shelved]:
        """The resource, for who may know of it; whoever may not does not learn whether there is one."""
        viewer = self._viewer(request)
        shelved = await self.shelf.get(request.match_info["id"])
        if shelved is None or not decide(viewer, "find", shelved.holding).allowed:
            raise Turned(404, "unknown_resource", "There is no such lesson on the shelf.")
        verdict = decide(viewer, act, shelved.holding)
        if not verdict.allowed:
            raise Turned(403, "not_permitted", verdict.why)
        return viewer, shelved


@web.middleware
async def in_words(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Every error leaves as code and sentence."""
    try:
        return await handler(request)
    except Turned as turned:
        return turned.response
    except web.HTTPException as error:
        return problem(error.status, "wrong_request", error.reason)
    except ConnectionError:
        raise  # the viewer has gone; there is nobody to answer
    except OperationalError as error:
        log.error("database_refuses", method=request.method, path=request.path, cause=str(error.orig))
        if "full" not in str(error.orig) and "I/O" not in str(error.orig):
            return problem(503, "busy", "The library's database does not answer now; try again in a minute.")
        return problem(507, "disk_full", "The library's disk is full, so nothing can be noted, and nothing is played.")
    except Exception:
        log.exception("request_failed", method=request.method, path=request.path)
        return problem(500, "our_fault", "Something broke here; the operator's log says what.")


async def _body(request: web.Request, form: type[Body]) -> Body:
    try:
        return form.model_validate_json(await request.read())
    except ValidationError as error:
        raise _wrong(error) from None


async def _reason(request: web.Request) -> str:
    wish = await _body(request, Why)
    try:
        return reason(wish.why)
    except ReasonError as error:
        raise Turned(400, "no_reason", str(error)) from None


def _wrong(error: ValidationError) -> Turned:
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return Turned(400, "wrong_message", f"{where}: {first['msg']}")


def _who(viewer: Viewer) -> dict[str, Any]:
    return {"role": viewer.role, "school": viewer.school, "region": viewer.region, "lesson": viewer.lesson or ""}
