"""Every malformed file ends in an InputError that names file, row and mend: never another exception,
never a silent wrong number."""

from __future__ import annotations

import io
import os
import re
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from made_files import ods, replace_part, xls, xlsx

from soleus.errors import InputError
from soleus.exchange.readers import Mapping, Values
from soleus.exchange.reading import read, read_raw

GOOD = "animal,group,section,Ki67\nM1,control,1,12\nM1,control,2,15\nM2,HU,1,7\nM2,HU,2,9\n"
ROWS = [line.split(",") for line in GOOD.splitlines()]
SHEET = [ROWS[0]] + [[a, g, float(s), float(k)] for a, g, s, k in ROWS[1:]]


def text(content: str, *, encoding: str = "utf-8") -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = folder / "counts.csv"
        path.write_bytes(content.encode(encoding))
        return path

    return write


def raw(content: bytes, name: str = "counts.csv") -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return write


def workbook(**options: object) -> Callable[[Path], Path]:
    sheets = options.pop("sheets", {"Counts": SHEET})
    return lambda folder: xlsx(folder / "counts.xlsx", sheets, **options)


def cell(row: int, column: int, value: object) -> dict[str, list[list]]:
    rows = [list(r) for r in SHEET]
    rows[row][column] = value
    return {"Counts": rows}


def sparse(folder: Path) -> Path:
    path = folder / "counts.csv"
    with path.open("wb") as file:
        file.truncate(2**30)
    return path


def long_line(folder: Path) -> Path:
    path = folder / "counts.csv"
    path.write_bytes(b"a" * (2 * 2**20))
    return path


def too_large(folder: Path) -> Path:
    path = folder / "counts.csv"
    with path.open("wb") as file:
        file.write(GOOD.encode() * 40_000)
        file.truncate(2**30)
    return path


def zip_bomb(folder: Path) -> Path:
    path = workbook()(folder)
    return replace_part(path, "xl/worksheets/sheet1.xml", lambda data: data + b" " * 30_000_000)


def lying_zip(folder: Path) -> Path:
    """A part that promises 100 bytes and holds more."""
    path = zip_bomb(folder)
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        info = archive.getinfo("xl/worksheets/sheet1.xml")
    at = data.rindex(b"xl/worksheets/sheet1.xml") - 46
    assert struct.unpack_from("<I", data, at + 24)[0] == info.file_size
    struct.pack_into("<I", data, at + 24, 100)
    path.write_bytes(bytes(data))
    return path


def far_cell(folder: Path) -> Path:
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    return replace_part(
        workbook()(folder), "xl/worksheets/sheet1.xml", lambda data: data.replace(b"</sheetData>", far)
    )


def renamed(folder: Path) -> Path:
    """A part whose name differs in case from the one that the workbook gives."""
    path = workbook(formulas=DIV)(folder)
    path.write_bytes(path.read_bytes().replace(b"worksheets/sheet1.xml", b"worksheets/SHEET1.xml"))
    return path


def entity_bomb(folder: Path) -> Path:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'

    def plant(data: bytes) -> bytes:
        head, end, rest = data.partition(b"?>")
        return head + end + bomb + rest

    return replace_part(workbook()(folder), "xl/worksheets/sheet1.xml", plant)


def cut(write: Callable[[Path], Path], share: float) -> Callable[[Path], Path]:
    def half(folder: Path) -> Path:
        path = write(folder)
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * share)])
        return path

    return half


def ods_repeats(folder: Path) -> Path:
    wide = (
        '<table:table-row table:number-rows-repeated="1048576">'
        '<table:table-cell table:number-columns-repeated="16384" office:value-type="float" office:value="1"/>'
        "</table:table-row>"
    )
    return ods(folder / "counts.ods", {"Counts": SHEET}, extra=wide)


NO_CACHE = {("Counts", 2, 3): ("=SUM(C2:C3)", "")}
DIV = {("Counts", 2, 3): ("=1/0", "#DIV/0!")}
GERMAN = "Tier;Gruppe;Schnitt;Ki67;Area mm2\nM1;Kontrolle;1;12;{}\nM2;HU;1;7;{}\n"

