"""Headers as laboratories write them, and what is made of them without asking."""

from __future__ import annotations

from pathlib import Path

import pytest

from soleus.exchange.readers import UndecidedError, guess, read, read_raw
from soleus.exchange.readers.guess import likely_control
from soleus.exchange.readers.synonyms import split_unit


def raw_of(folder: Path, *lines: str):
    path = folder / "counts.tsv"
    path.write_text("".join(line.replace("|", "\t") + "\n" for line in lines), encoding="utf-8")
    return read_raw(path)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Area µm^2", ("Area", "µm^2")),
        ("Area (mm²)", ("Area", "mm²")),
        ("Area_um2", ("Area", "um2")),
        ("Mass [g]", ("Mass", "g")),
        ("Ki67 per mm^2", ("Ki67", "1/mm2")),
        ("Ki67 cells/mm²", ("Ki67 cells", "1/mm2")),
        ("Ki67 (cells/mm3)", ("Ki67", "1/mm3")),
        ("DCX %", ("DCX", "%")),
        ("Weight | g", ("Weight", "g")),
        ("SVZ | Ki67", ("SVZ | Ki67", None)),
        ("Ki67", ("Ki67", None)),
    ],
)
def test_units_in_headers(header: str, expected: tuple[str, str | None]) -> None:
    assert split_unit(header) == expected


@pytest.mark.parametrize(
    ("animal", "group", "unit", "field"),
    [
        ("Animal", "Genotype", "FoV", "field"),
        ("Mouse ID", "Treatment", "Slice", "section"),
        ("mouse_no", "condition", "Image", "field"),
        ("Tier-Nr.", "Behandlung", "Schnitt", "section"),
        ("Maus", "Gruppe", "Gesichtsfeld", "field"),
        ("Rat", "Cohort", "Section #", "section"),
    ],
)
def test_names_in_english_and_german(animal: str, group: str, unit: str, field: str, tmp_path: Path) -> None:
    made = guess(raw_of(tmp_path, f"{animal}|{group}|{unit}|Ki67", "1|WT|1|3", "2|KO|1|4"))
    assert made.doubts == ()
    assert made.mapping.columns.animal == animal
    assert made.mapping.columns.group == group
    assert getattr(made.mapping.columns, field) == unit
    assert [entry.column for entry in made.mapping.values] == ["Ki67"]
    assert made.mapping.groups.control == "WT"


def test_a_tidy_table_with_everything(tmp_path: Path) -> None:
    header = (
        "Mouse|Group|Sex|Strain|Cage|Litter|Day|Region|Side|Section|Observer|Marker|Count|Area µm^2|Notes"
    )
    lines = [
        "M1|Control|m|B6|A|L1|d7|SVZ|L|1|AB|Ki67|12|250000|fine",
        "M2|HU|F|B6|B|L2|d7|SVZ|R|1|AB|Ki67|7|5e5|",
    ]
    path = raw_of(tmp_path, header, *lines).path
    frame = read(path).observations.frame
    assert list(frame["sex"]) == ["male", "female"]
    assert list(frame["side"]) == ["left", "right"]
    assert list(frame["day"]) == [7.0, 7.0]
    assert list(frame["niche"]) == ["SVZ", "SVZ"]
    assert list(frame["cage"]) == ["A", "B"] and list(frame["litter"]) == ["L1", "L2"]
    assert list(frame["readout"]) == ["Ki67", "Ki67"]
    assert list(frame["value"]) == [12.0, 7.0]
    assert list(frame["exposure"]) == pytest.approx([0.25, 0.5], rel=1e-12, abs=0)
    assert set(frame["exposure_unit"]) == {"mm2"}
    assert list(frame["unit_id"]) == ["left/1", "right/1"]
    assert list(frame["observer"]) == ["AB", "AB"]


def test_kinds_by_header(tmp_path: Path) -> None:
    header = "mouse|group|Ki67|Ki67 per mm2|DCX (%)|Soleus (mg)|BrdU fraction|Tc (h)"
    made = guess(raw_of(tmp_path, header, "1|sham|3|12.5|40|9.5|0.2|17.5", "2|HU|4|11.5|50|7.5|0.3|18"))
    assert made.doubts == ()
    found = {entry.column: (entry.kind, entry.unit) for entry in made.mapping.values}
    assert found == {
        "Ki67": ("count", "cells"),
        "Ki67 per mm2": ("density", "1/mm2"),
        "DCX (%)": ("fraction", "%"),
        "Soleus (mg)": ("mass", "mg"),
        "BrdU fraction": ("fraction", "1"),
        "Tc (h)": ("time", "h"),
    }
    frame = read(tmp_path / "counts.tsv").observations.frame
    assert list(frame["value"])[:6] == pytest.approx([3, 12.5, 0.4, 9.5, 0.2, 17.5], rel=1e-12, abs=0)
    assert list(frame["unit"])[:6] == ["cells", "cells/mm2", "1", "mg", "1", "h"]


def test_two_treatments_make_a_design_of_two_factors(tmp_path: Path) -> None:
    lines = ["1|WT|control|3", "2|WT|HU|4", "3|KO|control|5", "4|KO|HU|6"]
    path = raw_of(tmp_path, "mouse|genotype|treatment|Ki67", *lines).path
    observations = read(path).observations
    assert dict(observations.factors) == {"treatment": ("control", "HU"), "genotype": ("WT", "KO")}
    assert observations.groups == ("control, WT", "HU, WT", "control, KO", "HU, KO")


