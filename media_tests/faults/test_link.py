from random import Random

import pytest

from media_tests.faults.link import Bursts, Independent, Link, LinkConditions


def test_independent_loss_loses_its_share() -> None:
    link = Link(LinkConditions(loss=Independent(0.05)), seed=7)
    for _ in range(20_000):
        link.arrival_s(0.0)
    assert link.lost / 20_000 == pytest.approx(0.05, abs=0.005)
    assert link.lost + link.carried == 20_000


def test_bursts_lose_their_share_in_runs_of_the_mean_length() -> None:
    model, chance = Bursts(0.10, 3), Random(11)
    fates = [model.lost(chance) for _ in range(60_000)]
    runs = sum(1 for before, now in zip([False, *fates], fates, strict=False) if now and not before)
    assert sum(fates) / len(fates) == pytest.approx(0.10, abs=0.01)
    assert sum(fates) / runs == pytest.approx(3.0, abs=0.2)


def test_one_seed_is_one_run() -> None:
    conditions = LinkConditions(delay_ms=20, jitter_ms=10, loss=Independent(0.2))
    first, second = Link(conditions, seed=3), Link(conditions, seed=3)
    assert [first.arrival_s(i * 0.01) for i in range(500)] == [second.arrival_s(i * 0.01) for i in range(500)]


def test_jitter_never_changes_the_order() -> None:
    link = Link(LinkConditions(delay_ms=20, jitter_ms=50), seed=5)
    arrivals = [link.arrival_s(i * 0.001) for i in range(500)]
    assert arrivals == sorted(arrivals, key=lambda arrival: arrival or 0.0)
