"""SDP text cut into numbered lines (RFC 8866 section 5), and the small grammars that many lines share."""

import re
from dataclasses import dataclass
from typing import NoReturn

LARGEST_TEXT = 128 * 1024
"""A lead's offer with ten sections and every codec of Chromium stays under 64 KiB."""
MOST_LINES = 4096

TOKEN = re.compile(r"[!#$%&'*+\-.^_`{|}~0-9A-Za-z]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LINE = re.compile(r"([a-z])=(.*)", re.DOTALL)


class SdpError(ValueError):
    """This is no SDP that a node can use; the sentence names the line and the defect."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line, as `a=mid:0`: its letter and what follows."""

    number: int
    letter: str
    value: str

    def wrong(self, defect: str) -> NoReturn:
        """Refuses the text because of this line."""
        raise SdpError(f"line {self.number}: {defect}")

    def attribute(self) -> tuple[str, str]:
        """Name and value of an `a=` line; the value is empty for a flag."""
        name, _, value = self.value.partition(":")
        return name.strip(), value.strip()


def split_lines(text: str) -> tuple[Line, ...]:
    """Cuts a whole description into lines; raises SdpError."""
    lines = cut(text)
    if lines[0].letter != "v" or lines[0].value.strip() != "0":
        lines[0].wrong("an SDP begins with v=0")
    return lines


def cut(text: str) -> tuple[Line, ...]:
    """Cuts a text into lines; both line ends are taken, as RFC 8866 section 5 asks of a receiver."""
    if len(text) > LARGEST_TEXT:
        raise SdpError(f"the text has {len(text)} characters, {LARGEST_TEXT} are the most")
    rows = text.replace("\r\n", "\n").rstrip("\n").split("\n")
    if len(rows) > MOST_LINES:
        raise SdpError(f"the text has {len(rows)} lines, {MOST_LINES} are the most")
    return tuple(_line(number, row) for number, row in enumerate(rows, start=1))


def _line(number: int, row: str) -> Line:
    found = _LINE.fullmatch(row)
    if found is None:
        raise SdpError(f"line {number}: {quoted(row)} is not of the form letter=value")
    # Free text, as a title in Chinese, may hold spaces of its own script; what is read for its meaning may not.
    wrong = not found[2].isprintable() if found[1] in "am" else _CONTROL.search(found[2]) is not None
    if wrong:
        raise SdpError(f"line {number}: a control character or an unprintable one")
    return Line(number, found[1], found[2])


def quoted(value: str) -> str:
    """A value for a sentence: short, on one line."""
    return repr(value if len(value) <= 40 else value[:37] + "...")


def number_in(line: Line, value: str, lowest: int, highest: int, noun: str) -> int:
    """Reads a decimal number; `int` alone would also take spaces, signs and digits of other scripts."""
    if not (value.isascii() and value.isdigit() and len(value) <= 10):
        line.wrong(f"{noun} {quoted(value)} is not a number")
    number = int(value)
    if not lowest <= number <= highest:
        line.wrong(f"{noun} {number} is not in {lowest}..{highest}")
    return number


def token_in(line: Line, value: str, longest: int, noun: str) -> str:
    """Reads a token (RFC 8866 section 9) of bounded length."""
    if TOKEN.fullmatch(value) is None:
        line.wrong(f"{noun} {quoted(value)} is not a token")
    if len(value) > longest:
        line.wrong(f"{noun} {quoted(value)} is longer than {longest} characters")
    return value
