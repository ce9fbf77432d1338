"""A client's session with signaling: from a code to a seat, and back to it after every loss.

Time, chance and everything that happens are arguments of `step`; what has to be done is its result.
"""

from classroom_client.core import diagnosis, steps
from classroom_client.core.connections import Connections
from classroom_client.core.desk import ANSWER, SILENCE_MS, Desk, Wish
from classroom_client.core.diagnosis import Trouble
from classroom_client.core.seat import Signal, State, after
from classroom_client.core.view import LessonView, fold
from signaling.messages import client as wire
from signaling.messages.ids import Role, SessionId

__all__ = ["SILENCE_MS", "Session", "Wish"]

NAME = "classroom-client/0.1.0"
STEADY_MS = 5_000
"""A seat held this long ends the growth of the delays."""

Reply = wire.Done | wire.Joined | wire.Published | wire.SubscribeOffer | wire.Refused


class Session:
    """The machine; the shell feeds it and does what it orders."""

    def __init__(self, *, publishes: bool, subscribes: bool = True) -> None:
        self.state = State.NEW
        self.view = LessonView()
        self.role: Role | None = None
        self._desk = Desk()
        self._media = Connections(self._desk, publishes=publishes, subscribes=subscribes)
        self._admitted = False
        self._session: SessionId | None = None
        self._offer: wire.Offer | None = None
        """What a join has just brought."""
        self._last_seq = 0
        self._attempt = 0
        self._seated_at_ms = 0.0

    def deadline(self) -> float | None:
        """When `tick` wants to be called at the latest."""
        return min(self._desk.timers.values(), default=None)

    def tick(self, now_ms: float, chance: float) -> tuple[steps.Order, ...]:
        """Does what is due."""
        self._desk.now_ms, self._desk.chance = now_ms, chance
        for name in self._desk.due():
            self._due(name)
        return self._desk.take_orders()

    def step(self, what: steps.Input, now_ms: float, chance: float) -> tuple[steps.Order, ...]:
        """Takes in what happened; the result is what to do now, in this order."""
        self._desk.now_ms, self._desk.chance = now_ms, chance
        if self.state is not State.OVER:
            self._take_in(what)
        return self._desk.take_orders()

    def wish(self, make: Wish, now_ms: float) -> tuple[steps.Order, ...]:
        """Sends a message of the lesson; without a seat nothing is sent, for its moment has passed."""
        self._desk.now_ms = now_ms
        if self.state is State.SEATED:
            self._desk.ask(make)
        return self._desk.take_orders()

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
                self._media.made(what)
            case steps.MediaFailed():
                self._media.failed(what)
            case steps.Stopped():
                self._stop()

    # --- the way to the seat

    def _signal(self, signal: Signal) -> None:
        self.state = after(self.state, signal)
        self._enter(self.state)

    def _enter(self, state: State) -> None:
        match state:
            case State.ADMITTING:
                self._desk.order(steps.Exchange())
            case State.DIALLING:
                self._desk.order(steps.Dial() if self._admitted else steps.Exchange())
                self.state = State.DIALLING if self._admitted else State.ADMITTING
            case State.GREETING:
                resume = wire.Resume(self._session, self._last_seq) if self._session else None
                self._desk.order(steps.Say(wire.Hello(wire.VERSIONS, NAME, resume)))
                self._desk.expect_answer()
            case State.JOINING:
                self._desk.ask(lambda message_id: wire.Join(message_id, offer=self._media.subscribes))
            case State.SEATED:
                self._seated_at_ms = self._desk.now_ms
                self._media.mend(self._offer)
            case _:
                self._desk.timers.clear()
                self._media.rest_no_longer()

    def _fail(self, trouble: Trouble) -> None:
        """A lost or never opened WebSocket, or a refused exchange."""
        if self.state is State.WAITING:
            return
        if self.state is State.SEATED and self._desk.now_ms - self._seated_at_ms >= STEADY_MS:
            self._attempt = 0
        if not trouble.retry:
            self._finish(trouble)
            return
        self._desk.tell(trouble)
        self._signal(Signal.SETBACK)
        self._desk.wake_after("redial", self._attempt)
        self._attempt += 1

    def _finish(self, trouble: Trouble | None) -> None:
        self._signal(Signal.BARRED if trouble else Signal.STOP)
        self._desk.order(steps.Finish(trouble))

    def _stop(self) -> None:
        if self.state in (State.SEATED, State.JOINING):
            self._desk.ask(wire.Leave)
        self._finish(None)

    def _due(self, name: str) -> None:
        if name == "redial":
            self._signal(Signal.DUE)
        elif name == ANSWER:
            self._fail(diagnosis.from_server("silent", "", retry=True))
        elif self.state is State.SEATED:
            self._media.want(name)

    # --- messages

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
                self._media.lose(connections)
                if self.state is State.SEATED:
                    self._media.mend()
            case wire.Republish():
                self._media.copy(message)
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
        self._desk.timers.pop(ANSWER, None)
        self.role = message.role
        self._desk.order(steps.TakenSeat(message.seat, message.role, message.classroom))
        if self._is_taken_by_another(message):
            self._fail(diagnosis.from_server("replaced", "", retry=False))
            return
        self._session = message.session
        self._media.forbid(message.actions)
        self._media.keep(message.connections)
        if message.resumed and not any(isinstance(asked, wire.Join) for asked in self._desk.pending.values()):
            self._desk.say_again()
            self._signal(Signal.WELCOME_BACK)
            return
        self._last_seq = message.seq
        self._desk.pending.clear()
        self._media.begin_anew()
        self._signal(Signal.WELCOME)

    def _is_taken_by_another(self, message: wire.Welcome) -> bool:
        """Whoever took the seat while our WebSocket was away keeps it: joining again would send them away."""
        if self._session in (None, message.session):
            return False
        seat = self.view.seats.get(message.seat)
        return seat is not None and seat.present

    def _replied(self, reply: Reply) -> None:
        asked = self._desk.answered(reply.reply_to)
        if isinstance(reply, wire.Refused):
            self._refused(asked, reply)
        elif isinstance(asked, wire.Join):
            self._offer = reply.offer if isinstance(reply, wire.Joined) else None
            self._signal(Signal.TAKEN)
            self._offer = None
        elif isinstance(asked, wire.Publish) and isinstance(reply, wire.Published):
            self._media.published(reply)
        elif isinstance(asked, wire.Subscribe) and isinstance(reply, wire.SubscribeOffer):
            self._media.offered_slots(reply)
        elif isinstance(asked, wire.SubscribeAnswer):
            self._media.confirmed()

    def _refused(self, asked: wire.ClientMessage | None, reply: wire.Refused) -> None:
        trouble = diagnosis.from_server(reply.code, reply.sentence, retry=reply.code == "old_number")
        if isinstance(asked, wire.Join):
            self._fail(trouble)
        elif reply.code == "not_joined" and self.state is State.SEATED:
            self._desk.pending.clear()
            self._media.lose()
            self._signal(Signal.UNSEATED)
        elif isinstance(asked, wire.Publish):
            self._media.set_back("publish", trouble)
        elif isinstance(asked, wire.Subscribe | wire.SubscribeAnswer):
            self._media.set_back("subscribe", trouble)
        else:
            self._desk.tell(trouble)
