"""The command line `three-classrooms`."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from deploy import county
from deploy.asking import CONFIG, Config, Server, fail, fields, operator
from deploy.core import trust as trust_steps
from deploy.core.authority import CertificateError
from deploy.core.configuration import ConfigurationError, certificate_of
from deploy.disk import certificate as certificates
from deploy.disk import configuration
from deploy.net.lessons import Json, LessonError
from deploy.process import up as machine

app = typer.Typer(
    help="Live lessons between a lead classroom and rural classrooms.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
lessons = typer.Typer(help="Create, open, list and end lessons, and invite classrooms to them.", no_args_is_help=True)
app.add_typer(lessons, name="lesson")
app.add_typer(county.app, name="county")

Id = Annotated[str, typer.Argument(metavar="LESSON", help="The lesson's id, such as L4K7Q2M9XA.")]


def main() -> None:
    """Runs the command; what a person can mend is one sentence, not a traceback."""
    try:
        app(prog_name="three-classrooms")
    except (ConfigurationError, LessonError, CertificateError) as error:
        fail(str(error))
    except KeyboardInterrupt:
        sys.exit(130)


@app.command()
def up(
    config: Config = CONFIG,
    demo: Annotated[bool, typer.Option("--demo", help="Also run the demonstration lesson from clips.")] = False,
    host: Annotated[
        str | None,
        typer.Option(help="Open it to other machines, which reach this one under this name or address."),
    ] = None,
    tls_cert: Annotated[
        Path | None, typer.Option("--tls-cert", help="Speak HTTPS with this certificate (PEM, whole chain).")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option("--tls-key", help="The certificate's private key (PEM).")] = None,
    front: Annotated[
        bool,
        typer.Option("--front", help="Let everything be reached at TCP port 443 alone, for schools behind firewalls."),
    ] = False,
    logs: Annotated[
        bool | None,
        typer.Option(help="Show also the services' routine lines.", show_default="yes, but not with --demo"),
    ] = None,
) -> None:
    """Start all services on this machine and keep them running; Ctrl-C ends all.

    --host, --tls-* and --front are remembered in the configuration.
    """
    if (tls_cert is None) != (tls_key is None):
        fail("--tls-cert and --tls-key belong together: give both, or neither.")
    for path in (tls_cert, tls_key):
        if path is not None and not path.is_file():
            fail(f"There is no file {path}. `three-classrooms certificate` makes a certificate and its key.")
    tables = machine.settled(config, host, tls_cert, tls_key, front=front)
    if host is not None and not certificate_of(tables):
        machine.say("up", "without a certificate browsers of other machines get no camera; see `certificate --help`.")
    failure = machine.run(config, tables, demonstration=demo, routine=not demo if logs is None else logs)
    if failure is not None:
        fail(failure)


@app.command()
def node(config: Config = CONFIG) -> None:
    """Run one node, the process that forwards media, until Ctrl-C."""
    _become("sfu", config)


@app.command()
def signaling(config: Config = CONFIG) -> None:
    """Run signaling, which holds the lessons and serves the pages, until Ctrl-C."""
    _become("signaling", config)


@app.command()
def recorder(config: Config = CONFIG) -> None:
    """Run the recorder, which takes what lessons allow to be taken, until Ctrl-C."""
    _become("recorder", config)


@app.command()
def worker(config: Config = CONFIG) -> None:
    """Run the worker, which makes films of what was taken, until Ctrl-C; several may run."""
    _become("recorder.worker", config)


@app.command()
def library(config: Config = CONFIG) -> None:
    """Run the library, which shows and plays what was taken to those who may, until Ctrl-C."""
    _become("recorder.library", config)


@app.command()
def check(config: Config = CONFIG) -> None:
    """Read all recorded files in folder and store, say which are damaged, and end; the exit code is 1 then."""
    _become("recorder.check", config)


@app.command()
def shelf(config: Config = CONFIG, server: Server = None) -> None:
    """Print a link that opens the library for the operator; it works once, within a minute."""
    print(fields(operator(config, server).call("POST", "/api/library-code"))["link"])


@app.command(
    add_help_option=False,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def client(context: typer.Context) -> None:
    """Be a classroom without a browser: publish files, play or count what arrives. See client --help."""
    os.execv(sys.executable, [sys.executable, "-m", "classroom_client", *context.args])


@lessons.command()
def create(
    title: Annotated[str, typer.Option(help="What the lesson is called, such as 第3节 语文.")],
    lead: Annotated[str, typer.Option(help="The classroom that teaches.")],
    room: Annotated[list[str], typer.Option(help="A rural classroom; repeat the option for more.")],
    mode: Annotated[
        Literal["dedicated", "master_teacher", "famous_school"],
        typer.Option(help="The kind of lesson; so far only dedicated ones can be held."),
    ] = "dedicated",
    record: Annotated[
        list[str] | None,
        typer.Option(help="A source that may be recorded, such as teacher; repeat. Without it: the usual ones."),
    ] = None,
    school: Annotated[str, typer.Option(help="Whose lesson it is, for the library; else the lead classroom's.")] = "",
    teacher: Annotated[str, typer.Option(help="Who teaches, for the library.")] = "",
    enabled_by: Annotated[str, typer.Option(help="Who allowed to record pupils (students, room_mic).")] = "",
    basis: Annotated[str, typer.Option(help="On what basis pupils may be recorded.")] = "",
    muted_sound: Annotated[
        bool, typer.Option("--muted-sound", help="Record room_mic also of rooms that do not hold the floor.")
    ] = False,
    config: Config = CONFIG,
    server: Server = None,
) -> None:
    """Plan a lesson and print its id."""
    body: dict[str, Json] = {
        "title": title,
        "mode": mode,
        "lead_classroom": lead,
        "rural_classrooms": room,
        "school": school,
        "teacher": teacher,
    }
    policy: dict[str, Json] = {"sources": record} if record else {}
    policy |= {"muted_sound": True} if muted_sound else {}
    if policy:
        body["policy"] = {**policy, "enabled_by": enabled_by or None, "basis": basis or None}
    made = fields(operator(config, server).call("POST", "/api/lessons", body))
    print(made["lesson"])
    print(f"Next: three-classrooms lesson open {made['lesson']}", file=sys.stderr)


@lessons.command("open")
def open_lesson(lesson: Id, config: Config = CONFIG, server: Server = None) -> None:
    """Open the doors: who was invited can come in."""
    operator(config, server).call("POST", f"/api/lessons/{_id(lesson)}/open")
    print(f"{lesson} is open.")


@lessons.command()
def invite(
    lesson: Id,
    role: Annotated[
        Literal["lead", "assistant", "room", "listener", "attendee"], typer.Option(help="What the seat may do.")
    ],
    classroom: Annotated[str, typer.Option(help="Whose seat it is.")],
    minutes: Annotated[int, typer.Option(min=1, max=60 * 24 * 7, help="How long the link can be used.")] = 60,
    config: Config = CONFIG,
    server: Server = None,
) -> None:
    """Make a seat and print the link to it; the link works once."""
    body: dict[str, Json] = {"role": role, "classroom": classroom, "lifetime_s": 60 * minutes}
    made = fields(operator(config, server).call("POST", f"/api/lessons/{_id(lesson)}/invitations", body))
    print(made["link"])


@lessons.command()
def end(lesson: Id, config: Config = CONFIG, server: Server = None) -> None:
    """End a lesson for everybody."""
    operator(config, server).call("POST", f"/api/lessons/{_id(lesson)}/end")
    print(f"{lesson} has ended.")


@lessons.command("list")
def list_lessons(config: Config = CONFIG, server: Server = None) -> None:
    """List the lessons, newest first."""
    answer = operator(config, server).call("GET", "/api/lessons")
    rows = answer.get("lessons") if isinstance(answer, Mapping) else answer
    table = Table("lesson", "state", "title", "lead", "rooms")
    for row in map(fields, rows if isinstance(rows, list) else []):
        rooms = row.get("rural_classrooms")
        table.add_row(
            *(str(row.get(name, "")) for name in ("lesson", "state", "title", "lead_classroom")),
            ", ".join(map(str, rooms)) if isinstance(rooms, list) else "",
        )
    Console().print(table)


@app.command()
def certificate(
    names: Annotated[
        list[str], typer.Argument(metavar="NAME...", help="The names and addresses under which the server is reached.")
    ],
    folder: Annotated[Path, typer.Option(help="Where authority and certificate lie.")] = Path("var/tls"),
    county: Annotated[
        str, typer.Option(help="The authority's name, as browsers show it.")
    ] = "Three Classrooms county authority",
    permit: Annotated[
        list[str] | None,
        typer.Option(help="A further domain or address that the authority may vouch for later; repeat."),
    ] = None,
) -> None:
    """Make a county authority (once) and a server certificate, and print how to trust it.

    The authority can vouch only for these names, names below them, and private addresses.
    """
    made = certificates.issue(folder, names, permit or [], county)
    which = "A new authority" if made.made_authority else "The authority that was there"
    print(f"{which} {made.authority} gave a certificate to {', '.join(names)}: {made.server}\n")
    print(trust_steps.steps(made.authority, made.server, made.server_key, made.fingerprint, names[0]))


def _become(module: str, config: Path) -> NoReturn:
    """This process turns into the service: one process, its own signals, its own exit code."""
    configuration.read(config)
    os.execv(sys.executable, [sys.executable, "-m", module, "--config", str(config)])


def _id(lesson: str) -> str:
    if not lesson.isalnum():
        fail(f"{lesson!r} is no lesson's id; `three-classrooms lesson list` shows them.")
    return lesson
