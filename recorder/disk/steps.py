"""The work after the bell, step by step; each finds what an earlier attempt has finished, and leaves it."""

from collections.abc import Callable, Sequence
from functools import partial
from hashlib import sha256
from typing import Final

from recorder.core import after_bell, catalogue
from recorder.core.after_bell import Whole
from recorder.core.catalogue import Entry, Part
from recorder.core.chapters import chapters
from recorder.core.jobs import Job, Later
from recorder.core.manifest import Manifest
from recorder.core.names import TakeId
from recorder.core.space import work_refusal
from recorder.disk.opened import Opened
from recorder.disk.pictures import POSTER_WIDTH, THUMBNAIL_WIDTH, THUMBNAILS, jpeg, stills
from recorder.disk.remux import Beat, Piece, RemuxError, Strand, remux
from recorder.disk.takes import Takes
from signaling.messages.ids import LessonId

MEDIA_TYPES: Final = {"mp4": "video/mp4", "webm": "video/webm", "jpg": "image/jpeg"}
READ_BYTES: Final = 1 << 20
POSTER: Final = "poster.jpg"
LESSONS_FIRST: Final = 2
"""So many reserves are left free: a running lesson stops at one."""


class Steps:
    """All steps of one take."""

    def __init__(self, takes: Takes, lesson: LessonId, take: TakeId, worker: str, reserve_bytes: int = 0) -> None:
        self._takes, self._lesson, self._take, self._worker = takes, lesson, take, worker
        self._reserve: Final = reserve_bytes
        self._manifest: Final = takes.manifest(lesson, take)

    @property
    def manifest(self) -> Manifest:
        """What was taken."""
        return self._manifest

    def track(self, name: str, beat: Beat) -> None:
        """One seekable file of one track."""
        whole = next((each for each in after_bell.whole_tracks(self._manifest) if each.name == name), None)
        if whole is None:
            raise RemuxError(f"the take has no track {name}")
        self._make(whole, beat)

    def combined(self, beat: Beat) -> None:
        """The film of the lead classroom; a take without any has nothing to show, which is no fault."""
        film = after_bell.film(self._manifest)
        if film is not None:
            self._make(film, beat)

    def pictures(self, beat: Beat) -> None:
        """Poster and thumbnails of the film."""
        film = self._film_name()
        if film is None:
            return
        whole = after_bell.film(self._manifest)
        assert whole is not None
        length_us = whole.end_us - whole.start_us
        places = [length_us // 10, *(length_us * (2 * i + 1) // (2 * THUMBNAILS) for i in range(THUMBNAILS))]
        names = [POSTER, *(f"thumbnail-{i + 1}.jpg" for i in range(THUMBNAILS))]
        frames = stills(Opened(self._takes.derived(self._lesson, self._take, film)), places, beat)
        for name, frame in zip(names, frames, strict=False):
            picture = jpeg(frame, POSTER_WIDTH if name == POSTER else THUMBNAIL_WIDTH)
            self._put(name, partial(_give, picture), len(picture))

    def entry(self, region: str, jobs: Sequence[Job], beat: Beat) -> Entry:
        """What the catalogue will say."""
        # All other jobs of the take are settled: a half made file is a dead worker's.
        self._takes.drop_parts(self._lesson, self._take)
        manifest, film = self._manifest, after_bell.film(self._manifest)
        made = self._film_name()
        held_us = film.start_us if film is not None else 0
        length_us = film.end_us - film.start_us if film is not None else int(manifest.duration_us)
        tracks = [f"{each.name}.{each.container}" for each in after_bell.whole_tracks(manifest)]
        failed = [f"{job.kind} {job.subject}".strip() + f": {job.cause}" for job in jobs if job.state == "failed"]
        return Entry(
            id="R" + self._take[1:],
            lesson=self._lesson,
            take=f"{self._lesson}/{self._take}",
            title=manifest.title,
            school=after_bell.school(manifest),
            teacher=manifest.about.teacher,
            region=region,
            classrooms=after_bell.classrooms(manifest),
            held_at_ms=manifest.started_at_ms + held_us // 1000,
            duration_ms=length_us // 1000,
            sources=tuple(dict.fromkeys(track.source for track in manifest.tracks)),
            enabled_by=manifest.policy.enabled_by or "",
            basis=manifest.policy.basis or "",
            film=self._part(made, beat) if made is not None else None,
            poster=self._part(POSTER, beat),
            thumbnails=self._parts([f"thumbnail-{i + 1}.jpg" for i in range(THUMBNAILS)], beat),
            tracks=self._parts(tracks, beat),
            chapters=chapters(after_bell.moments(manifest, film), length_us // 1000) if film is not None else (),
            missing=after_bell.missing(manifest, film) if film is not None else (),
            trouble="; ".join(failed),
            version=catalogue.VERSION,
        )

    def _make(self, whole: Whole, beat: Beat) -> None:
        strands = [
            Strand(reel.codec, tuple(self._piece(each.file, each.sealed_bytes, each.start_us, each.end_us)
                                     for each in reel.segments))
            for reel in whole.reels
        ]  # fmt: skip
        name = f"{whole.name}.{whole.container}"
        wanted = sum(segment.sealed_bytes for reel in whole.reels for segment in reel.segments)
        self._put(name, lambda write: remux(strands, whole.container, whole.start_us, write, beat), wanted)

    def _piece(self, file: str, sealed_bytes: int, start_us: int, end_us: int) -> Piece:
        def opened() -> Opened:
            return self._takes.segment(self._lesson, self._take, file, sealed_bytes)

        return Piece(opened, start_us, end_us)

    def _put(self, name: str, fill: Callable[[Callable[[bytes], None]], object], wanted_bytes: int) -> None:
        if self._takes.has_derived(self._lesson, self._take, name):
            return
        if words := work_refusal(self._takes.free_bytes(), wanted_bytes, LESSONS_FIRST * self._reserve):
            raise Later(words)
        making = self._takes.make(self._lesson, self._take, name, self._worker)
        try:
            fill(making.write)
            making.finish()
        except BaseException:
            making.drop()
            raise

    def _film_name(self) -> str | None:
        film = after_bell.film(self._manifest)
        name = None if film is None else f"{film.name}.{film.container}"
        return name if name is not None and self._takes.has_derived(self._lesson, self._take, name) else None

    def _parts(self, names: Sequence[str], beat: Beat) -> tuple[Part, ...]:
        return tuple(part for name in names if (part := self._part(name, beat)) is not None)

    def _part(self, name: str, beat: Beat) -> Part | None:
        """Reads a file once more from end to end: what the catalogue names can be read, and is what it says."""
        if not self._takes.has_derived(self._lesson, self._take, name):
            return None
        file, digest, place = self._takes.derived(self._lesson, self._take, name), sha256(), 0
        while data := file.read(place, READ_BYTES):
            digest.update(data)
            place += len(data)
            beat(0.0)
        return Part(name, MEDIA_TYPES[name.rpartition(".")[2]], file.size, digest.hexdigest())


def _give(data: bytes, write: Callable[[bytes], None]) -> None:
    write(data)
