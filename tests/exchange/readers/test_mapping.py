"""The mapping on disk: made once, used again, refused when the file has changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soleus.errors import InputError
from soleus.exchange.readers import (
    Columns,
    Constants,
    Exposure,
    Factor,
    Filter,
    Groups,
    Mapping,
    Values,
    load_mapping,
    mapping_path,
    save_mapping,
)
from soleus.exchange.reading import QuestionError, read

FULL = Mapping(
    columns=Columns(animal=("Group", "No"), group="Group", readout="marker", section="Slice"),
    constants=Constants(study="pilot", day=14, niche="SVZ", assay="Ki67", unit_level="section", blinded=True),
    values=(
        Values(column="n", kind="count", exposure=Exposure(column="A", unit="um2"), denominator="all"),
        Values(column="w", readout="soleus", kind="mass", unit="mg", given=Constants(niche="leg", day=0)),
    ),
    exposure=Exposure(value=0.5, unit="mm2"),
    groups=Groups(
        labels={"1": "control", "2": "HU"},
        control="control",
        factors={"Hindlimb Unloading": Factor(levels={"control": "Normally Loaded Control", "HU": "x: #y"})},
    ),
    missing=("lost",),
    keep=(Filter(column="marker", equals=("Ki67",)),),
    drop=(Filter(column="No", equals=("Mean", "1")),),
    fill_down=("Group",),
    rows_are="field",
    decimal=",",
    sheet="Täbelle",
    header_row=3,
    header_rows=2,
    header_sha256="a" * 64,
)


def test_a_mapping_comes_back_as_it_was_written(tmp_path: Path) -> None:
    data = tmp_path / "counts.xlsx"
    where = save_mapping(FULL, data, comments=("which group?\nsecond line: {x}",))
    assert where == mapping_path(data) == tmp_path / "counts.xlsx.soleus.yaml"
    assert load_mapping(where) == FULL
    assert "# ? second line: {x}" in where.read_text(encoding="utf-8")


# Line breaks and control characters never reach a mapping: readers make blanks of them.
_NAMES = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=20)


@settings(max_examples=25, deadline=None)
@given(_NAMES, _NAMES)
def test_any_name_survives_the_file(column: str, label: str) -> None:
    import tempfile

    mapping = Mapping(
        columns=Columns(animal=column),
        values=(Values(column=column, readout=label),),
        groups=Groups(labels={label: column}),
    )
    with tempfile.TemporaryDirectory() as folder:
        assert load_mapping(save_mapping(mapping, Path(folder) / "a.csv")) == mapping


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "is empty; export or write it again"),
        ("- 1\n", "must hold names and values"),
        ("values: [\n", "cannot be read as YAML"),
        ("colums: {}\nvalues: [{column: a, readout: b}]\n", "colums: Extra inputs.*known fields: columns"),
        ("values: []\n", "values: .*at least 1"),
        ("values: [{column: a}]\n", "need a readout"),
        ("values: [{column: a, readout: b}, {column: a, readout: c}]\n", "stands twice"),
        ("values: [{column: a, readout: b, kind: number}]\n", "values.0.kind"),
        (
            "values: [{column: a, readout: b}]\nvalues: [{column: c, readout: d}]\n",
            "'values' is stated twice",
        ),
        ("values: &x [{column: a, readout: b}]\ndrop: *x\n", "aliases"),
        ("values: !!python/object/apply:os.system ['true']\n", "cannot be read as YAML"),
        ("version: soleus.mapping/3\nvalues: [{column: a, readout: b}]\n", "version: "),
        ("constants: {unit_level: cell}\nvalues: [{column: a, readout: b}]\n", "unknown unit_level 'cell'"),
        ("exposure: {unit: mm2}\nvalues: [{column: a, readout: b}]\n", "either column or value"),
        ("constants: {day: .nan}\nvalues: [{column: a, readout: b}]\n", "constants.day"),
        ("values: " + "[" * 1200 + "\n", "cannot be read as YAML"),
    ],
)
def test_a_wrong_mapping_file_is_refused(text: str, expected: str, tmp_path: Path) -> None:
    import re

    path = tmp_path / "a.soleus.yaml"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        load_mapping(path)
    assert str(caught.value).startswith(str(path))
    assert re.search(expected, str(caught.value)), str(caught.value)


def test_a_doubt_is_settled_once_in_the_file_beside_the_data(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text("mouse,group,field,Ki67\n1,A,1,3\n,,2,5\n2,B,1,4\n")
    with pytest.raises(QuestionError) as caught:
        read(path)
    asked = [caught.value.question, *caught.value.others]
    assert [question.id for question in asked] == ["blanks", "control"]
    where = save_mapping(Mapping(answers={question.id: "?" for question in asked}), path)
    with pytest.raises(QuestionError, match="does an empty cell repeat"):
        read(path)  # a proposal that nobody answered is no answer
    where.write_text(
        where.read_text().replace("blanks: '?'", "blanks: repeat").replace("control: '?'", "control: A")
    )
    imported = read(path)
    assert imported.plan.mapping.answers == {"blanks": "repeat", "control": "A"}
    assert list(imported.observations.frame["animal"]) == ["1", "1", "2"]
    assert list(imported.observations.frame["group"]) == ["A", "A", "B"]
    assert imported.observations.provenance["control"] == "A"


def test_a_changed_header_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text("mouse,group,Ki67,DCX\n1,control,3,9\n2,HU,5,8\n")
    imported = read(path)
    assert imported.proposed
    save_mapping(imported.mapping, path)
    assert read(path).observations == imported.observations
    path.write_text("mouse,group,DCX,Ki67\n1,control,3,9\n2,HU,5,8\n")
    with pytest.raises(InputError, match="header has changed.*mouse, group, DCX, Ki67"):
        read(path)


def test_a_mapping_may_be_given_as_an_object_or_another_file(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text("mouse,group,Ki67\n1,A,3\n2,B,5\n")
    mapping = Mapping(
        columns=Columns(animal="mouse", group="group"),
        constants=Constants(day=0, assay="counts"),
        values=(Values(column="Ki67", readout="Ki67+"),),
    )
    other = save_mapping(mapping, path, to=tmp_path / "other.yaml")
    assert not mapping_path(path).exists()
    assert read(path, mapping=mapping).observations == read(path, mapping=other).observations
