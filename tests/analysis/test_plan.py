"""Plans: what is declared is done, what cannot be told is said, and the wrong analysis stands beside."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from tables import SAME, nested, rows_of, table

from soleus.analysis import Analysis, AnalysisPlan, Comparison, Effect, analyse
from soleus.analysis.multiplicity import holm, many_to_one
from soleus.errors import InputError, UnknownNameError
from soleus.observations import Observations

TREATED, CONTROL = nested(1, ratio=0.4), nested(2, 6)
TWO = {"hu": TREATED, "free": CONTROL}
SHEET = Path(__file__).resolve().parents[3] / "shared" / "data" / "edu-brdu-epithelium"


def run(observations: Observations, **plan: Any) -> Analysis:
    return analyse(observations, AnalysisPlan(**{"control": "free", "seed": 1, **plan}))


def one(observations: Observations, **plan: Any) -> Comparison:
    rows = run(observations, **plan).comparisons
    assert len(rows) == 1
    return rows[0]


def sure(row: Comparison) -> Effect:
    assert row.effect is not None, row.cannot
    return row.effect


def test_the_default_is_welch_on_logs_of_animal_densities() -> None:
    row = one(table(TWO, exposure=0.5, exposure_unit="mm2"))
    logs = [[math.log(sum(animal)) for animal in TWO[g]] for g in ("hu", "free")]
    oracle = stats.ttest_ind(*logs, equal_var=False)
    effect = sure(row)
    assert effect.estimate == pytest.approx(math.exp(np.mean(logs[0]) - np.mean(logs[1])), rel=1e-12)
    assert effect.p_value == pytest.approx(oracle.pvalue, rel=1e-10)
    assert (row.contrast, row.treated, row.control, row.unit_level) == ("hu / free", "hu", "free", "section")
    assert dict(effect.n) == {"hu": 5, "free": 6}
    assert [(g.n, g.n_rows) for g in row.groups] == [(5, 30), (6, 36)]
    assert effect.method == "Welch t test on log animal values"


def test_what_is_drawn_is_what_is_compared() -> None:
    """The ratio of the groups' drawn values is the effect, whatever the method."""
    for observations, plan in (
        (table(TWO), {}),
        (table(TWO), {"methods": {"count": "robust"}}),
        (table({"hu": [[0, 0], [3, 1], [2, 5]], "free": [[9, 4], [8, 12], [7, 7]]}), {}),
    ):
        found = run(observations, **plan)
        row = found.comparisons[0]
        centre = {g.group: g.centre for g in row.groups}
        assert centre["hu"] / centre["free"] == pytest.approx(sure(row).estimate, rel=1e-12)  # type: ignore[operator]
        drawn = {g: [u.value for u in found.units if u.group == g] for g in ("hu", "free")}
        for group in row.groups:
            assert np.mean(drawn[group.group]) == pytest.approx(group.mean)
            assert len(drawn[group.group]) == group.n
            if group.centre_kind == "geometric mean":
                assert stats.gmean(drawn[group.group]) == pytest.approx(group.centre, rel=1e-12)


def test_zeros_keep_the_ratio() -> None:
    effect = sure(one(table({"hu": [[0, 0], [3, 1], [2, 5]], "free": [[9, 4], [8, 12], [7, 7]]})))
    assert effect.key == "robust" and effect.scale == "ratio"
    assert effect.estimate == pytest.approx((11 / 6) / (47 / 6), rel=1e-12)


def test_sections_as_units_are_surer_and_called_wrong() -> None:
    row = one(table(TWO))
    assert isinstance(row.wrong, Effect)
    assert row.wrong.method.startswith("WRONG, sections taken for independent")
    assert sum(row.wrong.n.values()) == 66
    effect = sure(row)
    assert row.wrong.high / row.wrong.low < effect.high / effect.low
    assert one(table({"hu": [5, 6, 9], "free": [8, 12, 11]})).wrong is None


def two_by_two(seed: int = 3, n: int = 4) -> Observations:
    cells = {"cc": 1.0, "ct": 0.8, "uc": 0.5, "ut": 0.2}
    frame = rows_of({g: nested(seed + k, n, ratio=r) for k, (g, r) in enumerate(cells.items())})
    frame["factor:Unloading"] = frame["group"].str[0].map({"c": "no", "u": "yes"})
    frame["factor:Drug"] = frame["group"].str[1].map({"c": "none", "t": "drug"})
    return Observations(frame, factors={"Unloading": ("no", "yes"), "Drug": ("none", "drug")})


