from __future__ import annotations

from pathlib import Path

import altair
import pytest
from benchmark_results import racer, results
from benchmarks.figure import draw, growth_spec, speed_spec
from jsonschema import Draft7Validator

GROWTH = {
    "rows": [
        {"engine": "cells", "along": "mice", "value": 1.0, "ms": 4.0, "total_ms": 4.0},
        {"engine": "cells", "along": "mice", "value": 10.0, "ms": 4.0, "total_ms": 40.0},
        {"engine": "moments", "along": "days", "value": 7.0, "ms": 0.1},
        {"engine": "moments", "along": "days", "value": 28.0, "ms": 0.3},
    ]
}


def schema_errors(spec: dict) -> list[str]:
    schema = altair.load_schema()
    return [error.message for error in Draft7Validator(schema).iter_errors(spec)]


@pytest.mark.parametrize("spec", [speed_spec(results()), growth_spec(GROWTH)], ids=["speed", "growth"])
def test_the_figures_are_valid(spec):
    assert schema_errors(spec) == []


def test_only_ours_is_marked_and_what_failed_to_run_is_left_out():
    left, right = speed_spec(results())["hconcat"]
    assert [row["program"] for row in left["data"]["values"]] == ["soleus", "COPASI direct"]
    assert [row["ours"] for row in left["data"]["values"]] == [True, False]
    texts = {row["program"]: row["text"] for row in right["data"]["values"]}
    assert texts == {"soleus": "12", "COPASI direct": "115 (wrong at low copy)"}


def test_a_program_that_only_approximates_is_not_drawn_as_exact():
    with_tau = results()
    with_tau["exact"]["rows"].append(racer("tau", 3.0, exact=False))
    assert "tau" not in str(speed_spec(with_tau))


def test_cost_along_mice_is_the_cost_of_all_of_them():
    mice = growth_spec(GROWTH)["concat"][0]["data"]["values"]
    assert [row["ms"] for row in mice] == [4.0, 40.0]


def test_the_figures_are_written_as_svg(tmp_path: Path):
    written = draw(results() | {"growth": GROWTH}, tmp_path)
    assert [path.name for path in written] == ["benchmarks.svg", "benchmarks-growth.svg"]
    text = written[0].read_text(encoding="utf-8")
    assert text.startswith("<svg") and "COPASI direct" in text and "wrong at low copy" in text
