"""Headers as laboratories write them, and what is made of them without asking."""

from __future__ import annotations

from pathlib import Path

import pytest

from soleus.exchange.readers.headers import split_unit
from soleus.exchange.reading import (
    Answers,
    Question,
    QuestionError,
    Wanted,
    likely_control,
    mapping_of,
    propose,
    read,
    read_raw,
)


def guess(raw):
    """The mapping that is made without any answer."""
    return mapping_of(propose(raw, answers=Answers()))


def asked(raw) -> list[Question]:
    with pytest.raises(QuestionError) as caught:
        guess(raw)
    return [caught.value.question, *caught.value.others]


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
    assert made.columns.animal == animal
    assert made.columns.group == group
    assert getattr(made.columns, field) == unit
    assert [entry.column for entry in made.values] == ["Ki67"]
    assert made.groups.control == "WT"


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
    found = {entry.column: (entry.kind, entry.unit) for entry in made.values}
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
    frame = read(path).observations.frame
    assert list(frame["group"]) == ["control", "HU"] * 2
    assert list(frame["stratum:genotype"]) == ["WT", "WT", "KO", "KO"]
    crossed = read(path, wanted=Wanted(factorial=True)).observations
    assert dict(crossed.factors) == {"treatment": ("control", "HU"), "genotype": ("WT", "KO")}
    assert set(crossed.groups) == {"control, WT", "HU, WT", "control, KO", "HU, KO"}


def test_areas_are_paired_by_name(tmp_path: Path) -> None:
    header = "mouse|group|SVZ count|SVZ area (mm2)|SGZ count|SGZ area (mm2)"
    made = guess(raw_of(tmp_path, header, "1|control|3|0.5|6|0.25", "2|HU|4|0.5|8|0.25"))
    assert [(v.column, v.exposure.column) for v in made.values if v.exposure] == [
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
        (("mouse|group|Ki67", "1|A|3", "2|B|4"), 'which group is the control: "A", "B"'),
        (("mouse|rat|group|Ki67", "1|2|WT|3", "1|3|HU|4", "2|2|HU|5"), "which column names the animal"),
        (
            ("mouse|group|a area mm2|b area mm2|Ki67", "1|WT|3|4|1", "2|HU|4|5|1"),
            "which area belongs to 'Ki67'",
        ),
        (("mouse|group|Astrocyte area (um2)|Ki67", "1|WT|3|1", "2|HU|4|2"), "what the cells were counted in"),
        (("mouse|group|Ki67", "1|WT|3", "1|WT|5", "2|HU|4"), "1 WT has several rows"),
        (("mouse|group|field|Ki67", "1|WT|1|3", "||2|5", "2|HU|1|4"), "empty cell repeat the one above"),
        (("mouse|group|Weight d-7 (g)|Weight d-14 (g)", "1|WT|3|1", "2|HU|4|2"), "days before the start"),
    ],
)
def test_what_cannot_be_told_is_one_question(lines: tuple[str, ...], doubt: str, tmp_path: Path) -> None:
    raw = raw_of(tmp_path, *lines)
    questions = asked(raw)
    assert any(doubt in question.text for question in questions), questions
    assert all(choice.word for question in questions for choice in question.choices)
    with pytest.raises(QuestionError) as caught:
        read(raw.path)
    assert "say one:  --answer" in str(caught.value)
    assert all(len(line) <= 80 for line in str(caught.value).splitlines()[1:])


@pytest.mark.parametrize(
    "lines",
    [
        ("mouse|animal|group|Ki67", "1|2|WT|3", "2|3|HU|4"),  # two names of one animal
        ("mouse|group|Area|Ki67", "1|WT|3|4", "2|HU|4|5"),  # the unit of an area changes no ratio
        ("mouse|group|intensity", "1|WT|3.5", "2|HU|4.5"),
        ("mouse|group|time (weeks)|Ki67", "1|WT|3|1", "2|HU|3|2"),
        ("mouse|group|time|Ki67", "1|WT|3|1", "2|HU|3|2"),
        ("mouse|group|marker|Ki67|DCX", "1|WT|x|1|3", "2|HU|x|2|4"),
    ],
)
def test_what_changes_no_number_is_not_asked(lines: tuple[str, ...], tmp_path: Path) -> None:
    assert guess(raw_of(tmp_path, *lines)).values


def test_rows_of_mean_and_sd_are_left_out_and_said(tmp_path: Path) -> None:
    lines = ["1|WT|3", "2|WT|5", "Mean|WT|4", "SD||1.41", "3|HU|4"]
    raw = raw_of(tmp_path, "mouse|group|Ki67 (cells)", *lines)
    imported = read(raw.path)
    assert list(imported.observations.frame["value"]) == [3.0, 5.0, 4.0]
    assert [(entry.rows, entry.why[:6]) for entry in imported.plan.left_out] == [
        ((4,), "'Mean'"),
        ((5,), "'SD' i"),
    ]


def test_a_treatment_may_be_called_none_and_batches_are_no_counts(tmp_path: Path) -> None:
    lines = ["1-1|None|3|8|1", "11|HU|4|9|2"]
    path = raw_of(tmp_path, "mouse|treatment|Ki67|Age (weeks)|batch", *lines).path
    with pytest.raises(QuestionError, match="which group is the control"):
        read(path)
    frame = read(path, answers=["control=None"]).observations.frame
    assert list(frame["group"]) == ["None", "HU"] and list(frame["animal"]) == ["1-1", "11"]
    assert list(frame["readout"]) == ["Ki67", "Ki67"]


def test_unused_columns_are_named(tmp_path: Path) -> None:
    path = raw_of(tmp_path, "mouse|group|Ki67|Comment|colour", "1|WT|3|a|red", "2|HU|4||blue").path
    imported = read(path)
    assert [(c.column, c.role) for c in imported.plan.unused] == [("Comment", "label"), ("colour", "label")]
    assert list(imported.observations.frame["label:colour"]) == ["red", "blue"]


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
