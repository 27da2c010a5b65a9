"""The table: what it takes, what it refuses, and what an animal's value is."""

from __future__ import annotations

import math
import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest

from soleus.errors import InputError, UnknownNameError
from soleus.observations import COLUMNS, Observations

BASE: dict[str, Any] = {
    "study": "s",
    "assay": "sections",
    "readout": "Ki67+",
    "day": 28.0,
    "niche": "svz",
    "unit_level": "section",
    "value_kind": "count",
    "unit": "cells",
    "exposure": 0.5,
    "exposure_unit": "mm2",
    "source": "virtual:0123456789abcdef",
}


def rows(**changes: Any) -> pd.DataFrame:
    """Two groups, two animals each, two sections each; a list in ``changes`` fills row by row."""
    table = [
        {**BASE, "animal": animal, "group": group, "unit_id": section, "value": 10.0 * k + s}
        for k, (animal, group) in enumerate([("m1", "free"), ("m2", "free"), ("m3", "hu"), ("m4", "hu")])
        for s, section in enumerate(["a", "b"])
    ]
    return pd.DataFrame(table).assign(**changes)


def at(row: int, value: Any, *, other: Any = None) -> list[Any]:
    return [value if k == row else other for k in range(8)]


def test_columns_are_complete_ordered_and_typed() -> None:
    frame = Observations(rows()).frame
    assert list(frame.columns) == [column.name for column in COLUMNS]
    assert len(COLUMNS) == 34
    types: dict[str, set[str]] = {column.kind: set() for column in COLUMNS}
    for column in COLUMNS:
        types[column.kind].add(str(frame[column.name].dtype))
    assert types == {"text": {"string"}, "float": {"float64"}, "integer": {"Int64"}, "flag": {"boolean"}}
    assert not frame["excluded"].any()
    assert frame["cage"].isna().all()


def test_the_given_frame_is_not_changed_and_not_shared() -> None:
    given = rows()
    before = given.copy()
    table = Observations(given)
    given.loc[0, "value"] = 99.0
    assert table.frame.loc[0, "value"] == 0.0
    assert list(before.columns) == list(given.columns)


def test_index_and_text_are_made_plain() -> None:
    frame = rows(strain="  C57BL/6\r\nJ ", cage="").set_index(pd.Index(range(8, 0, -1)))
    table = Observations(frame)
    assert list(table.frame.index) == list(range(8))
    assert set(table.frame["strain"]) == {"C57BL/6 J"}
    assert table.frame["cage"].isna().all()


