"""Tables for GraphPad Prism, as ``.pzfx``: a column a group, a row an animal."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from soleus.errors import InputError
from soleus.exchange.instruments.prism import PrismCell, PrismColumn, PrismTable

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["animals_table", "prism_table", "write_pzfx"]


def prism_table(title: str, groups: Mapping[str, Sequence[float]]) -> PrismTable:
    """Make a column table of one value an animal.

    Parameters
    ----------
    title
        Name of the table.
    groups
        Group to the values of its animals, NaN where missing; groups may differ in length.
    """
    columns = (
        PrismColumn(group, (tuple(PrismCell(float(value)) for value in values),))
        for group, values in groups.items()
    )
    return PrismTable(title, "replicates", tuple(columns))


def animals_table(title: str, values: pd.DataFrame) -> PrismTable:
    """Make a column table of the values of animals.

    Parameters
    ----------
    title
        Name of the table.
    values
        One row an animal, with group and value; groups stay in order of appearance.
    """
    groups = {str(group): list(own) for group, own in values.groupby("group", sort=False)["value"]}
    return prism_table(title, groups)


def write_pzfx(tables: Sequence[PrismTable], path: str | Path) -> None:
    """Write tables of replicates; Prism 5 and later open them, and graphs of a template refresh.

    Parameters
    ----------
    tables
        At least one, with different titles.
    path
        The file to write, ``.pzfx``. The same tables give the same bytes.

    Raises
    ------
    InputError
        No table, two of one title, a summary, or a value that is infinite.
    """
    titles = [table.title for table in tables]
    if not titles or len(set(titles)) < len(titles):
        raise InputError(f"tables need different titles and there must be at least one, got {titles}")
    root = ElementTree.Element("GraphPadPrismFile", {"PrismXMLVersion": "5.00"})
    created = ElementTree.SubElement(root, "Created")
    program = {"CreatedByProgram": "soleus", "CreatedByVersion": "1", "Login": "", "DateTime": ""}
    ElementTree.SubElement(created, "OriginalVersion", program)
    sequence = ElementTree.SubElement(root, "TableSequence", {"Selected": "1"})
    for index in range(len(tables)):
        selected = {"Selected": "1"} if index == 0 else {}
        ElementTree.SubElement(sequence, "Ref", {"ID": f"Table{index}", **selected})
    for index, table in enumerate(tables):
        _add_table(root, table, index)
    ElementTree.indent(root, space="")
    text = ElementTree.tostring(root, encoding="unicode", short_empty_elements=False)
    Path(path).write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n', encoding="utf-8", newline="\n")


def _add_table(root: ElementTree.Element, table: PrismTable, index: int) -> None:
    if table.y_format != "replicates":
        raise InputError(f"table {table.title!r} is {table.y_format!r}; only replicates are written")
    width = max((len(column.subcolumns) for column in table.columns), default=1)
    kind = "XY" if table.x else ("OneWay" if width == 1 else "TwoWay")
    element = ElementTree.SubElement(
        root,
        "Table",
        {
            "ID": f"Table{index}",
            "XFormat": "numbers" if table.x else "none",
            "YFormat": "replicates",
            "Replicates": str(width),
            "TableType": kind,
            "EVFormat": "AsteriskAfterNumber",
        },
    )
    ElementTree.SubElement(element, "Title").text = table.title
    if any(table.row_titles):
        titles = ElementTree.SubElement(element, "RowTitlesColumn", {"Width": "89"})
        part = ElementTree.SubElement(titles, "Subcolumn")
        for title in table.row_titles:
            ElementTree.SubElement(part, "d").text = title
    if table.x:
        column = PrismColumn(table.x_title, (tuple(PrismCell(value) for value in table.x),))
        _add_column(element, "XColumn", column)
    for column in table.columns:
        _add_column(element, "YColumn", column)


def _add_column(table: ElementTree.Element, name: str, column: PrismColumn) -> None:
    attributes = {"Width": "89", "Decimals": "6", "Subcolumns": str(len(column.subcolumns))}
    element = ElementTree.SubElement(table, name, attributes)
    ElementTree.SubElement(element, "Title").text = column.title
    for cells in column.subcolumns:
        part = ElementTree.SubElement(element, "Subcolumn")
        for cell in cells:
            if math.isinf(cell.value):
                raise InputError(f"column {column.title!r} holds an infinite value; Prism has none")
            struck = {"Excluded": "1"} if cell.excluded else {}
            made = ElementTree.SubElement(part, "d", struck)
            made.text = "" if math.isnan(cell.value) else repr(cell.value)
