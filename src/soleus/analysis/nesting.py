"""Rows of sections, fields and hemispheres become one value for each independent unit.

Counts are summed over their summed exposures, marked cells over cells looked at, densities are
averaged with their exposures as weights; whatever has no weights is averaged within its hemisphere
first and then over hemispheres. No other place brings rows together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from soleus.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Carrier", "Marks", "Sample", "as_units", "carrier", "rows_as_units", "samples"]

Array = NDArray[np.float64]
Carrier = Literal["rate", "proportion", "mean"]
"""A count over its exposure, marked cells among cells looked at, or any other number."""
Marks = Mapping[str, tuple[object, ...]]
"""Design column to the entry of each unit; None where it has none."""


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
    marks
        Design columns (cage, litter, sex, ``block:NAME``, ``covariate:NAME``, ...) that were asked for.
    """

    group: str
    names: tuple[str, ...]
    total: Array
    size: Array
    parts: tuple[tuple[Array, Array], ...]
    marks: Marks = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.names)

    @property
    def value(self) -> Array:
        """Total over size: a density, a share or the mean itself."""
        return self.total / self.size

    @property
    def n_rows(self) -> int:
        """Rows behind the units."""
        return sum(len(values) for values, _ in self.parts)

    def only(self, chosen: Sequence[int] | NDArray[np.intp]) -> Sample:
        """Return the units at some places, in that order."""
        at = [int(k) for k in chosen]
        return Sample(
            self.group,
            tuple(self.names[k] for k in at),
            self.total[at],
            self.size[at],
            tuple(self.parts[k] for k in at),
            {name: tuple(entries[k] for k in at) for name, entries in self.marks.items()},
        )


def carrier(rows: pd.DataFrame) -> Carrier:
    """Say what kind of number the rows of one read-out hold.

    Raises
    ------
    InputError
        An exposure or denominator in some rows of counts or fractions, and none in others.
    """
    kind = str(rows["value_kind"].iloc[0])
    if kind == "count":
        # A double label is a share of the first, whatever area was looked at.
        if _all_or_none(rows, "denominator"):
            return "proportion"
        _all_or_none(rows, "exposure")
        return "rate"
    if kind == "fraction" and _all_or_none(rows, "denominator"):
        return "proportion"
    return "mean"


def samples(
    rows: pd.DataFrame, groups: Sequence[str], *, marks: Sequence[str] = (), single: Sequence[str] = ()
) -> Mapping[str, Sample]:
    """Bring the rows of one read-out on one day to one value per animal.

    Parameters
    ----------
    rows
        Not excluded, of one kind, not empty.
    groups
        The groups wanted; one that has no rows gets no animals.
    marks
        Design columns to note for each animal.
    single
        Those of them in which an animal can have one entry only.

    Raises
    ------
    InputError
        An animal with two entries in a column of ``single``.
    """
    what = carrier(rows)
    of_group = rows["group"].to_numpy(dtype=object)
    every = {name: rows[(of_group == name).astype(bool)] for name in groups}
    return {name: _sample(mine, name, what, (marks, single)) for name, mine in every.items()}


def rows_as_units(sample: Sample) -> Sample:
    """Take every row for an independent unit, which it is not: for showing what that does."""
    values = np.concatenate([part[0] for part in sample.parts]) if sample.parts else np.empty(0)
    sizes = np.concatenate([part[1] for part in sample.parts]) if sample.parts else np.empty(0)
    names = tuple(str(k) for k in range(len(values)))
    parts = tuple((values[k : k + 1], sizes[k : k + 1]) for k in range(len(values)))
    return Sample(sample.group, names, values, sizes, parts)


def as_units(sample: Sample, unit: str, what: Carrier, *, log: bool = False) -> Sample:
    """Bring the animals of each cage or litter together, in which they are what sections are in an animal.

    Parameters
    ----------
    sample
        With the cage or litter of each animal among its marks.
    unit
        Name of that mark.
    what
        Totals of counts and cells are summed, other values averaged.
    log
        Average logs, as the analysis of ratios does; a mean of positive values.
    """
    order: dict[str, list[int]] = {}
    for k, name in enumerate(sample.marks[unit]):
        order.setdefault(str(name), []).append(k)
    totals, sizes, parts = [], [], []
    for members in order.values():
        own = sample.total[members]
        if what != "mean":
            totals.append(float(own.sum()))
            sizes.append(float(sample.size[members].sum()))
        else:
            totals.append(float(np.exp(np.log(own).mean()) if log else own.mean()))
            sizes.append(1.0)
        parts.append((own, sample.size[members]))
    firsts = [members[0] for members in order.values()]
    marks = {
        name: tuple(_common([entries[k] for k in members]) for members in order.values())
        for name, entries in sample.marks.items()
    }
    merged = replace(sample.only(firsts), names=tuple(order), parts=tuple(parts), marks=marks)
    return replace(merged, total=np.array(totals), size=np.array(sizes))