REFUSALS: list[tuple[dict[str, Any], str]] = [
    ({"value": at(3, -1.0, other=5.0)}, r"'value', row 4: cannot be negative, got -1"),
    ({"value": at(3, 2.5, other=5.0)}, r"'value', row 4: a count must be a whole number, got 2\.5"),
    ({"value": at(3, math.inf, other=5.0)}, r"'value', row 4: must be finite"),
    ({"value": at(3, math.nan, other=5.0)}, r"'value', row 4: is missing; .*exclude the row"),
    ({"value": at(3, "n.d.", other="5")}, r"'value', row 4: 'n\.d\.' is not a number"),
    ({"value_kind": "fraction", "value": at(0, 70.0, other=0.5)}, r"row 1: a fraction .*got 70; percent"),
    ({"value_kind": "density", "value": at(0, -0.1, other=0.5)}, r"cannot be negative"),
    ({"value_kind": "rate"}, r"'value_kind', row 1: 'rate' is not allowed; allowed: count, density"),
    ({"unit_level": "slice"}, r"'slice' is not allowed; allowed: animal, hemisphere, section"),
    ({"sex": "M"}, r"'sex', row 1: 'M' is not allowed; allowed: male, female \(7 more such rows\)"),
    ({"side": at(1, "L")}, r"'side', row 2: 'L' is not allowed; allowed: left, right"),
    ({"exposure": at(2, 0.0, other=1.0)}, r"'exposure', row 3: must be positive"),
    ({"exposure": at(2, -1.0, other=1.0)}, r"'exposure', row 3: must be positive"),
    ({"exposure": at(2, math.inf, other=1.0)}, r"'exposure', row 3: must be positive and finite"),
    ({"exposure_unit": None}, r"'exposure_unit', row 1: is empty"),
    ({"denominator": at(2, 0.0)}, r"'denominator', row 3: must be a positive whole number"),
    ({"denominator": at(7, 2.0)}, r"'value', row 8: a count cannot exceed its denominator"),
    ({"value_kind": "density", "denominator": 100.0}, r"belongs to a fraction or a count"),
    ({"se": at(2, -1.0)}, r"'se', row 3: must be finite and not negative"),
    ({"n_units": at(2, 0)}, r"'n_units', row 3: must be at least 1"),
    ({"n_units": at(2, 1.5)}, r"'n_units', row 3: 1\.5 is not a whole number"),
    ({"day": at(2, math.nan, other=1.0)}, r"'day', row 3: is empty"),
    ({"day": at(2, math.inf, other=1.0)}, r"'day', row 3: must be finite"),
    ({"age_days": at(2, -1.0)}, r"'age_days', row 3"),
    ({"group": at(2, " ", other="g")}, r"'group', row 3: is empty; give it \(the animal's group\)"),
    ({"group": at(0, "hu", other="free")}, r"animal 'm1' has more than one group: 'hu', 'free'"),
    ({"sex": at(0, "male", other="female")}, r"animal 'm1' has more than one sex"),
    ({"animal": at(2, None, other="m")}, r"'animal', row 3: is empty; only unit_level group"),
    ({"unit_id": at(2, None, other="a")}, r"'unit_id', row 3: is empty; a unit below the animal"),
    ({"unit_id": "a"}, r"'readout', row 2: .* second row for the same unit"),
    ({"unit": at(2, "um", other="cells")}, r"'unit', row 3: 'Ki67\+' has more than one unit, here 'um'"),
    ({"exposure_unit": at(2, "um2", other="mm2")}, r"'exposure_unit', row 3"),
    ({"excluded": at(2, True, other=False)}, r"'exclusion_reason', row 3: is empty"),
    ({"exclusion_reason": at(2, "torn")}, r"'exclusion_reason', row 3: 'torn' is given, but"),
    ({"blinded": at(2, "maybe")}, r"'blinded', row 3: 'maybe' is neither true nor false"),
    ({"source": "somewhere"}, r"'source', row 1: 'somewhere' must be virtual:"),
    ({"source": "file:abc"}, r"64 digits"),
    ({"colour": "red"}, r"unknown column 'colour'"),
    ({"readuot": "x"}, r"unknown column 'readuot'\. Did you mean 'readout'"),
    ({"factor:Sex": "x"}, r"factor that is not declared"),
]


