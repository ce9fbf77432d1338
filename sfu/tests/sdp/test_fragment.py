import pytest

from sfu.sdp import Fragment, SdpError, parse_fragment

PASSWORD = "p" * 24


def test_a_fragment_of_a_browser_is_read() -> None:
    text = "\r\n".join(
        (
            "a=group:BUNDLE 0 1",
            "m=audio 9 UDP/TLS/RTP/SAVPF 111",
            "a=mid:0",
            "a=ice-ufrag:EsAw",
            f"a=ice-pwd:{PASSWORD}",
            "a=candidate:1 1 udp 2122260223 192.0.2.1 61764 typ host",
            "a=candidate:2 1 udp 2122194687 x.local 61765 typ host",
            "a=end-of-candidates",
        )
    )
    fragment = parse_fragment(text)
    assert fragment == Fragment("EsAw", PASSWORD, 2)
    assert not fragment.restarts("EsAw", PASSWORD)
    assert fragment.restarts("EsAx", PASSWORD) and fragment.restarts("EsAw", "q" * 24)
    assert not parse_fragment("a=end-of-candidates").restarts("EsAw", PASSWORD)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "line 1: '' is not of the form letter=value"),
        ("a=ice-ufrag:x", "line 1: ice-ufrag has 1 characters"),
        ("a=ice-ufrag:EsAw\nm=x\na=ice-ufrag:EsAx", "line 3: two sections with different ICE credentials"),
    ],
)
def test_a_wrong_fragment_gets_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(SdpError) as error:
        parse_fragment(text)
    assert sentence in str(error.value)