def test_two_by_two_by_hand() -> None:
    observations = two_by_two()
    rows = run(observations, control="cc", factorial=True).comparisons
    assert [r.contrast for r in rows] == ["Unloading: yes / no", "Drug: drug / none", "Unloading x Drug"]
    units = run(observations, control="cc", factorial=True).units
    logs = {g: np.log([u.value for u in units if u.group == g]) for g in ("cc", "ct", "uc", "ut")}
    m = {g: v.mean() for g, v in logs.items()}
    expected = [
        (m["uc"] + m["ut"] - m["cc"] - m["ct"]) / 2,
        (m["ct"] + m["ut"] - m["cc"] - m["uc"]) / 2,
        (m["ut"] - m["uc"]) - (m["ct"] - m["cc"]),
    ]
    assert [math.log(sure(r).estimate) for r in rows] == pytest.approx(expected, rel=1e-10)
    shares = [np.var(v, ddof=1) / len(v) for v in logs.values()]
    assert [sure(r).se for r in rows] == pytest.approx(
        [math.sqrt(sum(shares)) / 2] * 2 + [math.sqrt(sum(shares))]
    )
    assert rows[0].treated is None and len(rows[0].groups) == 4
    assert [r.p_adjusted for r in rows] == pytest.approx(holm([sure(r).p_value for r in rows]))


def test_equal_spread_gives_the_f_of_a_two_way_anova() -> None:
    """With equal spread and equal numbers t^2 of the contrasts is the F of statsmodels' anova."""
    import statsmodels.api as sm
    from statsmodels.formula.api import ols

    base = np.array([-0.3, 0.1, 0.2, 0.0])
    values = {"cc": base + 4.0, "ct": base[::-1] + 3.7, "uc": base + 3.5, "ut": base[::-1] + 2.9}
    frame = rows_of(
        {g: np.exp(v).tolist() for g, v in values.items()}, value_kind="density", unit="cells/mm2"
    )
    frame["factor:A"], frame["factor:B"] = frame["group"].str[0], frame["group"].str[1]
    factors = {"A": ("c", "u"), "B": ("c", "t")}
    rows = run(Observations(frame, factors=factors), control="cc", factorial=True).comparisons
    data = pd.DataFrame({"y": np.log(frame["value"]), "a": frame["factor:A"], "b": frame["factor:B"]})
    oracle = sm.stats.anova_lm(ols("y ~ C(a, Sum) * C(b, Sum)", data).fit(), typ=3)
    found = [(math.log(sure(r).estimate) / (sure(r).se or math.nan)) ** 2 for r in rows]
    assert found == pytest.approx(oracle["F"].iloc[1:4].tolist(), rel=1e-8)


FOUR = {"a": nested(5, ratio=0.4), "b": nested(6, ratio=0.9), "c": nested(7, ratio=1.0), "free": nested(8)}


def test_holm_adjusts_within_the_declared_family() -> None:
    frame = pd.concat(
        [rows_of(FOUR, readout=name, day=day) for name in ("x", "y", "z") for day in (7.0, 28.0)]
    )
    rows = run(Observations(frame), families={"neurons": ("x", "y")}).comparisons
    assert len(rows) == 18
    for family, size in (("neurons", 12), ("z", 6)):
        mine = [r for r in rows if r.family == family]
        assert len(mine) == size
        assert [r.p_adjusted for r in mine] == pytest.approx(holm([sure(r).p_value for r in mine]))
    assert all(
        r.p_adjusted == sure(r).p_value for r in run(Observations(frame), correction="none").comparisons
    )


def test_by_default_dunnetts_answer_stands_beside_each_contrast() -> None:
    rows, asked = (run(table(FOUR), correction=c).comparisons for c in ("default", "dunnett"))
    alone = run(table(FOUR), correction="none").comparisons
    for row, joint, single in zip(rows, asked, alone, strict=True):
        assert sure(row) == sure(single)
        assert row.p_adjusted == sure(joint).p_value
        assert (row.low_adjusted, row.high_adjusted) == (sure(joint).low, sure(joint).high)
        assert row.correction == "dunnett"


