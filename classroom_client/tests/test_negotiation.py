import pytest

from classroom_client.core.negotiation import Happening, Negotiation, Phase, WrongStep


def test_publishing_is_making_asking_living() -> None:
    media = Negotiation("publish")
    happenings = (Happening.WANTED, Happening.MADE, Happening.REPLIED)
    assert [media.step(happening) for happening in happenings] == [Phase.MAKING, Phase.ASKED, Phase.LIVE]


def test_subscribing_is_asking_making_confirming_living() -> None:
    media = Negotiation("subscribe")
    happenings = (Happening.WANTED, Happening.REPLIED, Happening.MADE, Happening.REPLIED)
    assert [media.step(happening) for happening in happenings] == [
        Phase.ASKED,
        Phase.MAKING,
        Phase.CONFIRMING,
        Phase.LIVE,
    ]


def test_an_unknown_step_raises_and_changes_nothing() -> None:
    media = Negotiation("publish")
    with pytest.raises(WrongStep, match="REPLIED in NONE"):
        media.step(Happening.REPLIED)
    assert media.phase is Phase.NONE


def test_setbacks_are_counted_until_it_lives() -> None:
    media = Negotiation("publish")
    for _ in range(2):
        media.step(Happening.WANTED)
        media.step(Happening.SET_BACK)
        media.step(Happening.DROPPED)
    assert (media.attempt, media.round) == (2, 2)
    for happening in (Happening.WANTED, Happening.MADE, Happening.REPLIED):
        media.step(happening)
    assert media.attempt == 0
