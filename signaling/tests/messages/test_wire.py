"""Every message survives the way through JSON, and what is none is refused in one sentence."""

import json
from dataclasses import fields
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signaling.messages import client, events, node
from signaling.messages.wire import EVENT, FROM_CLIENT, FROM_NODE, TO_CLIENT, TO_NODE, Wire, WireError

WIRES: list[tuple[Wire[Any], Any]] = [
    (FROM_CLIENT, client.ClientMessage),
    (TO_CLIENT, client.ServerMessage),
    (TO_NODE, node.SignalingMessage),
    (FROM_NODE, node.NodeMessage),
    (EVENT, events.Event),
]
KINDS = [(wire, kind) for wire, union in WIRES for kind in get_args(union)]


@pytest.mark.parametrize(("wire", "kind"), KINDS, ids=lambda case: getattr(case, "__name__", ""))
@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_message_comes_out_as_it_went_in(wire: Wire[Any], kind: type, data: st.DataObject) -> None:
    message = data.draw(st.from_type(kind))
    text = wire.encode(message)
    # Limits of length and range are the reader's: what it refuses, it refuses as no message.
    try:
        assert wire.decode(text) == message
    except WireError:
        assert "should" in _refusal(wire, text)


@pytest.mark.parametrize(("wire", "union"), WIRES, ids=lambda case: "")
def test_each_type_name_belongs_to_one_message(wire: Wire[Any], union: Any) -> None:
    names = [field.default for kind in get_args(union) for field in fields(kind) if field.name == "type"]
    assert len(names) == len(set(names)) == len(get_args(union))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "message: "),
        ("[]", "message: "),
        ('{"type": "nonsense"}', "message: "),
        ('{"type": "hello"}', "hello.versions: Field required"),
        ('{"type": "hand", "id": "1", "up": "yes"}', "hand.up: "),
        ('{"type": "hand", "id": "1", "up": true, "lead": true}', "hand.lead: Unexpected keyword argument"),
        ("\ud800", "message: "),
    ],
)
def test_what_is_no_message_is_refused_with_its_field(text: str, sentence: str) -> None:
    refusal = _refusal(FROM_CLIENT, text.encode("utf-8", "surrogatepass"))
    assert refusal.startswith(sentence) and "\n" not in refusal


def test_deep_nesting_is_refused_and_not_followed() -> None:
    with pytest.raises(WireError):
        FROM_CLIENT.decode('{"type":' * 100_000)


def test_text_beyond_ascii_stays_itself() -> None:
    text = FROM_CLIENT.encode(client.SendText("1", "下课 🎓"))
    assert json.loads(text)["body"] == "下课 🎓" and FROM_CLIENT.decode(text) == client.SendText("1", "下课 🎓")


def _refusal(wire: Wire[Any], text: str | bytes) -> str:
    with pytest.raises(WireError) as refused:
        wire.decode(text)
    return str(refused.value)
