"""A table as the detectors see it: each column once as words, codes and numbers, over the rows that count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from soleus.errors import InputError
from soleus.exchange.readers.headers import Header, header_of
from soleus.exchange.readers.identity import words
from soleus.exchange.readers.mapping import Mapping, Values
from soleus.exchange.readers.numbers import is_missing, numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from soleus.exchange.readers.raw import RawTable

__all__ = ["Column", "View"]

_ANY = Mapping(values=(Values(column="?", readout="?"),))
_FORMULA = "formula without a value"


@dataclass(frozen=True)
class Column:
    """One column.

    Parameters
    ----------
    name
        Its name.
    codes
        Row to the place of its word in ``words``; -1 where the cell is empty.
    words
        Different cells as text, in order of appearance.
    decimal
        Decimal mark that the user stated.
    """

    name: str
    codes: NDArray[np.intp]
    words: tuple[str, ...]
    raw: RawTable
    decimal: str | None = None

    @cached_property
    def header(self) -> Header:
        """The header taken apart."""
        return header_of(self.name)

    @property
    def present(self) -> NDArray[np.bool_]:
        """Rows that have a cell."""
        return self.codes >= 0

    @cached_property
    def numeric(self) -> bool:
        """Whether most cells are meant as numbers, sound or not."""
        given = [w for w in self.words if not is_missing(w)]
        like = [w for w in given if w[:1].isdigit() or w[:1] in "#+-−.,<>≤≥~" or w == _FORMULA]
        return len(given) > 0 and 2 * len(like) >= len(given)

    @cached_property
    def numbers(self) -> NDArray[np.float64] | None:
        """The column as numbers; None where a cell is none."""
        try:
            percent = "%" in "".join(self.words[:50])
            return numbers(self.raw, self.name, decimal=self.decimal, percent=percent)
        except InputError:
            return None

    @cached_property
    def lenient(self) -> NDArray[np.float64]:
        """The column as numbers, NaN for whatever is none."""
        if self.numbers is not None:
            return self.numbers
        found = []
        for word in self.words:
            try:
                found.append(float(word.replace(",", ".").rstrip("%")))
            except ValueError:
                found.append(np.nan)
        return np.array([*found, np.nan])[self.codes]

    @property
    def whole(self) -> bool:
        """Whether all numbers are whole."""
        found = self.lenient
        there = found[np.isfinite(found)]
        return bool((there == np.round(there)).all())

    def word(self, row: int) -> str | None:
        """Return the text of a row's cell."""
        code = int(self.codes[row])
        return None if code < 0 else self.words[code]

    @property
    def formulas(self) -> bool:
        """Whether its cells are formulas that were never computed."""
        return _FORMULA in self.words


class View:
    """A table and its columns.

    Parameters
    ----------
    raw
        The table; rows that are no observations are taken out by :meth:`without`.
    decimal
        Decimal mark that the user stated.
    """

    def __init__(self, raw: RawTable, decimal: str | None = None) -> None:
        self.raw = raw
        self.decimal = decimal
        self._columns: dict[str, Column] = {}
        self._pairs: dict[tuple[str, str], set[tuple[int, int]]] = {}

    def __len__(self) -> int:
        return len(self.raw)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return self.raw.header

    def __getitem__(self, name: str) -> Column:
        if name not in self._columns:
            import pandas as pd

            codes, found = pd.factorize(words(self.raw, name, _ANY), use_na_sentinel=True)
            texts = tuple(str(word) for word in found)
            self._columns[name] = Column(
                name, np.asarray(codes, dtype=np.intp), texts, self.raw, self.decimal
            )
        return self._columns[name]

    def without(self, places: Sequence[int]) -> View:
        """Return the view with some rows (by their place) taken out."""
        gone = set(places)
        kept = [place for place in range(len(self)) if place not in gone]
        return View(self.raw.take(kept), self.decimal) if gone else self

    def pairs(self, one: str, other: str) -> set[tuple[int, int]]:
        """Return the pairs of words (as codes) of two columns that occur in one row."""
        if (one, other) not in self._pairs:
            a, b = self[one].codes, self[other].codes
            both = (a >= 0) & (b >= 0)
            width = max(len(self[other].words), 1)
            found = np.unique(a[both] * width + b[both])
            self._pairs[one, other] = set(
                zip((found // width).tolist(), (found % width).tolist(), strict=True)
            )
        return self._pairs[one, other]

    def determines(self, one: str, other: str) -> bool:
        """Tell whether each word of one column stands beside one word of the other only."""
        pairs = self.pairs(one, other)
        return len({a for a, _ in pairs}) == len(pairs)

    def crossed(self, one: str, other: str) -> bool:
        """Tell whether every word of one column (two at least) stands beside several words of the other."""
        pairs = self.pairs(one, other)
        beside: dict[int, set[int]] = {}
        for a, b in pairs:
            beside.setdefault(a, set()).add(b)
        return len(beside) > 1 and all(len(found) > 1 for found in beside.values())
