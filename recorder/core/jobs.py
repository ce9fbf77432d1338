"""Work after the bell as rows with leases: who may take which job when, and what follows what."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

Kind = Literal["track", "combined", "pictures", "entry", "store", "check", "thin", "remove", "expire"]
State = Literal["waiting", "running", "done", "failed", "dropped"]

NEEDS: Final[Mapping[Kind, frozenset[Kind]]] = {
    "track": frozenset(),
    "combined": frozenset(),
    "pictures": frozenset({"combined"}),
    "entry": frozenset({"track", "combined", "pictures"}),
    "store": frozenset({"track", "combined", "pictures", "entry"}),
    "check": frozenset({"store"}),
    "thin": frozenset({"store"}),
    "remove": frozenset(),
    "expire": frozenset({"track", "combined", "pictures", "entry", "store", "thin"}),
}
"""Jobs of the same take that must be settled before; one that failed is settled, so that nothing waits for ever."""

REMADE: Final[frozenset[Kind]] = frozenset({"pictures", "entry", "store"})
"""Made of what other jobs have made, so that they are done anew when one of those is."""
SETTLED: Final[frozenset[State]] = frozenset({"done", "failed", "dropped"})
LEASE_MS: Final = 60_000
"""Longer than a busy machine holds a worker up, shorter than a person waits."""
MOST_ATTEMPTS: Final = 5
FIRST_WAIT_MS: Final = 5_000
LONGEST_WAIT_MS: Final = 600_000
PUT_OFF_MS: Final = 60_000
"""How soon it is looked again whether what was awaited is there: room, or a store."""
LONGEST_CAUSE: Final = 400


class LeaseLost(ValueError):
    """Another worker has the job, or it was dropped: stop, and leave no trace."""


class Later(Exception):
    """This cannot be done now and is nobody's fault; the sentence says what is awaited."""


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work on one take; doing it twice does no harm."""

    id: str
    take: str
    kind: Kind
    subject: str = ""
    """The track, where there are several of a kind."""
    state: State = "waiting"
    attempts: int = 0
    not_before_ms: int = 0
    owner: str = ""
    lease_until_ms: int = 0
    progress: float = 0.0
    """From 0 to 1; only for people."""
    cause: str = ""
    """Why the last attempt failed, in words."""
    version: int = 0
    """Rises with every change; a row is changed only while it has the version that was read."""


def jobs_of_take(take: str, tracks: Iterable[str]) -> tuple[Job, ...]:
    """All work on a finished take. Equal arguments give equal ids, so that asking twice adds nothing."""
    kinds: tuple[Kind, ...] = ("combined", "pictures", "entry", "store")
    return (
        *(Job(f"{take}/track/{track}", take, "track", track) for track in tracks),
        *(Job(f"{take}/{kind}", take, kind) for kind in kinds),
    )


def may_take(job: Job, others: Iterable[Job], now_ms: int, gone: Collection[str] = ()) -> bool:
    """Tells whether a worker may begin it now; `others` are the jobs of the same take, `gone` dead workers."""
    if job.state == "running":
        return job.lease_until_ms <= now_ms or job.owner in gone
    if job.state != "waiting" or job.not_before_ms > now_ms:
        return False
    return all(other.state in SETTLED for other in others if other.kind in NEEDS[job.kind])


def taken(job: Job, worker: str, now_ms: int) -> Job:
    """A worker has it for the length of a lease. One that was taken too often and never ended has failed."""
    if job.attempts >= MOST_ATTEMPTS:
        words = f"{job.attempts} attempts ended without a word, the last of {job.owner or 'a worker'}"
        return _changed(job, state="failed", owner="", cause=words)
    return _changed(
        job,
        state="running",
        attempts=job.attempts + 1,
        owner=worker,
        lease_until_ms=now_ms + LEASE_MS,
        progress=0.0,
    )


def kept(job: Job, worker: str, progress: float, now_ms: int) -> Job:
    """The worker is still at it; raises LeaseLost when it is another's by now."""
    _refuse_stranger(job, worker)
    return _changed(job, lease_until_ms=now_ms + LEASE_MS, progress=min(1.0, max(job.progress, progress)))


