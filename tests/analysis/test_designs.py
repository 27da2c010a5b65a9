"""Designs that laboratories use: what is asked for is used or refused, and what is found is said."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from tables import rows_of

from soleus.analysis import Analysis, AnalysisPlan, Comparison, Effect, analyse, lint
from soleus.analysis.permutation import permutation_p_value, zero_group_bound
from soleus.errors import InputError
from soleus.observations import Observations


def frame_of(groups: dict[str, list[float]], **changes: Any) -> pd.DataFrame:
    """One value an animal."""
    base = {"unit_level": "animal", "day": 0.0, "value_kind": "mass", "unit": "g", **changes}
    return rows_of(groups, **base).drop(columns="unit_id")


def run(frame: pd.DataFrame, control: str = "ctrl", **plan: Any) -> Analysis:
    paired = {"design": "paired"} if plan.get("paired") else {}
    return analyse(Observations(frame, provenance=paired), AnalysisPlan(control, seed=1, **plan))


def one(frame: pd.DataFrame, **plan: Any) -> Comparison:
    (row,) = run(frame, **plan).comparisons
    return row


def sure(row: Comparison) -> Effect:
    assert row.effect is not None, row.cannot
    return row.effect


TWO = {"hu": [14.1, 15.3, 13.2, 16.0, 15.1, 13.9], "ctrl": [18.2, 20.1, 17.4, 19.9, 21.0, 18.8]}


def test_litters_that_had_one_treatment_are_the_unit_unless_overridden() -> None:
    frame = frame_of(TWO).assign(litter=[*"aabbcc", *"ddeeff"])
    found = run(frame)
    effect = sure(found.comparisons[0])
    means = [np.log(np.array(TWO[g])).reshape(3, 2).mean(axis=1) for g in ("hu", "ctrl")]
    oracle = stats.ttest_ind(*means, equal_var=False)
    assert effect.p_value == pytest.approx(oracle.pvalue, rel=1e-10)
    assert (effect.n, effect.unit) == ({"hu": 3, "ctrl": 3}, "litter")
    assert (found.unit, found.chosen_unit) == ("litter", True)
    assert [u.animal for u in found.units if u.group == "hu"] == ["a", "b", "c"]
    assert found.units[0].parts == (14.1, 15.3)
    # The wrong twin is the animals; overriding gives them, with a finding.
    assert found.comparisons[0].wrong is not None and found.comparisons[0].wrong.n == {"hu": 6, "ctrl": 6}
    alone = run(frame, unit="animal")
    assert sure(alone.comparisons[0]).n == {"hu": 6, "ctrl": 6}
    codes = [f.code for f in lint(Observations(frame), alone.plan)]
    assert "animals-as-units" in codes


@pytest.mark.parametrize("column", ["cage", "block:dam", "block:batch"])
def test_any_cluster_with_one_treatment_is_the_unit(column: str) -> None:
    effect = sure(one(frame_of(TWO).assign(**{column: [*"aabbcc", *"ddeeff"]})))
    assert effect.unit == column.removeprefix("block:") and effect.n == {"hu": 3, "ctrl": 3}


def test_the_coarsest_cluster_is_the_unit_and_single_cages_are_none() -> None:
    frame = frame_of(TWO).assign(cage=[*"aabbcc", *"ddeeff"], litter=[*"xxxyyy", *"uuuvvv"])
    assert sure(one(frame)).unit == "litter"
    assert sure(one(frame_of(TWO).assign(cage=list("abcdefghijkl")))).unit == "animal"


def test_a_unit_that_holds_both_groups_is_refused_with_what_to_do() -> None:
    frame = frame_of(TWO).assign(litter=[*"aabbcc", *"aabbcc"])
    with pytest.raises(InputError, match=r"use --cluster litter \(random\) or --block litter"):
        run(frame, unit="litter")
    assert sure(one(frame)).unit == "animal"
    assert "litter-not-used" in [f.code for f in lint(Observations(frame), AnalysisPlan("ctrl"))]


def test_a_block_narrows_the_interval_and_a_confounded_one_is_refused() -> None:
    rng = np.random.default_rng(2)
    batch = np.tile([1.0, 2.2, 5.0], 4)
    values = {"hu": (20 * batch[:6] * rng.lognormal(0, 0.1, 6)).tolist(),
              "ctrl": (30 * batch[6:] * rng.lognormal(0, 0.1, 6)).tolist()}  # fmt: skip
    frame = frame_of(values).assign(**{"block:batch": [str(b) for b in batch]})
    plain, blocked = sure(one(frame)), sure(one(frame, blocks=("batch",)))
    assert math.log(blocked.high / blocked.low) < 0.3 * math.log(plain.high / plain.low)
    assert blocked.df == 12 - 2 - 2 and "group + batch" in blocked.method
    alone = frame.assign(**{"block:batch": ["1"] * 6 + ["2"] * 6})
    with pytest.raises(InputError, match="--block or --covariate batch: confounded with the groups"):
        run(alone, blocks=("batch",))
    # Not asked for, the effect is still given, and the finding says it.
    assert sure(one(alone)).unit == "animal"
    (hit,) = [f for f in lint(Observations(alone), AnalysisPlan("ctrl")) if f.code == "batch-confounded"]
    assert hit.severity == "error"


def test_a_missing_entry_of_a_block_is_told() -> None:
    frame = frame_of(TWO).assign(sex=["male", "female"] * 5 + ["male", None])
    assert "1 animal without an entry in sex" in str(one(frame, blocks=("sex",)).cannot)


def test_paired_animals_are_their_own_control() -> None:
    rng = np.random.default_rng(5)
    animal = rng.lognormal(3.0, 0.6, 6)
    sides = {
        g: (animal * f * rng.lognormal(0, 0.05, 6)).round(2) for g, f in (("lesion", 0.7), ("sham", 1.0))
    }
    frame = frame_of({g: v.tolist() for g, v in sides.items()})
    frame["animal"] = [f"m{k}" for k in range(6)] * 2
    effect = sure(one(frame, control="sham", paired=True))
    oracle = stats.ttest_rel(np.log(sides["lesion"]), np.log(sides["sham"]))
    assert effect.p_value == pytest.approx(oracle.pvalue, rel=1e-9)
    assert effect.key == "paired-log" and effect.n == {"lesion": 6, "sham": 6}
    with pytest.raises(InputError, match="more than one group"):
        Observations(frame)
    # An animal that is in one group alone is left out of the pairs.
    short = sure(one(frame.iloc[:-1], control="sham", paired=True))
    assert short.n == {"lesion": 5, "sham": 5}


def test_the_value_before_is_the_covariate_of_the_later_day() -> None:
    import statsmodels.api as sm

    rng = np.random.default_rng(6)
    before = {g: rng.lognormal(3.0, 0.25, 6).round(2) for g in ("hu", "ctrl")}
    after = {
        g: (v * (0.85 if g == "hu" else 1.0) * rng.lognormal(0, 0.05, 6)).round(2) for g, v in before.items()
    }
    parts = [
        frame_of({g: v.tolist() for g, v in when.items()}, day=day)
        for when, day in ((before, 0.0), (after, 14.0))
    ]
    frame = pd.concat(parts, ignore_index=True)
    effect = sure(one(frame, baseline=0.0))
    x = sm.add_constant(np.column_stack([[1.0] * 6 + [0.0] * 6, np.log([*before["hu"], *before["ctrl"]])]))
    oracle = sm.OLS(np.log([*after["hu"], *after["ctrl"]]), x).fit()
    assert effect.estimate == pytest.approx(math.exp(oracle.params[1]), rel=1e-9)
    assert effect.p_value == pytest.approx(oracle.pvalues[1], rel=1e-8)
    other = frame.assign(readout=np.where(frame["day"] == 14.0, "y", "x"))
    row = next(c for c in run(other, baseline=0.0).comparisons if c.readout == "y")
    assert "no value on day 0 to adjust for" in str(row.cannot)


def test_a_read_out_can_be_the_covariate_and_is_then_not_compared() -> None:
    import statsmodels.api as sm

    rng = np.random.default_rng(12)
    weight = rng.lognormal(3.0, 0.2, 12).round(1)
    muscle = (0.4 * weight * np.repeat([0.6, 1.0], 6) * rng.lognormal(0, 0.05, 12)).round(2)
    parts = [
        frame_of({"hu": v[:6].tolist(), "ctrl": v[6:].tolist()}, readout=name)
        for name, v in (("weight", weight), ("soleus", muscle))
    ]
    row = one(pd.concat(parts, ignore_index=True), covariates=("Weight",))
    x = sm.add_constant(np.column_stack([np.repeat([1.0, 0.0], 6), np.log(weight)]))
    oracle = sm.OLS(np.log(muscle), x).fit()
    assert row.readout == "soleus"
    assert sure(row).estimate == pytest.approx(math.exp(oracle.params[1]), rel=1e-9)
    assert sure(row).p_value == pytest.approx(oracle.pvalues[1], rel=1e-8)
    with pytest.raises(InputError, match="nothing is left to compare"):
        run(parts[0], covariates=("weight",))


def test_scores_are_compared_as_differences_in_their_unit() -> None:
    values = {"trt": [1.2, 0.9, 1.4, 0.6, 1.1], "ctrl": [0.2, -0.3, 0.1, 0.4, -0.4]}
    effect = sure(one(frame_of(values, value_kind="score", unit="ddCt")))
    oracle = stats.ttest_ind(values["trt"], values["ctrl"], equal_var=False)
    assert (effect.scale, effect.unit_of_difference) == ("difference", "ddCt")
    assert effect.p_value == pytest.approx(oracle.pvalue, rel=1e-10)


def test_a_time_with_a_zero_keeps_its_unit() -> None:
    effect = sure(
        one(frame_of({"hu": [20.0, 25, 22, 31], "ctrl": [10.0, 12, 0, 14]}, value_kind="time", unit="s"))
    )
    assert (effect.estimate, effect.unit_of_difference) == (pytest.approx(15.5), "s")


@pytest.mark.parametrize("kind", ["count", "density"])
def test_zeros_of_counts_and_densities_keep_the_ratio(kind: str) -> None:
    effect = sure(one(frame_of({"hu": [0.0, 4, 3, 7], "ctrl": [10.0, 12, 9, 14]}, value_kind=kind)))
    assert effect.scale == "ratio" and effect.estimate == pytest.approx(14 / 45)


def test_an_empty_group_has_an_exact_p_value_and_an_upper_bound() -> None:
    values = {"hu": [0.0] * 5, "ctrl": [12.0, 15, 9, 20, 14]}
    effect = sure(one(frame_of(values, value_kind="count")))
    assert effect.p_value == pytest.approx(2 / 252)
    assert (effect.estimate, effect.low) == (0.0, 0.0)
    assert 0.05 < effect.high < 0.5
    assert effect.key == "permutation" and "below" in str(effect.note)


def test_the_upper_bound_holds() -> None:
    """In tables whose treated group is empty, the true ratio lies below the bound in 97.5 % or more."""
    rng = np.random.default_rng(7)
    true, held, empty = 0.05, 0, 0
    while empty < 300:
        cells = [rng.poisson(6 * r * rng.lognormal(-0.08, 0.4, 5)).astype(float) for r in (true, 1.0)]
        if cells[0].any() or not cells[1].any():
            continue
        empty += 1
        held += zero_group_bound(cells[1], zeros=5, level=0.95) >= true
    assert held / empty > 0.95
    assert zero_group_bound(np.array([9.0, 7.0]), zeros=2, level=0.95) == math.inf


def test_permutations_are_counted_exactly() -> None:
    rng = np.random.default_rng(8)
    counts, treated = np.array([5.0, 7, 9, 1, 2, 0]), np.arange(6) < 3
    p, exact = permutation_p_value(counts, np.ones(6), treated, rng=rng)
    oracle = stats.permutation_test(
        (counts[:3], counts[3:]), lambda a, b: a.sum() - b.sum(), n_resamples=np.inf, alternative="two-sided"
    )
    assert exact and p == pytest.approx(oracle.pvalue)
    wide = np.arange(30.0)
    p, exact = permutation_p_value(wide, np.ones(30), wide < 15, rng=rng)
    assert not exact and p == pytest.approx(1 / 20_001)


def test_a_trend_over_doses_is_the_slope_per_unit() -> None:
    rng = np.random.default_rng(9)
    doses = {"ctrl": 0.0, "drug 1 mg/kg": 1.0, "drug 3 mg/kg": 3.0}
    values = {g: (50 * np.exp(-0.2 * d) * rng.lognormal(0, 0.1, 5)).tolist() for g, d in doses.items()}
    row = one(frame_of(values), compare="trend")
    slope = np.polyfit(np.repeat([0.0, 1.0, 3.0], 5), np.log(np.concatenate(list(values.values()))), 1)[0]
    assert math.log(sure(row).estimate) == pytest.approx(slope, rel=1e-9)
    assert row.contrast.startswith("trend a unit of dose: ctrl < drug 1 mg/kg")
    words = {"ctrl": values["ctrl"], "low": values["drug 1 mg/kg"], "high": values["drug 3 mg/kg"]}
    assert one(frame_of(words), compare="trend").contrast.startswith("trend a step: ctrl < low < high")


def test_how_much_of_a_loss_came_back_is_a_ratio_of_ratios() -> None:
    """Unloaded and recovered animals, each with controls of its own day."""
    day = {"hu14": 14.0, "con14": 14.0, "rec28": 28.0, "con28": 28.0}
    base = {"hu14": 10.0, "con14": 20.0, "rec28": 19.0, "con28": 22.0}
    rng = np.random.default_rng(10)
    parts = [frame_of({g: (m * rng.lognormal(0, 0.1, 5)).tolist()}, day=day[g]) for g, m in base.items()]
    frame = pd.concat(parts, ignore_index=True)
    row = one(frame, control="con14", contrasts=(("rec28", "con28", "hu14", "con14"),))
    logs = {g: np.log(frame.loc[frame["group"] == g, "value"].to_numpy()) for g in base}
    expected = logs["rec28"].mean() - logs["con28"].mean() - logs["hu14"].mean() + logs["con14"].mean()
    assert math.log(sure(row).estimate) == pytest.approx(expected, rel=1e-9)
    assert row.day is None and row.contrast == "(rec28 / con28) / (hu14 / con14)"
    pairs = run(frame, control="con14", contrasts=(("hu14", "con14"), ("rec28", "con28"))).comparisons
    assert [(c.day, c.effect is not None) for c in pairs] == [(14.0, True), (28.0, True)]


def test_sex_is_offered_as_a_second_factor() -> None:
    frame = frame_of({"hu": TWO["hu"] + TWO["hu"], "ctrl": TWO["ctrl"] + TWO["ctrl"]})
    frame["sex"] = ["male"] * 6 + ["female"] * 6 + ["male"] * 6 + ["female"] * 6
    frame.loc[frame["sex"] == "female", "value"] *= np.where(
        frame.loc[frame["sex"] == "female", "group"] == "hu", 1.3, 1.0
    )
    rows = run(frame, factorial=True).comparisons
    assert [r.contrast for r in rows] == ["group: hu / ctrl", "sex: female / male", "group x sex"]
    assert sure(rows[2]).p_value < 0.01


def test_courses_of_followed_animals_are_compared_beside_their_days() -> None:
    rng = np.random.default_rng(11)
    rows = []
    for k in range(10):
        group, start = ("hu" if k < 5 else "ctrl"), rng.lognormal(3.0, 0.2)
        for day in (0.0, 7.0, 14.0, 28.0):
            fall = 0.01 * day if group == "hu" else 0.0
            rows.append({"group": group, "animal": f"m{k}", "day": day,
                         "value": start * math.exp(-fall + rng.normal(0, 0.03))})  # fmt: skip
    frame = pd.DataFrame(rows)
    base = frame_of({"x": [1.0]}).drop(columns=["group", "animal", "day", "value"]).iloc[0].to_dict()
    found = run(frame.assign(**base)).comparisons
    assert [c.day for c in found] == [0.0, 7.0, 14.0, 28.0, None]
    course = found[-1]
    assert course.contrast == "hu / ctrl, change by day" and sure(course).key == "group-by-day"
    assert sure(course).low < math.exp(-0.01) < sure(course).high < 1.0
    # The days and the course are one family.
    assert {c.family for c in found} == {"Ki67+"}
    assert all(c.p_adjusted is not None and c.p_adjusted >= sure(c).p_value for c in found)


def test_a_gross_outlier_is_named_with_the_result_without_it_and_stays() -> None:
    values = {"hu": [70.0, 75, 66, 72, 69, 74], "ctrl": [100.0, 95, 110, 104, 98, 1030]}
    frame = frame_of(values, value_kind="count")
    found = run(frame)
    left = found.comparisons[0].leave_one_out
    assert left is not None and left.gross
    assert (left.without, left.group, left.value) == ("ctrl5", "ctrl", 1030.0)
    without = sure(one(frame[frame["animal"] != "ctrl5"]))
    assert (left.estimate, left.p_value) == (pytest.approx(without.estimate), pytest.approx(without.p_value))
    assert sure(found.comparisons[0]).n == {"hu": 6, "ctrl": 6}
    (hit,) = [f for f in lint(Observations(frame), found.plan, analysis=found) if f.code == "gross-outlier"]
    assert "ctrl5" in hit.consequence and "nothing was removed" in hit.consequence
    plain = run(frame_of({**values, "ctrl": [100.0, 95, 110, 104, 98, 103]}, value_kind="count"))
    assert plain.comparisons[0].leave_one_out is not None and not plain.comparisons[0].leave_one_out.gross


def test_other_methods_stand_beside() -> None:
    row = one(frame_of(TWO))
    assert [e.key for e in row.sensitivity] == ["robust", "welch", "pooled-log"]
    assert all(e.p_value < 0.05 for e in row.sensitivity)
    assert run(frame_of(TWO), extras=False).comparisons[0].sensitivity == ()