# name: (file, what the message must say beside the file's name)
CASES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "empty": (raw(b""), "is empty; export"),
    "blank": (raw(b"\n \n\t\n"), "no separator found"),
    "header only": (text(GOOD.splitlines()[0] + "\n"), "no rows below"),
    "folder": (lambda folder: folder, "is a folder"),
    "missing": (lambda folder: folder / "none.csv", "does not exist"),
    "device": (lambda folder: Path("/dev/zero"), "not a plain file"),
    "binary": (raw(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20), "neither text nor a spreadsheet"),
    "gzip": (raw(b"\x1f\x8b\x08" + b"x" * 40), "gzip; unpack"),
    "1 GB of nothing": (sparse, "neither text nor a spreadsheet"),
    "1 GB after a table": (too_large, "1,024 MiB, more than the 256"),
    "one endless line": (long_line, "no line break in its first 1 MiB"),
    "html": (text("<html><table><tr><td>1</td></tr></table></html>\n"), "XML or HTML"),
    "no separator": (text(GOOD.replace(",", "|")), "no separator found"),
    "wrong separator below": (
        text(GOOD.replace(",", ";").replace("animal;group;section;Ki67", "animal,group,section,Ki67")),
        "row 1: is separated by commas, the rows below are not",
    ),
    "one row with another separator": (
        text(GOOD.replace("M2,HU,1,7", "M2;HU;1;7")),
        "row 4: has 1 cells.*semicolon",
    ),
    "truncated row": (text(GOOD[:-4]), "row 5: has 3 cells.*cut short"),
    "ragged row": (text(GOOD.replace("M1,control,2,15", "M1,control,2,15,3,4")), "row 3: has 6 cells"),
    "decimal commas in commas": (
        text(GOOD.replace("12", "12,5").replace("15", "15,1").replace(",7\n", ",7,1\n")),
        "decimal comma in a comma-separated",
    ),
    "open quote": (text(GOOD.replace("M2,HU,1", '"M2,HU,1')), "row 4: .*quote"),
    "doubled header": (text(GOOD.replace("section", "Ki67")), "both named 'Ki67'"),
    "doubled sheet header": (workbook(sheets=cell(0, 2, "Ki67")), "both named 'Ki67'"),
    "no group column": (
        text(GOOD.replace("group", "colour").replace("control", "blue")),
        "no column names the group. Which one",
    ),
    "no animal column": (text(GOOD.replace("animal", "colour")), "no column names the animal. Which one"),
    "no values": (text(GOOD.replace("Ki67", "comment")), "no column holds values"),
    "duplicated animal": (
        text(GOOD.replace("M1,control,2", "M1,control,1")),
        "row 3, column 'Ki67': animal 'M1'.*row 2",
    ),
    "rows without sections": (
        text("animal,group,Ki67\nM1,control,1\nM1,control,2\nM2,HU,2\n"),
        "row 3 is one.*--answer rows=section",
    ),
    "two groups": (
        text(GOOD.replace("M1,control,2", "M1,HU,2")),
        "row 3: animal 'M1' is in group 'HU' here and in 'control' in row 2",
    ),
    "misspelt group": (
        text(GOOD.replace("M1,control,2", "M3,Control ,2")),
        "row 3: group .Control. and group .control. differ in case",
    ),
    "misspelt animal": (
        text(GOOD.replace("M1,control,2", "m1,control,2")),
        "row 3: animal 'm1' and animal 'M1' differ in case",
    ),
    "zeros before a number": (
        text(GOOD.replace("M2,HU,2", "M02,HU,2")),
        "row 5: animal 'M02' and animal 'M2' differ",
    ),
    "negative": (text(GOOD.replace("15", "-15")), "row 3, column 'Ki67': cannot be negative, got -15"),
    "negative in a sheet": (workbook(sheets=cell(2, 3, -15.0)), "row 3, column 'Ki67': cannot be negative"),
    "broken count": (text(GOOD.replace("15", "15.5")), "column 'Ki67' holds numbers: what are they"),
    "unit in a cell": (
        text(GOOD.replace("15", "15 cells")),
        "row 3, column 'Ki67': '15 cells' carries a unit",
    ),
    "mixed units": (
        text(GOOD.replace("Ki67", "Mass (mg)").replace("15", "0.015 g")),
        "row 3, column 'Mass .mg.': '0.015 g' carries a unit",
    ),
    "bound": (text(GOOD.replace("15", "<15")), "row 3, column 'Ki67': '<15' is a bound"),
    "word": (
        text(GOOD.replace("15", "many").replace("12", "1")),
        "row 3, column 'Ki67': 'many' is not a number",
    ),
    "infinite": (text(GOOD.replace("15", "inf")), "row 3, column 'Ki67': 'inf' is not a number"),
    "huge": (text(GOOD.replace("15", "1e999")), "row 3, column 'Ki67': must be finite"),
    "per cent above 100": (
        text(GOOD.replace("Ki67", "Ki67 (%)").replace("15", "150")),
        "row 3, column 'Ki67 .%.': a share cannot exceed",
    ),
    "fractions as per cent": (
        text(
            GOOD.replace("Ki67", "Ki67 (%)")
            .replace("12", "0.12")
            .replace("15", "0.15")
            .replace(",7", ",0.7")
            .replace(",9", ",0.9")
        ),
        "no value is above 1.*are these fractions",
    ),
    "some per cent signs": (
        text(GOOD.replace("Ki67", "Ki67 (%)").replace("15", "15%")),
        "some cells carry a % sign",
    ),
    "thousands or decimals": (
        text(GERMAN.format("1.234", "2.345")),
        "row 2, column 'Area mm2': '1.234' may be 1234 or 1.234",
    ),
    "thousands by comma": (
        text(GOOD.replace(",", "\t").replace("15", "1,234")),
        "row 3, column 'Ki67': '1,234' may be 1234 or 1.234",
    ),
    "count with a point": (text(GOOD.replace("15", "1.234")), "'1.234' may be 1234 or 1.234"),
    "two decimal marks": (
        text(GERMAN.format("1,25", "2.5")),
        "row 3, column 'Area mm2': '2.5' has the decimal mark",
    ),
    "blank between digits": (
        text(GOOD.replace("15", "1 500")),
        "row 3, column 'Ki67': '1 500' may be one number",
    ),
    "pixels": (text(GERMAN.format(5, 6).replace("mm2", "px^2")), "in pixels, the image was not calibrated"),
    "area of zero": (text(GERMAN.format(5, 0)), "row 3, column 'Ki67': exposure: must be positive"),
    "half utf-16": (raw(GOOD.encode("utf-16")[:-1]), "UTF-16"),
    "neither utf-8 nor cp1252": (
        raw(GOOD.replace("HU", "H\u00dc").encode("latin-1").replace(b"\xdc", b"\x81")),
        "row 4: byte 0x81",
    ),
    "nul in the text": (raw(GOOD.encode() * 30_000 + b"\0\n"), "NUL"),
    "formula error": (
        workbook(formulas=DIV),
        "sheet 'Counts', row 3, column 'Ki67': '#DIV/0!' is an error of a formula",
    ),
    "formula error in .ods": (
        lambda f: ods(f / "counts.ods", cell(2, 3, "#REF!")),
        "row 3, column 'Ki67': '#REF!' is an error",
    ),
    "formula never computed": (
        workbook(formulas=NO_CACHE),
        "row 3, column 'Ki67': the formula in this cell was never computed",
    ),
    "date for a count": (workbook(sheets=cell(2, 3, "12-Mar")), "row 3, column 'Ki67': '12-Mar'"),
    "several sheets": (workbook(sheets={"A": SHEET, "B": SHEET}), '2 sheets hold tables ."A", "B"'),
    "hidden sheet only": (
        workbook(sheets={"A": [[]], "B": SHEET}, hidden=("B",)),
        "hidden sheets: B; name one",
    ),
    "empty workbook": (workbook(sheets={"A": [[]]}), "no visible sheet with anything in it"),
    "cut workbook": (cut(workbook(), 0.6), "damaged zip"),
    "cut .xls": (cut(lambda f: xls(f / "counts.xls"), 0.5), "cannot be read as a workbook"),
    "zip of something": (lambda f: _zip(f), "neither .xlsx nor .ods"),
    "zip bomb": (zip_bomb, "a zip bomb"),
    "zip that lies": (lying_zip, "damaged|cannot be read"),
    "cell in the last corner": (far_cell, "as far as row 1,048,576 and column 16,384"),
    "repeated cells in .ods": (ods_repeats, "as far as row"),
    "entity bomb": (entity_bomb, "declares XML entities"),
    "not the XML of a sheet": (
        lambda f: replace_part(workbook()(f), "xl/worksheets/sheet1.xml", lambda d: d[:200]),
        "not whole XML",
    ),
    "part under another name": (renamed, "part 'xl/worksheets/sheet1.xml' of the zip file cannot be read"),
    "workbook without its list": (
        lambda f: replace_part(workbook()(f), "xl/workbook.xml", lambda d: b"<a/>"),
        "cannot be read as a workbook|no visible sheet",
    ),
}


