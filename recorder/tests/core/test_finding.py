"""recorder.core.finding"""

import pytest

from recorder.core.finding import LONGEST_QUERY, MOST_TERMS, folded, like, terms


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("語文 第三課", "语文"),
        ("三年級 數學", "年级数学"),
        ("Ｍath ３", "math 3"),
        ("遠程教學點", "远程教学点"),
        ("廣東省華僑學校", "广东省华"),
    ],
)
def test_what_is_written_differently_is_found(written: str, asked: str) -> None:
    assert folded(asked).replace(" ", "") in folded(written).replace(" ", "")


def test_a_query_is_words_and_bounded() -> None:
    assert terms("  語文  中心校 语文 ") == ("语文", "中心校")
    assert len(terms(" ".join(map(str, range(100))))) == MOST_TERMS
    assert len(terms("字" * 1000)[0]) == LONGEST_QUERY


def test_wildcards_are_meant_literally() -> None:
    assert like("100%_\\") == "%100\\%\\_\\\\%"