def done(job: Job, worker: str) -> Job:
    """The worker has ended it well."""
    _refuse_stranger(job, worker)
    return _changed(job, state="done", owner="", progress=1.0, cause="")


def failed(job: Job, worker: str, cause: str, now_ms: int, *, hopeless: bool = False) -> Job:
    """It went wrong: again after a growing wait, or not at all when that cannot help."""
    _refuse_stranger(job, worker)
    words = cause.strip()[:LONGEST_CAUSE] or "no cause was given"
    if hopeless or job.attempts >= MOST_ATTEMPTS:
        return _changed(job, state="failed", owner="", cause=words)
    wait_ms = min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 4 ** (job.attempts - 1))
    return _changed(job, state="waiting", owner="", not_before_ms=now_ms + wait_ms, cause=words)


def given_back(job: Job, worker: str, now_ms: int) -> Job:
    """The worker is told to stop: the job waits for another, and this counts as no attempt."""
    _refuse_stranger(job, worker)
    return _changed(job, state="waiting", owner="", attempts=job.attempts - 1, not_before_ms=now_ms, progress=0.0)


def put_off(job: Job, worker: str, cause: str, now_ms: int) -> Job:
    """Something that it needs is not there; it waits as long as that takes, and this counts as no attempt."""
    _refuse_stranger(job, worker)
    words = cause.strip()[:LONGEST_CAUSE]
    return _changed(
        job, state="waiting", owner="", attempts=job.attempts - 1, not_before_ms=now_ms + PUT_OFF_MS, cause=words
    )


def again(job: Job, others: Iterable[Job], now_ms: int) -> tuple[Job, ...]:
    """A person wants it tried once more, and with it what was made without it; nothing if it has not failed."""
    if job.state != "failed":
        return ()
    after = [other for other in others if other.kind in REMADE and job.kind in NEEDS[other.kind]]
    redone = (job, *(other for other in after if other.state in ("done", "failed")))
    return tuple(
        _changed(each, state="waiting", attempts=0, not_before_ms=now_ms, progress=0.0, cause="") for each in redone
    )


def dropped(job: Job) -> Job:
    """The take is to be deleted: nobody may go on with it, or try it again."""
    return job if job.state in ("done", "dropped") else _changed(job, state="dropped", owner="")


def progress(jobs: Collection[Job]) -> float:
    """How far the work on a take is, from 0 to 1."""
    return sum(1.0 if job.state in SETTLED else job.progress for job in jobs) / max(1, len(jobs))


def removal(take: str, running: Iterable[Job], now_ms: int) -> Job:
    """Deletes files once no worker that had a lease can still write one."""
    free_ms = max((job.lease_until_ms for job in running if job.state == "running"), default=now_ms)
    return Job(f"{take}/remove", take, "remove", not_before_ms=max(now_ms, free_ms))


def expiry(take: str, now_ms: int) -> Job:
    """Removes the raw take when its time is over."""
    return Job(f"{take}/expire", take, "expire", not_before_ms=now_ms)


def storing(take: str) -> Job:
    """Puts all of a take into the store."""
    return Job(f"{take}/store", take, "store")


def checking(take: str, now_ms: int) -> Job:
    """Compares what is stored with what was stored; its time tells when that was due last."""
    return Job(f"{take}/check", take, "check", not_before_ms=now_ms)


def due_again(job: Job, now_ms: int) -> Job:
    """A job that is done again and again, whatever came of it."""
    return _changed(job, state="waiting", attempts=0, not_before_ms=now_ms, progress=0.0, cause="")


def thinning(take: str, now_ms: int) -> Job:
    """Removes the segments of a take whose whole files are safe."""
    return Job(f"{take}/thin", take, "thin", not_before_ms=now_ms)


def _refuse_stranger(job: Job, worker: str) -> None:
    if job.state != "running" or job.owner != worker:
        raise LeaseLost(f"the job {job.id} is no longer {worker}'s: it is {job.state}")


def _changed(job: Job, **fields: object) -> Job:
    return replace(job, version=job.version + 1, **fields)  # type: ignore[arg-type]
