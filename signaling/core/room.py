"""One lesson while it lives in memory: its sessions, its media, and what the step at hand makes of them.

The inputs are functions in `arrivals` (WebSockets), `conversation` (clients), `office` (the operator) and `node_side`.
Each changes the room, and returns `outcome`; an input that raises anything but Refusal has broken the room for good.
"""

from collections.abc import Mapping
from typing import Final

from signaling.core import private, stops
from signaling.core.announce import announced, seat_of
from signaling.core.floor import waits_or_holds
from signaling.core.lesson import Lesson, SeatPlace, fold
from signaling.core.limits import Pace, Verdict, pace
from signaling.core.lines import Lines
from signaling.core.media import Media
from signaling.core.outcome import CLOSE_ENDED, Ask, Hangup, Instant, Order, Outcome, Send
from signaling.core.session import Numbered, Reply, Session
from signaling.core.subscriptions import Place
from signaling.core.taking import AWAY_S, SEE_ALL, Taking
from signaling.core.watched import Awake
from signaling.messages import client as say
from signaling.messages import events as ev
from signaling.messages.ids import RecordingPause, SeatId, SessionId
from signaling.messages.node import ClosePeer, DesiredLesson

WATCHED_SINCE = 2
"""The version of the protocol that has `watched`; older pages send all."""
_SINCE: Final[Mapping[type[Numbered], int]] = {say.Pause: 3, say.Cues: 4, say.Private: 4, say.Space: 4}
"""The versions that brought messages; older pages do without."""