def test_several_groups_and_one_control_are_dunnetts_with_unequal_spread() -> None:
    rows = run(table(FOUR), correction="dunnett").comparisons
    alone = run(table(FOUR), correction="none").comparisons
    shares = [np.var([math.log(sum(a) / 6) for a in FOUR[g]], ddof=1) / 5 for g in ("a", "b", "c", "free")]
    shared = [math.sqrt(shares[3] / (shares[3] + own)) for own in shares[:3]]
    t = [math.log(sure(r).estimate) / (sure(r).se or math.nan) for r in alone]
    wanted = many_to_one(t, [sure(r).df or math.nan for r in alone], shared, level=0.95, pooled=False)
    for row, single, joint in zip(rows, alone, wanted, strict=True):
        assert sure(row).p_value == pytest.approx(joint.p_value, rel=1e-6) == row.p_adjusted
        assert sure(row).p_value > sure(single).p_value
        assert sure(row).low < sure(single).low < sure(row).estimate < sure(single).high < sure(row).high
        assert row.correction == "dunnett" and "Dunnett (unequal spread)" in sure(row).method


def test_dunnett_of_one_spread_is_scipys() -> None:
    rows = run(table(FOUR), correction="dunnett-pooled").comparisons
    values = [np.log([sum(a) for a in FOUR[g]]) for g in ("a", "b", "c", "free")]
    oracle = stats.dunnett(*values[:3], control=values[3], random_state=np.random.default_rng(1))
    for row, p in zip(rows, oracle.pvalue, strict=True):
        assert sure(row).p_value == pytest.approx(p, abs=5e-4)


def test_where_dunnett_cannot_holm_does() -> None:
    zero = {**FOUR, "b": [[0, 0], *FOUR["b"]]}
    rows = run(table(zero), correction="dunnett").comparisons
    assert {r.correction for r in rows} == {"holm"}
    assert "adjusted by Holm" in str(sure(rows[0]).note)
    assert [r.p_adjusted for r in rows] == pytest.approx(holm([sure(r).p_value for r in rows]))


def test_all_pairs_are_games_howells() -> None:
    rows = run(table(FOUR), compare="all").comparisons
    assert len(rows) == 6 and {r.correction for r in rows} == {"games-howell"}
    alone = run(table(FOUR), compare="all", correction="none").comparisons
    for row, single in zip(rows, alone, strict=True):
        q = abs(math.log(sure(single).estimate)) / (sure(single).se or math.nan) * math.sqrt(2)
        assert sure(row).p_value == pytest.approx(stats.studentized_range.sf(q, 4, sure(single).df), rel=1e-5)


@pytest.mark.parametrize(
    ("kind", "method", "said", "scale"),
    [
        ("count", "quasi-poisson", "quasi-Poisson on", "ratio"),
        ("count", "nb-mixed", "negative-binomial mixed model", "ratio"),
        ("mass", "welch", "Welch t test on animal values", "difference"),
        ("mass", "welch-log", "Welch t test on log", "ratio"),
    ],
)
def test_the_declared_method_is_used(kind: str, method: str, said: str, scale: str) -> None:
    row = one(table(TWO, value_kind=kind), methods={kind: method}, draws=99)
    assert sure(row).method.startswith(said)
    assert sure(row).scale == scale
    assert isinstance(row.wrong, Effect)


def test_every_method_finds_the_same_ratio_roughly() -> None:
    counts = table(TWO)
    found = [
        sure(one(counts, methods={"count": m}, draws=99)) for m in ("welch-log", "quasi-poisson", "nb-mixed")
    ]
    for effect in found:
        assert effect.low < 0.4 * 1.2 and effect.high > 0.4 / 1.2
        assert effect.estimate == pytest.approx(found[0].estimate, rel=0.12)
    assert found[2].df is None and found[2].se is None and "Monte-Carlo error" in str(found[2].note)
    few = table({g: v[:3] for g, v in TWO.items()})
    assert "7 to 8 %" in str(sure(one(few, methods={"count": "nb-mixed"}, draws=99)).note)


def shares(n: int = 5) -> Observations:
    rng = np.random.default_rng(9)
    frame = pd.concat(
        rows_of({g: rng.binomial(80, rng.beta(30 * p, 30 * (1 - p), n)).tolist()}, denominator=80.0)
        for g, p in (("hu", 0.15), ("free", 0.4))
    )
    return Observations(frame)


