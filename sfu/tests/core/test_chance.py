import random

import pytest

from sfu.core.chance import BYTES_PER_CONNECTION, Chance


def test_credentials_are_as_long_as_ice_wants_them_and_differ() -> None:
    chance = Chance(random.Random(1).randbytes(BYTES_PER_CONNECTION))
    first, second = chance.ufrag(()), chance.ufrag(())
    assert len(first) >= 4 and first != second
    assert len(chance.password()) >= 22
    assert 0 <= chance.session() < 2**62


def test_what_is_taken_is_drawn_again() -> None:
    assert Chance(b"\0" * 6 + b"\1" * 6).ufrag({"00" * 6}) == "01" * 6
    taken = {0x01010101}
    assert Chance(b"\1" * 4 + b"\0" * 4 + b"\2" * 4).ssrc(taken) == 0x02020202
    assert taken == {0x01010101, 0x02020202}


def test_one_supply_serves_the_largest_subscriber() -> None:
    chance, taken = Chance(random.Random(1).randbytes(BYTES_PER_CONNECTION)), set[int]()
    chance.ufrag(())
    chance.password()
    chance.session()
    assert len({chance.ssrc(taken) for _ in range(2 * 64)}) == 128


def test_an_empty_supply_is_an_error_not_a_repetition() -> None:
    with pytest.raises(ValueError, match="too few"):
        Chance(b"").session()
