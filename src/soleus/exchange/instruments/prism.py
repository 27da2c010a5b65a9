"""GraphPad Prism's ``.pzfx``: tables of replicates, value for value.

A column is a group and a row a replicate; nothing in the file says which replicates are one animal.
Elements as Prism 5 to 9 write them, https://www.graphpad.com/guides/prism/latest/
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from soleus.exchange.instruments.cells import decimal_mark, number
from soleus.exchange.instruments.reading import Reading, constants_for, mapping_for, table_of
from soleus.exchange.instruments.safe_xml import local_name, parse_xml, text_of
from soleus.exchange.readers.files import Source, refusal
from soleus.exchange.readers.grid import JOINER
from soleus.exchange.readers.mapping import Columns, Constants, Mapping, Values
from soleus.exchange.readers.question import Answers, Choice, Question, QuestionError
from soleus.exchange.readers.raw import RawTable

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["PrismCell", "PrismColumn", "PrismTable", "prism_raw", "read_prism", "read_prism_tables"]

_SUMMARIES = {
    "SD": "means with SD", "SDN": "means with SD and n", "SE": "means with SEM", "SEM": "means with SEM",
    "SEN": "means with SEM and n", "SEMN": "means with SEM and n", "CV": "means with CV",
    "CVN": "means with CV and n", "LOW-HIGH": "means with limits", "UPPER-LOWER-LIMITS": "means with limits",
}  # fmt: skip
_STATISTICS = frozenset({"mean", "sd", "sem", "se", "n", "cv", "median", "std. dev.", "standard deviation"})
_OF_PRISM_10 = (
    "the form of .prism is not published: in Prism choose File > Save As and 'Prism XML file (*.pzfx)'"
)


@dataclass(frozen=True, slots=True)
class PrismCell:
    """One number (NaN where the cell is empty), and whether it is struck out."""

    value: float
    excluded: bool = False


@dataclass(frozen=True)
class PrismColumn:
    """A data set: its title and its subcolumns (replicates side by side), each a column of cells."""

    title: str
    subcolumns: tuple[tuple[PrismCell, ...], ...]


@dataclass(frozen=True)
class PrismTable:
    """One data table.

    Parameters
    ----------
    title
        Its name.
    y_format
        "replicates", or a word for a summary such as "SDN".
    columns
        The data sets.
    row_titles
        Titles of rows; empty where there are none.
    x
        X of each row; empty where there is none.
    x_title
        What X is.
    """

    title: str
    y_format: str
    columns: tuple[PrismColumn, ...]
    row_titles: tuple[str, ...] = ()
    x: tuple[float, ...] = ()
    x_title: str = ""


def read_prism_tables(path: str | Path) -> tuple[Source, tuple[PrismTable, ...]]:
    """Read all data tables of a file, summaries included.

    Raises
    ------
    InputError
        Not a ``.pzfx``, cut off, hostile, or a cell that is no number.
    """
    where = Path(path)
    source, root = parse_xml(path, of_archive=_OF_PRISM_10)
    if local_name(root) != "GraphPadPrismFile":
        raise refusal(path, f"the root is <{local_name(root)}>, not <GraphPadPrismFile>; save it from Prism")
    elements = [child for child in root if local_name(child) in ("Table", "HugeTable")]
    if not elements:
        raise refusal(path, "has no data table; save the file with its data")
    cells = (text_of(d).rstrip("*") for element in elements for d in element.iter() if local_name(d) == "d")
    mark = decimal_mark(cells, where)
    return source, tuple(_table(element, where, mark) for element in elements)


def _children(element: Element, name: str) -> Iterator[Element]:
    return (child for child in element if local_name(child) == name)


def _title(element: Element) -> str:
    return text_of(next(_children(element, "Title"), None))


def _table(element: Element, path: Path, mark: str) -> PrismTable:
    title = _title(element) or element.get("ID", "table")
    columns = []
    for column in _children(element, "YColumn"):
        parts = tuple(_cells(part, path, mark=mark, table=title) for part in _children(column, "Subcolumn"))
        columns.append(PrismColumn(_title(column), parts))
    titles: tuple[str, ...] = ()
    for column in _children(element, "RowTitlesColumn"):
        for part in _children(column, "Subcolumn"):
            titles = tuple(text_of(d) for d in _children(part, "d"))
    x: tuple[float, ...] = ()
    x_title = ""
    for column in _children(element, "XColumn"):
        first = next(_children(column, "Subcolumn"), None)
        if first is not None and element.get("XFormat", "numbers") in ("numbers", "error"):
            x = tuple(cell.value for cell in _cells(first, path, mark=mark, table=title))
            x_title = _title(column)
    return PrismTable(title, element.get("YFormat", "replicates"), tuple(columns), titles, x, x_title)


def _cells(element: Element, path: Path, *, mark: str, table: str) -> tuple[PrismCell, ...]:
    cells = []
    for row, cell in enumerate(_children(element, "d"), start=1):
        text = text_of(cell)
        value = number(text.rstrip("*"), (path, row, table), mark=mark)
        cells.append(PrismCell(value, cell.get("Excluded") == "1" or text.endswith("*")))
    return tuple(cells)


def read_prism(
    path: str | Path,
    *,
    table: str | None = None,
    animals: Literal["row", "replicate"] | None = None,
    values: Values | None = None,
    constants: Constants | None = None,
) -> Reading:
    """Read one table of replicates.

    Parameters
    ----------
    path
        The file.
    table
        Its title; None where the file has one table.
    animals
        "row": each row of a column is an animal of its group; "replicate": each subcolumn is one, in all
        rows. None: asked, because the file does not say.
    values
        What the numbers are (column ``value``); asked where None.
    constants
        What holds for all rows.

    Returns
    -------
    Reading
        One row a number: group, row, replicate, row_title and x where there are any, value, excluded.
        Numbers that are struck out in Prism stay, excluded with that reason.

    Raises
    ------
    InputError
        No such table, or one that holds means instead of replicates: those cannot be analysed by animal.
    """
    source, tables = read_prism_tables(path)
    chosen = _choose(source.path, tables, table)
    _refuse_summary(source.path, chosen)
    frame_rows = list(_long(chosen))
    if not frame_rows:
        raise refusal(path, "holds no number; enter the data or name another table", sheet=chosen.title)
    import pandas as pd

    raw = table_of(pd.DataFrame(frame_rows), source=source, sheet=chosen.title)
    asked = []
    if animals is None:
        asked.append("Is each row of a column an animal, or each replicate? Prism's files do not say.")
    if values is None:
        asked.append(f"What are the numbers of {chosen.title!r}: which read-out, which kind, which unit?")
    if chosen.x:
        asked.append(f"Is X ({chosen.x_title or 'without title'}) the day? Then write x as columns.day.")
    columns = Columns(group="group", animal=None if animals is None else ("group", animals))
    proposed = Mapping(
        columns=columns,
        constants=constants_for(constants, "Prism table"),
        values=(values or Values(column="value", readout=chosen.title, kind=_kind(chosen), unit="cells"),),
        sheet=chosen.title,
    )
    mapping, questions = mapping_for(proposed, raw)
    return Reading("GraphPad Prism table", raw, mapping, (*asked, *questions))


def prism_raw(path: str | Path, *, table: str | None = None, answers: Answers | None = None) -> RawTable:
    """Return one table of replicates as it stands: a column for each group (and replicate), row titles.

    Parameters
    ----------
    path, table
        As for :func:`read_prism`.
    answers
        Which table is meant where the file has several; None refuses such a file.

    Notes
    -----
    Values that are struck out in Prism are left empty, and named in the notes.

    Raises
    ------
    InputError
        As for :func:`read_prism`.
    """
    source, tables = read_prism_tables(path)
    if table is None and len(tables) > 1 and answers is not None:
        table = _asked(source.path, tables, answers)
    chosen = _choose(source.path, tables, table)
    _refuse_summary(source.path, chosen)
    header: list[str] = []
    columns: list[list[str | float | None]] = []
    if any(chosen.row_titles):
        header.append("row title")
        columns.append([title or None for title in chosen.row_titles])
    if chosen.x:
        header.append(chosen.x_title or "X")
        columns.append([None if math.isnan(x) else x for x in chosen.x])
    struck: list[str] = []
    for place, column in enumerate(chosen.columns, start=1):
        title = column.title or f"column {place}"
        for number_of, cells in enumerate(column.subcolumns, start=1):
            header.append(title if len(column.subcolumns) == 1 else f"{title}{JOINER}{number_of}")
            columns.append([None if math.isnan(c.value) or c.excluded else c.value for c in cells])
            struck += [f"{title} row {k}" for k, c in enumerate(cells, start=1) if c.excluded]
    height = max((len(column) for column in columns), default=0)
    rows = [tuple(column[k] if k < len(column) else None for column in columns) for k in range(height)]
    if not any(isinstance(cell, float) for row in rows for cell in row):
        raise refusal(path, "holds no number; enter the data or name another table", sheet=chosen.title)
    notes = (f"struck out in Prism and left out: {', '.join(struck)}",) if struck else ()
    return RawTable(
        source=source,
        header=header,
        rows=rows,
        row_numbers=range(1, height + 1),
        sheet=chosen.title,
        notes=notes,
        decimal=".",
    )


def _asked(path: Path, tables: tuple[PrismTable, ...], answers: Answers) -> str:
    titles = list(dict.fromkeys(table.title for table in tables))
    shown = [
        Choice(
            title, f"groups {', '.join(c.title for t in tables if t.title == title for c in t.columns)}"[:90]
        )
        for title in titles
    ]
    word = answers.ask(
        Question(
            id="sheet",
            about="layout",
            text=f"the file holds {len(tables)} tables. Which one is analysed? (Run again for another.)",
            choices=tuple(shown),
        )
    )
    if word is None:
        question = answers.first()
        assert question is not None
        raise QuestionError(path, question)
    return word


def _choose(path: Path, tables: tuple[PrismTable, ...], title: str | None) -> PrismTable:
    names = ", ".join(repr(table.title) for table in tables)
    if title is None and len(tables) > 1:
        raise refusal(path, f"holds {len(tables)} tables ({names}); name the one to read")
    found = [table for table in tables if title is None or table.title == title]
    if not found:
        raise refusal(path, f"has no table {title!r}; it has {names}")
    if len(found) > 1:
        raise refusal(path, f"has {len(found)} tables {title!r}; rename one in Prism")
    return found[0]


def _refuse_summary(path: Path, table: PrismTable) -> None:
    """Refuse means: the spread between animals cannot be brought back from them."""
    what = _SUMMARIES.get(table.y_format.upper())
    titles = {column.title.strip().lower() for column in table.columns}
    if what is None and titles and titles <= _STATISTICS:
        what = "statistics (" + ", ".join(sorted(titles)) + ")"
    if what is None and table.y_format.lower() not in ("replicates", "text", ""):
        what = f"numbers of the form {table.y_format!r}"
    if what is not None:
        reason = "the animals' values cannot be told from them, so that no analysis by animal is possible"
        mend = "enter the animals as replicates, or take the file with the raw values"
        raise refusal(path, f"holds {what}, not replicates: {reason}; {mend}", sheet=table.title)


def _long(table: PrismTable) -> Iterator[dict[str, object]]:
    for place, column in enumerate(table.columns, start=1):
        for replicate, cells in enumerate(column.subcolumns, start=1):
            for row, cell in enumerate(cells, start=1):
                if math.isnan(cell.value):
                    continue  # columns of unequal length
                extra: dict[str, object] = {}
                if any(table.row_titles):
                    titled = row <= len(table.row_titles)
                    extra["row_title"] = (table.row_titles[row - 1] if titled else None) or None
                if table.x:
                    extra["x"] = table.x[row - 1] if row <= len(table.x) else math.nan
                yield {
                    "group": column.title or f"column {place}",
                    "row": str(row),
                    "replicate": str(replicate),
                    **extra,
                    "value": cell.value,
                    "excluded": "true" if cell.excluded else "false",
                    "exclusion_reason": "struck out in Prism" if cell.excluded else None,
                    "source_row": row,
                }


def _kind(table: PrismTable) -> Literal["count", "density"]:
    cells = (cell.value for column in table.columns for part in column.subcolumns for cell in part)
    given = [value for value in cells if not math.isnan(value)]
    return "count" if all(value == round(value) for value in given) else "density"
