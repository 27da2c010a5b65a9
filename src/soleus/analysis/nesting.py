"""Rows of sections, fields and hemispheres become one value for each independent unit.

Counts are summed over their summed exposures, marked cells over cells looked at, densities are
averaged with their exposures as weights; whatever has no weights is averaged within its hemisphere
first and then over hemispheres.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, overload

import numpy as np
from numpy.typing import NDArray

from soleus.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Carrier", "Sample", "carrier", "rows_as_units", "samples"]

Array = NDArray[np.float64]
Carrier = Literal["rate", "proportion", "mean"]
"""A count over its exposure, marked cells among cells looked at, or any other number."""


@dataclass(frozen=True, eq=False)
class Sample:
    """The independent units of one group.

    Parameters
    ----------
    group
        Its name.
    names
        One a unit.
    total
        Total count, total of marked cells, or mean value of each unit.
    size
        Total exposure, cells looked at, or 1.
    parts
        Value and size of each row behind each unit.
    clusters
        Cage or litter of each unit; None where unknown or not asked for.
    """

    group: str
    names: tuple[str, ...]
    total: Array
    size: Array
    parts: Sequence[tuple[Array, Array]]
    clusters: tuple[str | None, ...]

    def __len__(self) -> int:
        return len(self.names)

    @property
    def value(self) -> Array:
        """Total over size: a density, a share or the mean itself."""
        return self.total / self.size

    @property
    def n_rows(self) -> int:
        """Rows behind the units."""
        return len(self.parts) if isinstance(self.parts, _Single) else sum(len(v) for v, _ in self.parts)


def carrier(rows: pd.DataFrame) -> Carrier:
    """Say what kind of number the rows of one read-out hold.

    Raises
    ------
    InputError
        An exposure or denominator in some rows of counts or fractions, and none in others.
    """
    kind = str(rows["value_kind"].iloc[0])
    if kind == "count":
        if _all_or_none(rows, "exposure"):
            return "rate"
        return "proportion" if _all_or_none(rows, "denominator") else "rate"
    if kind == "fraction" and _all_or_none(rows, "denominator"):
        return "proportion"
    return "mean"


def samples(rows: pd.DataFrame, groups: Sequence[str], *, cluster: str | None = None) -> Mapping[str, Sample]:
    """Bring the rows of one read-out on one day to one value per animal.

    Parameters
    ----------
    rows
        Not excluded, of one kind, not empty.
    groups
        The groups wanted; one that has no rows gets no animals.
    cluster
        "cage" or "litter": also note that of each animal.
    """
    what = carrier(rows)
    value, size = _numbers(rows, what)
    columns = _Columns(
        group=_coded(rows["group"]),
        animal=_coded(rows["animal"]),
        value=value,
        size=np.ones_like(value) if what == "mean" else size,
        weight=_weights(rows) if what == "mean" else None,
        side=_words(rows["side"]) if what == "mean" else None,
        cluster=None if cluster is None else _words(rows[cluster]),
    )
    return {group: _sample(columns, group, what, cluster) for group in groups}


def rows_as_units(sample: Sample) -> Sample:
    """Take every row for an independent unit, which it is not: for showing what that does."""
    values = np.concatenate([part[0] for part in sample.parts]) if sample.parts else np.empty(0)
    sizes = np.concatenate([part[1] for part in sample.parts]) if sample.parts else np.empty(0)
    names = tuple(map(str, range(len(values))))
    return Sample(sample.group, names, values, sizes, _Single(values, sizes), (None,) * len(values))


class _Single(Sequence[tuple[Array, Array]]):
    """Rows that are units of one row each, cut out when asked for: there may be a million."""

    def __init__(self, values: Array, sizes: Array) -> None:
        self._values, self._sizes = values, sizes

    def __len__(self) -> int:
        return len(self._values)

    @overload
    def __getitem__(self, k: int) -> tuple[Array, Array]: ...

    @overload
    def __getitem__(self, k: slice) -> Sequence[tuple[Array, Array]]: ...

    def __getitem__(self, k: int | slice) -> tuple[Array, Array] | Sequence[tuple[Array, Array]]:
        if isinstance(k, slice):
            return _Single(self._values[k], self._sizes[k])
        return self._values[[k]], self._sizes[[k]]


def _all_or_none(rows: pd.DataFrame, column: str) -> bool:
    given = rows[column].notna().to_numpy()
    if given.any() and not given.all():
        row = int(rows.index[~given][0]) + 1
        raise InputError(
            f"column {column!r}, row {row}: is empty, while other rows of {rows['readout'].iloc[0]!r}"
            " have one; give it, or exclude the row with a reason"
        )
    return bool(given.all())


@dataclass(frozen=True, eq=False, slots=True)
class _Columns:
    """What the units are made of, each of shape (rows,): a million rows are split once, not copied often."""

    group: _Coded
    animal: _Coded
    value: Array
    size: Array
    weight: Array | None
    side: NDArray[np.object_] | None
    cluster: NDArray[np.object_] | None


def _sample(columns: _Columns, group: str, what: Carrier, cluster: str | None) -> Sample:
    codes, animals = columns.animal
    groups, known = columns.group
    mine = np.flatnonzero((groups == known.get(group, _NOWHERE)) & (codes >= 0))
    names_of = list(animals)
    names, totals, sizes, parts, clusters = [], [], [], [], []
    for rows in _by_animal(codes[mine], mine):
        value, size = columns.value[rows], columns.size[rows]
        if what == "mean":
            totals.append(_nested_mean(columns, rows))
            sizes.append(1.0)
        else:
            totals.append(float(value.sum()))
            sizes.append(float(size.sum()))
        name = names_of[codes[rows[0]]]
        names.append(name)
        parts.append((value, size))
        clusters.append(_cluster_of(columns, rows, name, cluster))
    return Sample(group, tuple(names), np.array(totals), np.array(sizes), tuple(parts), tuple(clusters))


def _by_animal(codes: NDArray[np.intp], rows: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """Return the rows of each animal, animals in order of appearance."""
    if not len(codes):
        return []
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=codes[order[0]] - 1))
    split = np.split(rows[order], starts[1:])
    return sorted(split, key=lambda part: int(part[0]))


def _numbers(rows: pd.DataFrame, what: Carrier) -> tuple[Array, Array]:
    value = rows["value"].to_numpy(dtype=np.float64)
    if what == "proportion":
        size = rows["denominator"].to_numpy(dtype=np.float64)
        # A share of 37 among 120 is stored as 0.30833...; it was a whole number of cells.
        return (value if rows["value_kind"].iloc[0] == "count" else np.round(value * size)), size
    size = rows["exposure"].to_numpy(dtype=np.float64)
    # Without an exposure each row is one unit of it: unequal numbers of sections must not count as cells.
    return value, np.where(np.isnan(size), 1.0, size)


_Coded = tuple[NDArray[np.intp], dict[str, int]]
"""Code of each row, -1 where missing, and each word's code, in order."""

