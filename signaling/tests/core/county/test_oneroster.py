"""signaling.core.county.oneroster"""

from signaling.core.county.county import County
from signaling.core.county.importing import Checked, check_rows
from signaling.core.county.oneroster import is_oneroster, rows_of
from signaling.core.county.reading import Sheet

FILES = {
    "manifest": "propertyName,value\nmanifest.version,1.0\noneroster.version,1.2\nfile.orgs,bulk",
    "orgs": "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\n"
    "s1,,,实验小学,school,,c1\nc1,,,东县,district,,p1\np1,,,浙江省,state,,\nd1,,,教务处,department,,s1\n"
    "gone,tobedeleted,,旧校,school,,c1",
    "academicSessions": "sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear\n"
    "t1,,,2026 秋,term,2026-08-31,2027-01-15,,2027\ny1,,,2026,schoolYear,2026-08-31,2027-07-15,,2027",
    "classes": "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,"
    'schoolSourcedId,termSourcedIds\nk1,,,一二年级,"01,02",,,homeroom,,s1,t1'.replace('"01,02"', "01;02"),
    "users": "sourcedId,status,dateLastModified,enabledUser,username,givenName,familyName,primaryOrgSourcedId\n"
    "u1,,,true,wf,芳,王,s1\nu2,,,true,jd,Jane,Doe,\nu3,,,true,x,小明,陈,s1",
    "roles": "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId\n"
    "r1,,,u1,primary,teacher,,,s1\nr2,,,u2,primary,teacher,,,s1\nr3,,,u3,primary,student,,,s1",
    "enrollments": "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role\n"
    "e1,,,k1,s1,u3,student\ne2,,,k1,s1,u4,student\ne3,tobedeleted,,k1,s1,u5,student\ne4,,,k1,s1,u1,teacher",
}


def sheets(**changes: str) -> list[Sheet]:
    texts = {**FILES, **changes}
    return [Sheet(name, tuple(tuple(line.split(",")) for line in text.split("\n"))) for name, text in texts.items()]


def taken(given: list[Sheet]) -> Checked:
    rows, found = rows_of(given)
    return check_rows(County(), rows, found)


def test_schools_teachers_classes_and_terms_are_taken_and_no_pupils_name() -> None:
    made = taken(sheets())
    assert made.good, made.findings
    county = made.county
    assert {region.name: region.level for region in county.regions.values()} == {"东县": "county", "浙江省": "province"}
    assert [(school.name, school.region) for school in county.schools.values()] == [("实验小学", "c1")]
    assert [(person.name, person.school) for person in county.people.values()] == [("王芳", "s1"), ("Jane Doe", "s1")]
    assert [(it.name, it.headcount) for it in county.classes.values()] == [("一二年级", 2)]
    assert [term.name for term in county.terms.values()] == ["2026 秋"]
    assert "陈" not in repr(county)


def test_grades_are_read_as_the_standard_writes_them() -> None:
    (school_class,) = taken(sheets()).county.classes.values()
    assert school_class.grades == (1, 2)


def test_a_mistake_is_named_by_file_and_line() -> None:
    wrong = FILES["orgs"].replace("实验小学,school,,c1", "实验小学,school,,zz")
    found = [f for f in taken(sheets(orgs=wrong)).findings if f.sheet == "orgs.csv"]
    assert [(f.code, f.row, f.column) for f in found] == [("unknown", 2, "parentSourcedId")]


def test_another_version_is_refused() -> None:
    made = taken(sheets(manifest=FILES["manifest"].replace("1.2", "1.1")))
    assert not made.good and made.findings[0].code == "wrong_version" and "1.1" in made.findings[0].zh


def test_it_is_known_by_its_manifest() -> None:
    assert is_oneroster(sheets()) and not is_oneroster([Sheet("学校", ())])