class Room:
    """Holds everything about a running lesson."""

    def __init__(self, lesson: Lesson, now: Instant) -> None:
        self.lesson = lesson
        self.media = Media()
        self.sessions: dict[SessionId, Session] = {}
        self._paces: dict[SeatId, Pace] = {}
        """How fast each seat asks, however many pages it opens one after the other."""
        self.node_lost_at_s: float | None = now.steady_s
        """When the node went away; None while it is there."""
        self.taking = Taking()
        self.lines = Lines()
        if lesson.running and any(place.role == "recorder" for place in lesson.seats.values()):
            self.taking.doubted_at_s = now.steady_s + AWAY_S
        self._told: DesiredLesson | None = None
        self._clear()
        for seat, place in lesson.seats.items():
            if place.session is not None:
                self._restore(place.session, seat, now)

    def paced(self, seat: SeatId, now: Instant) -> Verdict:
        """Counts one message of a seat, and says what becomes of it."""
        before = self._paces.get(seat) or pace(now.steady_s)
        self._paces[seat], verdict = before.after(now.steady_s)
        return verdict

    def place(self, session: Session) -> SeatPlace:
        """The seat that a session was let in for."""
        return self.lesson.seats[session.seat]

    def sits(self, session: Session) -> bool:
        """Tells whether the session has joined, and nobody has since."""
        return self.place(session).session == session.id

    def sitter(self, seat: SeatId) -> Session | None:
        """The session that sits on a seat."""
        session = self.lesson.seats[seat].session
        return None if session is None else self.sessions.get(session)

    def happen(self, *events: ev.Event) -> None:
        """Takes steps of the lesson and tells everyone."""
        for event in events:
            before, self.lesson = self.lesson, fold(self.lesson, event)
            self._events.append(event)
            message = announced(self.lesson, self.media, event)
            if message is not None:
                self.tell_all(message)
            if isinstance(event, ev.RecordingPaused | ev.RecordingResumed):
                # What the recorder said before was about another pause.
                self.taking.paused = False
                self.tell_pause()
            self._tell_cues(before)

    def send(self, session: Session, message: say.ServerMessage) -> None:
        """Sends what is not numbered, if there is someone to send it to."""
        if session.connected:
            self._sends.append(Send(session.id, session.seat, message))

    def tell(self, session: Session, message: Numbered) -> None:
        """Sends a change with the session's next number, now or when it resumes."""
        if not session.forgotten and session.version >= _SINCE.get(type(message), 1):
            self.send(session, session.outbox.numbered(message))

    def tell_all(self, message: Numbered) -> None:
        """Tells a change to everyone who looks on."""
        for session in self.sessions.values():
            self.tell(session, message)

    def tell_seat(self, seat: SeatId) -> None:
        """Tells everyone how a seat looks now."""
        self.tell_all(say.SeatChanged(0, seat_of(self.lesson, self.media, seat)))

    def reply(self, session: Session, reply: Reply) -> None:
        """Answers a message, now and whenever its id comes again."""
        if reply.reply_to is not None:
            session.replies.keep(reply.reply_to, reply)
        self.send(session, reply)

    def order(self, order: Order) -> None:
        """Has something done at the node, if it is there; what is asked comes after `desired`, which it may need."""
        if self.node_lost_at_s is not None:
            return
        if isinstance(order, Ask):
            self._asks.append(order)
        else:
            self._orders.append(order)

    def hang_up(self, session: Session, bye: say.Bye, close_code: int) -> None:
        """Ends a session for good."""
        if session.connected:
            self._hangups.append(Hangup(session.id, session.seat, bye, close_code))
        self.sessions.pop(session.id, None)

    def close_doors(self) -> None:
        """Sends everyone away after the lesson's end."""
        bye = say.Bye("ended", "The lesson has ended.", retry=False)
        if any(isinstance(event, ev.LessonShutDown) for event in self._events):
            bye = say.Bye("shut_down", "The lesson was shut down.", retry=False)
        for session in list(self.sessions.values()):
            self.hang_up(session, bye, CLOSE_ENDED)

    def release_media(self, seat: SeatId) -> None:
        """Closes the connections that the page of a seat had at the node."""
        for connection in self.media.held(seat):
            peer = self.media.forget((seat, connection))
            self.order(ClosePeer(self.lesson.id, seat, connection, None if peer is None else peer.session))
        self.settle_sources(seat)

    def settle_sources(self, seat: SeatId) -> None:
        """Brings the lesson's list of a seat's sources in line with what the node holds."""
        before, now = self.lesson.seats[seat].sources, self.media.sources(self.lesson, seat)
        for source in before:
            if source not in now:
                self.happen(ev.SourceStopped(seat, source))
        for source in now:
            if source not in before:
                self.happen(ev.SourceStarted(seat, source))
        place = self.lesson.seats[seat]
        if place.session is None and not place.sources and waits_or_holds(self.lesson.floor, seat):
            self.happen(ev.FloorReleased(seat))

    def tell_media(self, session: Session) -> None:
        """Tells a session that has just joined what its seat gets and is asked for."""
        if self.lesson.paused_by is not None:
            self.tell(session, stops.told(self.lesson, self.lesson.paused_by))
        slots = self.media.plan.slots.get(session.seat, ())
        if slots:
            self.tell(session, say.Slots(0, slots))
        for place in self.media.copies.asked:
            if place[0] == session.seat:
                self._ask_for_copy(place, wanted=True)
        for place, layers in self.media.watching.told(session.seat):
            self._tell_watched(place, layers)
        self.tell_taking(session)
        if self.taking.space.level != "enough":
            self.tell_space(session)
        if lines := self.lines.shown_to(self.lesson, session.seat):
            self.tell(session, say.Lines(0, lines))
        if cues := private.shown_to(self.lesson, session.seat):
            self.tell(session, say.Cues(0, cues))

    def _tell_cues(self, before: Lesson) -> None:
        """Tells each seat whose share of the cues has changed."""
        if private.cues_of(before) == private.cues_of(self.lesson):
            return
        for session in self.sessions.values():
            cues = private.shown_to(self.lesson, session.seat)
            if self.sits(session) and cues != private.shown_to(before, session.seat):
                self.tell(session, say.Cues(0, cues))

    def tell_taking(self, session: Session) -> None:
        """Tells a session what is taken of it, once a recorder has ever been there."""
        if any(place.role == "recorder" for place in self.lesson.seats.values()):
            policy, sources = self.lesson.policy, self.taking.shown_to(self.lesson, session.seat)
            self.tell(session, say.Taking(0, sources, policy.enabled_by, policy.basis))

    def tell_space(self, session: Session) -> None:
        """Tells who leads the lesson how it is with the recorder's disk."""
        if self.place(session).role in SEE_ALL:
            self.tell(session, self.taking.space)

    @property
    def pause(self) -> RecordingPause:
        """Whether the recording is paused: never said to be before the recorder says so."""
        if not self.lesson.recording_paused:
            return "off"
        return "held" if self.taking.paused else "asked"

    def tell_pause(self) -> None:
        """Tells everyone how it is with the recording's pause."""
        self.tell_all(say.RecordingChanged(0, self.pause))

    def outcome(self, now: Instant) -> Outcome:
        """Decides the subscriptions anew, and hands out all that this step has made."""
        if self.lesson.running and self.media.known:
            self._replan(now)
            self._look_at_lines(now)
        self._tell_node()
        return self.said()

    def said(self) -> Outcome:
        """Hands out what this step has made, when it can have changed no subscription."""
        orders = (*self._orders, *self._asks)
        outcome = Outcome(tuple(self._events), tuple(self._sends), tuple(self._hangups), orders)
        self._clear()
        return outcome

    def retell_node(self) -> None:
        """The node has come anew: it is told everything again."""
        self._told = None

    def _replan(self, now: Instant) -> None:
        pages = {one.seat: one.id for one in self.sessions.values() if one.version >= WATCHED_SINCE and self.sits(one)}
        changes = self.media.replan(self.lesson, pages, now.steady_s)
        for seat, slots in changes.slots.items():
            session = self.sitter(seat)
            if session is not None:
                self.tell(session, say.Slots(0, slots))
        for place, wanted in changes.copies:
            self._ask_for_copy(place, wanted=wanted)
        for place, layers in changes.watched:
            self._tell_watched(place, layers)
        for place in changes.seen:
            self.tell_all(say.SourceChanged(0, self.media.source_state(*place)))

    def _tell_watched(self, place: Place, layers: Awake) -> None:
        session = self.sitter(place[0])
        if session is not None:
            self.tell(session, say.Watched(0, place[1], layers))

    def _look_at_lines(self, now: Instant) -> None:
        changed = self.lines.look(self.media)
        for session in self.sessions.values() if changed else ():
            if self.sits(session) and self.lines.concern(self.lesson, session.seat, changed):
                self.tell(session, say.Lines(0, self.lines.shown_to(self.lesson, session.seat)))
        self.happen(*self.lines.due(now.steady_s))

    def _ask_for_copy(self, place: Place, *, wanted: bool) -> None:
        seat, source = place
        session = self.sitter(seat)
        if session is not None:
            self.tell(session, say.Republish(0, source, "vp8", wanted))

    def _tell_node(self) -> None:
        if self.node_lost_at_s is not None or self.lesson.state in ("planned", "cancelled"):
            return
        desired = self.media.desired(self.lesson)
        if desired != self._told:
            self._told = desired
            self._orders.append(desired)

    def _restore(self, session: SessionId, seat: SeatId, now: Instant) -> None:
        self.sessions[session] = Session(session, seat, lost_at_s=now.steady_s, forgotten=True)

    def _clear(self) -> None:
        self._events: list[ev.Event] = []
        self._sends: list[Send] = []
        self._hangups: list[Hangup] = []
        self._orders: list[Order] = []
        self._asks: list[Ask] = []
