from __future__ import annotations

from typing import Any

import pytest
from benchmark_results import AGREES, results
from benchmarks.goals import GOALS, rows
from benchmarks.table import markdown, page


def verdicts(of: dict[str, Any]) -> dict[str, bool | None]:
    return {row.job: row.reached for row in rows(of)}


def test_a_table_has_a_rule_and_a_line_for_each_row():
    text = markdown(["a", "b"], [["x", "1"], ["y|z", "2"]])
    assert text.splitlines() == ["| a | b |", "| --- | ---: |", "| x | 1 |", "| y/z | 2 |"]


def test_a_row_with_a_missing_cell_is_refused():
    with pytest.raises(ValueError, match="1 cells"):
        markdown(["a", "b"], [["x"]])


def test_every_goal_has_a_row_and_what_was_not_run_says_so():
    found = rows({"environment": {}})
    assert len(found) == len(GOALS) == 13
    assert all(row.reached is None for row in found)
    assert {row.measured for row in found} == {"not run", "not yet: a later issue"}


def test_goals_are_reached_by_their_figures():
    found = verdicts(results())
    assert found["exact, constant rates"] is True
    assert found["exact, constant rates: against the fastest peer"] is True
    assert found["exact, schedule"] is True
    assert found["two cores"] is True
    assert found["cohort, own rates, real lineage"] is None


def test_goals_are_not_reached_where_a_figure_a_test_or_the_agreement_fails():
    slow = results()
    slow["exact"]["rows"][0]["ns_per_event"] = 14.1
    slow["exact"]["fastest_peer_ratio"] = 7.9
    slow["lowcopy"]["rows"][0]["cells"]["step"]["passed"] = False
    slow["cores"]["cells"]["same"] = False
    found = verdicts(slow)
    assert found["exact, constant rates"] is False
    assert found["exact, constant rates: against the fastest peer"] is False
    assert found["exact, schedule"] is False
    assert found["two cores"] is False
    disagrees = results()
    disagrees["exact"]["rows"][0]["agreement"] = AGREES | {"agrees": False}
    assert verdicts(disagrees)["exact, constant rates"] is False


def test_the_page_shows_figures_failures_and_the_environment():
    text = page(results())
    assert "| exact, constant rates | COPASI direct, 115 ns | <= 14 ns/event (stretch 10) | 12.5 ns" in text
    assert "**reached**" in text
    assert "A processor" in text and "2030-01-02" in text and "COPASI 4" in text
    assert "- crn_jax: no wheel for this Python" in text
    assert "no compiler" in text
    assert "19.80 **wrong** (z +223.0)" in text and "2.71 (z +0.4)" in text
    assert "- COPASI direct: a note of it" in text and "- crn-jax: no time" in text
    assert "agrees (p 0.4, z +1.2, variance z -0.8, n 300)" in text
    disagrees = results()
    disagrees["exact"]["rows"][1]["agreement"] = AGREES | {"agrees": False}
    assert "DISAGREES" in page(disagrees) and "DISAGREES" not in text


def test_every_table_of_the_page_is_whole():
    lines = page(results()).splitlines()
    widths = [line.count("|") for line in lines if line.startswith("|")]
    rules = [line.count("|") for line in lines if line.startswith("| ---")]
    assert len(rules) >= 4
    assert set(widths) == set(rules)
