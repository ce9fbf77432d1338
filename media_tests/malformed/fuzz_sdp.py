"""Breaks real offers at random and negotiates with them: `python -m media_tests.malformed.fuzz_sdp --seconds 60`."""

import argparse
import random
import sys
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from sfu.sdp import (
    Description,
    SdpError,
    SlotParameters,
    answer_publish,
    answer_slots,
    answer_whep,
    offer_subscribe,
    parse_answer,
    parse_fragment,
    parse_offer,
    read_subscribe_answer,
)
from sfu.tests.sdp.samples import LOCAL, NAMES, as_answer, sample
from sfu.tests.sdp.stacks import PLAN_B, UNIFIED

T = TypeVar("T")
SLOTS = (SlotParameters("v0", "video", 10, 11), SlotParameters("a0", "audio", 12, 13))
ANSWER = as_answer(offer_subscribe(LOCAL, SLOTS))
CORPUS = (*(sample(name) for name in NAMES), *UNIFIED.values(), PLAN_B, ANSWER)
NASTY = (
    *("", "0", "-1", "65536", "4294967296", "99999999999999999999", "٣", "\x00", "\r", "\t", " ", ":", "/", ";", "="),
    *("a=", "m=", "m=audio 9 UDP/TLS/RTP/SAVPF", "a=mid:", "a=rid:", "a=simulcast:send", "a=ssrc-group:FID", "*"),
    *("a=setup:holdconn", "a=group:BUNDLE", "a=extmap:", "a=fingerprint:sha-256", "a=rtpmap:", "a=fmtp:96", "\udcff"),
)


def mutated(chance: random.Random, text: str) -> str:
    """The text after one to eight random injuries."""
    for _ in range(chance.randint(1, 8)):
        text = chance.choice(_INJURIES)(chance, text)
    return text


def negotiate(text: str) -> bool:
    """Puts a text through every reader and writer; true if anything took it. Only SdpError may come out."""
    _tried(lambda: parse_fragment(text))
    taken = [_publish(text), _view(text), _answer(text), _dialled(text)]
    return any(taken)


def _publish(text: str) -> bool:
    offer = _tried(lambda: parse_offer(text))
    if offer is None:
        return False
    wanted = {section.mid: None for section in offer.sections if section.kind() is not None and section.sends()}
    publication = _tried(lambda: answer_publish(offer, LOCAL, wanted))
    if publication is None or not publication.tracks:
        return False
    _mirrors(offer, parse_answer(publication.sdp))
    assert {track.mid for track in publication.tracks} == set(wanted)
    return True


def _view(text: str) -> bool:
    offer = _tried(lambda: parse_offer(text))
    if offer is None:
        return False
    subscription = _tried(lambda: answer_whep(offer, LOCAL, [(2 * n + 1, 2 * n + 2) for n in range(64)]))
    if subscription is None:
        return False
    _mirrors(offer, parse_answer(subscription.sdp))
    return True


def _answer(text: str) -> bool:
    subscription = _tried(lambda: read_subscribe_answer(SLOTS, text))
    assert subscription is None or subscription.slots
    return subscription is not None


def _dialled(text: str) -> bool:
    offer = _tried(lambda: parse_offer(text))
    dialled = None if offer is None else _tried(lambda: answer_slots(offer, LOCAL))
    if offer is not None and dialled is not None:
        _mirrors(offer, parse_answer(dialled.sdp))
    return dialled is not None


def _mirrors(offer: Description, answer: Description) -> None:
    """RFC 3264 section 6: an answer has the offer's sections, in their order."""
    assert [section.media for section in answer.sections] == [section.media for section in offer.sections]
    assert [section.mid for section in answer.sections] == [section.mid for section in offer.sections]


def _tried(step: Callable[[], T]) -> T | None:
    try:
        return step()
    except SdpError as error:
        sentence = str(error)
        assert sentence and "\n" not in sentence and len(sentence) < 300, sentence
        return None


def _cut_line(chance: random.Random, text: str) -> str:
    rows = text.split("\r\n")
    del rows[chance.randrange(len(rows))]
    return "\r\n".join(rows)


def _double_line(chance: random.Random, text: str) -> str:
    rows = text.split("\r\n")
    rows.insert(chance.randrange(len(rows) + 1), chance.choice(rows))
    return "\r\n".join(rows)


def _swap_lines(chance: random.Random, text: str) -> str:
    rows = text.split("\r\n")
    one, other = chance.randrange(len(rows)), chance.randrange(len(rows))
    rows[one], rows[other] = rows[other], rows[one]
    return "\r\n".join(rows)


def _borrow_line(chance: random.Random, text: str) -> str:
    rows = text.split("\r\n")
    rows.insert(chance.randrange(len(rows) + 1), chance.choice(chance.choice(CORPUS).split("\r\n")))
    return "\r\n".join(rows)


def _flip_character(chance: random.Random, text: str) -> str:
    place = chance.randrange(len(text) + 1)
    return text[:place] + chr(chance.randrange(256)) + text[place + 1 :]


def _insert_nasty(chance: random.Random, text: str) -> str:
    place = chance.randrange(len(text) + 1)
    return text[:place] + chance.choice(NASTY) + text[place:]


def _spoil_value(chance: random.Random, text: str) -> str:
    rows = text.split("\r\n")
    place = chance.randrange(len(rows))
    words = rows[place].split(" ")
    words[chance.randrange(len(words))] = chance.choice(NASTY)
    rows[place] = " ".join(words)
    return "\r\n".join(rows)


def _truncate(chance: random.Random, text: str) -> str:
    return text[: chance.randrange(len(text) + 1)]


_INJURIES: Sequence[Callable[[random.Random, str], str]] = (
    *(_cut_line, _double_line, _swap_lines, _borrow_line),
    *(_flip_character, _insert_nasty, _spoil_value, _truncate),
)


def run(seed: int, seconds: float, most: int) -> tuple[int, int]:
    """Negotiates with broken texts until time or count is over; returns how many, and how many were taken."""
    chance = random.Random(seed)
    deadline, count, taken = time.monotonic() + seconds, 0, 0
    while count < most and time.monotonic() < deadline:
        text = mutated(chance, chance.choice(CORPUS))
        try:
            taken += negotiate(text)
        except Exception:
            print(f"seed {seed}, text {count}:\n{text!r}", file=sys.stderr)
            raise
        count += 1
    return count, taken


def main() -> None:
    """Runs as long as asked and says what was done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    count, taken = run(arguments.seed, arguments.seconds, sys.maxsize)
    print(f"{count} broken texts, {taken} still negotiated, none escaped SdpError (seed {arguments.seed})")


if __name__ == "__main__":
    main()
