"""recorder.core.jobs: leases by a stepped clock, and two workers that race."""

import random
from dataclasses import replace

import pytest

from recorder.core import jobs
from recorder.core.jobs import LEASE_MS, MOST_ATTEMPTS, PUT_OFF_MS, SETTLED, Job, LeaseLost


class Rows:
    """What the store does: a row changes only while it has the version that was read."""

    def __init__(self, *rows: Job) -> None:
        self.rows = {row.id: row for row in rows}

    def put(self, changed: Job) -> bool:
        if self.rows[changed.id].version != changed.version - 1:
            return False
        self.rows[changed.id] = changed
        return True

    def free(self, now_ms: int) -> list[Job]:
        every = list(self.rows.values())
        return [job for job in every if jobs.may_take(job, [o for o in every if o.take == job.take], now_ms)]


def test_jobs_follow_one_another() -> None:
    rows = Rows(*jobs.jobs_of_take("K1", ["a", "b"]))
    seen = []
    while free := rows.free(0):
        seen.append({job.kind for job in free})
        for job in free:
            assert rows.put(mine := jobs.taken(job, "w", 0)) and rows.put(jobs.done(mine, "w"))
    assert seen == [{"track", "combined"}, {"pictures"}, {"entry"}, {"store"}]


def test_a_job_that_failed_holds_nobody_up() -> None:
    combined, pictures = (Job(f"K1/{kind}", "K1", kind) for kind in ("combined", "pictures"))
    broken = jobs.failed(jobs.taken(combined, "w", 0), "w", "no picture was taken", 0, hopeless=True)
    assert (broken.state, broken.cause) == ("failed", "no picture was taken")
    assert jobs.may_take(pictures, [broken, pictures], 0)


def test_asking_twice_for_the_work_on_a_take_names_the_same_jobs() -> None:
    assert jobs.jobs_of_take("K1", ["a"]) == jobs.jobs_of_take("K1", ["a"])


def test_of_two_workers_that_read_the_same_row_one_gets_it() -> None:
    rows = Rows(Job("K1/combined", "K1", "combined"))
    (read,) = rows.free(0)
    assert rows.put(jobs.taken(read, "first", 0))
    assert not rows.put(jobs.taken(read, "second", 0))
    assert rows.rows["K1/combined"].owner == "first"


def test_a_killed_workers_job_is_taken_over_after_its_lease_and_not_before() -> None:
    mine = jobs.taken(Job("K1/combined", "K1", "combined"), "killed", 1000)
    assert not jobs.may_take(mine, [], 1000 + LEASE_MS - 1)
    assert jobs.may_take(mine, [], 1000 + LEASE_MS)
    theirs = jobs.taken(mine, "other", 1000 + LEASE_MS)
    with pytest.raises(LeaseLost, match="no longer killed's"):
        jobs.kept(theirs, "killed", 0.5, 0)
    with pytest.raises(LeaseLost):
        jobs.done(theirs, "killed")


