"""Cells of a sheet as they are read: laid out without gaps that a file only claims, within bounds."""

from __future__ import annotations

from dataclasses import dataclass, field

from soleus.errors import InputError
from soleus.exchange.readers.grid import Merge
from soleus.exchange.readers.raw import Cell
from soleus.exchange.readers.xml_walk import Stop

__all__ = [
    "CELL_LIMIT",
    "COLUMN_LIMIT",
    "NO_VALUE",
    "ROW_LIMIT",
    "TEXT_LIMIT",
    "Cells",
    "limited",
    "local_names",
]

CELL_LIMIT = 5_000_000
"""Cells of a sheet, from its first corner to its last cell."""

ROW_LIMIT, COLUMN_LIMIT = 1_048_576, 16_384
"""Rows and columns of a sheet, as in Excel."""

TEXT_LIMIT = 32_767
"""Characters of one cell; Excel and LibreOffice hold no more either."""

NO_VALUE = "formula without a value"

_ALL_TEXT = 2**27
# Below this, a table may be as sparse as it likes.
_SMALL = 500_000
_SPARSE = 50
_HIDDEN = 1000


@dataclass
class Cells:
    """One sheet.

    Parameters
    ----------
    rows
        Cells that hold something; a row ends with its last.
    width
        Columns of the widest row.
    merges
        Merged cells: first row, first column, last row, last column.
    hidden_rows
        Rows that the user does not see, 1-based.
    enough
        Stop after this many cells (to tell whether a sheet holds anything); 0 for all.
    """

    rows: list[list[Cell]] = field(default_factory=list)
    width: int = 0
    merges: list[Merge] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    enough: int = 0
    _filled: int = 0
    _characters: int = 0

    def put(self, row: int, column: int, value: Cell) -> None:
        """Set a cell, zero-based.

        Raises
        ------
        InputError
            Too many cells, too much text, or a cell far outside the table.
        """
        if len(self.rows) <= row or self.width <= column:
            self.reach(row, column)
        cells = self.rows[row]
        missing = column - len(cells)
        if missing == 0:
            cells.append(value)
        elif missing > 0:
            cells.extend([None] * missing)
            cells.append(value)
        else:
            cells[column] = value
        self._filled += 1
        if isinstance(value, str):
            self._characters += len(value)
            if len(value) > TEXT_LIMIT or self._characters > _ALL_TEXT:
                self._refuse_text(row, len(value))
        if self._filled == self.enough:
            raise Stop

    def reach(self, row: int, column: int) -> None:
        """Extend to a cell, zero-based (raises as :meth:`put`)."""
        height, width = max(len(self.rows), row + 1), max(self.width, column + 1)
        if height * width > CELL_LIMIT or row >= ROW_LIMIT or column >= COLUMN_LIMIT:
            raise InputError(
                f"has cells as far as row {row + 1:,} and column {column + 1:,}, {CELL_LIMIT:,} cells are"
                " accepted; delete what stands far outside the table, or export it as CSV"
            )
        self.rows.extend([] for _ in range(height - len(self.rows)))
        self.width = width

    def checked(self) -> Cells:
        """Return itself, if it is no desert.

        Raises
        ------
        InputError
            Nearly all cells are empty, or merged cells overlap.
        """
        area = len(self.rows) * self.width
        if area > _SMALL and area > _SPARSE * self._filled:
            raise InputError(
                f"holds {self._filled:,} filled cells as far as row {len(self.rows):,} and column"
                f" {self.width:,}; delete what stands far outside the table"
            )
        height, width = len(self.rows), self.width
        self.merges = [m for m in self.merges if m[0] < height and m[1] < width]
        covered = sum(
            (min(bottom, height - 1) - top + 1) * (min(right, width - 1) - left + 1)
            for top, left, bottom, right in self.merges
        )
        if covered > area:
            raise InputError("has merged cells that overlap; unmerge them and save it again")
        return self

    def hide(self, row: int) -> None:
        """Note a hidden row, zero-based; of many, the first."""
        if len(self.hidden_rows) < _HIDDEN:
            self.hidden_rows.append(row + 1)

    def merge(self, first: tuple[int, int], last: tuple[int, int]) -> None:
        """Note merged cells by their corners; a corner before the other is none."""
        if first <= last and first[1] <= last[1] and first != last:
            if len(self.merges) >= CELL_LIMIT // 2:
                raise InputError("has merged cells that overlap; unmerge them and save it again")
            self.merges.append((*first, *last))

    def _refuse_text(self, row: int, length: int) -> None:
        if length > TEXT_LIMIT:
            text = (
                f"row {row + 1} has a cell of {length:,} characters, {TEXT_LIMIT:,} are accepted; shorten it"
            )
        else:
            text = f"holds more than {_ALL_TEXT:,} characters in its cells; export fewer columns"
        raise InputError(text)


def limited(parts: list[str], more: str, so_far: int) -> int:
    """Add a run of text to those of one cell; return their length (raises InputError beyond the limit)."""
    so_far += len(more)
    if so_far > TEXT_LIMIT:
        raise InputError(f"holds a cell of more than {TEXT_LIMIT:,} characters; shorten it")
    parts.append(more)
    return so_far


class _Local(dict[str, str]):
    def __missing__(self, name: str) -> str:
        short = name.rpartition("}")[2]
        if len(self) < 10_000:
            self[name] = short
        return short


def local_names() -> dict[str, str]:
    """Return a table that gives each name without its namespace."""
    return _Local()
