"""Tables of FlowJo's table editor: a row a sample, columns ``gate path | statistic``.

A frequency is a share of the cells of a parent gate; without that number it has no weight and no error, so
that it is read only where the table holds the parent's Count.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from soleus.exchange.instruments.cells import decimal_mark, number, whole
from soleus.exchange.instruments.flowjo_header import Gate, keywords, read_gates, short_names
from soleus.exchange.instruments.pattern import NameParts, Pattern, parts_of
from soleus.exchange.instruments.reading import Reading, constants_for, mapping_for, table_of
from soleus.exchange.instruments.source import Sheet, load, sheet_of
from soleus.exchange.instruments.units_of_images import Named, name_images
from soleus.exchange.readers.files import Source, read_bytes, refusal
from soleus.exchange.readers.mapping import Columns, Constants, Mapping, Values
from soleus.exchange.readers.sheets import is_workbook, table_of_workbook

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["read_flowjo"]

_SUMMARY_ROWS = frozenset(
    {"mean", "sd", "stdev", "std dev", "std. dev.", "sem", "cv", "median", "min", "max"}
)


@dataclass(frozen=True)
class _Table:
    source: Source
    sheet: Sheet
    mark: str
    notes: tuple[str, ...]

    def cell(self, row: int, column: str, *, count: bool) -> float:
        text = self.sheet.rows[row][self.sheet.header.index(column)].removesuffix("%").strip()
        place = (self.source.path, self.sheet.numbers[row], column)
        return (whole if count else number)(text, place, mark=self.mark)


def read_flowjo(
    path: str | Path,
    *,
    gates: Sequence[str] | None = None,
    pattern: Pattern = None,
    constants: Constants | None = None,
) -> Reading:
    """Read a table of FlowJo, as text or as a workbook.

    Parameters
    ----------
    path
        The file.
    gates
        Paths of the gates to read; all where None.
    pattern
        Where the animal stands in the names of samples; not needed where a column Animal or Mouse names
        it, guessed where None.
    constants
        What holds for all rows.

    Returns
    -------
    Reading
        One row a sample and gate: sample, readout (last part of the gate's path, or the path where that is
        not unique), value (cells in the gate), denominator (cells of the parent).
        A frequency without a Count of its own becomes the nearest count; a note says how exact that is.

    Raises
    ------
    InputError
        A frequency without its parent's Count, one that contradicts the counts, rows of means only, cells
        that are no numbers. The message names file, row and mend.
    """
    table = _load(path)
    found = read_gates(table.sheet.header, table.source)
    wanted = _wanted(found, gates, table)
    notes = list(table.notes)
    samples = _sample_rows(table, notes)
    named = _named(table, samples, pattern)
    frame = _frame(table, wanted, samples, named=named, notes=notes)
    raw = table_of(frame, source=table.source, notes=notes)
    denominator = "denominator" if "denominator" in raw.header else None
    proposed = Mapping(
        columns=Columns(readout="readout"),
        constants=constants_for(constants, "flow cytometry"),
        values=(Values(column="value", denominator=denominator),),
    )
    mapping, questions = mapping_for(proposed, raw)
    return Reading("FlowJo table", raw, mapping, (*named.questions, *questions), named.pattern)


def _load(path: str | Path) -> _Table:
    source, data = read_bytes(path)
    if is_workbook(data):
        raw = table_of_workbook(source, data)
        rows = tuple(tuple("" if c is None else _text(c) for c in row) for row in raw.rows)
        sheet = Sheet(raw.header, rows, tuple(raw.row_numbers))
        return _Table(source, sheet, raw.decimal or ".", raw.notes)
    text = load(path)
    sheet = sheet_of(text)
    cells = (cell.removesuffix("%").strip() for row in sheet.rows for cell in row[1:])
    return _Table(source, sheet, decimal_mark(cells, source.path), tuple(text.notes()))


def _text(cell: str | float) -> str:
    return cell.strip() if isinstance(cell, str) else f"{cell:.15g}"


def _wanted(found: dict[str, Gate], gates: Sequence[str] | None, table: _Table) -> list[Gate]:
    if gates is not None:
        unknown = [path for path in gates if path not in found]
        if unknown:
            raise refusal(table.source.path, f"has no gate {unknown[0]!r}; it has {', '.join(found)}", row=1)
    chosen = [gate for path, gate in found.items() if path and (gates is None or path in gates)]
    chosen = [gate for gate in chosen if gate.count or gate.shares]
    if not chosen:
        mend = "add the statistic Count to the gates in the table editor"
        raise refusal(table.source.path, f"holds neither counts nor frequencies of gates; {mend}", row=1)
    for gate in chosen:
        for share in gate.shares:
            if share.of is None or not found.get(share.of, Gate("")).count:
                parent = "its parent" if share.of is None else repr(share.of or "the whole sample")
                reason = f"is a share of the cells of {parent}, whose Count is not in the table"
                mend = "without it the share has no weight: add that Count in the table editor, or name gates"
                raise refusal(table.source.path, f"{reason}; {mend}", row=1, column=share.column)
    return chosen


def _sample_rows(table: _Table, notes: list[str]) -> list[int]:
    """Return the rows that are samples; means and spreads of FlowJo's are dropped."""
    dropped = [k for k, row in enumerate(table.sheet.rows) if row[0].lower().rstrip(":") in _SUMMARY_ROWS]
    if len(dropped) == len(table.sheet.rows):
        mend = "export the rows of the samples"
        raise refusal(table.source.path, f"holds rows of means only, and no sample; {mend}", row=2)
    if dropped:
        names = ", ".join(f"{table.sheet.rows[k][0]} (row {table.sheet.numbers[k]})" for k in dropped)
        notes.append(f"Rows that summarise samples are left out: {names}.")
    return [k for k in range(len(table.sheet.rows)) if k not in dropped]


