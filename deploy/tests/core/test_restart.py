"""Crashes are met with growing patience; a wrong configuration is not tried again."""

import pytest

from deploy.core.restart import GiveUp, RestartPolicy, Start, after_exit, how_it_ended

POLICY = RestartPolicy(first_delay_s=0.5, longest_delay_s=30.0, steady_after_s=60.0)


def crashed(code: int = 1, lived_s: float = 0.1, crashes: int = 0) -> Start | GiveUp:
    return after_exit(POLICY, name="node", code=code, lived_s=lived_s, crashes=crashes)


def test_each_crash_in_a_row_doubles_the_delay_up_to_the_longest() -> None:
    delays, crashes = [], 0
    for _ in range(9):
        decision = crashed(crashes=crashes)
        assert isinstance(decision, Start)
        delays.append(decision.delay_s)
        crashes = decision.crashes
    assert delays == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_a_child_that_held_for_a_while_starts_again_at_once() -> None:
    assert crashed(lived_s=60.0, crashes=7) == Start(0.5, 1)
    assert crashed(lived_s=59.9, crashes=7) == Start(30.0, 8)


@pytest.mark.parametrize("code", [0, 1, -9, -11, 127])
def test_any_end_unasked_is_a_crash(code: int) -> None:
    assert crashed(code) == Start(0.5, 1)


def test_very_many_crashes_do_not_overflow() -> None:
    assert crashed(crashes=100_000) == Start(30.0, 100_001)


@pytest.mark.parametrize("code", [78, 2])
def test_a_configuration_error_gives_up_and_names_the_service(code: int) -> None:
    decision = crashed(code)
    assert isinstance(decision, GiveUp) and decision.sentence.startswith("node cannot use its configuration")


def test_an_exit_code_is_told_in_words() -> None:
    assert how_it_ended(3) == "ended with code 3"
    assert how_it_ended(-9) == "was ended by signal 9"