def _zip(folder: Path) -> Path:
    path = folder / "counts.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("counts.csv", GOOD)
    return path


@pytest.mark.parametrize("name", CASES)
def test_a_malformed_file_is_refused_with_its_place(name: str, tmp_path: Path) -> None:
    write, expected = CASES[name]
    path = write(tmp_path)
    began = time.perf_counter()
    with pytest.raises(InputError) as caught:
        read(path)
    message = " ".join(str(caught.value).split())
    assert message.startswith(str(path)), message
    assert re.search(expected, message), message
    assert time.perf_counter() - began < 2.0


def test_the_twins_are_many_and_their_model_is_sound(tmp_path: Path) -> None:
    assert len(CASES) >= 60
    assert list(read(text(GOOD)(tmp_path)).observations.frame["value"]) == [12, 15, 7, 9]
    assert list(read(workbook()(tmp_path)).observations.frame["value"]) == [12, 15, 7, 9]


@pytest.mark.parametrize(
    ("sheet", "expected"), [("Conts", "unknown sheet 'Conts'. Did you mean 'Counts'"), ("x", "Known: Counts")]
)
def test_an_unknown_sheet_is_answered_with_the_known_ones(sheet: str, expected: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=expected):
        read(workbook()(tmp_path), sheet=sheet)


