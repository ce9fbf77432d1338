"""Writes src/messages.ts from the message dataclasses; with `--check` only tells whether it is up to date."""

import dataclasses
import sys
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NewType, Union, get_args, get_origin

from signaling.messages import client, ids

TARGET = Path(__file__).parent / "src" / "messages.ts"
HEADER = "// Made by `python -m signaling.web.generate` from signaling/messages; change it there.\n"
PRIMITIVES: dict[Any, str] = {str: "string", int: "number", float: "number", bool: "boolean", type(None): "null"}


def named_types() -> dict[int, str]:
    """Finds the names of ids.py by the identity of what they name."""
    return {id(value): name for name, value in vars(ids).items() if isinstance(value, NewType) or _is_literal(value)}


def typescript(annotation: Any, names: dict[int, str]) -> str:
    """Writes one Python annotation as a TypeScript type."""
    if annotation in PRIMITIVES:
        return PRIMITIVES[annotation]
    if id(annotation) in names:
        return names[id(annotation)]
    if dataclasses.is_dataclass(annotation):
        return typing.cast(type, annotation).__name__
    if _is_literal(annotation):
        return " | ".join(f"'{value}'" for value in get_args(annotation))
    if get_origin(annotation) in (Union, types.UnionType):
        return " | ".join(typescript(member, names) for member in get_args(annotation))
    if get_origin(annotation) is tuple:
        return _tuple(get_args(annotation), names)
    raise TypeError(f"no TypeScript for {annotation!r}")


def interface(shape: type, names: dict[int, str], sent: bool) -> str:
    """Writes one dataclass; fields with a default may be left out of what a page sends."""
    hints = typing.get_type_hints(shape)
    lines = [f"/** {(shape.__doc__ or '').strip()} */", f"export interface {shape.__name__} {{"]
    for field in dataclasses.fields(shape):
        mark = "?" if sent and field.name != "type" and field.default is not dataclasses.MISSING else ""
        lines.append(f"  readonly {field.name}{mark}: {typescript(hints[field.name], names)}")
    return "\n".join([*lines, "}"])


def reachable(annotation: Any) -> Iterator[type]:
    """Lists the dataclasses of a union and, before each, those that it is made of."""
    if dataclasses.is_dataclass(annotation):
        for hint in typing.get_type_hints(annotation).values():
            yield from reachable(hint)
        yield typing.cast(type, annotation)
        return
    for member in get_args(annotation):
        yield from reachable(member)


def module_text() -> str:
    """The whole of messages.ts."""
    names = named_types()
    parts = [HEADER.rstrip(), *_id_lines(names), *_constants()]
    for union, sent in (("ClientMessage", True), ("ServerMessage", False)):
        shapes = list(dict.fromkeys(reachable(getattr(client, union))))
        parts += [interface(shape, names, sent) for shape in shapes]
        members = [member.__name__ for member in get_args(getattr(client, union))]
        parts.append(f"export type {union} =\n" + "\n".join(f"  | {name}" for name in members))
    return "\n\n".join(parts) + "\n"


def _is_literal(value: Any) -> bool:
    return get_origin(value) is Literal


def _tuple(members: tuple[Any, ...], names: dict[int, str]) -> str:
    if len(members) == 2 and members[1] is Ellipsis:
        inner = typescript(members[0], names)
        return f"readonly ({inner})[]" if " " in inner else f"readonly {inner}[]"
    return "readonly [" + ", ".join(typescript(member, names) for member in members) + "]"


def _id_lines(names: dict[int, str]) -> list[str]:
    lines = []
    for name in names.values():
        value = getattr(ids, name)
        text = typescript(value, {}) if _is_literal(value) else PRIMITIVES[value.__supertype__]
        lines.append(f"export type {name} = {text}")
    return lines


def _constants() -> list[str]:
    listed = {"VIDEO_SOURCES": ids.VIDEO_SOURCES, "AUDIO_SOURCES": ids.AUDIO_SOURCES}
    lines = [f"export const VERSIONS: readonly number[] = [{', '.join(map(str, client.VERSIONS))}]"]
    for name, sources in listed.items():
        quoted = ", ".join(f"'{source}'" for source in sources)
        lines.append(f"export const {name}: readonly Source[] = [{quoted}]")
    return lines


def main(arguments: list[str]) -> int:
    """Writes the file, or says how to make it when it is not what it should be."""
    wanted = module_text()
    if arguments == ["--check"]:
        fresh = TARGET.exists() and TARGET.read_text(encoding="utf-8") == wanted
        if not fresh:
            print(f"{TARGET.name} is out of date: run `python -m signaling.web.generate`", file=sys.stderr)
        return 0 if fresh else 1
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
