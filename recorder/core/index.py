"""The index as bytes: a line per record, chained by HMAC, so that no line can be changed, dropped or put in between."""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from recorder.core.form import FormatError, canonical, parsed
from recorder.core.records import RECORD, Record

VERSION: Final = 2
READS: Final = (1, 2)
START: Final = "0" * 64
"""The chain before the first line."""


@dataclass(frozen=True, slots=True)
class IndexTip:
    """Where an index ends: what the next line is chained to."""

    lines: int = 0
    chain: str = START


@dataclass(frozen=True, slots=True)
class IndexRead:
    """What was read of an index."""

    records: tuple[Record, ...]
    tip: IndexTip
    good_bytes: int
    """Where the last whole line ends; what lies behind was being written when the power went."""
    damage: str = ""
    """In words, what is wrong with the first line that is not good."""


def line(key: bytes, tip: IndexTip, record: Record) -> tuple[bytes, IndexTip]:
    """One record as a line of the index, and the tip after it."""
    data = RECORD.fields(record) | {"n": tip.lines + 1}
    if tip.lines == 0:
        data["version"] = VERSION
    chain = chained(key, tip.chain, canonical(data))
    return canonical(data | {"chain": chain}) + b"\n", IndexTip(tip.lines + 1, chain)


def lines(key: bytes, tip: IndexTip, records: Iterable[Record]) -> tuple[bytes, IndexTip]:
    """Several records at once."""
    written = []
    for record in records:
        one, tip = line(key, tip, record)
        written.append(one)
    return b"".join(written), tip


def read_index(key: bytes, data: bytes) -> IndexRead:
    """Reads an index strictly; only its last line may be torn. Raises FormatError, naming the line."""
    found = salvage_index(key, data)
    if found.damage:
        raise FormatError(found.damage)
    return found


def salvage_index(key: bytes, data: bytes) -> IndexRead:
    """Reads an index up to its first line that is not good, as a power cut can leave it inside its last batch."""
    records: list[Record] = []
    tip, good = IndexTip(), 0
    while (end := data.find(b"\n", good)) >= 0:
        try:
            record, tip = _read_line(key, tip, data[good:end])
        except FormatError as error:
            return IndexRead(tuple(records), tip, good, str(error))
        records.append(record)
        good = end + 1
    return IndexRead(tuple(records), tip, good)


def _read_line(key: bytes, tip: IndexTip, text: bytes) -> tuple[Record, IndexTip]:
    number = tip.lines + 1
    data = parsed(f"index line {number}", text)
    if number == 1 and (version := data.get("version")) not in READS:
        raise FormatError(f"index line 1: version {version!r}, and this program reads up to {VERSION}: update it")
    chain = data.pop("chain", None)
    if data.get("n") != number:
        raise FormatError(f"index line {number}: it says it is line {data.get('n')!r}, so lines are missing or moved")
    if not isinstance(chain, str) or not hmac.compare_digest(chain, chained(key, tip.chain, canonical(data))):
        raise FormatError(f"index line {number}: the chain is broken; the line was changed, or the key is another one")
    data.pop("n")
    data.pop("version", None)
    try:
        return RECORD.read(canonical(data)), IndexTip(number, chain)
    except FormatError as error:
        raise FormatError(f"index line {number}: {error}") from None


def chained(key: bytes, before: str, content: bytes) -> str:
    """A line's place in the chain: nobody without the key makes another that fits."""
    return hmac.digest(key, before.encode() + content, "sha256").hex()
