"""Counts and shares by likelihood: several groups, blocks and covariates, against glmmTMB's frozen answers.

``r_models.json`` holds each data set, the call, the versions, and for each contrast the estimate and the
likelihood ratio against the model without it. glmmTMB takes Laplace's approximation, this takes quadrature.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tables import SAME, rows_of

from soleus.analysis import AnalysisPlan, Effect, analyse
from soleus.analysis.likelihoods import fit
from soleus.analysis.linear import design_of
from soleus.analysis.nesting import Carrier, Sample, samples
from soleus.analysis.predictor import turned
from soleus.analysis.simulated import posed
from soleus.errors import InputError
from soleus.observations import Observations

STORED = json.loads(Path(__file__).with_name("r_models.json").read_text(encoding="utf-8"))
SETS = {one["name"]: one for one in STORED["sets"]}


def table(one: dict[str, Any]) -> Observations:
    """The data as a table: a row for each animal, or for each section of one."""
    import pandas as pd

    data = pd.DataFrame(one["data"])
    frame = pd.DataFrame({"group": data["group"], "value": data["total"].astype(float)}).assign(**SAME)
    sections = one["kind"] == "sections"
    frame["animal"] = data["animal"] if sections else [f"m{k}" for k in range(len(data))]
    frame["unit_level"] = "section" if sections else "animal"
    frame["unit_id"] = [f"s{k}" for k in range(len(data))] if sections else None
    frame["denominator" if one["kind"] == "shares" else "exposure"] = data["size"].astype(float)
    frame["exposure_unit"] = None if one["kind"] == "shares" else "mm2"
    if "cluster" in data:
        frame["cage"] = data["cluster"]
    for name in one["beside"]:
        kind = {"sex": "sex", "batch": "block:batch"}.get(name, f"covariate:{name}")
        frame[kind] = data[name]
    return Observations(frame)


def columns(one: dict[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    blocks = tuple({"batch": "block:batch"}.get(n, n) for n in one["beside"] if n in ("sex", "batch"))
    return blocks, tuple(f"covariate:{n}" for n in one["beside"] if n not in ("sex", "batch"))


def groups_of(one: dict[str, Any]) -> tuple[list[Sample], Carrier, str | None]:
    frame = table(one).frame
    blocks, numbers = columns(one)
    cluster = "cage" if "cluster" in one["data"] else None
    marks = [*blocks, *numbers, *([cluster] if cluster else [])]
    found = samples(frame, list(dict.fromkeys(frame["group"])), marks=marks)
    return list(found.values()), "proportion" if one["kind"] == "shares" else "rate", cluster


@pytest.mark.parametrize("name", SETS)
def test_estimates_and_likelihood_ratios_are_glmmtmbs(name: str) -> None:
    one = SETS[name]
    groups, what, cluster = groups_of(one)
    blocks, numbers = columns(one)
    put_to = posed(groups, what=what, cluster=cluster)
    close = 1e-4 if cluster is None and what == "proportion" else 0.01
    for answer in one["answers"]:
        weights = [answer["weights"].get(g.group, 0.0) for g in groups]
        design = design_of(groups, weights, blocks=blocks, covariates=numbers)
        model = put_to.model(turned(design.matrix, design.contrast))
        theta, full = fit(model, put_to.data[None])
        bare = fit(model, put_to.data[None], effect=0.0)[1]
        assert theta[0, 1] == pytest.approx(answer["estimate"], abs=close, rel=close), answer["contrast"]
        assert 2.0 * float(full[0] - bare[0]) == pytest.approx(answer["lrt"], rel=0.02, abs=0.02)
        assert float(full[0]) == pytest.approx(one["loglik"], abs=1.0)


def plan(one: dict[str, Any], control: str, **more: Any) -> AnalysisPlan:
    clustered = "cluster" in one["data"]
    kinds = {"methods": {"count": "nb-mixed" if one["kind"] == "sections" else "beta-binomial"}}
    kinds = {} if clustered else kinds
    kinds = {"methods": {"fraction": "beta-binomial"}} if one["kind"] == "shares" else kinds
    blocks, numbers = ([n.rpartition(":")[2] for n in names] for names in columns(one))
    given = {
        "cluster": "cage" if clustered else None,
        "unit": "animal",
        "draws": 99,
        "seed": 1,
        "extras": False,
    }
    return AnalysisPlan(
        control, blocks=tuple(blocks), covariates=tuple(numbers), **{**given, **kinds, **more}
    )  # type: ignore[arg-type]


@pytest.mark.parametrize("name", [n for n in SETS if n.startswith("made-up")])
def test_a_table_gets_there_with_a_family_that_holds_together(name: str) -> None:
    one = SETS[name]
    rows = analyse(table(one), plan(one, "d0")).comparisons
    answers = {answer["contrast"]: answer for answer in one["answers"]}
    for row in rows:
        assert isinstance(row.effect, Effect) and row.correction == "joint"
        assert np.log(row.effect.estimate) == pytest.approx(answers[row.contrast]["estimate"], abs=0.01)
        assert row.low_adjusted is not None and row.high_adjusted is not None
        assert row.low_adjusted < row.effect.low * 1.15 and row.high_adjusted > row.effect.high / 1.15
        assert row.p_adjusted is not None and row.effect.p_value - 0.05 <= row.p_adjusted
        for beside in one["beside"]:
            assert beside in row.effect.method


def test_all_pairs_and_trend_by_likelihood() -> None:
    one = SETS["made-up counts with zeros, three doses, sex, in litters"]
    pairs = analyse(table(one), plan(one, "d0", compare="all")).comparisons
    assert [row.contrast for row in pairs] == ["d1 / d0", "d3 / d0", "d3 / d1"]
    assert all(row.effect is not None and row.effect.key == "joint:mixed-counts" for row in pairs)
    (trend,) = analyse(table(one), plan(one, "d0", compare="trend")).comparisons
    assert trend.effect is not None and "sex" in trend.effect.method and trend.effect.estimate < 1.0
    ratio = (("d3", "d0", "d1", "d0"),)
    (ratio_row,) = analyse(table(one), plan(one, "d0", contrasts=ratio)).comparisons
    assert ratio_row.effect is not None
    assert np.log(ratio_row.effect.estimate) == pytest.approx(one["answers"][2]["estimate"], abs=0.01)


def test_a_block_that_is_the_group_is_refused_by_name() -> None:
    frame = rows_of({"t": [4, 0, 6, 5], "c": [9, 8, 12, 10]}, unit_level="animal")
    frame["cage"], frame["sex"] = [*"abab", *"abab"], ["male"] * 4 + ["female"] * 4
    with pytest.raises(InputError, match="confounded"):
        analyse(Observations(frame), AnalysisPlan("c", cluster="cage", blocks=("sex",), seed=1))
