"""The benchmark of silent errors in reading: few tables here, and faults planted in the reading are found."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import pytest
from benchmarks.reading import figures, judge, run, write
from benchmarks.reading_study import Made
from benchmarks.reading_tables import KINDS, draw

proposing = importlib.import_module("soleus.exchange.reading.propose")


def of_kind(kind: str, tmp_path: Path, *, first: int = 0) -> tuple[Made, Path]:
    """Draw the first table of a kind, and write it."""
    for seed in range(first, first + 2000):
        made = draw(seed)
        if made.kind == kind:
            return made, write(made, tmp_path, np.random.default_rng([seed, 1]))
    raise AssertionError(f"no table of kind {kind}")


def test_no_table_of_a_sample_is_read_wrong() -> None:
    outcomes = run(range(500, 580))
    assert [o for o in outcomes if o.verdict in ("wrong", "stuck")] == []
    found = figures(outcomes)
    assert found["tables"] == 80 and found["median questions"] == 0.0
    assert len({o.kind for o in outcomes}) > 20


def test_every_kind_is_drawn() -> None:
    assert len(KINDS) == 47
    assert len({draw(seed).kind for seed in range(700)}) == len(KINDS)


@pytest.mark.parametrize(
    ("kind", "step"),
    [("summary rows", "leave_summaries"), ("parts in ids", "_parts"), ("second factor", "read_columns")],
)
def test_a_step_that_does_nothing_is_found(
    kind: str, step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, path = of_kind(kind, tmp_path, first=7)
    assert judge(made, path, seed=0).verdict == "right"
    monkeypatch.setattr(proposing, step, lambda draft: None)
    assert judge(made, path, seed=0).verdict != "right"
