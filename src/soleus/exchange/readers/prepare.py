"""What a mapping does to a table before its columns are read: rows left out, groups across, names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from soleus.exchange.readers.raw import RawTable

if TYPE_CHECKING:
    from soleus.exchange.readers.mapping import Mapping, NameRule

__all__ = [
    "ACROSS_COLUMNS",
    "PART_JOINER",
    "ROW",
    "grouped_columns",
    "melted",
    "part_of",
    "prepared",
    "with_parts",
]

PART_JOINER = " > "
"""Between a column and the part of its names: "Mouse ID > animal"."""
ROW = "row of the file"
"""Called the animal where each row is one."""
ACROSS_COLUMNS = ("group", "animal", "value")
"""Columns of a table that had a column for each group."""


def prepared(raw: RawTable, mapping: Mapping) -> RawTable:
    """Return the table as the mapping's columns speak of it (see the module)."""
    if mapping.left_out:
        gone = {row for entry in mapping.left_out for row in entry.rows}
        kept = [place for place, row in enumerate(raw.row_numbers) if row not in gone]
        if not kept:
            raise raw.refusal("the mapping leaves out every row; mend left_out")
        raw = raw.take(kept) if len(kept) < len(raw) else raw
    if mapping.layout == "group-per-column":
        raw = melted(raw)
    for rule in mapping.names:
        raw = with_parts(raw, rule)
    if mapping.columns.animal == ROW:
        frame = raw.frame.copy(deep=False)
        frame[ROW] = [f"row {number}" for number in raw.row_numbers]
        raw = raw.reframed(frame)
    return raw


def part_of(column: str, part: str) -> str:
    """Return the name of the column that holds one part of another's names."""
    return f"{column}{PART_JOINER}{part}"


def grouped_columns(raw: RawTable) -> list[str]:
    """Return the columns of a table with a column a group that hold numbers; the others title its rows."""
    numbers = []
    for name in raw.header:
        cells = [cell for cell in raw.cells(name) if cell is not None]
        if cells and sum(_numeric(cell) for cell in cells) * 2 > len(cells) and not _titles(name, cells):
            numbers.append(name)
    return numbers


def _titles(name: str, cells: list[str | float]) -> bool:
    """Tell a column that numbers the rows."""
    return name.strip("#. ").casefold() in ("", "row", "nr", "no", "n") or (
        name.startswith("column ") and [str(c).rstrip("0").rstrip(".") for c in cells[:2]] == ["1", "2"]
    )


def _numeric(cell: str | float) -> bool:
    return not isinstance(cell, str) or bool(re.match(r"[+\-−]?[\d.,]", cell.strip()))


def melted(raw: RawTable) -> RawTable:
    """Return a table with one column a group as one value a row: group, animal, value and the titles of rows.

    An animal is called by its group and its place below it; columns may differ in length.
    """
    groups = grouped_columns(raw)
    titles = [
        name for name in raw.header if name not in groups and any(c is not None for c in raw.cells(name))
    ]
    beside = [raw.cells(name) for name in titles]
    rows: list[tuple[str | float | None, ...]] = []
    numbers: list[int] = []
    for name in groups:
        for place, cell in enumerate(raw.cells(name)):
            if cell is None or (isinstance(cell, str) and not cell.strip()):
                continue
            extra = [column[place] for column in beside]
            rows.append((_group(name), f"{_group(name)} {place + 1}", cell, *extra))
            numbers.append(raw.row_numbers[place])
    return RawTable(
        source=raw.source,
        header=(*ACROSS_COLUMNS, *(f"{t} (row)" if t in ACROSS_COLUMNS else t for t in titles)),
        rows=rows,
        row_numbers=numbers,
        sheet=raw.sheet,
        notes=raw.notes,
        decimal=raw.decimal,
    )


def _group(name: str) -> str:
    """Return the group of a column, without the number of animals that its header may carry."""
    return re.sub(r"\s*\(\s*n\s*=\s*\d+\s*\)\s*$", "", name, flags=re.IGNORECASE) or name


def with_parts(raw: RawTable, rule: NameRule) -> RawTable:
    """Add a column for every part that a pattern finds in the cells of another.

    Raises
    ------
    InputError
        The pattern is none, or a cell does not match; names its row.
    """
    try:
        pattern = re.compile(rule.pattern)
    except re.error as error:
        raise raw.refusal(f"the pattern {rule.pattern!r} is none: {error}", column=rule.column) from None
    import pandas as pd

    cells = raw.cells(rule.column)
    found: dict[str, list[str | None]] = {name: [] for name in pattern.groupindex}
    for cell, row in zip(cells, raw.row_numbers, strict=True):
        text = None if cell is None else f"{cell:.15g}" if isinstance(cell, float) else " ".join(cell.split())
        match = None if text is None else pattern.search(text)
        if text is not None and match is None:
            problem = f"{text!r} is not built like the others of its column; rename it, or leave the row out"
            raise raw.refusal(problem, row=row, column=rule.column)
        for name in found:
            found[name].append(None if match is None else match[name])
    frame = raw.frame.copy(deep=False)
    for name, column in found.items():
        frame[part_of(rule.column, name)] = pd.Series(column, dtype="object")
    return raw.reframed(frame)
