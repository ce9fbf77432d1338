"""The media connections of a session: offers, answers, extra copies, and trying again after a failure."""

from collections.abc import Iterable
from dataclasses import replace

from classroom_client.core import diagnosis, steps
from classroom_client.core.desk import Desk
from classroom_client.core.diagnosis import Trouble
from classroom_client.core.negotiation import Happening, Negotiation, Phase
from signaling.messages import client as wire
from signaling.messages.ids import Connection, Source

COPY_CODEC = "vp8"

_ASKED_FOR: dict[Connection, tuple[type[wire.ClientMessage], ...]] = {
    "publish": (wire.Publish,),
    "subscribe": (wire.Subscribe, wire.SubscribeAnswer),
}


class Connections:
    """What of the two the client wants, and how far each is."""

    def __init__(self, desk: Desk, *, publishes: bool, subscribes: bool) -> None:
        wanted: tuple[tuple[Connection, bool], ...] = (("publish", publishes), ("subscribe", subscribes))
        self._desk = desk
        self._media = {connection: Negotiation(connection) for connection, yes in wanted if yes}
        self._copies: dict[Source, None] = {}
        self._copies_offered: tuple[Source, ...] = ()

    @property
    def subscribes(self) -> bool:
        """Slots are wanted."""
        return "subscribe" in self._media

    def mend(self, offer: wire.Offer | None = None) -> None:
        """On a seat: begins whatever is not begun; `offer` is what a join has just brought."""
        for connection in self._media:
            self.want(connection, offer)

    def want(self, name: str, offer: wire.Offer | None = None) -> None:
        """On a seat: begins one connection, or begins it anew after its rest."""
        media = next(media for media in self._media.values() if media.connection == name)
        if media.phase is Phase.RESTING:
            media.step(Happening.DROPPED)
        if media.phase is not Phase.NONE:
            return
        media.step(Happening.WANTED)
        if name == "publish":
            self._make_offer(media)
        elif offer is not None:
            self.offered_slots(offer)
        else:
            self._desk.ask(wire.Subscribe)

    def rest_no_longer(self) -> None:
        """The seat is away: what waited to be tried again begins when it is back."""
        for media in self._media.values():
            if media.phase is Phase.RESTING:
                media.step(Happening.DROPPED)

    def forbid(self, actions: tuple[str, ...]) -> None:
        """Gives up what the role may not do."""
        for name, media in self._media.items():
            if name not in actions and media.phase is not Phase.REFUSED:
                media.step(Happening.FORBIDDEN)
                self._desk.tell(diagnosis.forbidden(name))

    def keep(self, living: tuple[Connection, ...]) -> None:
        """Drops those that the node does not hold any more."""
        for media in self._media.values():
            if media.phase is Phase.LIVE and media.connection not in living:
                self._drop(media)

    def begin_anew(self) -> None:
        """A new session knows nothing of what was asked in the old one."""
        self._copies.clear()
        for media in self._media.values():
            if media.phase in (Phase.MAKING, Phase.ASKED, Phase.CONFIRMING):
                self._drop(media)

    def lose(self, connections: Iterable[Connection] | None = None) -> None:
        """The node has lost these, or all of them."""
        for connection in self._media if connections is None else connections:
            if connection in self._media:
                self._drop(self._media[connection])

    def copy(self, wish: wire.Republish) -> None:
        """A viewer has no H.264: the source goes out once more, or no longer."""
        if wish.wanted and wish.codec == COPY_CODEC:
            self._copies[wish.source] = None
        else:
            self._copies.pop(wish.source, None)
        self._widen()

    def made(self, made: steps.Offered | steps.Answered) -> None:
        """The shell has an offer or an answer."""
        media = self._media["publish" if isinstance(made, steps.Offered) else "subscribe"]
        if made.round != media.round or media.phase is not Phase.MAKING:
            return
        media.step(Happening.MADE)
        if isinstance(made, steps.Offered):
            sdp, sources = made.sdp, made.sources
            self._desk.ask(lambda message_id: wire.Publish(message_id, sdp, sources))
        else:
            number, answer = made.number, made.sdp
            self._desk.ask(lambda message_id: wire.SubscribeAnswer(message_id, number, answer))

    def published(self, reply: wire.Published) -> None:
        """The node answers our offer."""
        media = self._media["publish"]
        media.step(Happening.REPLIED)
        self._desk.order(steps.TakeAnswer(media.round, reply.sdp))
        self._widen()

    def offered_slots(self, offer: wire.SubscribeOffer | wire.Offer) -> None:
        """The node offers slots."""
        media = self._media["subscribe"]
        media.step(Happening.REPLIED)
        self._desk.order(steps.MakeAnswer(media.round, offer.number, offer.sdp))

    def confirmed(self) -> None:
        """The node has taken our answer."""
        self._media["subscribe"].step(Happening.REPLIED)

    def failed(self, what: steps.MediaFailed) -> None:
        """A connection did not come about, or broke."""
        media = self._media[what.connection]
        if what.round == media.round and media.phase not in (Phase.NONE, Phase.RESTING, Phase.REFUSED):
            self.set_back(what.connection, what.trouble)

    def set_back(self, connection: Connection, trouble: Trouble) -> None:
        """Drops a connection, and tries again after a while where that can help."""
        media = self._media[connection]
        if connection == "publish" and self._copies and (trouble.code == "media" or not trouble.retry):
            # What a copy may have broken comes back without it; its viewers are told in words.
            self._copies.clear()
            trouble = replace(trouble, retry=True)
        attempt = media.attempt
        self._drop(media)
        self._desk.tell(trouble)
        media.step(Happening.SET_BACK if trouble.retry else Happening.FORBIDDEN)
        if trouble.retry:
            self._desk.wake_after(connection, attempt)

    def _make_offer(self, media: Negotiation) -> None:
        self._copies_offered = tuple(self._copies)
        self._desk.order(steps.MakeOffer(media.round, self._copies_offered))

    def _widen(self) -> None:
        media = self._media.get("publish")
        if media is not None and media.phase is Phase.LIVE and tuple(self._copies) != self._copies_offered:
            media.step(Happening.WIDENED)
            self._make_offer(media)

    def _drop(self, media: Negotiation) -> None:
        media.step(Happening.DROPPED)
        self._desk.timers.pop(media.connection, None)
        self._desk.forget(_ASKED_FOR[media.connection])
        self._desk.order(steps.CloseMedia(media.connection))