_NOWHERE = -2


def _coded(column: pd.Series) -> _Coded:
    import pandas as pd

    # Words are never made for each row: a million of them take more than all numbers.
    codes, words = pd.factorize(column, use_na_sentinel=True)
    return codes, {str(word): code for code, word in enumerate(words)}


def _words(column: pd.Series) -> NDArray[np.object_]:
    """Return text with None where it is missing."""
    import pandas as pd

    words: NDArray[np.object_] = column.to_numpy(dtype=object, copy=True)
    words[pd.isna(words)] = None
    return words


def _weights(rows: pd.DataFrame) -> Array | None:
    """Return the areas that densities are weighted by; None for whatever is no density."""
    if rows["value_kind"].iloc[0] != "density":
        return None
    return rows["exposure"].to_numpy(dtype=np.float64)


def _nested_mean(columns: _Columns, rows: NDArray[np.intp]) -> float:
    value = columns.value[rows]
    if columns.weight is not None and not np.isnan(columns.weight[rows]).any():
        return float(np.average(value, weights=columns.weight[rows]))
    sides = columns.side[rows] if columns.side is not None else np.array([None])
    if all(side is not None for side in sides):
        return float(np.mean([value[sides == side].mean() for side in dict.fromkeys(sides)]))
    return float(value.mean())


def _cluster_of(columns: _Columns, rows: NDArray[np.intp], animal: str, cluster: str | None) -> str | None:
    if columns.cluster is None:
        return None
    found = list(dict.fromkeys(str(name) for name in columns.cluster[rows] if name is not None))
    if len(found) > 1:
        raise InputError(
            f"column {cluster!r}: animal {animal!r} was in {', '.join(found)} on one day; keep one"
        )
    return found[0] if found else None