@pytest.mark.parametrize("method", ["default", "quasi-binomial", "beta-binomial", "empirical-logit"])
def test_proportions_give_odds_ratios(method: str) -> None:
    row = one(shares(), methods={} if method == "default" else {"fraction": method}, draws=199)
    effect = sure(row)
    truth = (0.15 / 0.85) / (0.4 / 0.6)
    assert effect.scale == "odds ratio"
    assert effect.low < truth < effect.high < 1.0
    assert effect.key == ("robust" if method == "default" else method)


def test_a_margin_is_tested_and_the_number_needed_is_said() -> None:
    row = one(table({"hu": nested(11, 4), "free": nested(12, 4)}), margins={"Ki67+": 1.2})
    assert row.equivalence is not None
    assert row.equivalence.verdict == "undecided"
    assert row.equivalence.n_needed is not None and row.equivalence.n_needed > 4
    assert one(table(TWO)).equivalence is None


def test_clusters_are_declared() -> None:
    frame = rows_of(TWO)
    frame["cage"] = frame["group"] + (frame["animal"].str[-1].astype(int) // 2).astype(str)
    assert sure(one(Observations(frame), cluster="cage")).unit == "cage"
    frame["cage"] = frame["group"]
    row = one(Observations(frame), cluster="cage")
    assert row.effect is None and row.p_adjusted is None


@pytest.mark.parametrize(
    ("groups", "changes", "reason"),
    [
        ({"hu": [5], "free": [4, 6]}, {}, "group 'hu' has 1 animal and its spread needs at least 2"),
        ({"hu": [0, 0], "free": [4, 6]}, {}, "all 2 animals of group 'hu' have the value 0"),
        ({"hu": [4, 6, 5], "free": [0, 0, 0]}, {}, "p = 0.1"),
        ({"hu": [7, 7], "free": [9, 9]}, {}, "no animal differs"),
        ({"hu": [7, 7], "free": [3, 4]}, {"denominator": 7.0}, "of group 'hu' have the share 1"),
        ({"hu": [1e-200, 1e200], "free": [1e-200, 1e200]}, {"value_kind": "density"}, "no finite bounds"),
        ({"hu": [-1e200, 1e200], "free": [-1e200, 0.0]}, {"value_kind": "time"}, "no finite bounds"),
    ],
)
def test_what_cannot_be_told_is_said(groups: dict, changes: dict, reason: str) -> None:
    row = one(table(groups, **changes), margins={"Ki67+": 1.25})
    assert row.effect is None and row.cannot is not None
    assert row.cannot.startswith("cannot be told from these data, because ")
    assert reason in row.cannot
    assert row.p_adjusted is None and row.equivalence is None


def test_dropouts_are_counted_and_left_out() -> None:
    frame = rows_of(TWO)
    frame["excluded"] = frame["animal"] == "hu3"
    frame["exclusion_reason"] = frame["excluded"].map({True: "died", False: None})
    row = one(Observations(frame))
    assert sure(row).n["hu"] == 4
    assert [g.n_lost for g in row.groups] == [1, 0]
    rest = {"hu": TREATED[:3] + TREATED[4:], "free": CONTROL}
    assert sure(row).estimate == pytest.approx(sure(one(table(rest))).estimate)


def test_published_summaries_are_refused_with_the_reason() -> None:
    with pytest.raises(InputError, match="published summaries"):
        run(table({"hu": [5], "free": [7]}, unit_level="group", se=1.0, n_units=4))
    both = pd.concat([rows_of(TWO), rows_of({"hu": [5], "free": [7]}, readout="old", se=1.0, n_units=4)])
    rows = run(Observations(both)).comparisons
    assert rows[1].effect is None and "summaries" in str(rows[1].cannot)


@pytest.mark.parametrize(
    ("plan", "error", "message"),
    [
        ({"control": "fre"}, UnknownNameError, "unknown group 'fre'. Did you mean 'free'"),
        ({"treated": ("xx",)}, UnknownNameError, "unknown group 'xx'"),
        ({"readouts": ("Ki67",)}, UnknownNameError, "unknown readout 'Ki67'"),
        ({"margins": {"DCX+": 1.2}}, UnknownNameError, "unknown readout 'DCX"),
        ({"days": (14.0,)}, InputError, "no value on day 14"),
        ({"methods": {"count": "beta-binomial"}}, InputError, "does not suit a rate"),
        ({"factorial": True}, InputError, "needs two factors of two levels"),
        ({"cluster": "room"}, UnknownNameError, "unknown column of --cluster 'room'"),
        ({"blocks": ("batch",)}, UnknownNameError, "unknown column of --block 'batch'"),
        ({"covariates": ("weight",)}, UnknownNameError, "unknown column of --covariate 'weight'"),
        ({"methods": {"fraction": "beta-binomial"}}, InputError, "no value of kind 'fraction' is analysed"),
        ({"compare": "trend"}, InputError, "needs three groups"),
        ({"baseline": 28.0}, InputError, "no other day"),
    ],
)
def test_a_plan_that_the_table_cannot_meet(plan: dict, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        run(table(TWO), **plan)


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        ({"methods": {"counts": "welch"}}, "unknown value kind 'counts'"),
        ({"methods": {"count": "anova"}}, "unknown method 'anova'"),
        ({"correction": "bonferroni"}, "unknown correction"),
        ({"compare": "some"}, "unknown comparison"),
        ({"compare": "all", "treated": ("a",)}, "takes all groups"),
        ({"paired": True, "blocks": ("sex",)}, "--paired takes no block"),
        ({"unit": "cage", "cluster": "litter"}, "cannot stand together"),
        ({"growth": {"x": "day"}, "baseline": 0.0}, "growth takes no blocks"),
        ({"level": 95.0}, "per cent"),
        ({"draws": 10}, "at least 99"),
        ({"margins": {"x": 0.8}}, "above 1"),
        ({"growth": {"x": "hour"}}, "unknown time of growth"),
        ({"families": {"a": ("x",), "b": ("x",)}}, "in the families 'a' and 'b'"),
        ({"families": {"a": "xy"}}, "needs a list"),
        ({"families": {"a": ("x", "y")}, "correction": "dunnett"}, "Dunnett's test corrects within one"),
        ({"treated": ("hu",), "contrasts": (("a", "b"),)}, "not both"),
        ({"contrasts": (("a", "a"),)}, "compared with itself"),
        ({"growth": {"x": "day"}, "cluster": "cage"}, "growth takes cultures for units"),
        ({"correction": "dunnett", "factorial": True}, "knows neither factors"),
        ({"contrasts": (("a", "b"), ("c", "d")), "correction": "dunnett"}, "one control"),
    ],
)
def test_a_plan_that_cannot_be_right(plan: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        AnalysisPlan(**{"control": "free", **plan})


def test_the_seed_is_recorded_and_repeats() -> None:
    drawn = analyse(shares(), AnalysisPlan("free", methods={"fraction": "beta-binomial"}, draws=99))
    again = analyse(
        shares(), AnalysisPlan("free", methods={"fraction": "beta-binomial"}, draws=99, seed=drawn.seed)
    )
    assert drawn.comparisons == again.comparisons


def test_one_column_of_each_kind() -> None:
    """Readouts of all kinds in one table, each by its own default."""
    parts = [rows_of(TWO)]
    for name, kind, values in (
        ("weight", "mass", [20.0, 22.0, 25.0]),
        ("latency", "time", [-1.0, 2.0, 0.5]),
        ("share", "fraction", [0.0, 0.2, 0.3]),
        ("density", "density", [10.0, 12.0, 9.0]),
    ):
        free = [v + 0.5 for v in values]
        parts.append(rows_of({"hu": values, "free": free}, readout=name, value_kind=kind, unit="1"))
    found = {r.readout: sure(r) for r in run(Observations(pd.concat(parts))).comparisons}
    assert {name: e.scale for name, e in found.items()} == {
        "Ki67+": "ratio",
        "weight": "ratio",
        "latency": "difference",
        "share": "difference",
        "density": "ratio",
    }


def culture_rows() -> pd.DataFrame:
    rng = np.random.default_rng(13)
    rows = []
    for group, rate in (("hu", 0.5), ("free", 0.8)):
        for animal in range(4):
            own = rate + rng.normal(0.0, 0.05)
            for passage in range(1, 5):
                value = round(1000 * math.exp(own * 3.0 * passage + rng.normal(0.0, 0.05)))
                rows.append(
                    {
                        **{**SAME, "readout": "cells", "unit_level": "passage", "assay": "culture"},
                        **{
                            "group": group,
                            "animal": f"{group}{animal}",
                            "culture": "c1",
                            "passage": f"P{passage}",
                        },
                        **{"unit_id": f"P{passage}", "day": 3.0 * passage, "value": float(value)},
                    }
                )
    return pd.DataFrame(rows)


@pytest.mark.parametrize(("by", "factor"), [("day", 1.0), ("passage", 3.0)])
def test_growth_is_compared_by_slopes_of_cultures(by: str, factor: float) -> None:
    frame = culture_rows()
    row = one(Observations(frame), growth={"cells": by})
    effect = sure(row)
    slopes = {
        animal: np.polyfit(part["day"] / (3.0 if by == "passage" else 1.0), np.log(part["value"]), 1)[0]
        for animal, part in frame.groupby("animal")
    }
    hu, free = ([v for k, v in slopes.items() if k.startswith(g)] for g in ("hu", "free"))
    oracle = stats.ttest_ind(hu, free, equal_var=False)
    assert effect.p_value == pytest.approx(oracle.pvalue, rel=1e-8)
    assert effect.estimate == pytest.approx(np.mean(hu) - np.mean(free), rel=1e-8)
    assert effect.low < -0.3 * factor < effect.high
    assert (row.day, effect.unit, effect.unit_of_difference) == (None, "culture", f"1/{by}")
    assert "slope of the log value" in effect.method


def test_cultures_of_one_animal_are_averaged_first() -> None:
    twin = culture_rows().assign(culture="c2")
    twin["value"] = (twin["value"] * 1.1).round()
    twin["unit_id"] = "b" + twin["unit_id"]
    row = one(Observations(pd.concat([culture_rows(), twin])), growth={"cells": "day"})
    assert dict(sure(row).n) == {"hu": 4, "free": 4} and sure(row).unit == "animal"
    assert isinstance(row.wrong, Effect) and dict(row.wrong.n) == {"hu": 8, "free": 8}


def test_growth_names_what_is_missing() -> None:
    dead = culture_rows()
    dead.loc[3, "value"] = 0.0
    with pytest.raises(InputError, match="row 4: 0 has no log"):
        run(Observations(dead), growth={"cells": "day"})
    short = culture_rows()
    short["excluded"] = (short["animal"] == "hu0") & (short["passage"] != "P1")
    short["exclusion_reason"] = short["excluded"].map({True: "lost", False: None})
    with pytest.raises(InputError, match="culture 'c1' of animal 'hu0' has one day"):
        run(Observations(short), growth={"cells": "day"})
    nameless = culture_rows().assign(passage="first")
    with pytest.raises(InputError, match="'first' holds no number"):
        run(Observations(nameless), growth={"cells": "passage"})


def epithelium() -> Observations:
    calamine = pytest.importorskip("python_calamine")
    path = SHEET / "Summary_EdU_BrdU_data.xlsx"
    if not path.is_file():
        pytest.skip("the published EdU and BrdU counts are not here")
    head, *body = calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    sheet = pd.DataFrame(body, columns=head)
    rows = sheet.melt(["FoV", "Animal", "Genotype", "bTotal"], ["EdU_BrdU", "EdU_blank"], var_name="readout")
    return Observations(
        pd.DataFrame(
            {
                **{**SAME, "day": 0.0, "unit_level": "field"},
                "animal": rows["Animal"].astype(int).astype(str),
                "group": rows["Genotype"],
                "readout": rows["readout"],
                "unit_id": rows["FoV"].astype(int).astype(str),
                "value": rows["value"],
                "denominator": rows["bTotal"],
            }
        )
    )


def test_fields_of_real_animals_change_the_answer() -> None:
    """Doubly labelled cells of the oesophagus: 3 and 4 animals cannot tell, 9 and 12 fields would."""
    rows = run(epithelium(), control="WT").comparisons
    effect, wrong = sure(rows[0]), rows[0].wrong
    assert dict(effect.n) == {"Mut": 3, "WT": 4}
    assert effect.p_value > 0.05
    assert isinstance(wrong, Effect) and wrong.p_value < 0.05
    assert wrong.method.startswith("WRONG, fields taken for independent")
