import asyncio
import json

import pytest

from sfu.net import line
from sfu.net.line import Line, read_address, short
from sfu.tests.core import lesson as given
from signaling.messages import node as say

LEVELS = say.NodeLevels(given.LESSON, ((given.TEACHER_MIC, 1),))


class Stuck:
    """The far end of a WebSocket that takes nothing any more."""

    closed = False

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.code = 0

    async def send_str(self, data: str) -> None:
        self.taken.append(data)
        await asyncio.Event().wait()

    async def close(self, *, code: int, message: bytes) -> bool:
        self.code = code
        await asyncio.Event().wait()
        return True


async def test_a_line_that_is_stuck_keeps_no_more_than_its_bound_and_is_cut_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(line, "MOST_UNSENT", 10_000)
    monkeypatch.setattr(line, "FAREWELL_S", 0.01)
    socket, cut = Stuck(), asyncio.Event()
    stuck = Line(socket, cut.set)
    running = asyncio.create_task(stuck.run())
    for _ in range(1000):
        stuck.send(say.AnswerPublish(1, "x" * 100))
        await asyncio.sleep(0)
    async with asyncio.timeout(30):
        await running
    assert (socket.code, len(socket.taken), cut.is_set(), len(stuck._waiting)) == (line.SLOW, 1, True, 0)


async def test_levels_are_left_out_while_a_line_is_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "LEVELS_BEHIND", 1000)
    behind = Line(Stuck(), lambda: None)
    for _ in range(100):
        behind.send(LEVELS)
    behind.send(say.Applied(1, given.LESSON))
    told = [json.loads(text)["type"] for text in behind._waiting]
    assert 1 < told.count("node_levels") < 20
    assert told[-1] == "applied"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ('{"request":7,"lesson":"L1"}', (7, "L1")),
        ('{"request":true,"lesson":{"lesson":"L1"}}', (None, "L1")),
        ('{"request":"7","lesson":{"lesson":7}}', (None, None)),
        ('{"request":7,"lesson":"\\ud800"}', (7, None)),
        ("[" * 100_000, (None, None)),
        ('{"request":' + "9" * 5000 + "}", (None, None)),
        ("[]", (None, None)),
    ],
)
def test_what_can_be_read_of_a_wrong_message_says_whom_to_answer(text: str, address: object) -> None:
    assert read_address(text) == address


def test_a_reason_is_cut_between_two_characters() -> None:
    assert len(short("课" * 100)) == 120
    assert short("课" * 100).decode() == "课" * 40
    assert len(short("x" + "课" * 100)) == 118
