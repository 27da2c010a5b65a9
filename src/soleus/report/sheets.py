"""The tables of an answer for spreadsheets: numbers as numbers, a span in three columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path

from soleus.observations.csv_text import guarded
from soleus.report.section import Cell, Chip, Column, Link, Section, Strong, Table, plain_text

__all__ = ["table_csv", "write_tables"]


def write_tables(sections: Iterable[Section], folder: Path) -> dict[str, str]:
    """Write each table as ``ID.csv``; return the files by the table's id, relative to ``folder``."""
    files = {}
    for section in sections:
        for table in section.tables:
            files[table.id] = f"{table.id}.csv"
            (folder / files[table.id]).write_text(table_csv(table), encoding="utf-8")
    return files


def table_csv(table: Table) -> str:
    """Return a table as CSV: ``key``, or ``key``, ``key_low`` and ``key_high`` where it holds spans.

    Numbers are exact, in the unit of their column; what is not there is left empty.
    """
    spans = {c.key for c in table.columns if any(_is_span(row.cells.get(c.key)) for row in table.rows)}
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(h for c in table.columns for h in _heads(c, c.key in spans))
    for row in table.rows:
        writer.writerow(v for c in table.columns for v in _values(row.cells.get(c.key), c.key in spans))
    return made.getvalue()


def _heads(column: Column, spans: bool) -> Iterator[str]:
    yield column.key
    if spans:
        yield from (f"{column.key}_low", f"{column.key}_high")


def _values(cell: Cell, spans: bool) -> Iterator[object]:
    if cell is None or isinstance(cell, int | float):
        yield cell
    elif isinstance(cell, str | Link | Chip | Strong | tuple):
        yield guarded(plain_text(cell))
    else:
        yield from (cell.value, cell.low, cell.high)
        return
    if spans:
        yield from ("", "")


def _is_span(cell: Cell) -> bool:
    return cell is not None and not isinstance(cell, int | float | str | Link | Chip | Strong | tuple)