def test_areas_are_paired_by_name(tmp_path: Path) -> None:
    header = "mouse|group|SVZ count|SVZ area (mm2)|SGZ count|SGZ area (mm2)"
    made = guess(raw_of(tmp_path, header, "1|control|3|0.5|6|0.25", "2|HU|4|0.5|8|0.25"))
    assert made.doubts == ()
    assert [(v.column, v.exposure.column) for v in made.mapping.values if v.exposure] == [
        ("SVZ count", "SVZ area (mm2)"),
        ("SGZ count", "SGZ area (mm2)"),
    ]


def test_days_in_the_header_are_days_of_one_readout(tmp_path: Path) -> None:
    header = "mouse|group|Weight_d0 (g)|Weight_d7 (g)|soleus_d7"
    imported = read(raw_of(tmp_path, header, "1|sham|20.5|20.9|3", "2|HU|20.1|18.2|4").path)
    frame = imported.observations.frame
    assert list(frame["readout"]) == ["Weight", "Weight", "soleus_d7"] * 2
    assert list(frame["day"]) == [0.0, 7.0, 0.0] * 2
    assert list(frame["value"]) == [20.5, 20.9, 3.0, 20.1, 18.2, 4.0]


@pytest.mark.parametrize(
    ("lines", "doubt"),
    [
        (("mouse|Ki67", "1|3", "2|4"), "no column names the group"),
        (("group|Ki67", "WT|3", "KO|4"), "no column names the animal"),
        (("mouse|group|Ki67", "1|A|3", "2|B|4"), "which group is the control: 'A', 'B'"),
        (("mouse|animal|group|Ki67", "1|2|WT|3", "2|3|HU|4"), "which column is the animal"),
        (("mouse|group|Area|Ki67", "1|WT|3|4", "2|HU|4|5"), "an area, in which unit"),
        (
            ("mouse|group|a area mm2|b area mm2|Ki67", "1|WT|3|4|1", "2|HU|4|5|1"),
            "which area belongs to 'Ki67'",
        ),
        (("mouse|group|intensity", "1|WT|3.5", "2|HU|4.5"), "holds numbers: what are they"),
        (("mouse|group|time (weeks)|Ki67", "1|WT|3|1", "2|HU|4|2"), "a time in 'weeks'"),
        (("mouse|group|Day 0|Day 7", "1|WT|3|1", "2|HU|4|2"), "named by days only: what was measured"),
        (("mouse|group|time|Ki67", "1|WT|3|1", "2|HU|4|2"), "'time' is a time in which unit"),
        (("mouse|group|marker|Ki67|DCX", "1|WT|x|1|3", "2|HU|x|2|4"), "several columns hold numbers"),
        (("mouse|group|Ki67", "1|WT|3", "1|WT|5", "2|HU|4"), "1 WT has several rows"),
        (("mouse|group|field|Ki67", "1|WT|1|3", "||2|5", "2|HU|1|4"), "fill_down: .'mouse'"),
    ],
)
def test_what_cannot_be_told_is_a_doubt_with_its_mend(
    lines: tuple[str, ...], doubt: str, tmp_path: Path
) -> None:
    import re

    raw = raw_of(tmp_path, *lines)
    made = guess(raw)
    assert any(re.search(doubt, text) for text in made.doubts), made.doubts
    with pytest.raises(UndecidedError) as caught:
        read(raw.path)
    assert caught.value.guess == made
    assert "counts.tsv.soleus.yaml" in str(caught.value)


def test_rows_of_mean_and_sd_are_left_out_and_said(tmp_path: Path) -> None:
    lines = ["1|WT|3", "2|WT|5", "Mean|WT|4", "SD||1.41", "3|HU|4"]
    raw = raw_of(tmp_path, "mouse|group|Ki67 (cells)", *lines)
    imported = read(raw.path)
    assert list(imported.observations.frame["value"]) == [3.0, 5.0, 4.0]
    assert any("'mouse' is Mean, SD sum up others" in note for note in imported.notes)


def test_a_treatment_may_be_called_none_and_batches_are_no_counts(tmp_path: Path) -> None:
    lines = ["1-1|None|3|8|1", "11|HU|4|9|2"]
    path = raw_of(tmp_path, "mouse|treatment|Ki67|Age (weeks)|batch", *lines).path
    with pytest.raises(UndecidedError) as caught:
        read(path)
    mapping = caught.value.guess.mapping
    assert (
        len(caught.value.guess.doubts) == 1 and "which group is the control" in caught.value.guess.doubts[0]
    )
    frame = read(path, mapping=mapping).observations.frame
    assert list(frame["group"]) == ["None", "HU"] and list(frame["animal"]) == ["1-1", "11"]
    assert list(frame["readout"]) == ["Ki67", "Ki67"]


def test_unused_columns_are_named(tmp_path: Path) -> None:
    made = guess(raw_of(tmp_path, "mouse|group|Ki67|Comment|colour", "1|WT|3|a|red", "2|HU|4||blue"))
    assert "columns that are not used: Comment, colour" in made.assumed
    assert any("days are not told apart" in text for text in made.assumed)


@pytest.mark.parametrize(
    ("labels", "control"),
    [
        (["HU", "CTR"], "CTR"),
        (["Wild-type", "Mut"], "Wild-type"),
        (["sham", "vehicle", "drug"], None),
        (["A", "B"], None),
    ],
)
def test_a_control_is_told_by_its_name_only_where_one_group_has_such_a_name(
    labels: list[str], control: str | None
) -> None:
    assert likely_control(labels) == control
