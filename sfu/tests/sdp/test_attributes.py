from collections.abc import Callable

import pytest

from sfu.sdp import attributes
from sfu.sdp.description import Extension, Fingerprint, SsrcGroup
from sfu.sdp.lines import Line, SdpError

LINE = Line(3, "a", "")


@pytest.mark.parametrize(("algorithm", "length"), list(attributes.DIGEST_LENGTHS.items()))
@pytest.mark.parametrize("upper", [True, False])
def test_fingerprints_of_each_length_are_read_in_any_case(algorithm: str, length: int, upper: bool) -> None:
    digest = bytes(range(100, 100 + length))
    value = f"{algorithm} {digest.hex(':')}"
    found = attributes.read_fingerprint(LINE, value.upper() if upper else value)
    assert found == Fingerprint(algorithm, digest)


def test_a_fingerprint_by_an_unknown_function_is_passed_over() -> None:
    assert attributes.read_fingerprint(LINE, "md5 00:11") is None


def test_extension_lines_have_an_id_a_direction_and_a_uri() -> None:
    assert attributes.read_extension(LINE, "4 urn:x") == Extension(4, "urn:x")
    assert attributes.read_extension(LINE, "9/sendonly urn:x vad=on") == Extension(9, "urn:x", "sendonly")


def test_simulcast_names_the_layers_sent_and_the_first_of_each_alternative() -> None:
    assert attributes.read_simulcast(LINE, "send l;~m,n;h recv x") == ("l", "m", "h")
    assert attributes.read_simulcast(LINE, "recv x") == ()
    assert attributes.read_simulcast(LINE, "send rid=a;b") == ("a", "b")


def test_ssrc_lines_and_groups() -> None:
    assert attributes.read_ssrc(LINE, "4294967295 cname:x") == (4294967295, "")
    assert attributes.read_ssrc(LINE, "7 msid:stream track") == (7, "stream track")
    assert attributes.read_ssrc_group(LINE, "FID 1 2") == SsrcGroup("FID", (1, 2))
    assert attributes.read_ssrc_group(LINE, "SIM 1 2 3") == SsrcGroup("SIM", (1, 2, 3))


@pytest.mark.parametrize(
    ("read", "value", "sentence"),
    [
        (attributes.read_mid, "", "mid '' is not a token"),
        (attributes.read_mid, "m" * 17, "longer than 16 characters"),
        (attributes.read_ufrag, "abc", "ice-ufrag has 3 characters, not 4 to 256"),
        (attributes.read_ufrag, "a b c", "ice-ufrag has characters that ICE does not allow"),
        (attributes.read_password, "short", "ice-pwd has 5 characters, not 22 to 256"),
        (attributes.read_fingerprint, "sha-256 zz", "fingerprint 'zz' is not made of hexadecimal pairs"),
        (attributes.read_fingerprint, "sha-256 00:11", "fingerprint has 2 bytes, sha-256 has 32"),
        (attributes.read_setup, "holdconn", "setup 'holdconn' is none of actpass, active, passive"),
        (attributes.read_extension, "0 urn:x", r"extmap id 0 is not in 1..4351"),
        (attributes.read_extension, "256 urn:x", "extmap id 256 is not in 1..255, nor in 4096..4351"),
        (attributes.read_extension, "4352 urn:x", "extmap id 4352 is not in 1..4351"),
        (attributes.read_rid, "h send pt=x", "payload type 'x' is not a number"),
        (attributes.read_rtpmap, "opus/48000/2", "payload type 'opus/48000/2' is not a number"),
        (attributes.read_ssrc_group, "SIM 1 2 1", "ssrc-group SIM names an ssrc twice"),
        (attributes.read_extension, "1", "extmap names no URI"),
        (attributes.read_extension, "1/up urn:x", "extmap direction 'up' is not known"),
        (attributes.read_rtpmap, "128 VP8/90000", "payload type 128 is not in 0..127"),
        (attributes.read_rtpmap, "96 VP8", "rtpmap 'VP8' is not of the form name/clock or name/clock/channels"),
        (attributes.read_rtpmap, "96 VP8/0", "clock rate 0 is not in"),
        (attributes.read_rid, "a.b send", "rid 'a.b' is not 1 to 16 letters, digits, - or _"),
        (attributes.read_rid, "a", "rid a has direction '', not send or recv"),
        (attributes.read_simulcast, "send", "is not made of direction and layers"),
        (attributes.read_simulcast, "up a", "simulcast direction 'up' is not send or recv"),
        (attributes.read_simulcast, "send a;;b", "simulcast layer '' is not a rid"),
        (attributes.read_ssrc, "4294967296 cname:x", "ssrc 4294967296 is not in"),
        (attributes.read_ssrc_group, "FID 1", "ssrc-group FID has 1 members, not 2"),
        (attributes.read_ssrc_group, "SIM", "ssrc-group names no ssrc"),
    ],
)
def test_a_wrong_value_is_named_with_its_line(read: Callable[[Line, str], object], value: str, sentence: str) -> None:
    with pytest.raises(SdpError) as error:
        read(LINE, value)
    assert str(error.value).startswith("line 3: ")
    assert sentence in str(error.value)


def test_a_sentence_never_repeats_a_password() -> None:
    with pytest.raises(SdpError) as error:
        attributes.read_password(LINE, "secret secret secret secret")
    assert "secret" not in str(error.value)
