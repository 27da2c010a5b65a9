"""From table and mapping to observations: units, levels, factors, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from soleus.errors import InputError
from soleus.exchange.readers import (
    Columns,
    Constants,
    Exposure,
    Factor,
    Filter,
    Groups,
    Mapping,
    RawTable,
    Source,
    Values,
    to_observations,
)

SOURCE = Source(Path("counts.csv"), "0" * 64)
WHO = {"columns": Columns(animal="mouse", group="group"), "constants": Constants(day=3, assay="Ki67")}
KI67 = Values(column="n", readout="Ki67")


def table(*rows: tuple, header: tuple[str, ...] = ("mouse", "group", "n"), start: int = 2) -> RawTable:
    return RawTable(source=SOURCE, header=header, rows=rows, row_numbers=range(start, start + len(rows)))


TWO = (("M1", "control", 12.0), ("M2", "HU", 7.0))


def test_counts_are_never_divided_by_their_area() -> None:
    raw = table(
        ("M1", "control", 12.0, 250_000.0), ("M2", "HU", 7.0, 500_000.0), header=("mouse", "group", "n", "A")
    )
    mapping = Mapping(**WHO, values=(KI67,), exposure=Exposure(column="A", unit="µm²"))
    frame = to_observations(raw, mapping).frame
    assert list(frame["value"]) == [12.0, 7.0]
    assert list(frame["exposure"]) == pytest.approx([0.25, 0.5], rel=1e-12, abs=0)
    assert list(frame["exposure_unit"]) == ["mm2", "mm2"]
    assert list(frame["unit_level"]) == ["animal", "animal"]
    assert list(frame["day"]) == [3.0, 3.0]
    assert list(frame["study"]) == ["counts", "counts"]


@pytest.mark.parametrize(
    ("exposure", "expected"),
    [
        (Exposure(value=0.5, unit="mm3"), (0.5, "mm3")),
        (Exposure(value=25, unit="%"), (0.25, "1")),
        (Exposure(value=0.25, unit="1"), (0.25, "1")),
        (Exposure(value=2e9, unit="um3"), (2.0, "mm3")),
    ],
)
def test_exposures_of_one_number(exposure: Exposure, expected: tuple[float, str]) -> None:
    frame = to_observations(table(*TWO), Mapping(**WHO, values=(KI67,), exposure=exposure)).frame
    assert frame["exposure"].iloc[0] == pytest.approx(expected[0], rel=1e-12, abs=0)
    assert frame["exposure_unit"].iloc[0] == expected[1]


def test_an_empty_area_stays_empty() -> None:
    raw = table(("M1", "control", 12.0, None), ("M2", "HU", 7.0, 0.5), header=("mouse", "group", "n", "A"))
    mapping = Mapping(**WHO, values=(KI67,), exposure=Exposure(column="A", unit="mm2"))
    frame = to_observations(raw, mapping).frame
    assert pd.isna(frame["exposure"].iloc[0]) and pd.isna(frame["exposure_unit"].iloc[0])


@pytest.mark.parametrize(
    ("kind", "unit", "cell", "value", "out"),
    [
        ("fraction", "%", 12.5, 0.125, "1"),
        ("fraction", "1", 0.125, 0.125, "1"),
        ("mass", "mg", 9.5, 9.5, "mg"),
        ("density", "1/mm2", 80.0, 80.0, "cells/mm2"),
        ("density", "cells/um2", 8e-5, 80.0, "cells/mm2"),
        ("density", "1/mm3", 80.0, 80.0, "cells/mm3"),
        ("time", "h", 12.0, 12.0, "h"),
        ("count", "spheres", 12.0, 12.0, "spheres"),
        ("level", "ng/mL", 12.5, 12.5, "ng/mL"),
    ],
)
def test_values_come_in_the_units_of_the_observations(
    kind: str, unit: str, cell: float, value: float, out: str
) -> None:
    raw = table(("M1", "control", cell), ("M2", "HU", cell))
    mapping = Mapping(**WHO, values=(Values(column="n", readout="x", kind=kind, unit=unit),))
    frame = to_observations(raw, mapping).frame
    assert list(frame["value"]) == pytest.approx([value, value], rel=1e-12, abs=0)
    assert set(frame["unit"]) == {out}


def test_denominators_and_shares_of_them() -> None:
    raw = table(("M1", "control", 12.0, 50.0), ("M2", "HU", 7.0, 60.0), header=("mouse", "group", "n", "all"))
    mapping = Mapping(**WHO, values=(KI67.model_copy(update={"denominator": "all"}),))
    assert list(to_observations(raw, mapping).frame["denominator"]) == [50.0, 60.0]
    with pytest.raises(InputError, match="row 2, column 'n': a count cannot exceed its denominator"):
        to_observations(table(("M1", "control", 51.0, 50.0), header=("mouse", "group", "n", "all")), mapping)


def test_units_within_an_animal_carry_their_path() -> None:
    header = ("mouse", "group", "n", "side", "slice", "fov")
    raw = table(
        ("M1", "control", 1.0, "L", 1.0, 1.0),
        ("M1", "control", 2.0, "R", 1.0, 1.0),
        ("M1", "control", 3.0, None, 2.0, 1.0),
        ("M2", "HU", 4.0, "L", 1.0, 1.0),
        header=header,
    )
    columns = Columns(animal="mouse", group="group", side="side", section="slice", field="fov")
    frame = to_observations(raw, Mapping(columns=columns, constants=WHO["constants"], values=(KI67,))).frame
    assert list(frame["unit_id"]) == ["left/1/1", "right/1/1", "2/1", "left/1/1"]
    assert set(frame["unit_level"]) == {"field"}


def test_rows_without_a_name_are_numbered_only_on_request() -> None:
    raw = table(("M1", "control", 1.0), ("M1", "control", 2.0), ("M2", "HU", 4.0))
    with pytest.raises(
        InputError, match="row 3, column 'n': animal 'M1' has 'Ki67' twice, here and in row 2"
    ):
        to_observations(raw, Mapping(**WHO, values=(KI67,)))
    frame = to_observations(raw, Mapping(**WHO, values=(KI67,), rows_are="field")).frame
    assert list(frame["unit_id"]) == ["1", "2", "1"]
    assert list(frame["field"]) == ["1", "2", "1"]
    clones = to_observations(raw, Mapping(**WHO, values=(KI67,), rows_are="clone")).frame
    assert list(clones["unit_id"]) == ["1", "2", "1"] and set(clones["unit_level"]) == {"clone"}


def test_numbers_that_restart_in_each_group() -> None:
    raw = table((1.0, "control", 1.0), (2.0, "control", 2.0), (1.0, "HU", 3.0), (2.0, "HU", 4.0))
    with pytest.raises(
        InputError, match=r"animal '1' is in group 'HU' here and in 'control' in row 2.*\[group, mouse\]"
    ):
        to_observations(raw, Mapping(**WHO, values=(KI67,)))
    columns = Columns(animal=("group", "mouse"), group="group")
    frame = to_observations(raw, Mapping(columns=columns, constants=WHO["constants"], values=(KI67,))).frame
    assert list(frame["animal"]) == ["control-1", "control-2", "HU-1", "HU-2"]


def test_labels_control_and_factors() -> None:
    groups = Groups(
        labels={"control": "loaded", "HU": "unloaded"},
        control="loaded",
        factors={
            "Hindlimb Unloading": Factor(
                levels={"loaded": "Normally Loaded Control", "unloaded": "Hindlimb Unloaded"}
            )
        },
    )
    observations = to_observations(table(*TWO), Mapping(**WHO, values=(KI67,), groups=groups))
    assert observations.groups == ("loaded", "unloaded")
    assert dict(observations.factors) == {
        "Hindlimb Unloading": ("Normally Loaded Control", "Hindlimb Unloaded")
    }
    assert list(observations.frame["factor:Hindlimb Unloading"]) == [
        "Normally Loaded Control",
        "Hindlimb Unloaded",
    ]
    assert observations.provenance["control"] == "loaded"


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        (Groups(labels={"control": "loaded"}), "row 3: group 'HU' is not among the labels"),
        (
            Groups(control="sham"),
            "the control 'sham' of the mapping is no group of the file: 'control', 'HU'",
        ),
        (
            Groups(factors={"U": Factor(levels={"control": "a"})}),
            "row 3: 'HU' has no level of the factor 'U'",
        ),
        (Groups(factors={"U": Factor(column="none", levels={"a": "b"})}), "no column 'none'"),
    ],
)
def test_labels_that_do_not_fit_are_refused(groups: Groups, expected: str) -> None:
    with pytest.raises(InputError, match=expected):
        to_observations(table(*TWO), Mapping(**WHO, values=(KI67,), groups=groups))


def test_filters_keep_and_drop_rows_and_bad_cells_in_them_do_no_harm() -> None:
    raw = table(*TWO, ("M3", "lost", "no tissue"), ("Mean", None, "9.5"), ("M4", "control", 3.0))
    drop = (Filter(column="mouse", equals=("Mean",)), Filter(column="group", equals=("lost",)))
    frame = to_observations(raw, Mapping(**WHO, values=(KI67,), drop=drop)).frame
    assert list(frame["source_row"]) == [2, 3, 6]
    keep = (Filter(column="group", equals=("HU",)),)
    assert list(to_observations(raw, Mapping(**WHO, values=(KI67,), keep=keep)).frame["animal"]) == ["M2"]
    with pytest.raises(InputError, match="leave no row"):
        to_observations(raw, Mapping(**WHO, values=(KI67,), keep=(Filter(column="group", equals=("x",)),)))


def test_summaries_under_the_animals_are_refused() -> None:
    raw = table(*TWO, ("Mean", "control", 9.0))
    with pytest.raises(InputError, match="row 4: 'Mean' is no animal but a summary"):
        to_observations(raw, Mapping(**WHO, values=(KI67,)))


def test_exclusions_of_the_file_are_kept_with_their_reason() -> None:
    header = ("mouse", "group", "n", "out", "why")
    raw = table(
        ("M1", "control", 12.0, "no", None),
        ("M2", "HU", 7.0, "x", "torn section"),
        ("M3", "HU", None, "yes", None),
        header=header,
    )
    columns = Columns(animal="mouse", group="group", excluded="out", exclusion_reason="why")
    frame = to_observations(raw, Mapping(columns=columns, constants=WHO["constants"], values=(KI67,))).frame
    assert list(frame["excluded"]) == [False, True, True]
    assert list(frame["exclusion_reason"])[1:] == ["torn section", "marked in column 'out'"]
    bad = table(("M1", "control", 12.0, "perhaps", None), header=header)
    with pytest.raises(InputError, match="row 2, column 'out': 'perhaps' is neither yes nor no"):
        to_observations(bad, Mapping(columns=columns, constants=WHO["constants"], values=(KI67,)))


@pytest.mark.parametrize("cell", ["7", "d7", "Day 7", "7 dpi", "1 week", 7.0, "Tag 7"])
def test_days_in_words(cell: object) -> None:
    raw = table(("M1", "control", 1.0, cell), ("M2", "HU", 2.0, cell), header=("mouse", "group", "n", "when"))
    columns = Columns(animal="mouse", group="group", day="when")
    mapping = Mapping(columns=columns, constants=Constants(assay="a"), values=(KI67,))
    assert list(to_observations(raw, mapping).frame["day"]) == [7.0, 7.0]


@pytest.mark.parametrize("cell", ["soon", "7 mm", "P60", "2020-01-02"])
def test_days_that_are_none_are_refused(cell: str) -> None:
    raw = table(("M1", "control", 1.0, cell), header=("mouse", "group", "n", "when"))
    columns = Columns(animal="mouse", group="group", day="when")
    with pytest.raises(InputError, match="row 2, column 'when'"):
        to_observations(raw, Mapping(columns=columns, constants=Constants(assay="a"), values=(KI67,)))


@pytest.mark.parametrize(
    ("mapping", "expected"),
    [
        (
            Mapping(columns=Columns(group="group"), constants=WHO["constants"], values=(KI67,)),
            "nothing tells the animal",
        ),
        (
            Mapping(columns=Columns(animal="mouse"), constants=WHO["constants"], values=(KI67,)),
            "nothing tells the group",
        ),
        (
            Mapping(columns=WHO["columns"], constants=Constants(assay="a"), values=(KI67,)),
            "nothing tells the day",
        ),
        (
            Mapping(columns=WHO["columns"], constants=Constants(day=0), values=(KI67,)),
            "nothing tells the assay",
        ),
        (Mapping(**WHO, values=(Values(column="m", readout="x"),)), "there is no column 'm'"),
        (
            Mapping(**WHO, values=(Values(column="n", readout="x", kind="mass", unit="cm"),)),
            "unit of the mapping: 'cm'",
        ),
        (
            Mapping(**WHO, values=(Values(column="n", readout="x", kind="fraction", unit="g"),)),
            'the unit "1" or "%"',
        ),
        (
            Mapping(**WHO, values=(Values(column="n", readout="x", kind="fraction", unit="1"),)),
            'per cent. Write unit: "%"',
        ),
        (Mapping(**WHO, values=(KI67,), exposure=Exposure(value=2, unit="1")), "lies in .0, 1., got 2"),
        (Mapping(**WHO, values=(KI67,), exposure=Exposure(value=2, unit="px")), "in pixels"),
        (Mapping(**WHO, values=(KI67,), exposure=Exposure(value=2, unit="h")), "unit of the mapping"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused(mapping: Mapping, expected: str) -> None:
    with pytest.raises(InputError, match=expected) as caught:
        to_observations(table(*TWO), mapping)
    assert str(caught.value).startswith("counts.csv")


def test_a_wide_table_is_laid_out_row_by_row() -> None:
    raw = table(
        ("M1", "control", 1.0, 2.0), ("M2", "HU", 3.0, 4.0), header=("mouse", "group", "a", "b"), start=9
    )
    values = (
        Values(column="a", readout="A"),
        Values(column="b", readout="B", given=Constants(niche="SGZ", day=5)),
    )
    frame = to_observations(raw, Mapping(**WHO, values=values)).frame
    assert list(frame["readout"]) == ["A", "B", "A", "B"]
    assert list(frame["value"]) == [1.0, 2.0, 3.0, 4.0]
    assert list(frame["source_row"]) == [9, 9, 10, 10]
    assert list(frame["day"]) == [3.0, 5.0, 3.0, 5.0]
    assert list(frame["niche"].fillna("")) == ["", "SGZ", "", "SGZ"]


def test_rows_and_frame_are_two_views_of_one_table() -> None:
    raw = table(("M1", "control", 1.0), ("M2", None, None))
    again = RawTable.from_frame(raw.frame, source=SOURCE, row_numbers=range(2, 4))
    assert again.rows == raw.rows and again.header == raw.header
    assert again.frame.equals(raw.frame)
    assert raw.take([1]).rows == (("M2", None, None),) and raw.take([1]).row_numbers == (3,)
    assert raw.filled_down(["group"]).cells("group") == ["control", "control"]
    mapping = Mapping(**WHO, values=(KI67,))
    assert to_observations(table(*TWO), mapping) == to_observations(
        RawTable.from_frame(table(*TWO).frame, source=SOURCE, row_numbers=range(2, 4)), mapping
    )
    with pytest.raises(InputError, match="no column 'Group'. Did you mean 'group'"):
        raw.cells("Group")
    with pytest.raises(InputError, match="row 2: has 2 cells, the header has 3"):
        table(("M1", "control"))


def test_a_large_text_is_read_by_columns_to_the_same_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from soleus.exchange.readers import text
    from soleus.exchange.reading import read_raw

    path = tmp_path / "a.tsv"
    lines = [f"M{i // 4}\t{'control' if i < 200 else 'HU'}\t{i % 4}\t{i}\t{i / 8}\n" for i in range(400)]
    whole = "mouse\tgroup\tfield\tn\tarea mm2\n" + "".join(lines)
    for content in (whole, whole.replace("\n", "\r\n"), whole[:-1], whole.replace("\t7\t", "\tn.d.\t")):
        path.write_text(content, newline="")
        slow = read_raw(path)
        monkeypatch.setattr(text, "LARGE", 0)
        fast = read_raw(path)
        monkeypatch.undo()
        assert isinstance(fast.row_numbers, range)
        assert fast.rows == slow.rows and fast.header == slow.header
        assert tuple(fast.row_numbers) == slow.row_numbers and fast.decimal == slow.decimal
    for content in (
        whole.replace("M3\t", '"M3"\t'),
        whole.replace("M3\t", "\nM3\t"),
        whole.replace("\t9\t", "\t9\t\t"),
    ):
        path.write_text(content, newline="")
        monkeypatch.setattr(text, "LARGE", 0)
        try:
            assert not isinstance(read_raw(path).row_numbers, range)
        except InputError as error:
            assert "row 11: has 6 cells" in str(error)
        monkeypatch.undo()
