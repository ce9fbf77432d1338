"""recorder.core.rehearsal: a file written with going back comes out forwards, byte for byte."""

import random
from io import BytesIO

import pytest

from recorder.core.rehearsal import Performance, Rehearsal

Write = tuple[int, bytes]


def muxer(chance: random.Random) -> list[Write]:
    """Writes as a muxer makes them: forwards, then back to fill in, then a table at the end."""
    writes: list[Write] = []
    place = 0
    for _ in range(chance.randrange(1, 30)):
        data = chance.randbytes(chance.randrange(1, 50))
        writes.append((place, data))
        place += len(data)
    for _ in range(chance.randrange(4)):
        at = chance.randrange(place)
        writes.append((at, chance.randbytes(chance.randrange(1, min(9, place - at) + 1))))
    if chance.random() < 0.7:
        writes.append((place, chance.randbytes(40)))
        writes.append((place + 4, b"late"))
    return writes


@pytest.mark.parametrize("seed", range(50))
def test_the_performance_is_the_file(seed: int) -> None:
    writes = muxer(random.Random(seed))
    wanted, rehearsal = BytesIO(), Rehearsal()
    for place, data in writes:
        wanted.seek(place)
        wanted.write(data)
        rehearsal.seek(place)
        rehearsal.write(data)
    script = rehearsal.script()
    performance, given = Performance(script), bytearray()
    for place, data in writes:
        performance.seek(place)
        given += performance.write(data)
    body = wanted.getvalue()[: script.tail_start]
    assert bytes(given)[: script.tail_start] == body
    assert body + script.tail == wanted.getvalue() and script.size == len(wanted.getvalue())


def test_a_hole_is_a_fault_of_ours_and_said_loudly() -> None:
    rehearsal = Rehearsal()
    rehearsal.write(b"abc")
    performance = Performance(rehearsal.script())
    performance.seek(1)
    with pytest.raises(ValueError, match="hole"):
        performance.write(b"x")
