from __future__ import annotations

from typing import Any

import pytest
from benchmarks.interleave import Contestant, Times, race, ratios
from benchmarks.workers import WorkerError


class FakeContext:
    """A machine whose speed changes from round to round; one program fails."""

    def __init__(self) -> None:
        self.rounds = 4
        self.budget_s = 1.0
        self.asked: list[tuple[str, int, int]] = []

    def ask(self, name: str, task: str, **job: Any) -> dict[str, Any]:
        if name == "broken":
            raise WorkerError("it does not compile")
        mice = job["mice"]
        self.asked.append((name, mice, job["seed"]))
        busy = 5.0 if len(self.asked) in (9, 10) else 1.0
        cost = {"quick": 0.01, "slow": 0.08, "batch": 0.5}[name]
        return {"cpu_s": cost * mice * busy, "finals": [[1.0]] * mice, "prepare_wall_s": 0.1}

    def tell(self, text: str) -> None:
        pass


def contestants() -> list[Contestant]:
    return [
        Contestant("quick", "quick", "simulate", {}),
        Contestant("slow", "slow", "simulate", {}),
        Contestant("broken", "broken", "simulate", {}),
        Contestant("batch", "batch", "simulate", {}, batch=3, rounds=2),
    ]


def test_ratios_are_taken_within_a_round_so_that_a_busy_round_does_not_count():
    of = {
        "ours": Times("ours", "ours", True, [1.0, 10.0, 1.0]),
        "peer": Times("peer", "peer", True, [2.0, 20.0, 2.0]),
        "late": Times("late", "late", True, [None, 30.0, None]),
        "never": Times("never", "never", True, [None, None, None]),
    }
    found = ratios(of, "ours")
    assert found == {"ours": 1.0, "peer": 2.0, "late": 3.0, "never": None}
    # The ratio of the medians over unlike rounds would be 30.
    assert of["late"].median_s == 30.0


def test_a_race_takes_turns_fills_its_budget_and_reports_what_fails():
    context = FakeContext()
    times = race(context, contestants(), title="test")
    assert times["broken"].problem == "it does not compile"
    assert times["broken"].per_unit_s == [None] * 4
    assert times["quick"].repeats == 100 and times["slow"].repeats == 12
    assert [s is not None for s in times["batch"].per_unit_s] == [True, True, False, False]
    assert times["batch"].repeats == 3
    in_rounds = [name for name, *_ in context.asked[5:]]
    assert in_rounds == ["quick", "slow", "batch"] * 2 + ["quick", "slow"] * 2
    assert ratios(times, "quick")["slow"] == pytest.approx(8.0)


def test_every_call_has_a_seed_of_its_own():
    context = FakeContext()
    race(context, contestants(), title="test")
    seeds = [seed for *_, seed in context.asked]
    assert len(set(seeds)) == len(seeds)


def test_the_warm_up_is_not_counted_and_the_sample_is_filled():
    context = FakeContext()
    times = race(context, contestants(), title="test", sample=450)
    assert len(times["quick"].finals) == 450
    assert len(times["slow"].finals) == 450
    assert len(times["batch"].finals) == 6
    assert "finals" not in times["quick"].plain()
