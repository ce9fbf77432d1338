"""signaling.core.county.county and findings: what is found by looking"""

from dataclasses import replace

from signaling.core.county.county import bells_of, other_editions, room_name, unpaired
from signaling.core.county.findings import Finding, refuse
from signaling.core.county.things import PairingId, TermId, Textbook
from signaling.tests.core.county.week import AUTUMN, EAST, EAST_ROOM, MAIN, WEST_ROOM, small_county


def test_small_schools_without_a_pairing_are_listed() -> None:
    county = small_county()
    assert [school.name for school in unpaired(county, AUTUMN)] == ["西村小学"]
    assert [school.name for school in unpaired(county, TermId("2027-spring"))] == ["东村教学点", "西村小学"]
    pairing = county.pairings[PairingId("P1")]
    both = replace(pairing, rural=(*pairing.rural, WEST_ROOM))
    assert unpaired(replace(county, pairings={both.id: both}), AUTUMN) == ()


def test_different_editions_are_a_warning_that_names_them() -> None:
    county = small_county()
    assert other_editions(county, county.courses.values()) == ()
    books = {**county.textbooks, (EAST, 3, "音乐"): Textbook(EAST, 3, "音乐", "苏教版")}
    (found,) = other_editions(replace(county, textbooks=books), county.courses.values())
    assert found.code == "other_edition" and not refuse((found,))
    assert "实验小学: 人教版" in found.zh and "东村教学点: 苏教版" in found.zh and "东村教学点: 苏教版" in found.en


def test_an_edition_that_nobody_told_is_no_other_one() -> None:
    county = small_county()
    books = {(MAIN, 3, "音乐"): county.textbooks[MAIN, 3, "音乐"]}
    assert other_editions(replace(county, textbooks=books), county.courses.values()) == ()


def test_names_are_those_that_screens_show() -> None:
    county = small_county()
    assert room_name(county, EAST_ROOM) == "东村教学点 教室"
    assert {school: len(bells) for school, bells in bells_of(county).items()} == {MAIN: 1, EAST: 1}


def test_an_error_refuses_and_a_warning_does_not() -> None:
    assert refuse((Finding("c", "", ""),)) and not refuse((Finding("c", "", "", "warning"),)) and not refuse(())