def test_a_lease_that_is_kept_does_not_run_out() -> None:
    job = jobs.taken(Job("K1/combined", "K1", "combined"), "w", 0)
    for now_ms in range(0, 10 * LEASE_MS, LEASE_MS // 2):
        assert not jobs.may_take(job, [], now_ms)
        job = jobs.kept(job, "w", now_ms / (10 * LEASE_MS), now_ms)
    assert 0.9 < job.progress < 1


def test_attempts_wait_longer_each_time_and_end() -> None:
    job, now_ms, waits = Job("K1/combined", "K1", "combined"), 0, []
    while job.state == "waiting":
        now_ms = job.not_before_ms
        job = jobs.failed(jobs.taken(job, "w", now_ms), "w", "the disk is full", now_ms)
        waits.append(job.not_before_ms - now_ms)
    assert (job.state, job.attempts, job.cause) == ("failed", MOST_ATTEMPTS, "the disk is full")
    assert waits[:-1] == sorted(set(waits[:-1]))
    assert [each.state for each in jobs.again(job, [job], now_ms)] == ["waiting"]


def test_what_was_made_without_it_is_made_again_with_it() -> None:
    rows = Rows(*jobs.jobs_of_take("K1", ["a", "b"]))
    while free := rows.free(0):
        for job in free:
            assert rows.put(mine := jobs.taken(job, "w", 0))
            broken = job.kind in ("combined", "pictures")
            assert rows.put(jobs.failed(mine, "w", "x", 0, hopeless=True) if broken else jobs.done(mine, "w"))
    every = tuple(rows.rows.values())
    assert {job.kind for job in jobs.again(rows.rows["K1/combined"], every, 5)} == {
        "combined",
        "pictures",
        "entry",
        "store",
    }
    assert jobs.again(rows.rows["K1/track/a"], every, 5) == ()
    for job in jobs.again(rows.rows["K1/pictures"], every, 5):
        assert rows.put(job)
    assert {job.kind for job in rows.free(5)} == {"pictures"}


def test_a_dead_workers_job_is_taken_over_at_once() -> None:
    mine = jobs.taken(Job("K1/combined", "K1", "combined"), "killed", 1000)
    assert not jobs.may_take(mine, [], 1001, {"other"}) and jobs.may_take(mine, [], 1001, {"killed"})


def test_progress_counts_what_is_settled_and_what_is_under_way() -> None:
    done, half, waiting = (Job(f"K1/{i}", "K1", "track") for i in range(3))
    half = jobs.kept(jobs.taken(half, "w", 0), "w", 0.5, 0)
    assert jobs.progress([jobs.done(jobs.taken(done, "w", 0), "w"), half, waiting]) == 0.5
    assert jobs.progress([]) == 0


def test_nobody_tries_a_deleted_takes_work_again() -> None:
    job = jobs.failed(jobs.taken(Job("K1/combined", "K1", "combined"), "w", 0), "w", "x", 0, hopeless=True)
    assert jobs.dropped(job).state == "dropped" and jobs.again(jobs.dropped(job), [], 0) == ()


def test_work_that_kills_every_worker_fails_in_words() -> None:
    job, now_ms = Job("K1/combined", "K1", "combined"), 0
    for i in range(MOST_ATTEMPTS + 1):
        assert jobs.may_take(job, [], now_ms)
        job = jobs.taken(job, f"w{i}", now_ms)
        now_ms += LEASE_MS
    assert job.state == "failed" and "ended without a word, the last of w4" in job.cause


def test_what_is_awaited_costs_no_attempt_however_long_it_takes() -> None:
    job, now_ms = Job("K1/store", "K1", "store"), 0
    for _ in range(3 * MOST_ATTEMPTS):
        assert jobs.may_take(job, [], now_ms)
        job = jobs.put_off(jobs.taken(job, "w", now_ms), "w", "the store does not answer", now_ms)
        assert (job.state, job.attempts, job.cause) == ("waiting", 0, "the store does not answer")
        assert not jobs.may_take(job, [], now_ms + PUT_OFF_MS - 1)
        now_ms += PUT_OFF_MS


def test_nothing_is_removed_that_may_still_be_sent() -> None:
    storing, expiry, thinning = jobs.storing("K1"), jobs.expiry("K1", 0), jobs.thinning("K1", 0)
    sending = jobs.taken(storing, "w", 0)
    assert not jobs.may_take(expiry, [sending, expiry], 0) and not jobs.may_take(thinning, [sending, thinning], 0)
    stored = jobs.done(sending, "w")
    assert jobs.may_take(thinning, [stored, thinning], 0)


def test_a_worker_that_is_told_to_stop_gives_its_job_back_without_an_attempt() -> None:
    job = jobs.given_back(jobs.taken(Job("K1/combined", "K1", "combined"), "w", 0), "w", 5)
    assert (job.state, job.attempts) == ("waiting", 0) and jobs.may_take(job, [], 5)


def test_files_are_removed_only_when_nobody_can_write_them_any_more() -> None:
    running = jobs.taken(Job("K1/combined", "K1", "combined"), "w", 0)
    removal = jobs.removal("K1", [running], 10)
    dropped = jobs.dropped(running)
    with pytest.raises(LeaseLost):
        jobs.kept(dropped, "w", 0.5, 20)
    assert not jobs.may_take(removal, [dropped], LEASE_MS - 1)
    assert jobs.may_take(removal, [dropped], LEASE_MS)


@pytest.mark.parametrize("seed", range(20))
def test_whatever_dies_when_each_job_is_done_once_and_by_one(seed: int) -> None:
    chance, now_ms = random.Random(seed), 0
    rows = Rows(*jobs.jobs_of_take("K1", ["a", "b"]))
    holding: dict[str, Job] = {}
    ended: list[str] = []
    for _ in range(3000):
        now_ms += chance.randrange(LEASE_MS // 3)
        worker = chance.choice(["w1", "w2"])
        job = holding.get(worker)
        if job is None:
            free = rows.free(now_ms)
            if free and rows.put(mine := jobs.taken(replace(chance.choice(free), attempts=0), worker, now_ms)):
                holding[worker] = mine
        elif chance.random() < 0.3:
            del holding[worker]  # kill -9
        else:
            changed = jobs.done(job, worker) if chance.random() < 0.5 else jobs.kept(job, worker, 0.5, now_ms)
            if not rows.put(changed):
                del holding[worker]
            elif changed.state == "done":
                ended.append(holding.pop(worker).id)
            else:
                holding[worker] = changed
    assert sorted(ended) == sorted(rows.rows) and all(job.state in SETTLED for job in rows.rows.values())
