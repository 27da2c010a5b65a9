"""From rows to one value a unit: sums over sums, weights, hemispheres; and cages and litters on top."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tables import nested, rows_of, sample, table

from soleus.analysis.answers import Effect
from soleus.analysis.compare import Settings, compare
from soleus.analysis.nesting import as_units, carrier, rows_as_units, samples
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


def test_means_of_cages_are_means() -> None:
    group = sample("a", [1.0, 3.0, 10.0], cage=["x", "x", "y"])
    assert as_units(group, "cage", "mean").value.tolist() == [2.0, 10.0]
    assert as_units(group, "cage", "rate").total.tolist() == [4.0, 10.0]
    assert as_units(group, "cage", "mean", log=True).value.tolist() == pytest.approx([3.0**0.5, 10.0])
    assert as_units(group, "cage", "rate").names == ("x", "y")


def test_an_animal_in_two_cages_is_refused() -> None:
    rows = rows_of({"a": [[4, 8]]}, cage=["1", "2"])
    with pytest.raises(InputError, match="was in 1, 2"):
        samples(table({"a": [[4, 8]]}, cage=["1", "2"]).frame, ["a"], marks=["cage"], single=["cage"])
    assert len(rows) == 2


def test_cages_alike_cost_what_they_should() -> None:
    """Treated cage by cage: animals as units reject too often, cages as units do not (both ways)."""
    rng = np.random.default_rng(4)
    wrong = right = 0
    for _ in range(400):
        cage = np.repeat(rng.lognormal(0.0, 0.3, 8), 4)
        totals = rng.poisson(200 * cage * rng.lognormal(0.0, 0.3, 32)).astype(float)
        names = [str(k // 4) for k in range(32)]
        pair = (sample("t", totals[:16], cage=names[:16]), sample("c", totals[16:], cage=names[16:]))
        alone = compare(pair, (1.0, -1.0), what="rate", method="default", settings=SETTINGS)
        caged = [as_units(group, "cage", "rate") for group in pair]
        units = compare(caged, (1.0, -1.0), what="rate", method="default", settings=SETTINGS)
        assert isinstance(alone, Effect) and isinstance(units, Effect)
        wrong += alone.p_value < 0.05
        right += units.p_value < 0.05
    assert wrong / 400 > 0.15
    assert 0.005 < right / 400 < 0.09


def test_every_section_reaches_its_animal() -> None:
    rows = frame({"a": nested(1), "b": nested(2)})
    found = samples(rows, ["a", "b"])
    assert sum(s.total.sum() for s in found.values()) == rows["value"].sum()
