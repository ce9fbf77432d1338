"""`three-classrooms county`: a term from files of schools, its lessons, changes of one, and calendars."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table

from deploy.asking import CONFIG, Config, Server, fail, fields, operator, rows
from deploy.net.lessons import Json

app = typer.Typer(
    help="A county's week: import schools, bells and timetables, see lessons, change one, let calendars subscribe.",
    no_args_is_help=True,
)
File = Annotated[
    Path,
    typer.Argument(
        metavar="FILE", exists=True, dir_okay=False, help="An .xlsx, a .csv, a .zip of .csv, OneRoster 1.2, or an .ics."
    ),
]
Planned = Annotated[str, typer.Argument(metavar="LESSON", help="The lesson's id, as `county week` shows it.")]


@app.command()
def template(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it.")] = Path("county.xlsx"),
    config: Config = CONFIG,
    server: Server = None,
) -> None:
    """Write an empty workbook that explains itself."""
    data = operator(config, server).fetch("/api/county/template")
    try:
        with file.open("xb") as made:
            made.write(data)
    except OSError as error:
        fail(f"{file} cannot be written: {error.strerror}.")
    print(f"{file} is written.")


@app.command()
def check(file: File, config: Config = CONFIG, server: Server = None) -> None:
    """Say what is wrong with a file, and change nothing; the exit code is 1 where it could not be imported."""
    report = fields(operator(config, server).send("/api/county/check", file.read_bytes()))
    if _findings(report):
        sys.exit(1)
    counts = fields(report.get("rows"))
    print("It can be imported: " + ", ".join(f"{name} {count}" for name, count in counts.items()) + ".")


@app.command("import")
def take_in(file: File, config: Config = CONFIG, server: Server = None) -> None:
    """Save what a file says, all of it or nothing."""
    asked, data = operator(config, server), file.read_bytes()
    if _findings(fields(asked.send("/api/county/check", data))):
        fail("Nothing was imported.")
    asked.send("/api/county/import", data)
    print(f"{file} is imported.")


@app.command()
def week(
    first: Annotated[str, typer.Option(help="The first day, such as 2026-09-01; without it: today.")] = "",
    last: Annotated[str, typer.Option(help="The last day; without it: six days later.")] = "",
    config: Config = CONFIG,
    server: Server = None,
) -> None:
    """List the lessons of some days, what is wrong with them, and schools that should be paired and are not."""
    query = "&".join(f"{name}={day}" for name, day in (("first", first), ("last", last)) if day)
    plan = fields(operator(config, server).call("GET", f"/api/county/lessons?{query}"))
    table = Table("lesson", "begins", "ends", "subject", "lead", "rural", "teachers", "bell")
    for row in rows(plan.get("lessons")):
        teachers = [_name(row.get("teacher")), *map(_name, rows(row.get("assistants")))]
        rung = rows(row.get("rung"))
        bell = " ".join(str(rung[-1].get(name, "")) for name in ("what", "reason")) if rung else ""
        begins, ends = (str(row.get(name, "")) for name in ("begins", "ends"))
        where = (_name(row.get("lead")), ", ".join(map(_name, rows(row.get("rural")))))
        lesson, subject = str(row.get("lesson", "")), f"{row.get('subject')} {row.get('grade')}"
        table.add_row(lesson, begins[:16].replace("T", " "), ends[11:16], subject, *where, ", ".join(teachers), bell)
    Console().print(table)
    _findings(plan)
    for school in rows(plan.get("unpaired")):
        print(f"未结对 Not paired: {_name(school)} ({school.get('id')})")


@app.command()
def substitutes(lesson: Planned, config: Config = CONFIG, server: Server = None) -> None:
    """List who could teach a lesson instead, and which rooms could stand in."""
    found = fields(operator(config, server).call("GET", f"/api/county/lessons/{_id(lesson)}/substitutes"))
    for teacher in rows(found.get("teachers")):
        print(f"teacher  {teacher.get('id')}  {_name(teacher)}")
    for room, others in fields(found.get("rooms")).items():
        for other in rows(others):
            print(f"room     {room}={other.get('id')}  {_name(other)}")


@app.command()
def change(
    lesson: Planned,
    teacher: Annotated[str | None, typer.Option(help="Who teaches it instead, by staff number.")] = None,
    room: Annotated[list[str] | None, typer.Option(help="OLD=NEW: another classroom, by code; repeat.")] = None,
    cancel: Annotated[bool, typer.Option("--cancel", help="It is not held.")] = False,
    reason: Annotated[str, typer.Option(help="Why, for whoever asks later.")] = "",
    config: Config = CONFIG,
    server: Server = None,
) -> None:
    """Change one lesson; without any option it is again as the timetable has it."""
    pairs = [said.partition("=") for said in room or ()]
    if not all(old and new for old, _, new in pairs):
        fail("--room is OLD=NEW, two codes of classrooms.")
    rooms: dict[str, Json] = {old: new for old, _, new in pairs}
    body: dict[str, Json] = {"teacher": teacher, "rooms": rooms, "cancelled": cancel, "reason": reason}
    report = operator(config, server).call("POST", f"/api/county/lessons/{_id(lesson)}/change", body)
    _findings(fields(report))
    print("It is changed, and is another lesson now.")


@app.command()
def feed(
    kind: Annotated[
        Literal["all", "school", "classroom", "person"], typer.Option(help="Whose lessons the calendar shows.")
    ] = "all",
    of: Annotated[str, typer.Option(help="Which school, classroom or person, by code.")] = "",
    config: Config = CONFIG,
    server: Server = None,
) -> None:
    """Let a calendar program subscribe (名师课表): its address, user name and password, shown only now."""
    made = fields(operator(config, server).call("POST", "/api/county/feeds", {"kind": kind, "of": of}))
    print(f"address   {made.get('url')}\nuser      {made.get('feed')}\npassword  {made.get('key')}")


@app.command()
def feeds(config: Config = CONFIG, server: Server = None) -> None:
    """List the calendars that may subscribe."""
    table = Table("feed", "kind", "of")
    for row in rows(fields(operator(config, server).call("GET", "/api/county/feeds")).get("feeds")):
        table.add_row(*(str(row.get(name, "")) for name in ("feed", "kind", "of")))
    Console().print(table)


@app.command()
def revoke(
    feed: Annotated[str, typer.Argument(metavar="FEED", help="The feed, as `county feeds` shows it.")],
    config: Config = CONFIG,
    server: Server = None,
) -> None:
    """End a subscription."""
    operator(config, server).call("DELETE", f"/api/county/feeds/{_id(feed)}")
    print(f"{feed} opens nothing any more.")


def _findings(report: Mapping[str, Json]) -> bool:
    """Prints what was found in both languages; tells whether anything of it is an error."""
    found = rows(report.get("findings"))
    for finding in found:
        mark = "错误 Error" if finding.get("weight") == "error" else "注意 Note"
        print(f"{mark}: {finding.get('zh')} {finding.get('en')}", file=sys.stderr)
    return any(finding.get("weight") == "error" for finding in found)


def _name(thing: Json) -> str:
    return str(fields(thing).get("name", ""))


def _id(said: str) -> str:
    if not said.isalnum():
        fail(f"{said!r} is no id; `three-classrooms county week` and `county feeds` show them.")
    return said
