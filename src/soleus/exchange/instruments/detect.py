"""Which program wrote a file, told by what it holds and not by its name."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from soleus.errors import InputError
from soleus.exchange.instruments.source import SEPARATORS
from soleus.exchange.readers.files import is_folder, read_start, refusal
from soleus.exchange.readers.headers import split_unit
from soleus.exchange.readers.mapping import Constants, Mapping
from soleus.exchange.readers.sheets import header_of_sheet, is_workbook

if TYPE_CHECKING:
    from soleus.exchange.instruments.pattern import Pattern
    from soleus.exchange.instruments.reading import Reading

__all__ = ["FORMATS", "detect_format", "read_instrument"]

FORMATS = {
    "qupath": "an export of measurements of QuPath",
    "cellprofiler": "an export of CellProfiler",
    "imagej": "a table of results of ImageJ or Fiji",
    "cell_counter": "markers of Fiji's Cell Counter",
    "prism": "a GraphPad Prism file (.pzfx)",
    "flowjo": "a table of FlowJo's table editor",
    "isatab": "a sample table of ISA-Tab (factors, no values)",
}
"""Format to what it is, in words."""

_HEAD = 65536
_MEASURES = frozenset({"Area", "Mean", "IntDen", "RawIntDen", "Min", "Max", "X", "Y", "Length", "Feret"})
_QUPATH = frozenset({"Object type", "Object ID", "Classification", "Class", "Parent", "ROI"})
_ROOTS = {"CellCounter_Marker_File": "cell_counter", "GraphPadPrismFile": "prism"}
_GATE = re.compile(r"\|\s*(Count|Freq\.? of|Median|Mean|Geometric Mean)")


_LOOKED_AT = 30  # lines in which a column of numbers shows itself
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?")
_ISATAB_OWN = re.compile(
    r"(Source|Sample|Extract|Labeled Extract|Assay|Protocol) (Name|REF)|Characteristics|Factor Value|Unit"
    r"|Term |Comment|Date|Performer|Material Type|Raw |Derived |Array |Normalization|Image File|Description"
)


def detect_format(path: str | Path) -> str | None:
    """Tell which of :data:`FORMATS` a file or folder is.

    Parameters
    ----------
    path
        A file, or a folder (of CellProfiler's, of marker files, of ISA-Tab).

    Returns
    -------
    str or None
        A key of :data:`FORMATS`; None where it is none of these, such as a tidy table.

    Raises
    ------
    InputError
        No such file or folder.
    """
    where = Path(path)
    if is_folder(where):
        return _of_folder(where)
    head = read_start(where, _HEAD)
    if is_workbook(head):
        return _of_workbook(where, head)
    text = _plain(head)
    if text.lstrip().startswith("<"):
        root = re.search(r"<\s*(?:\w+:)?(CellCounter_Marker_File|GraphPadPrismFile)\b", text)
        return None if root is None else _ROOTS[root[1]]
    return _of_header(text)


def _plain(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[: len(head) // 2 * 2].decode("utf-16", errors="replace")
    return head.decode("utf-8-sig", errors="replace")


def _of_folder(folder: Path) -> str | None:
    files = sorted(file for file in folder.iterdir() if file.is_file())
    if any(
        file.name.lower().endswith("image.csv") and detect_format(file) == "cellprofiler" for file in files
    ):
        return "cellprofiler"
    if any(re.fullmatch(r"s_.*\.txt", file.name) for file in files):
        return "isatab"
    marked = [file for file in files if file.suffix.lower() == ".xml"]
    return "cell_counter" if marked and detect_format(marked[0]) == "cell_counter" else None


def _of_workbook(path: Path, head: bytes) -> str | None:
    if re.search(rb"s_[^/\x00]*\.txt", head):
        return "isatab"
    try:
        names = header_of_sheet(path)
    except InputError:
        return None
    # ImageJ numbers its rows in a column without a name.
    return _of_header("\t".join("" if k == 0 and n == "column 1" else n for k, n in enumerate(names)))


def _of_header(text: str) -> str | None:
    lines = text.splitlines()
    for separator in SEPARATORS:
        rows = [[cell.strip(' "') for cell in line.split(separator)] for line in lines[:_LOOKED_AT]]
        cells = set(rows[0]) if rows else set()
        second = set(rows[1]) if len(rows) > 1 else set()
        if "Sample Name" in cells and any(cell.startswith("Factor Value") for cell in cells):
            return None if _holds_values(rows) else "isatab"
        if "ImageNumber" in cells or {"ImageNumber", "ObjectNumber"} <= second:
            return "cellprofiler"
        if "Image" in cells and cells & _QUPATH:
            return "qupath"
        if not rows or len(rows[0]) < 2:
            continue
        if any(_GATE.search(cell) for cell in cells):
            return "flowjo"
        if {"Slice", "Count"} <= cells or (not rows[0][0] and cells & _MEASURES):
            return "imagej"
    return None


def _holds_values(rows: list[list[str]]) -> bool:
    """Tell a table with the headings of ISA-Tab that holds what was measured: a laboratory's own."""
    for k, heading in enumerate(rows[0]):
        inner = re.match(r"Comment\s*\[(.+)\]$", heading)
        if _ISATAB_OWN.match(heading) and (inner is None or split_unit(inner[1])[1] is None):
            continue
        cells = [row[k] for row in rows[1:] if len(row) == len(rows[0]) and row[k]]
        if len(set(cells)) > 1 and all(_NUMBER.fullmatch(cell) for cell in cells):
            return True
    return False


def read_instrument(
    path: str | Path,
    *,
    pattern: Pattern = None,
    types: dict[int, str] | None = None,
    table: str | None = None,
    constants: Constants | None = None,
    mapping: Mapping | None = None,
) -> list[Reading]:
    """Read a file or folder of an instrument, whichever it is.

    Parameters
    ----------
    path
        File or folder.
    pattern
        Where animal, section and side stand in names of images or samples; guessed where None.
    types
        Button of Cell Counter to its meaning.
    table
        Table of a Prism file.
    constants
        What holds for all rows.
    mapping
        A mapping that was made for this file or another of its kind: it takes the place of the proposed
        one, and nothing is asked.

    Returns
    -------
    list of Reading
        One, or one a file for a folder of Cell Counter's markers.

    Raises
    ------
    InputError
        Not a format of :data:`FORMATS`, or whatever its reader refuses.
    """
    found = detect_format(path)
    if mapping is not None:
        from soleus.exchange.instruments.cell_counter import types_of

        types = types_of(mapping) if types is None else types
        table = mapping.sheet if table is None else table
    readings = _read(path, found, pattern=pattern, types=types, table=table, constants=constants)
    if mapping is None:
        return readings
    return [replace(reading, mapping=mapping, questions=()) for reading in readings]


def _read(
    path: str | Path,
    found: str | None,
    *,
    pattern: Pattern,
    types: dict[int, str] | None,
    table: str | None,
    constants: Constants | None,
) -> list[Reading]:
    if found == "cell_counter":
        from soleus.exchange.instruments.cell_counter import read_cell_counters

        where = Path(path)
        files = sorted(where.glob("*.xml")) if where.is_dir() else [where]
        return read_cell_counters(files, types=types, pattern=pattern, constants=constants)
    if found == "prism":
        from soleus.exchange.instruments.prism import read_prism

        return [read_prism(path, table=table, constants=constants)]
    if found in ("qupath", "cellprofiler", "imagej", "flowjo"):
        reader = getattr(import_module(f"soleus.exchange.instruments.{found}"), f"read_{found}")
        return [reader(path, pattern=pattern, constants=constants)]
    if found == "isatab":
        mend = f"give soleus analyse the table of values, and this one by --samples {Path(path).name}"
        raise refusal(path, f"is {FORMATS['isatab']}; {mend}")
    known = "; ".join(FORMATS.values())
    raise refusal(path, f"is no file of an instrument that is known ({known}); is it a tidy or wide table?")
