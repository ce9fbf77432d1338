"""`three-classrooms client`: a classroom without a browser."""

import asyncio
import signal
from pathlib import Path
from typing import Annotated, Literal

import typer

from classroom_client.net import ClientSettings, SettingsError, SourceFile, run, server_and_code

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def client(
    link: Annotated[
        str, typer.Argument(metavar="LINK", help="A join link, http://host:8080/lesson/L…#code=…, or the code alone.")
    ],
    source: Annotated[
        list[str] | None, typer.Option(help="name=file, as teacher=lesson.mp4; several are fine.")
    ] = None,
    server: Annotated[str, typer.Option(help="Where signaling is, when only a code is given.")] = "",
    sink: Annotated[
        Literal["count", "decode"], typer.Option(help="Count what arrives (one picture is decoded), or decode all.")
    ] = "count",
    seconds: Annotated[float | None, typer.Option(help="How long to stay; else until the lesson ends.")] = None,
    ca: Annotated[Path | None, typer.Option(help="The county's certificate authority, PEM.")] = None,
    sent_log: Annotated[Path | None, typer.Option(help="Write here which frame was sent when.")] = None,
) -> None:
    """Take a seat in a lesson: publish files, count or decode what arrives.

    Sources: teacher, students, board, courseware (pictures), teacher_mic, room_mic, courseware_audio (sound).
    H.264 in constrained baseline and Opus are sent as they lie in the file; anything else is encoded anew.
    """
    try:
        address, secret = (server, link) if server else server_and_code(link)
        settings = ClientSettings.checked(
            server=address,
            code=secret,
            sources=tuple(SourceFile.parse(text) for text in source or ()),
            sink=sink,
            duration_s=seconds,
            ca=ca,
            sent_log=sent_log,
        )
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    try:
        code = asyncio.run(_until_stopped(settings))
    except OSError as error:
        typer.echo(f"{error.filename or 'this machine'}: {error.strerror or error}", err=True)
        code = 2
    raise typer.Exit(code)


async def _until_stopped(settings: ClientSettings) -> int:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    trouble = await run(settings, stop)
    return 0 if trouble is None or trouble.code in ("ended", "lesson_over") else 1


if __name__ == "__main__":
    app(prog_name="three-classrooms client")
