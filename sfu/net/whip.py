"""WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep): a connection by one POST."""

from aiohttp import hdrs, web

from sfu.core import publishing, reconcile, restarting, subscribing
from sfu.core.decision import Decision
from sfu.core.tables import Node, Peer, PeerKey, Refusal
from sfu.net import http
from sfu.net.control import fresh_chance
from sfu.net.sessions import Sessions
from sfu.net.station import Station
from sfu.net.tokens import MediaToken, TokenReader
from sfu.sdp import SdpError, parse_fragment
from signaling.messages.ids import Connection
from signaling.messages.node import ClosePeer

ENDPOINT_METHODS = "GET, HEAD, POST, OPTIONS"
SESSION_METHODS = "GET, HEAD, DELETE, PATCH, OPTIONS"


class Resource:
    """One of the two endpoints with its sessions; WHIP publishes, WHEP subscribes."""

    def __init__(self, name: str, connection: Connection, station: Station, tokens: TokenReader) -> None:
        self._name = name
        self._connection = connection
        self._station = station
        self._tokens = tokens
        self._sessions = Sessions()

    def routes(self) -> list[web.RouteDef]:
        """What to add to the application."""
        endpoint, session = f"/{self._name}/{{lesson}}", f"/{self._name}/{{lesson}}/{{session}}"
        return [
            web.post(endpoint, http.answering(self._post)),
            web.get(endpoint, http.answering(self._look)),
            web.options(endpoint, http.answering(self._options)),
            web.route("*", endpoint, http.not_allowed(ENDPOINT_METHODS)),
            web.delete(session, http.answering(self._delete)),
            web.patch(session, http.answering(self._patch)),
            web.get(session, http.answering(self._look)),
            web.options(session, http.answering(self._session_options)),
            web.route("*", session, http.not_allowed(SESSION_METHODS)),
        ]

    async def _post(self, request: web.Request) -> web.StreamResponse:
        token = http.media_token(request, self._tokens, self._connection)
        sdp = await http.body(request, http.SDP)
        decision = self._station.do(lambda node: self._decide(node, token, sdp))
        name = self._sessions.open(self._station.node, self._key(token))
        tag = _tag(self._station.node.peers[self._key(token)])
        return http.created(decision.sdp, f"/{self._name}/{token.lesson}/{name}", tag)

    def _decide(self, node: Node, token: MediaToken, sdp: str) -> Decision:
        if self._connection == "subscribe":
            return subscribing.view(node, token.lesson, token.seat, sdp, fresh_chance())
        return publishing.offer_whip(node, token.lesson, token.seat, sdp, token.sources, fresh_chance())

    async def _delete(self, request: web.Request) -> web.StreamResponse:
        key = self._found(request)
        order = ClosePeer(key.lesson, key.seat, key.connection)
        self._station.do(lambda node: reconcile.close_peer(node, order, "closed_by_peer"))
        return web.Response(status=200)

    async def _patch(self, request: web.Request) -> web.StreamResponse:
        key = self._found(request)
        peer = self._station.node.peers[key]
        text = await http.body(request, http.FRAGMENT)
        http.check_match(request, _tag(peer))
        try:
            fragment = parse_fragment(text)
        except SdpError as error:
            raise Refusal("wrong_sdp", str(error)) from None
        if not fragment.restarts(peer.remote.ufrag, peer.remote.password):
            return web.Response(status=204)
        decision = self._station.do(lambda node: restarting.restart_by_fragment(node, key, fragment, fresh_chance()))
        return http.restarted(decision.sdp, _tag(decision.node.peers[key]))

    async def _look(self, request: web.Request) -> web.StreamResponse:
        """Nothing is to be seen here (RFC 9725 section 4.1), but a player learns what the address is for."""
        return web.Response(headers={hdrs.CONTENT_TYPE: http.SDP})

    async def _options(self, request: web.Request) -> web.StreamResponse:
        return http.options(ENDPOINT_METHODS, **{"Accept-Post": http.SDP})

    async def _session_options(self, request: web.Request) -> web.StreamResponse:
        return http.options(SESSION_METHODS, **{"Accept-Patch": http.FRAGMENT})

    def _key(self, token: MediaToken) -> PeerKey:
        return PeerKey(token.lesson, token.seat, self._connection)

    def _found(self, request: web.Request) -> PeerKey:
        """The session of the path, if the token is of its seat; an encoder may hang up after its token's time."""
        token = http.media_token(request, self._tokens, self._connection, may_be_expired=True)
        self._station.learn()
        return self._sessions.find(self._station.node, request.match_info["session"], self._key(token)).key


def _tag(peer: Peer) -> str:
    """A strong entity tag for the ICE session: a restart gives another one (RFC 9725 section 4.3.1)."""
    return f'"{peer.local.ufrag}"'
