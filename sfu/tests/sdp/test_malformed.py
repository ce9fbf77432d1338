import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_tests.malformed import fuzz_sdp
from sfu.tests.sdp.samples import NAMES, sample

ATTRIBUTES = (
    *("mid", "ice-ufrag", "ice-pwd", "fingerprint", "setup", "extmap", "rtpmap", "fmtp", "rtcp-fb", "rid"),
    *("simulcast", "ssrc", "ssrc-group", "msid", "group", "candidate", "rtcp-mux", "sendonly", "bundle-only"),
)


@pytest.mark.parametrize("seed", [1, 2])
def test_broken_offers_get_a_sentence_and_never_another_error(seed: int) -> None:
    count, taken = fuzz_sdp.run(seed, seconds=1000, most=1000)
    assert count == 1000
    assert taken > 30, "hardly anything was still an offer: the fuzzer breaks too much to reach the writers"


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(max_size=400))
def test_any_text_gets_a_sentence(text: str) -> None:
    fuzz_sdp.negotiate(text)
    fuzz_sdp.negotiate("v=0\r\n" + text)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.sampled_from(NAMES),
    st.lists(st.tuples(st.sampled_from(ATTRIBUTES), st.text(max_size=30), st.integers(0, 200)), max_size=4),
)
def test_any_value_of_a_known_attribute_gets_a_sentence(name: str, added: list[tuple[str, str, int]]) -> None:
    rows = sample(name).split("\r\n")
    for attribute, value, place in added:
        rows.insert(min(place, len(rows)), f"a={attribute}:{value}")
    fuzz_sdp.negotiate("\r\n".join(rows))


def test_every_cut_of_an_offer_gets_a_sentence() -> None:
    text = sample("ffmpeg_active")
    for length in range(len(text)):
        fuzz_sdp.negotiate(text[:length])