def _common(entries: Sequence[object]) -> object:
    """Return what the members of a unit share; the mean of numbers, None where words differ."""
    known = [entry for entry in entries if entry is not None]
    if known and all(isinstance(entry, float) for entry in known):
        return float(np.mean(known))  # type: ignore[arg-type]  # floats, just seen
    return known[0] if known and len(set(known)) == 1 else None


def _all_or_none(rows: pd.DataFrame, column: str) -> bool:
    given = rows[column].notna().to_numpy()
    if given.any() and not given.all():
        row = int(rows.index[~given][0]) + 1
        raise InputError(
            f"column {column!r}, row {row}: is empty, while other rows of {rows['readout'].iloc[0]!r}"
            " have one; give it, or exclude the row with a reason"
        )
    return bool(given.all())


def _sample(
    mine: pd.DataFrame, group: str, what: Carrier, marks: tuple[Sequence[str], Sequence[str]]
) -> Sample:
    import pandas as pd

    code, names = pd.factorize(mine["animal"].to_numpy(dtype=object))
    value, size = _numbers(mine, what)
    if what == "mean":
        total: Array = _nested_means(mine, value, code, len(names))
        whole: Array = np.ones(len(names))
        size = np.ones_like(value)
    else:
        total = np.bincount(code, value, len(names)).astype(np.float64)
        whole = np.bincount(code, size, len(names)).astype(np.float64)
    order = np.argsort(code, kind="stable")
    ends = np.cumsum(np.bincount(code, minlength=len(names)))[:-1]
    parts = zip(np.split(value[order], ends), np.split(size[order], ends), strict=True)
    asked, single = marks
    noted = {name: _marked(mine, name, code=code, animals=names, single=name in single) for name in asked}
    return Sample(group, tuple(map(str, names)), total, whole, tuple(parts) if len(names) else (), noted)


def _numbers(rows: pd.DataFrame, what: Carrier) -> tuple[Array, Array]:
    value = rows["value"].to_numpy(dtype=np.float64)
    if what == "proportion":
        size = rows["denominator"].to_numpy(dtype=np.float64)
        counted = (rows["value_kind"] == "count").to_numpy(dtype=bool)
        # A share of 37 among 120 is stored as 0.30833...; it was a whole number of cells.
        return np.where(counted, value, np.round(value * size)), size
    size = rows["exposure"].to_numpy(dtype=np.float64)
    # Without an exposure each row is one unit of it: unequal numbers of sections must not count as cells.
    return value, np.where(np.isnan(size), 1.0, size)


def _nested_means(rows: pd.DataFrame, value: Array, code: NDArray[np.intp], animals: int) -> Array:
    """Return the mean of each animal: weighted by area, or of its hemispheres, or plain."""
    out = np.bincount(code, value, animals) / np.maximum(np.bincount(code, minlength=animals), 1)
    exposure = rows["exposure"].to_numpy(dtype=np.float64)
    if len(rows) and rows["value_kind"].iloc[0] == "density":
        lacking = np.bincount(code, np.isnan(exposure).astype(float), animals) > 0
        weight = np.nan_to_num(exposure)
        with np.errstate(divide="ignore", invalid="ignore"):
            weighted = np.bincount(code, value * weight, animals) / np.bincount(code, weight, animals)
        out = np.where(lacking, out, weighted)
        by_area = ~lacking
    else:
        by_area = np.zeros(animals, dtype=bool)
    left = (rows["side"] == "left").fillna(False).to_numpy(dtype=bool)
    known = rows["side"].notna().to_numpy(dtype=bool)
    sided = np.bincount(code, (~known).astype(float), animals) == 0
    both = []
    for here in (left, known & ~left):
        n = np.bincount(code, here.astype(float), animals)
        with np.errstate(divide="ignore", invalid="ignore"):
            both.append(np.where(n > 0, np.bincount(code, np.where(here, value, 0.0), animals) / n, np.nan))
    one, other = both
    of_sides = np.where(np.isnan(one), other, np.where(np.isnan(other), one, (one + other) / 2.0))
    return np.where(sided & ~by_area, of_sides, out)


def _marked(
    rows: pd.DataFrame, column: str, *, code: NDArray[np.intp], animals: NDArray[np.object_], single: bool
) -> tuple[object, ...]:
    out: list[object] = [None] * len(animals)
    number = column.startswith("covariate:")
    for k, entry in zip(code.tolist(), rows[column].tolist(), strict=True):
        if not (isinstance(entry, str) or (isinstance(entry, float) and entry == entry)):
            continue
        now = float(entry) if number else str(entry)
        if single and out[k] is not None and out[k] != now:
            raise InputError(
                f"column {column!r}: animal {animals[k]!r} was in {out[k]}, {now} on one day; keep one"
            )
        out[k] = now
    return tuple(out)
