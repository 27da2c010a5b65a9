"""A table as a file holds it: cells, header, and the row of the file that each cell came from.

Nothing here knows what a column means.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from soleus.errors import InputError
from soleus.exchange.readers.files import FILE_LIMIT, Source, open_source, read_bytes, refusal

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["FILE_LIMIT", "Cell", "RawTable", "Source", "open_source", "read_bytes", "refusal"]

Cell = str | float | None
"""A cell as read: text as it stands, a number where the format itself says so, None where empty."""


class RawTable:
    """A rectangular table as read from a file, before anything is made of it.

    Small files come as rows of cells, large ones as a frame (:meth:`from_frame`); each view is made from
    the other when it is first asked for.

    Parameters
    ----------
    source
        The file.
    sheet
        Sheet of a workbook, or table of a file that holds several; None where there is only one.
    header
        Names of the columns, all different and none empty.
    rows
        Cells, shape (rows, columns).
    row_numbers
        Row of the file for each row, 1-based; where rows have none (XML), their number in order.
    notes
        What the reader saw and the user should know, in plain sentences.
    decimal
        The decimal mark of numbers that are text: "." or ","; None where the file does not tell.

    Attributes
    ----------
    places
        Column of the file (from 0) of each column.
    struck, coloured
        Cells that are struck out, or have a background of their own, in a spreadsheet: row of the file and
        name of the column.

    Raises
    ------
    InputError
        No columns, an empty or doubled name, or rows of another width.
    """

    def __init__(
        self,
        *,
        source: Source,
        header: Sequence[str],
        rows: Iterable[Sequence[Cell]],
        row_numbers: Sequence[int],
        sheet: str | None = None,
        notes: Sequence[str] = (),
        decimal: str | None = None,
    ) -> None:
        self.source = source
        self.sheet = sheet
        self.header = tuple(header)
        self.row_numbers = row_numbers if isinstance(row_numbers, range) else tuple(row_numbers)
        self.notes = tuple(notes)
        self.decimal = decimal
        self.places: tuple[int, ...] = tuple(range(len(self.header)))
        self.struck: tuple[tuple[int, str], ...] = ()
        self.coloured: tuple[tuple[int, str], ...] = ()
        self._check_header()
        self._rows: tuple[tuple[Cell, ...], ...] | None = tuple(tuple(row) for row in rows)
        if len(self._rows) != len(self.row_numbers):
            raise ValueError("rows and row_numbers differ in length")
        for row, number in zip(self._rows, self.row_numbers, strict=True):
            if len(row) != len(self.header):
                text = f"has {len(row)} cells, the header has {len(self.header)}; mend the row"
                raise self.refusal(text, row=number)

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        *,
        source: Source,
        row_numbers: Sequence[int],
        sheet: str | None = None,
        notes: Sequence[str] = (),
        decimal: str | None = None,
    ) -> RawTable:
        """Make a table from columns, for files that are too large for a tuple per row.

        Parameters
        ----------
        frame
            The columns, each all float64 (NaN where empty) or object/string (None or NA where empty).
        source, row_numbers, sheet, notes, decimal
            As for the class; ``row_numbers`` may be a range.
        """
        table = cls(
            source=source,
            header=[str(name) for name in frame.columns],
            rows=(),
            row_numbers=(),
            sheet=sheet,
            notes=notes,
            decimal=decimal,
        )
        if len(frame) != len(row_numbers):
            raise ValueError("frame and row_numbers differ in length")
        table.row_numbers = row_numbers if isinstance(row_numbers, range) else tuple(row_numbers)
        table._rows = None
        table.__dict__["frame"] = frame.reset_index(drop=True).set_axis(list(table.header), axis=1)
        return table

    def __len__(self) -> int:
        return len(self.row_numbers)

    @property
    def path(self) -> Path:
        """The file."""
        return self.source.path

    @property
    def rows(self) -> tuple[tuple[Cell, ...], ...]:
        """The cells, shape (rows, columns); for a table made of columns, built when first asked for."""
        if self._rows is None:
            columns = [self.cells(name) for name in self.header]
            self._rows = tuple(zip(*columns, strict=True))
        return self._rows

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The columns: float64 where every cell is a number or empty, else object; index 0, 1, ..."""
        import pandas as pd

        columns: dict[str, pd.Series] = {}
        for number, name in enumerate(self.header):
            cells = [row[number] for row in self.rows]
            numeric = not any(isinstance(cell, str) for cell in cells)
            columns[name] = pd.Series(cells, dtype="float64" if numeric else "object")
        return pd.DataFrame(columns, columns=list(self.header))

    def column(self, name: str) -> pd.Series:
        """Return one column of :attr:`frame`.

        Raises
        ------
        InputError
            No such column; the message lists those that exist, and the nearest.
        """
        if name not in self.header:
            near = difflib.get_close_matches(name, self.header, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise self.refusal(f"there is no column {name!r}.{hint} It has: {', '.join(self.header)}")
        return self.frame[name]

    def cells(self, name: str) -> list[Cell]:
        """Return one column as cells (raises as :meth:`column`)."""
        import pandas as pd

        if name not in self.header:
            self.column(name)
        if self._rows is not None:
            where = self.header.index(name)
            return [row[where] for row in self._rows]
        column = self.column(name)
        return [None if pd.isna(cell) else cell for cell in column.astype("object").tolist()]

    def take(self, rows: Sequence[int] | NDArray[np.intp]) -> RawTable:
        """Return the table with some of its rows, by their place (0, 1, ...); file rows are kept."""
        numbers = [self.row_numbers[row] for row in rows]
        return RawTable.from_frame(
            self.frame.iloc[list(rows)],
            source=self.source,
            row_numbers=numbers,
            sheet=self.sheet,
            notes=self.notes,
            decimal=self.decimal,
        )

    def filled_down(self, names: Iterable[str]) -> RawTable:
        """Return the table with the empty cells of some columns filled from above."""
        frame = self.frame.copy(deep=False)
        for name in names:
            frame[name] = self.column(name).ffill()
        return self.reframed(frame)

    def reframed(self, frame: pd.DataFrame) -> RawTable:
        """Return a table of other columns with the same rows of the file."""
        return RawTable.from_frame(
            frame,
            source=self.source,
            row_numbers=self.row_numbers,
            sheet=self.sheet,
            notes=self.notes,
            decimal=self.decimal,
        )

    def refusal(self, text: str, *, row: int | None = None, column: str | None = None) -> InputError:
        """Build the error for this table; ``row`` is the row of the file (see :func:`refusal`)."""
        return refusal(self.path, text, sheet=self.sheet, row=row, column=column)

    def _check_header(self) -> None:
        if not self.header:
            raise self.refusal("it has no columns; the first row must name them")
        seen: dict[str, int] = {}
        for number, name in enumerate(self.header, 1):
            if not name:
                raise self.refusal(f"column {number} has no name; give it one in the header")
            if name in seen:
                raise self.refusal(
                    f"columns {seen[name]} and {number} are both named {name!r}; give each column a name of"
                    " its own in the header"
                )
            seen[name] = number
