"""A client's session with signaling: from a code to a seat, and back to it after every loss.

Time, chance and everything that happens are arguments of `step`; what has to be done is its result.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from classroom_client.core import diagnosis, steps
from classroom_client.core.diagnosis import Trouble
from classroom_client.core.negotiation import Happening, Negotiation, Phase
from classroom_client.core.reconnect import delay_ms
from classroom_client.core.seat import Signal, State, after
from classroom_client.core.view import LessonView, fold
from signaling.messages import client as wire
from signaling.messages.ids import Connection, Role, SessionId, Source

NAME = "classroom-client/0.1.0"
COPY_CODEC = "vp8"
SILENCE_MS = 10_000
"""A server that answers nothing for this long is taken for lost."""
STEADY_MS = 5_000
"""A seat held this long ends the growth of the delays."""


_ASKED_FOR: dict[Connection, tuple[type[wire.ClientMessage], ...]] = {
    "publish": (wire.Publish,),
    "subscribe": (wire.Subscribe, wire.SubscribeAnswer),
}

Wish = Callable[[str], wire.ClientMessage]
"""Makes a message from the id that the session gives it, as `wire.FloorRequest`."""


class Session:
    """The machine; the shell feeds it and does what it orders."""

    def __init__(self, *, publishes: bool, subscribes: bool = True) -> None:
        self.state = State.NEW
        self.view = LessonView()
        self.role: Role | None = None
        wanted: tuple[tuple[Connection, bool], ...] = (("publish", publishes), ("subscribe", subscribes))
        self._media = {connection: Negotiation(connection) for connection, yes in wanted if yes}
        self._admitted = False
        self._session: SessionId | None = None
        self._offer: wire.Offer | None = None
        """What a join has just brought."""
        self._last_seq = 0
        self._ids = 0
        self._pending: dict[str, wire.ClientMessage] = {}
        self._copies: dict[Source, None] = {}
        self._copies_offered: tuple[Source, ...] = ()
        self._orders: list[steps.Order] = []
        self._timers: dict[str, float] = {}
        self._attempt = 0
        self._seated_at_ms = 0.0
        self._now_ms = 0.0
        self._chance = 0.0

    def deadline(self) -> float | None:
        """When `tick` wants to be called at the latest."""
        return min(self._timers.values(), default=None)

    def tick(self, now_ms: float, chance: float) -> tuple[steps.Order, ...]:
        """Does what is due."""
        self._now_ms, self._chance = now_ms, chance
        for name in [name for name, due_ms in self._timers.items() if due_ms <= now_ms]:
            del self._timers[name]
            self._due(name)
        return self._take_orders()

    def step(self, what: steps.Input, now_ms: float, chance: float) -> tuple[steps.Order, ...]:
        """Takes in what happened; the result is what to do now, in this order."""
        self._now_ms, self._chance = now_ms, chance
        if self.state is not State.OVER:
            self._take_in(what)
        return self._take_orders()

    def wish(self, make: Wish, now_ms: float) -> tuple[steps.Order, ...]:
        """Sends a message of the lesson; without a seat nothing is sent, for its moment has passed."""
        self._now_ms = now_ms
        if self.state is State.SEATED:
            self._ask(make)
        return self._take_orders()

    def _take_orders(self) -> tuple[steps.Order, ...]:
        orders, self._orders = tuple(self._orders), []
        return orders

    def _take_in(self, what: steps.Input) -> None:
        match what:
            case steps.Started():
                self._signal(Signal.START)
            case steps.Admitted():
                self._admitted = True
                self._signal(Signal.ADMITTED)
            case steps.Opened():
                self._signal(Signal.OPENED)
            case steps.Failed(trouble=trouble):
                self._fail(trouble)
            case steps.Heard(message=message):
                self._hear(message)
            case steps.Offered() | steps.Answered():
                self._made(what)
            case steps.MediaFailed():
                self._media_failed(what)
            case steps.Stopped():
                self._stop()

    # --- the way to the seat

    def _signal(self, signal: Signal) -> None:
        self.state = after(self.state, signal)
        self._enter(self.state)

    def _enter(self, state: State) -> None:
        match state:
            case State.ADMITTING:
                self._orders.append(steps.Exchange())
            case State.DIALLING:
                self._orders.append(steps.Dial() if self._admitted else steps.Exchange())
                self.state = State.DIALLING if self._admitted else State.ADMITTING
            case State.GREETING:
                resume = wire.Resume(self._session, self._last_seq) if self._session else None
                self._orders.append(steps.Say(wire.Hello(wire.VERSIONS, NAME, resume)))
                self._expect_answer()
            case State.JOINING:
                self._ask(lambda message_id: wire.Join(message_id, offer="subscribe" in self._media))
            case State.SEATED:
                self._seated_at_ms = self._now_ms
                self._mend_media()
            case _:
                self._timers.clear()
                for media in self._media.values():
                    if media.phase is Phase.RESTING:
                        media.step(Happening.DROPPED)

    def _fail(self, trouble: Trouble) -> None:
        """A lost or never opened WebSocket, or a refused exchange."""
        if self.state is State.WAITING:
            return
        if self.state is State.SEATED and self._now_ms - self._seated_at_ms >= STEADY_MS:
            self._attempt = 0
        if not trouble.retry:
            self._finish(trouble)
            return
        self._orders.append(steps.Tell(trouble))
        self._signal(Signal.SETBACK)
        self._timers["redial"] = self._now_ms + delay_ms(self._attempt, self._chance)
        self._attempt += 1

    def _finish(self, trouble: Trouble | None) -> None:
        self._signal(Signal.BARRED if trouble else Signal.STOP)
        self._orders.append(steps.Finish(trouble))

    def _stop(self) -> None:
        if self.state in (State.SEATED, State.JOINING):
            self._ask(wire.Leave)
        self._finish(None)

    def _due(self, name: str) -> None:
        if name == "redial":
            self._signal(Signal.DUE)
        elif name == "answer":
            self._fail(diagnosis.from_server("silent", "", retry=True))
        else:
            self._want(name)

    # --- messages

    def _ask(self, make: Wish) -> str:
        self._ids += 1
        message_id = f"c{self._ids}"
        self._pending[message_id] = make(message_id)
        self._orders.append(steps.Say(self._pending[message_id]))
        self._expect_answer()
        return message_id

    def _expect_answer(self) -> None:
        self._timers.setdefault("answer", self._now_ms + SILENCE_MS)

    def _hear(self, message: wire.ServerMessage) -> None:
        if self.state not in (State.GREETING, State.JOINING, State.SEATED) or self._is_old(message):
            return
        self.view = fold(self.view, message)
        match message:
            case wire.Welcome():
                self._welcomed(message)
            case wire.Done() | wire.Joined() | wire.Published() | wire.SubscribeOffer() | wire.Refused():
                self._replied(message)
            case wire.Rejoin(connections=connections):
                self._lose(connections)
            case wire.Republish():
                self._copy(message)
            case wire.Bye():
                self._fail(diagnosis.from_server(message.code, message.sentence, retry=message.retry))
            case _:
                pass

    def _is_old(self, message: wire.ServerMessage) -> bool:
        """A message that a resumed session sends twice is taken once; the rest move `last_seq` on."""
        seq = None if isinstance(message, wire.Welcome) else getattr(message, "seq", None)
        if seq is None:
            return False
        old = seq <= self._last_seq
        self._last_seq = max(self._last_seq, seq)
        return bool(old)

    def _welcomed(self, message: wire.Welcome) -> None:
        self._timers.pop("answer", None)
        self.role = message.role
        self._orders.append(steps.TakenSeat(message.seat, message.role, message.classroom))
        if self._is_taken_by_another(message):
            self._fail(diagnosis.from_server("replaced", "", retry=False))
            return
        self._session = message.session
        self._forbid(message.actions)
        for media in self._media.values():
            if media.phase is Phase.LIVE and media.connection not in message.connections:
                self._drop(media)
        if message.resumed and not any(isinstance(asked, wire.Join) for asked in self._pending.values()):
            self._say_again()
            self._signal(Signal.WELCOME_BACK)
            return
        self._begin_anew(message)
        self._signal(Signal.WELCOME)

    def _is_taken_by_another(self, message: wire.Welcome) -> bool:
        """Whoever took the seat while our WebSocket was away keeps it: joining again would send them away."""
        if self._session in (None, message.session):
            return False
        seat = self.view.seats.get(message.seat)
        return seat is not None and seat.present

    def _forbid(self, actions: tuple[str, ...]) -> None:
        for name, media in self._media.items():
            if name not in actions and media.phase is not Phase.REFUSED:
                media.step(Happening.FORBIDDEN)
                self._orders.append(steps.Tell(diagnosis.forbidden(name)))

    def _begin_anew(self, message: wire.Welcome) -> None:
        """A new session knows nothing of what was asked in the old one."""
        self._last_seq = message.seq
        self._pending.clear()
        self._copies.clear()
        for media in self._media.values():
            if media.phase in (Phase.MAKING, Phase.ASKED, Phase.CONFIRMING):
                self._drop(media)

    def _say_again(self) -> None:
        self._orders.extend(steps.Say(message) for message in self._pending.values())
        if self._pending:
            self._expect_answer()

    def _replied(self, reply: wire.Done | wire.Joined | wire.Published | wire.SubscribeOffer | wire.Refused) -> None:
        asked = self._pending.pop(reply.reply_to or "", None)
        if not self._pending:
            self._timers.pop("answer", None)
        if isinstance(reply, wire.Refused):
            self._refused(asked, reply)
        elif isinstance(asked, wire.Join):
            self._offer = reply.offer if isinstance(reply, wire.Joined) else None
            self._signal(Signal.TAKEN)
            self._offer = None
        elif isinstance(asked, wire.Publish) and isinstance(reply, wire.Published):
            self._published(reply)
        elif isinstance(asked, wire.Subscribe) and isinstance(reply, wire.SubscribeOffer):
            self._offered_slots(reply)
        elif isinstance(asked, wire.SubscribeAnswer):
            self._media["subscribe"].step(Happening.REPLIED)

    def _refused(self, asked: wire.ClientMessage | None, reply: wire.Refused) -> None:
        trouble = diagnosis.from_server(reply.code, reply.sentence, retry=reply.code == "old_number")
        if isinstance(asked, wire.Join):
            self._fail(trouble)
        elif reply.code == "not_joined" and self.state is State.SEATED:
            self._pending.clear()
            for media in self._media.values():
                self._drop(media)
            self._signal(Signal.UNSEATED)
        elif isinstance(asked, wire.Publish):
            self._set_back(self._media["publish"], trouble)
        elif isinstance(asked, wire.Subscribe | wire.SubscribeAnswer):
            self._set_back(self._media["subscribe"], trouble)
        else:
            self._orders.append(steps.Tell(trouble))

    # --- media

    def _mend_media(self) -> None:
        for name, media in self._media.items():
            if media.phase is Phase.NONE:
                self._want(name)

    def _want(self, name: str) -> None:
        media = next(media for media in self._media.values() if media.connection == name)
        if self.state is not State.SEATED or self.role is None:
            return
        if media.phase is Phase.RESTING:
            media.step(Happening.DROPPED)
        if media.phase is not Phase.NONE:
            return
        media.step(Happening.WANTED)
        if name == "publish":
            self._make_offer(media)
        elif self._offer is not None:
            self._offered_slots(self._offer)
        else:
            self._ask(wire.Subscribe)

    def _make_offer(self, media: Negotiation) -> None:
        self._copies_offered = tuple(self._copies)
        self._orders.append(steps.MakeOffer(media.round, self._copies_offered))

    def _copy(self, wish: wire.Republish) -> None:
        """A viewer has no H.264: the source goes out once more, or no longer."""
        if wish.wanted and wish.codec == COPY_CODEC:
            self._copies[wish.source] = None
        else:
            self._copies.pop(wish.source, None)
        self._widen()

    def _widen(self) -> None:
        media = self._media.get("publish")
        if media is not None and media.phase is Phase.LIVE and tuple(self._copies) != self._copies_offered:
            media.step(Happening.WIDENED)
            self._make_offer(media)

    def _lose(self, connections: Iterable[Connection]) -> None:
        for connection in connections:
            if connection in self._media:
                self._drop(self._media[connection])
        self._mend_media()

    def _drop(self, media: Negotiation) -> None:
        media.step(Happening.DROPPED)
        self._timers.pop(media.connection, None)
        kinds = _ASKED_FOR[media.connection]
        self._pending = {key: value for key, value in self._pending.items() if not isinstance(value, kinds)}
        self._orders.append(steps.CloseMedia(media.connection))

    def _made(self, made: steps.Offered | steps.Answered) -> None:
        media = self._media["publish" if isinstance(made, steps.Offered) else "subscribe"]
        if made.round != media.round or media.phase is not Phase.MAKING:
            return
        media.step(Happening.MADE)
        if isinstance(made, steps.Offered):
            sdp, sources = made.sdp, made.sources
            self._ask(lambda message_id: wire.Publish(message_id, sdp, sources))
        else:
            number, answer = made.number, made.sdp
            self._ask(lambda message_id: wire.SubscribeAnswer(message_id, number, answer))

    def _published(self, reply: wire.Published) -> None:
        media = self._media["publish"]
        media.step(Happening.REPLIED)
        self._orders.append(steps.TakeAnswer(media.round, reply.sdp))
        self._widen()

    def _offered_slots(self, offer: wire.SubscribeOffer | wire.Offer) -> None:
        media = self._media["subscribe"]
        media.step(Happening.REPLIED)
        self._orders.append(steps.MakeAnswer(media.round, offer.number, offer.sdp))

    def _media_failed(self, what: steps.MediaFailed) -> None:
        media = self._media[what.connection]
        if what.round == media.round and media.phase not in (Phase.NONE, Phase.RESTING, Phase.REFUSED):
            self._set_back(media, what.trouble)

    def _set_back(self, media: Negotiation, trouble: Trouble) -> None:
        if media.connection == "publish" and self._copies and (trouble.code == "media" or not trouble.retry):
            # What a copy may have broken comes back without it; its viewers are told in words.
            self._copies.clear()
            trouble = replace(trouble, retry=True)
        attempt = media.attempt
        self._drop(media)
        self._orders.append(steps.Tell(trouble))
        media.step(Happening.SET_BACK if trouble.retry else Happening.FORBIDDEN)
        if trouble.retry:
            self._timers[media.connection] = self._now_ms + delay_ms(attempt, self._chance)
