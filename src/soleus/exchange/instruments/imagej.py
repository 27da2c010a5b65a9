"""Results and summaries of ImageJ and Fiji: CSV, or text that is named ``.xls``.

Results hold one row an object, summaries (Analyze Particles) one an image with its count.
Columns by https://imagej.net/ij/docs/menus/analyze.html
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from soleus.exchange.instruments.cells import decimal_mark, number, whole
from soleus.exchange.instruments.pattern import Pattern
from soleus.exchange.instruments.reading import Reading, constants_for, mapping_for, table_of
from soleus.exchange.instruments.source import Sheet, Text, load, sheet_of
from soleus.exchange.instruments.units_of_images import Named, name_images
from soleus.exchange.readers.files import refusal
from soleus.exchange.readers.mapping import Constants, Mapping, Values
from soleus.exchange.readers.raw import RawTable

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["read_imagej", "read_results"]

_WORDS = ("Label", "Slice", "Type", "Name", "Group")
_MEASURES = frozenset(
    {"Area", "Mean", "StdDev", "Mode", "Min", "Max", "X", "Y", "XM", "YM", "Perim.", "BX", "BY", "Width"}
    | {"Height", "Major", "Minor", "Angle", "Circ.", "Feret", "IntDen", "Median", "RawIntDen", "%Area"}
    | {"Slice", "Length", "Solidity", "Round", "AR", "Count", "Total Area", "Average Size", "Counter"}
)
_NO_ZEROS = (
    "Images in which nothing was found do not occur in Results: export the Summary of Analyze Particles,"
    " which has them, or add them by hand."
)


def read_results(path: str | Path) -> RawTable:
    """Read all cells of a Results or Summary table, as numbers but for Label, Slice, Type, Name and Group.

    Parameters
    ----------
    path
        The file. The first header cell may be empty: that column (the number of the row) is named ``#``.

    Raises
    ------
    InputError
        Not such a table, a cell that is no number, mixed decimal marks, or rows that are numbered twice.
    """
    import pandas as pd

    text, sheet = _sheet(path)
    numeric = [name for name in sheet.header if name not in _WORDS]
    cells = (cell for name in numeric for cell in sheet.column(name))
    mark = decimal_mark(cells, text.path)
    columns: dict[str, list[float] | list[str]] = {}
    for name in sheet.header:
        column = sheet.column(name)
        if name in _WORDS:
            columns[name] = column
        else:
            places = ((text.path, row, name) for row in sheet.numbers)
            columns[name] = [number(c, place, mark=mark) for c, place in zip(column, places, strict=True)]
    frame = pd.DataFrame({**columns, "source_row": sheet.numbers})
    return table_of(frame, source=text.source, notes=text.notes())


def _sheet(path: str | Path) -> tuple[Text, Sheet]:
    text = load(path)
    sheet = sheet_of(text)
    header = ("#", *sheet.header[1:]) if not sheet.header[0] else sheet.header
    if not _MEASURES.intersection(header):
        mend = "save it from the Results or Summary window by File > Save As"
        raise refusal(path, f"no column of ImageJ's ({', '.join(header[:6])}); {mend}", row=1)
    for name in header:
        if not name or header.count(name) > 1:
            raise refusal(path, f"column {name!r} has no name of its own; save it again", row=1)
    checked = Sheet(header, sheet.rows, sheet.numbers)
    if header[0] == "#":
        _check_numbering(checked, text)
    return text, checked


def _check_numbering(sheet: Sheet, text: Text) -> None:
    seen: dict[str, int] = {}
    for cell, row in zip(sheet.column("#"), sheet.numbers, strict=True):
        if cell in seen:
            mend = "two tables were joined: keep one, or name the images in Label and remove this column"
            raise refusal(text.path, f"result {cell} stands in row {seen[cell]} too; {mend}", row=row)
        seen[cell] = row


def read_imagej(
    path: str | Path,
    *,
    pattern: Pattern = None,
    readout: str = "objects",
    constants: Constants | None = None,
) -> Reading:
    """Read a table of ImageJ as counts by image.

    Parameters
    ----------
    path
        The file.
    pattern
        Where animal, section and side stand in the labels, or in the file's name where there are none;
        guessed where None.
    readout
        What the objects are.
    constants
        What holds for all rows.

    Returns
    -------
    Reading
        One row an image: image, value (objects). Of a Summary the counts as they stand, zeros included.

    Raises
    ------
    InputError
        As for :func:`read_results`; a count that is negative or not whole; names without an animal.
    """
    table = read_results(path)
    notes = list(table.notes)
    summary = "Count" in table.header and "Slice" in table.header
    if summary:
        frame, named = _summary(table, pattern)
    else:
        frame, named = _results(table, pattern)
        notes.append(_NO_ZEROS)
    raw = table_of(frame, source=table.source, notes=notes)
    proposed = Mapping(
        values=(Values(column="value", readout=readout),), constants=constants_for(constants, "ImageJ")
    )
    mapping, questions = mapping_for(proposed, raw)
    kind = "ImageJ summary" if summary else "ImageJ results"
    return Reading(kind, raw, mapping, (*named.questions, *questions), named.pattern)


def _summary(table: RawTable, pattern: Pattern) -> tuple[pd.DataFrame, Named]:
    images = [str(cell) for cell in table.cells("Slice")]
    rows, values = list(table.row_numbers), []
    for cell, row in zip(table.cells("Count"), rows, strict=True):
        value = whole("" if cell is None else f"{cell}", (table.path, row, "Count"))
        if math.isnan(value):
            raise table.refusal("is empty; a count is 0 or more", row=row, column="Count")
        values.append(value)
    named = name_images(images, pattern, source=table.source, rows=rows)
    return _framed(images, values, rows, named=named), named


def _results(table: RawTable, pattern: Pattern) -> tuple[pd.DataFrame, Named]:
    rows = list(table.row_numbers)
    if "Label" in table.header:
        labels = [str(cell or "") for cell in table.cells("Label")]
        empty = next((row for label, row in zip(labels, rows, strict=True) if not label), None)
        if empty is not None:
            raise table.refusal("is empty; name the image", row=empty, column="Label")
        # ImageJ writes image:region:slice.
        images = [label.partition(":")[0] for label in labels]
    else:
        images = [table.path.name] * len(rows)
        if len(set(table.cells("Slice") if "Slice" in table.header else [])) > 1:
            return _slices(table, pattern)
    counts: dict[str, int] = {}
    first: dict[str, int] = {}
    for image, row in zip(images, rows, strict=True):
        counts[image] = counts.get(image, 0) + 1
        first.setdefault(image, row)
    names = list(counts)
    numbers = [first[name] for name in names]
    named = name_images(names, pattern, source=table.source, rows=numbers)
    return _framed(names, [float(counts[name]) for name in names], numbers, named=named), named


def _slices(table: RawTable, pattern: Pattern) -> tuple[pd.DataFrame, Named]:
    """Count by slice of a stack that the file's name names; each slice is a field."""
    slices = [str(cell or "") for cell in table.cells("Slice")]
    counts = Counter(slices)
    first = {name: row for name, row in zip(reversed(slices), reversed(table.row_numbers), strict=True)}
    one = name_images([table.path.name], pattern, source=table.source, rows=[1])
    parts = tuple(replace(one.parts[0], field=name) for name in counts)
    named = Named(one.pattern, parts, one.questions)
    images = [f"{table.path.name}:{name}" for name in counts]
    values = [float(count) for count in counts.values()]
    return _framed(images, values, [first[name] for name in counts], named=named), named


def _framed(images: list[str], values: list[float], rows: Sequence[int], *, named: Named) -> pd.DataFrame:
    import pandas as pd

    parts = named.columns(range(len(images)))
    return pd.DataFrame({"image": images, **parts, "value": values, "source_row": list(rows)})