@pytest.mark.parametrize(("changes", "message"), REFUSALS)
def test_refusals_name_column_row_and_mend(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Observations(rows(**changes))


def test_the_row_of_the_file_is_named() -> None:
    frame = rows(value=at(3, -1.0, other=5.0), source_row=range(11, 19))
    with pytest.raises(InputError, match=r"row 4 \(row 14 of the file\): cannot be negative"):
        Observations(frame)


@pytest.mark.parametrize(
    "column", [column.name for column in COLUMNS if column.required or column.name == "value"]
)
def test_a_required_column_may_not_be_absent(column: str) -> None:
    frame = rows().drop(columns=column, errors="ignore")
    if column == "excluded":
        assert not Observations(frame).frame["excluded"].any()
        return
    with pytest.raises(InputError, match=f"column '{column}' .* is absent"):
        Observations(frame)


def test_empty_and_doubled_columns_are_refused() -> None:
    with pytest.raises(InputError, match="no rows"):
        Observations(rows().iloc[:0])
    frame = rows()
    with pytest.raises(InputError, match="'value' occurs more than once"):
        Observations(pd.concat([frame, frame[["value"]]], axis=1))


def test_factors_are_levels_of_groups() -> None:
    factors = {"Hindlimb Unloading": ("Normally Loaded Control", "Hindlimb Unloaded")}
    levels = ["Normally Loaded Control"] * 4 + ["Hindlimb Unloaded"] * 4
    table = Observations(rows(**{"factor:Hindlimb Unloading": levels}), factors=factors)
    assert table.factors == factors
    with pytest.raises(InputError, match="is not a level of"):
        Observations(rows(**{"factor:Hindlimb Unloading": "Suspended"}), factors=factors)
    with pytest.raises(InputError, match="group 'free' has more than one factor:Hindlimb Unloading"):
        Observations(rows(**{"factor:Hindlimb Unloading": levels[2:] + levels[:2]}), factors=factors)
    with pytest.raises(InputError, match="'factor:Hindlimb Unloading' is absent"):
        Observations(rows(), factors=factors)
    with pytest.raises(InputError, match="two different levels"):
        Observations(rows(**{"factor:A": "x"}), factors={"A": ("x",)})


def test_published_summaries_have_no_animal_and_need_no_whole_number() -> None:
    frame = (
        rows()
        .iloc[[0, 4]]
        .assign(animal=None, unit_id=None, unit_level="group", value=[10.5, 4.2], se=1.0, n_units=5)
    )
    assert len(Observations(frame)) == 2


def test_excluded_rows_do_not_count() -> None:
    frame = rows(
        excluded=at(1, True, other=False),
        exclusion_reason=at(1, "torn"),
        value=at(1, math.nan, other=4.0),
    )
    assert len(Observations(frame).rows("Ki67+", 28.0)) == 7
    whole = rows(excluded=True, exclusion_reason="lost")
    assert len(Observations(whole).rows("Ki67+", 28.0)) == 0


def test_what_would_be_counted_twice_must_be_chosen() -> None:
    totals = rows().drop_duplicates("animal").assign(unit_level="animal", unit_id=None, value=100.0)
    table = Observations(pd.concat([rows(), totals, rows(niche="dg", value=7.0)]))
    with pytest.raises(InputError, match="more than one niche: svz, dg"):
        table.rows("Ki67+", 28.0)
    with pytest.raises(InputError, match="more than one unit_level: section, animal"):
        table.rows("Ki67+", 28.0, niche="svz")
    assert set(table.rows("Ki67+", 28.0, niche="dg")["value"]) == {7.0}
    whole = table.rows("Ki67+", 28.0, niche="svz", unit_level="animal")
    assert set(whole["value"]) == {100.0}
    with pytest.raises(InputError, match="no row with that niche"):
        table.rows("Ki67+", 28.0, assay="other")


def test_unknown_readout_and_day() -> None:
    table = Observations(rows())
    with pytest.raises(UnknownNameError, match="Did you mean 'Ki67\\+'"):
        table.rows("Ki67", 28.0)
    with pytest.raises(InputError, match="it has values on day 28"):
        table.rows("Ki67+", 14.0)
    assert table.groups == ("free", "hu")
    assert table.readouts == ("Ki67+",)
    assert table.days("Ki67+") == (28.0,)


def test_equality_and_pickling() -> None:
    table = Observations(rows(), provenance={"seed": "1"})
    assert table == Observations(rows(), provenance={"seed": "1"})
    assert table != Observations(rows(), provenance={"seed": "2"})
    assert table != Observations(rows(value=3.0), provenance={"seed": "1"})
    assert pickle.loads(pickle.dumps(table)) == table
    assert len(table) == 8


def test_a_large_table_is_validated_quickly() -> None:
    # 500 animals, 20 sections: about what a planning study draws many times over.
    animal = np.repeat(np.arange(500), 20)
    frame = pd.DataFrame(BASE, index=range(10000)).assign(
        animal=[f"m{k}" for k in animal],
        group=np.where(animal % 2 == 0, "free", "hu"),
        unit_id=[f"s{k}" for k in np.tile(np.arange(20), 500)],
        value=np.arange(10000.0),
    )
    assert Observations(frame).rows("Ki67+", 28.0)["animal"].nunique() == 500


def test_more_can_be_said_of_where_rows_came_from() -> None:
    first = Observations(rows(), provenance={"seed": "1"})
    second = first.noted(control="a", seed="2")
    assert dict(second.provenance) == {"seed": "2", "control": "a"}
    assert dict(first.provenance) == {"seed": "1"}
    assert second.frame is first.frame
    assert second != first
    assert second == Observations(rows(), provenance={"control": "a", "seed": "2"})
