from classroom_client.core.reconnect import LONGEST_MS, delay_ms


def test_waits_double_up_to_a_bound() -> None:
    assert [delay_ms(attempt, 1.0) for attempt in range(5)] == [400, 800, 1600, LONGEST_MS, LONGEST_MS]
    assert delay_ms(10_000, 1.0) == LONGEST_MS


def test_chance_takes_away_at_most_half() -> None:
    assert [delay_ms(2, chance) for chance in (0.0, 0.5, 1.0)] == [800, 1200, 1600]
