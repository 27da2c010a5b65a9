"""Virtual counts as rows of the table, column by column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from soleus.assays import CountAssay
from soleus.lineage.process import FloatArray, IntArray
from soleus.study.design import Animal, LabAssay, Study
from soleus.study.passages import passage_number, plated_share

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["animal_frame"]


def animal_frame(
    study: Study,
    assays: Sequence[LabAssay],
    animals: Sequence[Animal],
    *,
    days: Sequence[float],
    counts: Sequence[FloatArray],
    lost: Sequence[Sequence[str | None]] = (),
    source: str,
) -> pd.DataFrame:
    """Return one row for each animal, assay, unit and read-out, animals in order.

    Parameters
    ----------
    days
        Day on which each animal was killed.
    counts
        For each assay, shape (N, units, read-outs); NaN where nothing could be read.
    lost
        For each animal, why each of its rows is excluded (None: it is not); empty if none is.
    """
    import pandas as pd

    units = [_Row(a, unit, r.name) for a in assays for unit in range(a.units) for r in a.readouts]
    plans = {g.name: g for g in study.groups}

    def by_animal(of: Callable[[Animal], str | None]) -> Any:
        codes, levels = _coded([of(a) for a in animals])
        return pd.Categorical.from_codes(np.repeat(codes, len(units)), categories=pd.Index(levels))

    def by_unit(of: Callable[[_Row], str | None]) -> Any:
        codes, levels = _coded([of(row) for row in units])
        return pd.Categorical.from_codes(np.tile(codes, len(animals)), categories=pd.Index(levels))

    why = _reasons(counts, lost)
    excluded = np.array([reason is not None for reason in why])
    codes, levels = _coded(why)
    value = np.concatenate([c.reshape(len(animals), -1) for c in counts], axis=1).ravel()
    day = np.repeat(np.asarray(days, dtype=float), len(units))
    passages = study.niche.passages
    on_day = dict(zip((a.id for a in animals), days, strict=True))
    # A flask that was thinned stands for more cells than it holds.
    thinned = np.repeat([plated_share(passages, d) for d in days], len(units))
    columns: dict[str, Any] = {
        "study": by_animal(lambda a: study.name),
        "animal": by_animal(lambda a: a.id),
        "group": by_animal(lambda a: a.group),
        "sex": by_animal(lambda a: a.sex),
        "strain": by_animal(lambda a: a.strain),
        "age_days": np.repeat([a.age_days for a in animals], len(units)) + day,
        "cage": by_animal(lambda a: a.cage),
        "day": day,
        "niche": by_animal(lambda a: study.niche.niche),
        "assay": by_unit(lambda row: row.assay.name),
        "readout": by_unit(lambda row: row.readout),
        "unit_level": by_unit(lambda row: row.assay.unit_level),
        "unit_id": by_unit(lambda row: row.unit_id),
        "section": by_unit(lambda row: row.parent("section")),
        "culture": by_unit(lambda row: row.culture),
        "well": by_unit(lambda row: row.parent("well")),
        "passage": by_animal(lambda a: f"P{passage_number(passages, on_day[a.id])}" if passages else None),
        "value": np.where(excluded, np.nan, value),
        "value_kind": by_unit(lambda row: "count"),
        "unit": by_unit(lambda row: row.unit),
        "exposure": np.tile([row.exposure for row in units], len(animals)) * thinned,
        "exposure_unit": by_unit(lambda row: row.exposure_unit),
        "denominator": np.where(excluded, np.nan, _denominators(assays, counts)),
        "source": by_animal(lambda a: source),
        "observer": by_animal(lambda a: a.observer),
        "excluded": excluded,
        "exclusion_reason": pd.Categorical.from_codes(codes, categories=pd.Index(levels)),
        "blinded": np.ones(len(day), dtype=bool),
    }
    for name in study.control.factors:
        columns[f"factor:{name}"] = by_animal(lambda a, name=name: plans[a.group].factors[name])  # type: ignore[misc]
    return pd.DataFrame(columns)


@dataclass(frozen=True, slots=True)
class _Row:
    """One of the rows that each animal has."""

    assay: LabAssay
    number: int
    readout: str

    @property
    def unit_id(self) -> str | None:
        level = self.assay.unit_level
        return None if level == "animal" else f"{level[0]}{self.number + 1}"

    def parent(self, level: str) -> str | None:
        return self.unit_id if self.assay.unit_level == level else None

    @property
    def culture(self) -> str | None:
        """The animal's culture, of which there is one."""
        return "c1" if self.assay.unit_level == "culture" else None

    @property
    def unit(self) -> str:
        return "cells" if isinstance(self.assay, CountAssay) else "events"

    @property
    def exposure(self) -> float:
        return self.assay.exposure if isinstance(self.assay, CountAssay) else np.nan

    @property
    def exposure_unit(self) -> str | None:
        return self.assay.exposure_unit if isinstance(self.assay, CountAssay) else None


def _reasons(counts: Sequence[FloatArray], lost: Sequence[Sequence[str | None]]) -> list[str | None]:
    """Return why each row is excluded, or None, animal by animal."""
    value = np.concatenate([c.reshape(len(c), -1) for c in counts], axis=1)
    if not lost and not np.isnan(value).any():
        return [None] * value.size
    own = lost or [[None] * value.shape[1]] * len(value)
    return [
        "no cells to read" if reason is None and np.isnan(number) else reason
        for row, reasons in zip(value, own, strict=True)
        for number, reason in zip(row, reasons, strict=True)
    ]


def _denominators(assays: Sequence[LabAssay], counts: Sequence[FloatArray]) -> FloatArray:
    """Return the events read in each unit of a share, NaN for counts, animal by animal."""
    found = [
        np.full(c.shape, np.nan)
        if isinstance(assay, CountAssay)
        else np.broadcast_to(np.where((n := c.sum(axis=2, keepdims=True)) > 0.0, n, np.nan), c.shape)
        for assay, c in zip(assays, counts, strict=True)
    ]
    return np.concatenate([f.reshape(len(f), -1) for f in found], axis=1).ravel()


def _coded(values: Sequence[str | None]) -> tuple[IntArray, list[str]]:
    """Return a code for each value (-1 for None) and the values in order of appearance."""
    levels = {v: k for k, v in enumerate(dict.fromkeys(v for v in values if v is not None))}
    codes = np.array([-1 if v is None else levels[v] for v in values], dtype=np.int64)
    return codes, list(levels)
