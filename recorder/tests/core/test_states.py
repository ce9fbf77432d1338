"""recorder.core.states"""

from typing import get_args

import pytest

from recorder.core.names import TakeState
from recorder.core.states import OVER, TRANSITIONS, Happening, StateError, after


def test_every_state_is_in_the_table() -> None:
    assert set(TRANSITIONS) == set(get_args(TakeState))


@pytest.mark.parametrize("state", get_args(TakeState))
@pytest.mark.parametrize("happening", get_args(Happening))
def test_a_step_that_is_not_in_the_table_is_refused(state: TakeState, happening: Happening) -> None:
    if happening in TRANSITIONS[state]:
        assert after(state, happening) in TRANSITIONS
    else:
        with pytest.raises(StateError, match=f"a take that is {state} knows no {happening}"):
            after(state, happening)


def test_only_media_leads_to_recording_and_nothing_leads_back_from_the_end() -> None:
    assert {how for steps in TRANSITIONS.values() for how, to in steps.items() if to == "recording"} == {"media"}
    assert all(to in OVER for state in OVER for to in TRANSITIONS[state].values())
