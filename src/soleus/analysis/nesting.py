"""Rows of sections, fields and hemispheres become one value for each independent unit.

Counts are summed over their summed exposures, marked cells over cells looked at, densities are
averaged with their exposures as weights; whatever has no weights is averaged within its hemisphere
first and then over hemispheres.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

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
    parts: tuple[tuple[Array, Array], ...]
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
        return sum(len(values) for values, _ in self.parts)


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
    # Few columns, so that taking the rows of an animal costs little.
    needed = ["group", "animal", "value", "value_kind", "exposure", "denominator", "side"]
    rows = rows[[*needed, *([cluster] if cluster is not None else [])]]
    return {group: _sample(rows, group, what, cluster) for group in groups}


def rows_as_units(sample: Sample) -> Sample:
    """Take every row for an independent unit, which it is not: for showing what that does."""
    values = np.concatenate([part[0] for part in sample.parts]) if sample.parts else np.empty(0)
    sizes = np.concatenate([part[1] for part in sample.parts]) if sample.parts else np.empty(0)
    names = tuple(str(k) for k in range(len(values)))
    parts = tuple((values[k : k + 1], sizes[k : k + 1]) for k in range(len(values)))
    return Sample(sample.group, names, values, sizes, parts, (None,) * len(values))


def _all_or_none(rows: pd.DataFrame, column: str) -> bool:
    given = rows[column].notna().to_numpy()
    if given.any() and not given.all():
        row = int(rows.index[~given][0]) + 1
        raise InputError(
            f"column {column!r}, row {row}: is empty, while other rows of {rows['readout'].iloc[0]!r}"
            " have one; give it, or exclude the row with a reason"
        )
    return bool(given.all())


def _sample(rows: pd.DataFrame, group: str, what: Carrier, cluster: str | None) -> Sample:
    mine = rows[(rows["group"] == group).to_numpy(dtype=bool)]
    names, totals, sizes, parts, clusters = [], [], [], [], []
    for name, part in mine.groupby("animal", sort=False):
        value, size = _numbers(part, what)
        if what == "mean":
            totals.append(_nested_mean(part, value))
            sizes.append(1.0)
            size = np.ones_like(value)
        else:
            totals.append(float(value.sum()))
            sizes.append(float(size.sum()))
        names.append(str(name))
        parts.append((value, size))
        clusters.append(_cluster_of(part, str(name), cluster))
    return Sample(group, tuple(names), np.array(totals), np.array(sizes), tuple(parts), tuple(clusters))


def _numbers(part: pd.DataFrame, what: Carrier) -> tuple[Array, Array]:
    value = part["value"].to_numpy(dtype=np.float64)
    if what == "proportion":
        size = part["denominator"].to_numpy(dtype=np.float64)
        # A share of 37 among 120 is stored as 0.30833...; it was a whole number of cells.
        return (value if part["value_kind"].iloc[0] == "count" else np.round(value * size)), size
    size = part["exposure"].to_numpy(dtype=np.float64)
    # Without an exposure each row is one unit of it: unequal numbers of sections must not count as cells.
    return value, np.where(np.isnan(size), 1.0, size)


def _nested_mean(part: pd.DataFrame, value: Array) -> float:
    exposure = part["exposure"].to_numpy(dtype=np.float64)
    if part["value_kind"].iloc[0] == "density" and not np.isnan(exposure).any():
        return float(np.average(value, weights=exposure))
    sides = part["side"]
    if sides.notna().all():
        of_side = sides.to_numpy(dtype=object)
        return float(np.mean([value[of_side == side].mean() for side in sides.unique()]))
    return float(value.mean())


def _cluster_of(part: pd.DataFrame, animal: str, cluster: str | None) -> str | None:
    if cluster is None:
        return None
    found = [str(name) for name in part[cluster].dropna().unique()]
    if len(found) > 1:
        raise InputError(
            f"column {cluster!r}: animal {animal!r} was in {', '.join(found)} on one day; keep one"
        )
    return found[0] if found else None
