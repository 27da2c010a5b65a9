"""Prism's .pzfx: replicates value for value, struck values kept, summaries refused with the reason."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from soleus.errors import InputError
from soleus.exchange.instruments.prism import (
    PrismCell,
    PrismColumn,
    PrismTable,
    read_prism,
    read_prism_tables,
)
from soleus.exchange.instruments.prism_writer import prism_table, write_pzfx
from soleus.exchange.readers.mapping import Constants, Values
from soleus.exchange.readers.table import to_observations

COLUMNS = """<YColumn Width="89" Decimals="0" Subcolumns="1"><Title><B>Control</B></Title>
<Subcolumn><d>100.</d><d Excluded="1">90.5</d><d>80</d></Subcolumn></YColumn>
<YColumn Width="89" Decimals="0" Subcolumns="1"><Title>HU</Title>
<Subcolumn><d>50</d><d>60*</d><d></d></Subcolumn></YColumn>"""
BLOB = (
    '<Template dt:dt="bin.base64" xmlns:dt="urn:schemas-microsoft-com:datatypes">eNrsXW1wE8cZ3g==</Template>'
)


def prism(tables: str) -> str:
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<GraphPadPrismFile PrismXMLVersion="5.00">'
    return f"{head}<Created></Created>{tables}\n{BLOB}</GraphPadPrismFile>"


def table(columns: str = COLUMNS, y: str = "replicates", title: str = "BrdU", name: str = "Table") -> str:
    return f'<{name} ID="Table0" XFormat="none" YFormat="{y}"><Title>{title}</Title>{columns}</{name}>'


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["Table", "HugeTable"])
@pytest.mark.parametrize("mark", [".", ","])
def test_replicates_are_read_value_for_value(tmp_path: Path, name: str, mark: str) -> None:
    columns = COLUMNS.replace("90.5", f"90{mark}5").replace("100.", "100")
    path = write(tmp_path / "a.pzfx", prism(table(columns, name=name)))
    _, (found,) = read_prism_tables(path)
    control, unloaded = found.columns
    assert found.title == "BrdU" and (control.title, unloaded.title) == ("Control", "HU")
    assert control.subcolumns == ((PrismCell(100), PrismCell(90.5, True), PrismCell(80)),)
    assert unloaded.subcolumns[0][:2] == (PrismCell(50), PrismCell(60, True))
    assert math.isnan(unloaded.subcolumns[0][2].value)


def test_a_row_is_an_animal_only_when_the_user_says_so(tmp_path: Path) -> None:
    path = write(tmp_path / "a.pzfx", prism(table()))
    asked = read_prism(path)
    assert any("animal" in question for question in asked.questions) and asked.mapping.columns.animal is None
    given = Values(column="value", readout="BrdU+", kind="density", unit="1/mm2")
    reading = read_prism(path, animals="row", values=given, constants=Constants(day=14, assay="BrdU"))
    assert reading.ready
    frame = to_observations(reading.table, reading.mapping).frame
    assert list(frame["animal"]) == ["Control-1", "Control-2", "Control-3", "HU-1", "HU-2"]
    assert list(frame["value"]) == [100, 90.5, 80, 50, 60]
    assert list(frame["excluded"]) == [False, True, False, False, True]
    assert frame["exclusion_reason"][1] == "struck out in Prism"
    assert list(frame["source_row"]) == [1, 2, 3, 1, 2]
    assert set(frame["source"]) == {f"file:{reading.table.source.sha256}"}


@pytest.mark.parametrize("y", ["SD", "SEM", "SE", "SDN", "SEN", "CVN", "low-high", "upper-lower-limits"])
def test_summaries_are_refused_with_the_reason(tmp_path: Path, y: str) -> None:
    path = write(tmp_path / "a.pzfx", prism(table(y=y)))
    with pytest.raises(InputError, match=r"'BrdU': holds means.*no analysis by animal.*as replicates"):
        read_prism(path)


def test_x_and_row_titles_and_side_by_side_replicates(tmp_path: Path) -> None:
    titles = "<d>A</d><d><TextAlign align='Left'>B</TextAlign></d>"
    rows = f"<RowTitlesColumn><Subcolumn>{titles}</Subcolumn></RowTitlesColumn>"
    x = "<XColumn Subcolumns='1'><Title>day</Title><Subcolumn><d>1</d><d>7</d></Subcolumn></XColumn>"
    first, second = "<d>1</d><d>2</d>", "<d>3</d><d>4</d>"
    y = f"<YColumn><Title>g</Title><Subcolumn>{first}</Subcolumn><Subcolumn>{second}</Subcolumn></YColumn>"
    path = write(tmp_path / "a.pzfx", prism(table(rows + x + y).replace("none", "numbers")))
    reading = read_prism(path, animals="replicate")
    names = ["replicate", "row_title", "x", "value"]
    assert [list(row) for row in reading.table.frame[names].to_numpy()] == [
        ["1", "A", 1.0, 1.0], ["1", "B", 7.0, 2.0], ["2", "A", 1.0, 3.0], ["2", "B", 7.0, 4.0],
    ]  # fmt: skip
    assert any("X (day)" in question for question in reading.questions)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    tables = [
        prism_table("DCX & Ki67", {"Control": [1.5, 2.25, math.nan], "HU <1>": [0.1, 1e-9]}),
        PrismTable(
            "course",
            "replicates",
            (PrismColumn("g", ((PrismCell(1), PrismCell(2, True)), (PrismCell(3), PrismCell(4)))),),
            ("a", "b"),
            (0.0, 7.0),
            "day",
        ),
    ]
    path, again = tmp_path / "out.pzfx", tmp_path / "again.pzfx"
    write_pzfx(tables, path)
    write_pzfx(tables, again)
    assert path.read_bytes() == again.read_bytes()
    _, (first, second) = read_prism_tables(path)
    assert second == tables[1]
    assert first.title == "DCX & Ki67" and first.columns[1] == tables[0].columns[1]
    assert [cell.value for cell in first.columns[0].subcolumns[0][:2]] == [1.5, 2.25]
    assert math.isnan(first.columns[0].subcolumns[0][2].value)


def test_what_prism_cannot_hold_is_not_written(tmp_path: Path) -> None:
    for tables, words in (
        ([], "at least one"),
        ([prism_table("a", {"g": [1]}), prism_table("a", {"g": [1]})], "different titles"),
        ([PrismTable("a", "SDN", ())], "only replicates"),
        ([prism_table("a", {"g": [math.inf]})], "infinite"),
    ):
        with pytest.raises(InputError, match=words):
            write_pzfx(tables, tmp_path / "x.pzfx")
    assert not (tmp_path / "x.pzfx").exists()


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
TWINS = {
    "cut off": (prism(table())[:-200], r"is not whole XML.*cut off"),
    "entity bomb": (prism(table()).replace("\n", f"\n{BOMB}", 1), r"bomb"),
    "no table": (prism(""), r"no data table"),
    "two tables": (prism(table() + table(title="Ki67")), r"2 tables \('BrdU', 'Ki67'\); name"),
    "another program": ("<Workbook/>", r"<Workbook>, not <GraphPadPrismFile>"),
    "not a number": (prism(table(COLUMNS.replace("80", "eighty"))), r"row 3, column 'BrdU': 'eighty'"),
    "both marks": (prism(table(COLUMNS.replace("80", "8,5"))), r"comma \(8,5\) and with a point \(90\.5\)"),
    "empty table": (prism(table("")), r"holds no number"),
    "statistics as columns": (
        prism(table(COLUMNS.replace("<B>Control</B>", "Mean").replace("HU", "SEM"))), r"\(mean, sem\)"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", list(TWINS))
def test_malformed_twins_are_refused(tmp_path: Path, name: str) -> None:
    text, words = TWINS[name]
    with pytest.raises(InputError, match=r"twin\.pzfx.*" + words):
        read_prism(write(tmp_path / "twin.pzfx", text))


def test_the_newer_archive_and_an_unknown_table_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.prism").write_bytes(b"PK\x03\x04rest")
    with pytest.raises(InputError, match=r"zip archive.*Save As"):
        read_prism(tmp_path / "a.prism")
    with pytest.raises(InputError, match=r"no table 'DCX'; it has 'BrdU'"):
        read_prism(write(tmp_path / "a.pzfx", prism(table())), table="DCX")
    with pytest.raises(InputError, match="negative"):
        reading = read_prism(
            write(tmp_path / "b.pzfx", prism(table(COLUMNS.replace("80", "-80")))),
            animals="row",
            values=Values(column="value", readout="BrdU+", kind="density", unit="1/mm2"),
            constants=Constants(day=14, assay="BrdU"),
        )
        to_observations(reading.table, reading.mapping)
