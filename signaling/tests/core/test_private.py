"""signaling.core.private: what the lead and the assistants say to one another alone."""

import pytest

from signaling.core.lesson import folded
from signaling.messages import events as ev
from signaling.messages.ids import SeatId
from signaling.tests.core.stage import Stage

ALL = ("lead", "east", "west", "aide", "ear", "guest")
AIDE, LEAD, EAST = SeatId("aide"), SeatId("lead"), SeatId("east")


def lesson(versions: tuple[int, ...] = (4,)) -> Stage:
    stage = Stage(seats=ALL, versions=versions)
    stage.join(*ALL)
    stage.heard.clear()
    return stage


def test_a_private_line_reaches_these_two_and_no_log() -> None:
    stage = lesson()
    stage.converse("""
        aide >> send_private to=lead body=网断了
        lead << private sender=aide to=lead body=网断了 at_ms=1000000
        aide << private sender=aide to=lead body=网断了
        aide << done
        lead >> send_private to=aide body=等你
        lead << private sender=lead to=aide body=等你
        aide << private sender=lead to=aide body=等你
        lead << done
    """)
    sent = [event for event in stage.events if isinstance(event, ev.PrivateSent)]
    assert sent == [ev.PrivateSent(AIDE, LEAD, 3), ev.PrivateSent(LEAD, AIDE, 2)]
    assert "网断了" not in repr(stage.events)


@pytest.mark.parametrize(
    ("name", "to", "code"),
    [
        ("lead", "east", "unknown_seat"),
        ("lead", "lead", "unknown_seat"),
        ("lead", "nobody", "unknown_seat"),
        ("aide", "east", "unknown_seat"),
        ("aide", "aide", "unknown_seat"),
        ("east", "lead", "not_permitted"),
        ("ear", "lead", "not_permitted"),
        ("guest", "aide", "not_permitted"),
    ],
)
def test_nobody_else_has_a_private_line(name: str, to: str, code: str) -> None:
    lesson().converse(f"""
        {name} >> send_private to={to} body=你好
        {name} << refused code={code}
    """)


def test_what_nobody_would_read_is_refused_and_so_is_nothing_at_all() -> None:
    stage = lesson()
    stage.say("aide", "leave")
    stage.heard.clear()
    stage.converse("""
        lead >> send_private to=aide body=你好
        lead << refused code=unknown_seat
    """)
    stage = lesson()
    for body in ("", "x" * 1001):
        stage.say("lead", "send_private", to="aide", body=body)
        assert [(said["type"], said["code"]) for said in stage.take("lead")] == [("refused", "wrong_message")]


def test_a_cue_is_shown_to_the_lead_and_its_sender_until_the_lead_has_seen_it() -> None:
    stage = lesson()
    stage.converse("""
        aide >> send_cue cue=slower
        lead << cues cues=[{"seat":"aide","cue":"slower"}]
        aide << cues cues=[{"seat":"aide","cue":"slower"}]
        aide << done
        aide >> send_cue cue=slower
        aide << done
        east >> send_cue cue=cannot_hear
        lead << cues cues=[{"seat":"east","cue":"cannot_hear"},{"seat":"aide","cue":"slower"}]
        east << cues cues=[{"seat":"east","cue":"cannot_hear"}]
        east << done
        lead >> cue_seen seat=aide
        lead << cues cues=[{"seat":"east","cue":"cannot_hear"}]
        aide << cues cues=[]
        lead << done
        lead >> cue_seen seat=aide
        lead << done
        east >> send_cue cue=null
        lead << cues cues=[]
        east << cues cues=[]
        east << done
    """)
    asked = [event for event in stage.events if isinstance(event, ev.CueSent | ev.CueEnded)]
    assert asked == [
        ev.CueSent(AIDE, "slower"),
        ev.CueSent(EAST, "cannot_hear"),
        ev.CueEnded(AIDE, by=LEAD),
        ev.CueEnded(EAST, by=EAST),
    ]


@pytest.mark.parametrize(("name", "kind"), [("lead", "send_cue"), ("ear", "send_cue"), ("guest", "send_cue")])
def test_who_is_no_classrooms_teacher_sends_no_cue(name: str, kind: str) -> None:
    lesson().converse(f"""
        {name} >> {kind} cue=repeat
        {name} << refused code=not_permitted
    """)


def test_nobody_but_the_lead_has_seen_a_cue() -> None:
    stage = lesson()
    stage.say("east", "send_cue", cue="repeat")
    stage.heard.clear()
    stage.converse("""
        aide >> cue_seen seat=east
        aide << refused code=not_permitted
        lead >> cue_seen seat=nobody
        lead << refused code=unknown_seat
    """)


def test_a_cue_ends_with_its_seats_leaving_and_outlives_signaling() -> None:
    stage = lesson()
    stage.say("aide", "send_cue", cue="cannot_see")
    assert folded(stage.events).seats[AIDE].cue == "cannot_see"
    stage.heard.clear()
    stage.say("aide", "leave")
    assert [said["cues"] for said in stage.take("lead") if said["type"] == "cues"] == [[]]
    assert folded(stage.events).seats[AIDE].cue is None


def test_who_joins_is_told_of_what_is_asked() -> None:
    stage = Stage(seats=ALL, versions=(4,))
    stage.join("aide")
    stage.say("aide", "send_cue", cue="repeat")
    stage.hello("lead")
    assert "cues" not in [said["type"] for said in stage.take("lead")]
    stage.say("lead", "join")
    assert [said["cues"] for said in stage.take("lead") if said["type"] == "cues"] == [
        [{"seat": "aide", "cue": "repeat"}]
    ]


def test_while_the_lesson_is_paused_the_two_still_talk() -> None:
    stage = lesson()
    stage.say("aide", "pause_lesson")
    stage.heard.clear()
    stage.say("aide", "send_private", to="lead", body="有学生受伤")
    assert [said["type"] for said in stage.take("lead")] == ["private"]
    stage.say("east", "send_cue", cue="repeat")
    assert [said["type"] for said in stage.take("lead")] == ["cues"]


def test_older_pages_are_spared() -> None:
    stage = lesson(versions=(3,))
    stage.say("aide", "send_cue", cue="repeat")
    stage.say("aide", "send_private", to="lead", body="你好")
    assert stage.take("lead") == []
