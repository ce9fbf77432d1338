import pytest

from sfu.sdp.lines import LARGEST_TEXT, MOST_LINES, Line, SdpError, number_in, quoted, split_lines, token_in

LINE = Line(7, "a", "x:1")


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_both_line_ends_are_read(end: str) -> None:
    assert [line.value for line in split_lines(f"v=0{end}s=名师课堂{end}")] == ["0", "名师课堂"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "line 1: '' is not of the form letter=value"),
        ("v=0\n\na=x\n", "line 2: '' is not of the form letter=value"),
        ("s=-\nv=0\n", "line 1: an SDP begins with v=0"),
        ("v=0\nV=1\n", "line 2: 'V=1' is not of the form letter=value"),
        ("v=0\na=\x00\n", "line 2: a control character or an unprintable one"),
        ("v=0\na=x\ry\n", "line 2: a control character or an unprintable one"),
    ],
)
def test_what_is_no_sdp_line_is_refused_with_its_number(text: str, sentence: str) -> None:
    with pytest.raises(SdpError) as error:
        split_lines(text)
    assert str(error.value) == sentence


def test_a_text_or_a_list_of_lines_without_end_is_refused() -> None:
    with pytest.raises(SdpError, match="characters"):
        split_lines("v=0\n" + "a" * LARGEST_TEXT)
    with pytest.raises(SdpError, match="lines"):
        split_lines("v=0\n" + "a=x\n" * MOST_LINES)


@pytest.mark.parametrize("value", ["", "+1", "1_0", " 1", "١", "99999999999", "0x1"])
def test_only_plain_decimal_digits_are_a_number(value: str) -> None:
    with pytest.raises(SdpError, match="line 7: port .* is not a number"):
        number_in(LINE, value, 0, 65535, "port")


def test_a_number_has_bounds_and_a_token_a_length() -> None:
    assert number_in(LINE, "65535", 0, 65535, "port") == 65535
    with pytest.raises(SdpError, match=r"line 7: port 65536 is not in 0\.\.65535"):
        number_in(LINE, "65536", 0, 65535, "port")
    assert token_in(LINE, "audio", 16, "mid") == "audio"
    with pytest.raises(SdpError, match="longer than 3"):
        token_in(LINE, "audio", 3, "mid")
    with pytest.raises(SdpError, match="not a token"):
        token_in(LINE, "a b", 16, "mid")


def test_a_long_value_is_shortened_in_a_sentence() -> None:
    assert len(quoted("x" * 1000)) < 50
