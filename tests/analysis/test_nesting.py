"""From rows to one value a unit: sums over sums, weights, hemispheres; and cages and litters on top."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from tables import nested, rows_of, sample, table

from soleus.analysis.answers import Effect, Undetermined
from soleus.analysis.clusters import as_units, compare_clustered, within_clusters
from soleus.analysis.compare import Settings, compare
from soleus.analysis.nesting import carrier, rows_as_units, samples
from soleus.errors import InputError

SETTINGS = Settings()


def frame(groups: dict[str, list[object]], **changes: object) -> pd.DataFrame:
    return table(groups, **changes).frame


def test_counts_are_summed_over_summed_exposures() -> None:
    rows = frame({"a": [[4, 8], [5]]}, exposure=[1.0, 3.0, 2.0], exposure_unit="mm2")
    found = samples(rows, ["a"])["a"]
    assert carrier(rows) == "rate"
    assert found.value.tolist() == [3.0, 2.5]
    assert (found.n_rows, len(found)) == (3, 2)


def test_without_exposure_a_row_is_one_unit_of_it() -> None:
    """Twice as many sections of the same animal must not look like twice the cells."""
    found = samples(frame({"a": [[4, 8, 6, 6], [6, 6]]}), ["a"])["a"]
    assert found.value.tolist() == [6.0, 6.0]


@pytest.mark.parametrize("kind", ["fraction", "count"])
def test_shares_are_totals_over_totals(kind: str) -> None:
    values = [[0.5, 0.1], [0.2]] if kind == "fraction" else [[5, 9], [4]]
    rows = frame({"a": values}, value_kind=kind, denominator=[10.0, 90.0, 20.0])
    found = samples(rows, ["a"])["a"]
    assert carrier(rows) == "proportion"
    assert found.total.tolist() == [14.0, 4.0]
    assert found.value.tolist() == [0.14, 0.2]


def test_densities_are_weighted_by_exposure() -> None:
    rows = frame(
        {"a": [[10.0, 40.0], [7.0]]}, value_kind="density", exposure=[3.0, 1.0, 1.0], exposure_unit="mm2"
    )
    assert samples(rows, ["a"])["a"].value.tolist() == [17.5, 7.0]


def test_hemispheres_weigh_alike() -> None:
    rows = frame({"a": [[1.0, 2.0, 9.0]]}, value_kind="mass", unit="g", side=["left", "left", "right"])
    assert samples(rows, ["a"])["a"].value.tolist() == [5.25]


def test_a_gap_in_the_exposure_is_refused() -> None:
    rows = frame({"a": [[4, 8], [5]]}, exposure=[1.0, np.nan, 2.0], exposure_unit="mm2")
    with pytest.raises(InputError, match="'exposure', row 2: is empty"):
        samples(rows, ["a"])


def test_rows_as_units_lose_their_animals() -> None:
    flat = rows_as_units(samples(frame({"a": [[4, 8], [5]]}), ["a"])["a"])
    assert flat.total.tolist() == [4.0, 8.0, 5.0]
    assert len(flat) == 3


def caged(treated: list[str], control: list[str], seed: int = 1) -> tuple:
    rng = np.random.default_rng(seed)
    groups = []
    for name, cages in (("hu", treated), ("free", control)):
        groups.append(sample(name, rng.lognormal(3.0, 0.4, len(cages)).round(), clusters=cages))
    return tuple(groups)


def test_cages_of_one_group_are_the_units() -> None:
    groups = caged(["1", "1", "2", "2", "3", "3"], ["4", "4", "5", "5", "6", "6"])
    found = compare_clustered(groups, cluster="cage", what="rate", method="default", settings=SETTINGS)
    assert isinstance(found, Effect)
    means = [np.log(g.total.reshape(3, 2).sum(axis=1)) for g in groups]
    oracle = stats.ttest_ind(*means, equal_var=False)
    assert found.p_value == pytest.approx(oracle.pvalue, rel=1e-10)
    assert dict(found.n) == {"hu": 3, "free": 3}
    assert found.unit == "cage" and "cage" in found.method


def test_means_of_cages_are_means() -> None:
    group = sample("a", [1.0, 3.0, 10.0], clusters=["x", "x", "y"])
    assert as_units(group, "mean").value.tolist() == [2.0, 10.0]
    assert as_units(group, "rate").total.tolist() == [4.0, 10.0]


@pytest.mark.parametrize("raw", [False, True])
def test_within_cages_agrees_with_least_squares(raw: bool) -> None:
    import statsmodels.api as sm

    groups = caged(["1", "1", "2", "3", "4"], ["1", "2", "2", "3", "4", "4"])
    found = within_clusters(groups, cluster="cage", raw=raw, settings=SETTINGS)
    assert isinstance(found, Effect)
    values = np.concatenate([g.value for g in groups])
    cages = np.array([c for g in groups for c in g.clusters])
    x = np.column_stack([np.repeat([1.0, 0.0], [5, 6]), *(cages == c for c in "1234")]).astype(float)
    oracle = sm.OLS(values if raw else np.log(values), x).fit()
    assert found.link_estimate == pytest.approx(oracle.params[0], rel=1e-9)
    assert found.se == pytest.approx(oracle.bse[0], rel=1e-9)
    assert found.p_value == pytest.approx(oracle.pvalues[0], rel=1e-9)
    assert found.df == oracle.df_resid


def test_pairs_in_cages_are_the_paired_t_test() -> None:
    groups = caged(list("12345"), list("12345"))
    found = compare_clustered(groups, cluster="litter", what="rate", method="default", settings=SETTINGS)
    assert isinstance(found, Effect)
    oracle = stats.ttest_rel(np.log(groups[0].total), np.log(groups[1].total))
    assert found.p_value == pytest.approx(oracle.pvalue, rel=1e-9)
    assert "litter" in found.method


@pytest.mark.parametrize(
    ("treated", "control", "reason"),
    [
        (["1", "1", "1"], ["2", "2", "2"], "share one cage: what the group does and what the cage does"),
        (["1", "1", "1"], ["2", "3", "4"], "all animals of group 'hu' share one cage"),
        (["1", None, "2"], ["3", "4", "5"], "1 animal of 'hu' and 'free' has no cage"),
        (["1"], ["1"], "no degree of freedom"),
    ],
)
def test_what_cages_hide_is_said(treated: list, control: list, reason: str) -> None:
    found = compare_clustered(
        caged(treated, control), cluster="cage", what="rate", method="default", settings=SETTINGS
    )
    assert isinstance(found, Undetermined)
    assert found.note.startswith("cannot be told from these data, because ")
    assert reason in found.note


def test_an_animal_in_two_cages_is_refused() -> None:
    rows = rows_of({"a": [[4, 8]]}, cage=["1", "2"])
    with pytest.raises(InputError, match="was in 1, 2"):
        samples(table({"a": [[4, 8]]}, cage=["1", "2"]).frame, ["a"], cluster="cage")
    assert len(rows) == 2


def test_cages_alike_cost_what_they_should() -> None:
    """Treated cage by cage: animals as units reject too often, cages as units do not (both ways)."""
    rng = np.random.default_rng(4)
    wrong = right = 0
    for _ in range(400):
        cage = np.repeat(rng.lognormal(0.0, 0.3, 8), 4)
        totals = rng.poisson(200 * cage * rng.lognormal(0.0, 0.3, 32)).astype(float)
        names = [str(k // 4) for k in range(32)]
        pair = (sample("t", totals[:16], clusters=names[:16]), sample("c", totals[16:], clusters=names[16:]))
        alone = compare(pair, (1.0, -1.0), what="rate", method="default", settings=SETTINGS)
        units = compare_clustered(pair, cluster="cage", what="rate", method="default", settings=SETTINGS)
        assert isinstance(alone, Effect) and isinstance(units, Effect)
        wrong += alone.p_value < 0.05
        right += units.p_value < 0.05
    assert wrong / 400 > 0.15
    assert 0.005 < right / 400 < 0.09


def test_every_section_reaches_its_animal() -> None:
    rows = frame({"a": nested(1), "b": nested(2)})
    found = samples(rows, ["a", "b"])
    assert sum(s.total.sum() for s in found.values()) == rows["value"].sum()
