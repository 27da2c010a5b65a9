"""One table, written in every dialect that laboratories' programs write, read back value for value."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from soleus.errors import InputError
from soleus.exchange.reading import read, read_raw

HEADER = ["Tier", "Gruppe", "Schnitt", "Ki67", "Fläche (µm²)"]
ROWS = [
    ["M1", "Kontrolle", "1", "12", "250000.5"],
    ["M1", "Kontrolle", "2", "n.d.", "250000.25"],
    ["M2", "HU", "1", "7", "500000"],
]
AREAS = [0.2500005, 0.25000025, 0.5]


def lines(
    separator: str, decimal: str = ".", *, end: str = "\n", quoted: bool = False, tail: str = ""
) -> str:
    rows = [HEADER] + [[*row[:-1], row[-1].replace(".", decimal)] for row in ROWS]
    mark = '"' if quoted else ""
    return "".join(separator.join(f"{mark}{cell}{mark}" for cell in row) + tail + end for row in rows)


DIALECTS = {
    "commas": lines(",").encode(),
    "tabs": lines("\t").encode(),
    "semicolons": lines(";").encode(),
    "semicolons and decimal commas": lines(";", ",").encode(),
    "tabs and decimal commas": lines("\t", ",").encode(),
    "quoted decimal commas between commas": lines(",", ",", quoted=True).encode(),
    "byte order mark": lines(";", ",").encode("utf-8-sig"),
    "UTF-16": lines("\t").encode("utf-16"),
    "UTF-16 big-endian without mark": lines("\t").encode("utf-16-be"),
    "Windows-1252": lines(";", ",").encode("cp1252"),
    "Windows line ends": lines(",", end="\r\n").encode(),
    "old Mac line ends": lines(",", end="\r").encode(),
    "trailing separators": lines(",", tail=",,").encode(),
    "blank lines and title": ("Experiment 3, Ki67\n\n" + lines("\t") + "\n\n").encode(),
    "Excel's first line": ("sep=;\n" + lines(";", ",")).encode(),
    "no last line end": lines(",").encode()[:-1],
}


@pytest.mark.parametrize("name", DIALECTS)
def test_every_dialect_gives_the_same_values(name: str, tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_bytes(DIALECTS[name])
    frame = read(path).observations.frame
    assert list(frame["animal"]) == ["M1", "M1", "M2"]
    assert list(frame["group"]) == ["Kontrolle", "Kontrolle", "HU"]
    assert list(frame["section"]) == list(frame["unit_id"]) == ["1", "2", "1"]
    assert list(frame["readout"]) == ["Ki67"] * 3
    assert list(frame["value"])[::2] == [12.0, 7.0]
    assert list(frame["excluded"]) == [False, True, False]
    assert frame["exclusion_reason"].iloc[1] == "'n.d.' in the file"
    assert list(frame["exposure"]) == pytest.approx(AREAS, rel=1e-12, abs=0)
    assert list(frame["exposure_unit"]) == ["mm2"] * 3
    assert set(frame["source"]) == {"file:" + hashlib.sha256(DIALECTS[name]).hexdigest()}
    first = {"blank lines and title": 4, "Excel's first line": 3}.get(name, 2)
    assert list(frame["source_row"]) == [first, first + 1, first + 2]


def test_a_quoted_line_break_keeps_the_rows_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('animal,group,"Ki67\ncells"\nM1,control,3\n"M\n2",HU,4\nM3,HU,5\n')
    raw = read_raw(path)
    assert raw.header == ("animal", "group", "Ki67 cells")
    assert raw.row_numbers == (3, 4, 6)


@pytest.mark.parametrize("word", ["", "-", "–", "NA", "n/a", "#N/A", "n.d.", "NaN", "N.D.", " "])
def test_words_that_mean_missing_become_excluded_rows(word: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"animal,group,section,DCX\nM1,control,1,{word}\nM1,control,2,3\nM2,HU,1,4\n")
    frame = read(path).observations.frame
    assert list(frame["excluded"]) == [True, False, False]
    assert list(frame["value"])[1:] == [3.0, 4.0]


def test_the_notes_name_what_was_seen(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(DIALECTS["Windows-1252"])
    assert any("Windows-1252" in note for note in read_raw(path).notes)
    path.write_bytes(DIALECTS["no last line end"])
    assert any("row 4 is the last and has no line end" in note for note in read_raw(path).notes)
    path.write_bytes(DIALECTS["commas"])
    assert read_raw(path).notes == ("separator: comma",)


def test_ids_keep_their_zeros(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("animal,group,DCX\n007,control,3\n008,HU,4\n")
    assert list(read(path).observations.frame["animal"]) == ["007", "008"]


def test_a_row_short_of_one_cell_is_refused_though_others_are_longer(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("animal,group,DCX,\nM1,control,3,\nM2,HU\n")
    with pytest.raises(InputError, match="row 3: has 2 cells"):
        read(path)
