"""Markers of Fiji's Cell Counter: clicks by button, whose meaning the user gives; hostile XML is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from soleus.errors import InputError
from soleus.exchange.instruments.cell_counter import (
    Marker,
    read_cell_counter,
    read_cell_counters,
    read_markers,
)

BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'


def markers(image: str, clicks: dict[int, list[str]], names: dict[int, str] | None = None) -> str:
    text = f"<Image_Properties><Image_Filename>{image}</Image_Filename></Image_Properties><Marker_Data>"
    text += "<Current_Type>2</Current_Type>"
    for number, places in clicks.items():
        name = f"<Name>{names[number]}</Name>" if names else ""
        text += f"<Marker_Type><Type>{number}</Type>{name}"
        for place in places:
            tags = zip(("MarkerX", "MarkerY", "MarkerZ"), place.split(), strict=False)
            text += "<Marker>" + "".join(f"<{tag}>{word}</{tag}>" for tag, word in tags) + "</Marker>"
        text += "</Marker_Type>"
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return f"{head}<CellCounter_Marker_File>{text}</Marker_Data></CellCounter_Marker_File>"


CLICKS = {1: ["1225 650 1", "10 20 1"], 2: [], 3: ["7 8"], 4: []}


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_clicks_are_read_value_for_value(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xml", markers("Counter Window - M01_s1_L.lsm", CLICKS))
    found = read_markers(path)
    assert found.image == "M01_s1_L.lsm"
    assert found.markers == (Marker(1, 1225, 650, 1), Marker(1, 10, 20, 1), Marker(3, 7, 8, None))
    assert found.types == {1: "", 2: "", 3: "", 4: ""}


def test_the_user_says_what_a_type_means(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xml", markers("Counter Window - M01_s1_L.lsm", CLICKS))
    open_one = read_cell_counter(path)
    assert [q for q in open_one.questions if "type 3" in q] and not open_one.ready
    assert [q for q in open_one.questions if "type 1" in q] and "type 2" not in open_one.table.header
    known = read_cell_counter(path, types={1: "DCX+", 2: "Ki67+", 3: "DCX+Ki67+"})
    assert known.table.rows[0][-3:] == (2.0, 0.0, 1.0)  # nothing was clicked as type 2: it counts 0
    assert [value.readout for value in known.mapping.values] == ["DCX+", "Ki67+", "DCX+Ki67+"]
    assert not [q for q in known.questions if "type" in q]


def test_names_of_buttons_are_used_where_the_user_gave_them(tmp_path: Path) -> None:
    names = {1: "DCX+", 2: "Type 2", 3: "Type 3", 4: "Type 4"}
    path = write(tmp_path / "a.xml", markers("M01_s1_L.lsm", CLICKS, names))
    reading = read_cell_counter(path)
    assert [value.readout for value in reading.mapping.values] == ["DCX+", "type 3"]
    assert [q for q in reading.questions if "type 3" in q] and not [
        q for q in reading.questions if "type 1" in q
    ]


def test_a_type_used_in_one_image_counts_zero_in_the_others(tmp_path: Path) -> None:
    one = write(tmp_path / "a.xml", markers("M01_s1_L.lsm", CLICKS))
    two = write(tmp_path / "b.xml", markers("M02_s1_L.lsm", {1: ["1 1 1"], 2: [], 3: []}))
    first, second = read_cell_counters([one, two])
    assert first.table.header == second.table.header
    assert second.table.cells("type 3") == [0.0] and second.table.cells("animal") == ["M02"]
    three = write(tmp_path / "c.xml", markers("M03_s1_L.lsm", {1: []}))
    with pytest.raises(InputError, match=r"c\.xml: has no type 3.*0 cannot be told from not counted"):
        read_cell_counters([one, two, three])


def test_a_double_click_is_noted(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xml", markers("M01_s1.lsm", {1: ["5 5 1", "5 5 1"]}))
    reading = read_cell_counter(path)
    assert reading.table.cells("type 1") == [2.0]
    assert "clicked twice" in reading.table.notes[0]


GOOD = markers("M01_s1.lsm", CLICKS)
TWINS = {
    "cut off": (GOOD[:-60], r"row 2: is not whole XML.*cut off"),
    "entity bomb": (GOOD.replace("\n", f"\n{BOMB}"), r"XML entities or a document type.*bomb"),
    "outside entity": (
        GOOD.replace("\n", '\n<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'), r"document type"
    ),
    "another root": ("<html><body/></html>", r"<html>, not <CellCounter_Marker_File>"),
    "no data": ("<CellCounter_Marker_File/>", r"no <Marker_Data>"),
    "no types": (markers("M1_L.tif", {}), r"nothing was counted"),
    "type twice": (GOOD.replace("<Type>3<", "<Type>1<"), r"type 1 occurs twice.*joined"),
    "type is a word": (GOOD.replace("<Type>3<", "<Type>DCX<"), r"type of <Marker_Type> 3 is 'DCX'"),
    "negative position": (GOOD.replace("1225", "-4"), r"MarkerX of marker 1 of type 1 is '-4'"),
    "no position": (GOOD.replace("<MarkerY>650</MarkerY>", ""), r"MarkerY of marker 1 of type 1 is ''"),
    "not XML": ("Type,X,Y\n1,2,3\n", r"row 1: is not whole XML"),
}  # fmt: skip


@pytest.mark.parametrize("name", list(TWINS))
def test_malformed_twins_are_refused(tmp_path: Path, name: str) -> None:
    text, words = TWINS[name]
    with pytest.raises(InputError, match=r"twin\.xml.*" + words):
        read_cell_counter(write(tmp_path / "twin.xml", text))