def _named(table: _Table, samples: list[int], pattern: Pattern) -> Named:
    columns = keywords(table.sheet.header)
    rows = [table.sheet.numbers[k] for k in samples]
    if "animal" in columns and pattern is None:
        parts: list[NameParts] = []
        for k in samples:
            words = {role: table.sheet.rows[k][at] for role, at in columns.items()}
            if not words["animal"]:
                raise refusal(
                    table.source.path, "names no animal; fill the column", row=table.sheet.numbers[k]
                )
            parts.append(parts_of({role: word for role, word in words.items() if word}, words["animal"]))
        return Named(None, tuple(parts))
    names = [table.sheet.rows[k][0] for k in samples]
    seen: dict[str, int] = {}
    for name, row in zip(names, rows, strict=True):
        if not name or name in seen:
            what = "has no name" if not name else f"{name!r} stands in row {seen[name]} too"
            raise refusal(table.source.path, f"the sample {what}; name each sample once", row=row)
        seen[name] = row
    return name_images(names, pattern, source=table.source, rows=rows)


def _frame(
    table: _Table, gates: list[Gate], samples: list[int], *, named: Named, notes: list[str]
) -> pd.DataFrame:
    import pandas as pd

    names = short_names([gate.path for gate in gates])
    found = read_gates(table.sheet.header, table.source)
    rows: list[dict[str, object]] = []
    worst = 0.0
    for order, k in enumerate(samples):
        parts = {name: cells[0] for name, cells in named.columns([order]).items()}
        for gate, readout in zip(gates, names, strict=True):
            value, total, error = _count(table, gate, found, row=k)
            worst = max(worst, error)
            rows.append(
                {
                    "sample": table.sheet.rows[k][0],
                    **parts,
                    "readout": readout,
                    "value": value,
                    "denominator": total,
                    "excluded": "true" if math.isnan(value) else "false",
                    "exclusion_reason": "empty in the file" if math.isnan(value) else None,
                    "source_row": table.sheet.numbers[k],
                }
            )
    if worst:
        notes.append(f"Counts made of rounded frequencies are off by at most {worst:.3g} cells.")
    frame = pd.DataFrame(rows)
    return frame.drop(columns="denominator") if frame["denominator"].isna().all() else frame


def _count(table: _Table, gate: Gate, found: dict[str, Gate], *, row: int) -> tuple[float, float, float]:
    """Return cells of the gate, cells of the parent, and by how much a rounded frequency may be off."""
    value = table.cell(row, gate.count, count=True) if gate.count else math.nan
    parent = found.get(gate.parent)
    total = table.cell(row, parent.count, count=True) if parent is not None and parent.count else math.nan
    error = 0.0
    for share in gate.shares:
        percent = table.cell(row, share.column, count=False)
        if math.isnan(percent) or share.of is None:
            continue
        of = table.cell(row, found[share.of].count, count=True)
        at, column = table.sheet.numbers[row], share.column
        if not 0 <= percent <= 100:
            mend = "a share of cells lies in 0 to 100: mend the cell"
            raise refusal(table.source.path, f"{percent:g} is no percentage; {mend}", row=at, column=column)
        near = percent / 100 * of
        slack = _half_unit(table.sheet.rows[row][table.sheet.header.index(share.column)]) / 100 * of
        if math.isnan(value):
            value, error = float(round(near)), slack
            total = of
        elif abs(value - near) > slack + 0.5:
            problem = f"{percent:g} % of {of:g} cells are not the {value:g} that Count says"
            mend = "the columns belong to different gatings: export the table again"
            raise refusal(table.source.path, f"{problem}; {mend}", row=at, column=column)
    if value > total:
        problem = f"{value:g} cells of {gate.path!r} are more than the {total:g} of its parent"
        mend = "export the table again"
        raise refusal(table.source.path, f"{problem}; {mend}", row=table.sheet.numbers[row])
    return value, total, error


def _half_unit(text: str) -> float:
    """Return half a unit of the last digit written."""
    digits = text.removesuffix("%").strip().replace(",", ".").lower()
    if "e" in digits:
        return abs(float(digits)) * 1e-3
    return 0.5 * 10.0 ** -len(digits.partition(".")[2])
