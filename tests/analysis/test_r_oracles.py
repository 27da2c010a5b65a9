"""Textbook data of R and its packages, analysed here and in R: the same estimates and intervals.

``r_oracles.json`` holds each data set, the call of R, R's version and its answers; no test needs R. The
helpers that the calls use stand beside them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from soleus.analysis import AnalysisPlan, Comparison, analyse
from soleus.observations import Observations

STORED = json.loads(Path(__file__).with_name("r_oracles.json").read_text(encoding="utf-8"))
SETS = {one["name"]: one for one in STORED["sets"]}
CLOSE = 1e-4


def table(one: dict[str, Any]) -> Observations:
    frame = pd.DataFrame(one["data"]).assign(
        study="s", assay="a", readout="y", unit_level="animal", value_kind=one["kind"], unit="1",
        source="virtual:x",
    )  # fmt: skip
    paired = one["plan"].get("paired", False)
    frame["day"] = frame["day"] if "day" in frame else 0.0
    return Observations(frame, provenance={"design": "paired"} if paired else {})


def plan(one: dict[str, Any]) -> AnalysisPlan:
    given = dict(one["plan"])
    for name in ("blocks", "covariates"):
        if name in given:
            given[name] = (given[name],)
    if "confidence" in given:
        given["level"] = given.pop("confidence")
    if "contrasts" in given:
        given["contrasts"] = tuple(map(tuple, given["contrasts"]))
    return AnalysisPlan(seed=1, **given)


def found_for(answer: dict[str, Any], rows: tuple[Comparison, ...]) -> Comparison:
    named = [row for row in rows if row.contrast == answer["contrast"]]
    (only,) = named or [row for row in rows if answer["contrast"] in ("trend", "interaction")]
    return only


@pytest.mark.parametrize("name", SETS)
def test_r_gives_the_same(name: str) -> None:
    one = SETS[name]
    rows = analyse(table(one), plan(one)).comparisons
    for answer in one["answers"]:
        effect = found_for(answer, rows).effect
        assert effect is not None
        for mine, theirs in ((effect.estimate, "estimate"), (effect.low, "low"), (effect.high, "high")):
            assert mine == pytest.approx(answer[theirs], rel=CLOSE, abs=1e-9), (name, theirs)
        assert effect.p_value == pytest.approx(answer["p"], rel=1e-3, abs=1e-6)


def test_the_sets_are_of_many_kinds_and_a_wrong_answer_is_seen() -> None:
    assert len(SETS) >= 25
    keys = {analyse(table(one), plan(one)).comparisons[0].effect.key for one in list(SETS.values())[:24]}  # type: ignore[union-attr]
    assert len(keys) >= 8
    wrong = {**SETS["sleep, paired"], "plan": {"control": "g1"}}
    with pytest.raises(Exception, match="more than one group"):
        table(wrong)
    one = SETS["npk, nitrogen in blocks"]
    unblocked = analyse(table(one), AnalysisPlan("N0", unit="animal", seed=1)).comparisons[0].effect
    assert unblocked is not None and unblocked.low != pytest.approx(one["answers"][0]["low"], rel=1e-2)
