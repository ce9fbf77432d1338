import pytest

from classroom_client.core.seat import Signal, State, WrongStep, after


@pytest.mark.parametrize(
    ("state", "signal"),
    [(State.NEW, Signal.OPENED), (State.WAITING, Signal.TAKEN), (State.OVER, Signal.START), (State.OVER, Signal.STOP)],
)
def test_a_step_that_the_table_does_not_know_raises(state: State, signal: Signal) -> None:
    with pytest.raises(WrongStep):
        after(state, signal)
