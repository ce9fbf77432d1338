"""What a session has asked and waits for, what it orders done, and when it wants to be woken."""

from collections.abc import Callable

from classroom_client.core import steps
from classroom_client.core.diagnosis import Trouble
from classroom_client.core.reconnect import delay_ms
from signaling.messages import client as wire

SILENCE_MS = 10_000
"""A server that answers nothing for this long is taken for lost."""
ANSWER = "answer"

Wish = Callable[[str], wire.ClientMessage]
"""Makes a message from the id that the session gives it, as `wire.FloorRequest`."""


class Desk:
    """Shared by the parts of one session; time and chance are those of the step at hand."""

    def __init__(self) -> None:
        self.now_ms = 0.0
        self.chance = 0.0
        self.timers: dict[str, float] = {}
        self.pending: dict[str, wire.ClientMessage] = {}
        self._orders: list[steps.Order] = []
        self._ids = 0

    def order(self, *orders: steps.Order) -> None:
        """Has this done, after what was ordered before."""
        self._orders += orders

    def tell(self, trouble: Trouble) -> None:
        """One line for the person in the classroom."""
        self.order(steps.Tell(trouble))

    def take_orders(self) -> tuple[steps.Order, ...]:
        """Hands out what this step has ordered."""
        orders, self._orders = tuple(self._orders), []
        return orders

    def due(self) -> list[str]:
        """The timers whose time has come; they run no more."""
        names = [name for name, due_ms in self.timers.items() if due_ms <= self.now_ms]
        for name in names:
            del self.timers[name]
        return names

    def wake_after(self, name: str, attempt: int) -> None:
        """Sets a timer that grows with each attempt."""
        self.timers[name] = self.now_ms + delay_ms(attempt, self.chance)

    def ask(self, make: Wish) -> None:
        """Sends a message that wants a reply."""
        self._ids += 1
        message_id = f"c{self._ids}"
        self.pending[message_id] = make(message_id)
        self.order(steps.Say(self.pending[message_id]))
        self.expect_answer()

    def expect_answer(self) -> None:
        """The server is lost if it stays silent now."""
        self.timers.setdefault(ANSWER, self.now_ms + SILENCE_MS)

    def say_again(self) -> None:
        """After a lost WebSocket: whatever has no reply yet."""
        self.order(*(steps.Say(message) for message in self.pending.values()))
        if self.pending:
            self.expect_answer()

    def answered(self, reply_to: str | None) -> wire.ClientMessage | None:
        """What a reply is for, if anything waits for it."""
        asked = self.pending.pop(reply_to or "", None)
        if not self.pending:
            self.timers.pop(ANSWER, None)
        return asked

    def forget(self, kinds: tuple[type[wire.ClientMessage], ...]) -> None:
        """Replies to these are of no interest any more."""
        self.pending = {key: asked for key, asked in self.pending.items() if not isinstance(asked, kinds)}
