"""The linter: each planted weakness is found with its numbers, and a clean design passes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tables import nested, rows_of

from soleus.analysis.declaration import AnalysisPlan
from soleus.analysis.findings import Finding
from soleus.analysis.intraclass import chance_found, false_positives, intraclass_correlation
from soleus.analysis.linter import CODES, lint
from soleus.errors import InputError, UnknownNameError
from soleus.observations import Observations

REAL = "file:" + "0" * 64


def clean() -> pd.DataFrame:
    """Cages that hold both groups, one blinded observer, one read-out, areas given, one value an animal."""
    frame = rows_of(
        {"hu": [20, 31, 25, 40, 22], "free": [60, 71, 55, 80, 77]},
        unit_level="animal",
        exposure=1.0,
        exposure_unit="mm2",
        observer="ann",
        blinded=True,
        source=REAL,
    ).drop(columns="unit_id")
    frame["cage"] = frame["animal"].str[-1]
    return frame


def found(frame: pd.DataFrame, code: str, **more: Any) -> Finding:
    hits = [f for f in lint(Observations(frame), **more) if f.code == code]
    assert len(hits) == 1, hits
    return hits[0]


def test_a_clean_design_has_no_findings() -> None:
    hits = lint(Observations(clean()), AnalysisPlan("free"), ranges={"Ki67+": (0.0, 100.0)})
    assert [(hit.code, hit.severity) for hit in hits] == [("cage-not-used", "note")]
    assert "--block cage" in hits[0].mend and "--cluster cage" in hits[0].mend


def sections(**changes: Any) -> pd.DataFrame:
    base = {"exposure": 1.0, "exposure_unit": "mm2", "blinded": True}
    return rows_of({"hu": nested(1), "free": nested(2)}, **{**base, **changes})


def test_pseudoreplication_has_the_rate_of_the_datas_own_correlation() -> None:
    hit = found(sections(), "pseudoreplication")
    values = {g: [np.array(a, dtype=float) for a in nested(s)] for s, g in ((1, "hu"), (2, "free"))}
    icc = intraclass_correlation([[a / np.mean(np.concatenate(g)) for a in g] for g in values.values()])
    assert icc is not None
    assert f"intraclass correlation {icc:.2f}" in hit.consequence
    assert f"{100 * false_positives(icc, n=(5, 5), rows=6):.0f} %" in hit.consequence
    assert hit.severity == "note" and hit.consequence.startswith("avoided")


def test_one_animal_a_group_has_no_mend() -> None:
    hit = found(rows_of({"hu": [[5, 6, 7]], "free": [[9, 8, 12]]}), "pseudoreplication")
    assert hit.severity == "error" and "replicates is 1" in hit.consequence


@pytest.mark.parametrize(
    ("icc", "n", "rows"), [(0.36, (5, 5), 8), (0.1, (3, 6), 8), (0.7, (8, 8), 3), (0.0, (4, 4), 5)]
)
def test_the_formula_is_what_simulation_gives(icc: float, n: tuple[int, int], rows: int) -> None:
    from scipy import stats

    rng = np.random.default_rng(5)
    studies = 20_000
    parts = [
        rng.normal(0.0, math.sqrt(icc), (studies, k, 1))
        + rng.normal(0.0, math.sqrt(1 - icc), (studies, k, rows))
        for k in n
    ]
    p = stats.ttest_ind(*(part.reshape(studies, -1) for part in parts), axis=1).pvalue
    assert abs(float((p < 0.05).mean()) - false_positives(icc, n=n, rows=rows)) < 0.015


def test_the_correlation_is_found_again() -> None:
    rng = np.random.default_rng(6)
    groups = [
        [rng.normal(u, math.sqrt(0.7), size=rng.integers(3, 9)) for u in rng.normal(0.0, math.sqrt(0.3), 400)]
        for _ in range(2)
    ]
    assert intraclass_correlation(groups) == pytest.approx(0.3, abs=0.03)
    assert intraclass_correlation([[np.array([1.0])], [np.array([2.0])]]) is None
    assert intraclass_correlation([[np.ones(3)] * 3]) is None


def test_power_agrees_with_statsmodels() -> None:
    from statsmodels.stats.power import TTestIndPower

    oracle = TTestIndPower().power(effect_size=0.4 / 0.3, nobs1=4, alpha=0.05, ratio=2.0)
    assert chance_found(0.4, spread=0.3, n=(4, 8)) == pytest.approx(oracle, rel=1e-6)


def test_cages_of_one_group() -> None:
    frame = clean()
    frame["cage"] = frame["group"]
    hit = found(frame, "cage-confounded")
    assert hit.severity == "error" and "100 %" in hit.consequence
    frame["cage"] = frame["group"] + (frame["animal"].str[-1].astype(int) // 2).astype(str)
    hit = found(frame, "cage-as-unit", plan=AnalysisPlan("free"))
    assert hit.severity == "note"
    rate = false_positives(0.2, n=(3, 3), rows=10 / 6)
    assert f"{100 * rate:.1f} %" in hit.consequence or f"{100 * rate:.0f} %" in hit.consequence
    hit = found(frame, "animals-as-units", plan=AnalysisPlan("free", unit="animal"))
    assert hit.severity == "warning" and f"{100 * rate:.1f} %" in hit.consequence


@pytest.mark.parametrize("column", ["sex", "block:batch", "block:Kohorte"])
def test_a_column_that_cannot_be_told_from_the_group(column: str) -> None:
    frame = clean().drop(columns="cage")
    words = ("male", "female") if column == "sex" else ("1", "2")
    frame[column] = np.where(frame["group"] == "hu", words[0], words[1])
    hit = found(frame, f"{column.removeprefix('block:')}-confounded")
    assert hit.severity == "error"
    frame.loc[0, column] = words[1]
    assert not [f for f in lint(Observations(frame)) if f.code.endswith("confounded")]


def test_what_a_block_would_do_is_said() -> None:
    frame = clean().drop(columns="cage")
    frame["block:batch"] = ["a", "b", "a", "b", "a"] * 2
    frame.loc[frame["block:batch"] == "b", "value"] *= 5
    hit = found(frame, "batch-not-used", plan=AnalysisPlan("free"))
    assert hit.severity == "note" and "--block batch" in hit.mend
    width = float(hit.consequence.split("an interval ")[1].split(" ")[0])
    assert width < 0.6
    assert not lint(Observations(frame), AnalysisPlan("free", blocks=("batch",)))


def test_sexes_are_never_pooled_without_a_word() -> None:
    frame = clean().drop(columns="cage")
    frame["sex"] = ["male", "female", "male", "female", "male"] * 2
    hit = found(frame, "sex-not-used", plan=AnalysisPlan("free"))
    assert "males and females are analysed together" in hit.consequence and "--factorial" in hit.mend


def test_unloaded_alone_and_controls_in_company() -> None:
    frame = clean()
    alone = frame["group"] == "hu"
    frame["cage"] = np.where(
        alone, frame["animal"], "free" + (frame["animal"].str[-1].astype(int) // 3).astype(str)
    )
    hit = found(frame, "housing-confounded")
    assert "hu: 5 of 5" in hit.consequence and "free: 0 of 5" in hit.consequence


def test_images_without_a_row() -> None:
    marks = {"hu": [[4, 5, 3], [6, 2, 4], [5, 5, 5]], "free": [[8, 9, 7], [9, 9, 6], [7, 8, 9]]}
    frame = pd.concat([rows_of(marks, readout="DCX+"), rows_of(marks, readout="Ki67+")], ignore_index=True)
    lost = (frame["readout"] == "Ki67+") & (frame["unit_id"] == "s2") & (frame["group"] == "hu")
    hit = found(frame[~lost], "zero-images-missing")
    assert hit.severity == "warning" and hit.where.startswith("Ki67+")
    assert "3 of 18 images" in hit.consequence and "(20 % too high)" in hit.consequence
    # None of those that were counted is near zero: the marker was counted on part of the series.
    many = frame[~lost].assign(value=frame["value"] + 30.0)
    assert "zero-images-missing" not in {f.code for f in lint(Observations(many))}
    frame.loc[lost, "value"] = 0.0
    assert "zero-images-missing" not in {f.code for f in lint(Observations(frame))}


def test_per_cent_of_nothing() -> None:
    frame = rows_of(
        {"hu": [0.1, 0.2, 0.3], "free": [0.2, 0.3, 0.1]}, value_kind="fraction", unit_level="animal"
    )
    hit = found(frame, "percent-without-denominator")
    assert "8.9 percentage points" in hit.consequence and "1.8 if it is of 500" in hit.consequence
    codes = {f.code for f in lint(Observations(frame.assign(denominator=50.0)))}
    assert "percent-without-denominator" not in codes


def test_endpoints_without_a_family() -> None:
    frame = pd.concat([clean().assign(readout=name) for name in ("x", "y", "z")], ignore_index=True)
    hit = found(frame, "no-family")
    assert "3 read-outs" in hit.consequence and "14 %" in hit.consequence
    plan = AnalysisPlan("free", families={"one": ("x", "y", "z")})
    assert "no-family" not in {f.code for f in lint(Observations(frame), plan)}
    # Days and contrasts of one read-out are a family of their own.
    days = pd.concat([clean().assign(day=day) for day in (7.0, 28.0)], ignore_index=True)
    assert lint(Observations(days)) == ()


def test_counts_that_were_not_blind() -> None:
    frame = clean()
    frame["blinded"] = [True] * 7 + [False, None, None]
    hit = found(frame, "not-blinded")
    assert "3 of 10 rows" in hit.consequence and hit.severity == "warning"
    silent = found(frame.assign(blinded=None), "not-blinded")
    assert silent.severity == "note"
    assert silent.consequence == "the table does not say whether counting was blind"
    assert lint(Observations(frame.assign(source="virtual:x"))) == ()


def test_values_that_the_assay_cannot_give() -> None:
    hit = found(clean(), "outside-range", ranges={"Ki67+": (0.0, 75.0)})
    assert "2 of 10 values" in hit.consequence and "(80, 77)" in hit.consequence
    with pytest.raises(UnknownNameError, match="unknown readout"):
        lint(Observations(clean()), ranges={"x": (0.0, 1.0)})
    with pytest.raises(InputError, match="range of 'Ki67.' is empty"):
        lint(Observations(clean()), ranges={"Ki67+": (1.0, 1.0)})


def test_unequal_sections() -> None:
    groups = {"hu": [[4, 5], [6, 2], [5, 5]], "free": [[8, 9, 7, 9], [9, 9, 6, 8], [7, 8, 9, 9]]}
    hit = found(rows_of(groups), "unequal-sections")
    assert hit.severity == "warning" and "factor of 2.00" in hit.consequence
    hit = found(rows_of(groups, exposure=1.0, exposure_unit="mm2"), "unequal-sections")
    assert hit.severity == "note"


def test_an_observer_for_each_group() -> None:
    frame = clean()
    frame["observer"] = frame["group"].map({"hu": "ann", "free": "bob"})
    hit = found(frame, "observer-per-group")
    logs = [np.log(frame.loc[frame["group"] == g, "value"]) for g in ("hu", "free")]
    spread = math.sqrt(np.mean([np.var(v, ddof=1) for v in logs]))
    assert f"{100 * chance_found(math.log(1.2), spread=spread, n=(5, 5)):.0f} %" in hit.consequence
    frame.loc[0, "observer"] = "bob"
    assert lint(Observations(frame)) == ()


def test_exclusions_in_one_group() -> None:
    frame = clean()
    frame["excluded"] = frame["animal"] == "hu3"
    frame["exclusion_reason"] = frame["excluded"].map({True: "outlier", False: None})
    hit = found(frame, "excluded-in-one-group")
    assert "1 of 5 rows of 'hu'" in hit.consequence and "from 27.6 to 24.5" in hit.consequence
    frame["excluded"] = frame["animal"].isin(["hu3", "free3"])
    frame["exclusion_reason"] = frame["excluded"].map({True: "outlier", False: None})
    assert lint(Observations(frame)) == ()


def test_two_animals_are_few() -> None:
    frame = clean()
    frame = frame[~frame["animal"].isin(["hu2", "hu3", "hu4"])]
    hit = found(frame, "few-animals")
    assert hit.severity == "warning" and "hu: 2" in hit.consequence
    hit = found(frame[frame["animal"].isin(["hu0", "free0"])], "few-animals")
    assert hit.severity == "error" and "no test" in hit.consequence and "%" not in hit.consequence


def test_the_gravest_come_first_and_codes_are_known() -> None:
    frame = sections(blinded=False, source=REAL)
    frame["cage"] = frame["group"]
    hits = lint(Observations(frame))
    order = ["error", "warning", "note"]
    assert [order.index(f.severity) for f in hits] == sorted(order.index(f.severity) for f in hits)
    assert len(hits) > 2
    assert {f.code.replace("cage-", "COLUMN-") for f in hits} <= set(CODES)
    assert all(any(c.isdigit() for c in f.consequence) for f in hits)