def test_a_sheet_of_a_text_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no sheets"):
        read(text(GOOD)(tmp_path), sheet="Counts")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission_is_refused(tmp_path: Path) -> None:
    path = text(GOOD)(tmp_path)
    path.chmod(0)
    with pytest.raises(InputError, match="permissions"):
        read(path)


@pytest.mark.parametrize("seed", range(20))
def test_noise_in_a_file_never_ends_in_another_exception(seed: int, tmp_path: Path) -> None:
    """Bytes flipped anywhere: either the same table, another table, or our own error."""
    import numpy as np

    rng = np.random.default_rng(seed)
    makers = (
        text(GOOD),
        workbook(),
        lambda f: xls(f / "c.xls"),
        lambda f: ods(f / "c.ods", {"Counts": SHEET}),
    )
    path = makers[seed % 4](tmp_path)
    data = bytearray(path.read_bytes())
    for _ in range(int(rng.integers(1, 20))):
        data[int(rng.integers(len(data)))] = int(rng.integers(256))
    path.write_bytes(bytes(data))
    mapping = Mapping(values=(Values(column="Ki67", readout="Ki67"),), sheet=None)
    for given in (None, mapping):
        try:
            read(path, mapping=given)
        except InputError as error:
            assert str(error).startswith(str(path))


def test_a_raw_table_of_a_good_file_has_its_rows(tmp_path: Path) -> None:
    assert read_raw(text("\n\n" + GOOD)(tmp_path)).row_numbers == (4, 5, 6, 7)
