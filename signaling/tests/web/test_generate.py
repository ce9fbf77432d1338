"""The pages' types are the messages' types."""

from typing import Any, Literal

import pytest

from signaling.messages import client
from signaling.messages.ids import SeatId
from signaling.web import generate
from signaling.web.generate import interface, main, module_text, named_types, typescript


def test_the_file_in_the_tree_is_up_to_date() -> None:
    assert main(["--check"]) == 0


def test_an_outdated_file_says_how_to_make_it(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "src" / "messages.ts"
    monkeypatch.setattr(generate, "TARGET", target)
    assert main(["--check"]) == 1 and "python -m signaling.web.generate" in capsys.readouterr().err
    assert main([]) == 0 and main(["--check"]) == 0 and target.read_text("utf-8") == module_text()


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        (str, "string"),
        (int, "number"),
        (str | None, "string | null"),
        (Literal["a", "b"], "'a' | 'b'"),
        (tuple[int, ...], "readonly number[]"),
        (tuple[str | None, ...], "readonly (string | null)[]"),
        (tuple[str, int], "readonly [string, number]"),
        (SeatId, "SeatId"),
        (client.SlotState, "SlotState"),
    ],
)
def test_each_python_type_has_its_typescript(annotation: Any, text: str) -> None:
    assert typescript(annotation, named_types()) == text


def test_a_type_without_typescript_is_refused() -> None:
    with pytest.raises(TypeError, match="no TypeScript"):
        typescript(complex, {})


def test_a_default_may_be_left_out_of_what_a_page_sends_but_never_of_what_it_gets() -> None:
    names = named_types()
    assert "readonly resume?: " in interface(client.Hello, names, sent=True)
    assert "readonly resume: " in interface(client.Hello, names, sent=False)


def test_every_message_of_a_client_is_there() -> None:
    text = module_text()
    assert "interface " in text and all(f"interface {name} " in text for name in ("Hello", "Join", "FloorRequest"))
