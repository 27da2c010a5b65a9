"""Virtual counts as rows of the table, column by column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from soleus.assays import CountAssay
from soleus.lineage.process import FloatArray, IntArray
from soleus.study.design import Animal, Study

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["animal_frame"]


def animal_frame(
    study: Study,
    assays: Sequence[CountAssay],
    animals: Sequence[Animal],
    *,
    days: Sequence[float],
    counts: Sequence[IntArray],
    source: str,
) -> pd.DataFrame:
    """Return one row for each animal, assay and unit, animals in order.

    Parameters
    ----------
    days
        Day on which each animal was killed.
    counts
        For each assay, shape (N, units).
    """
    import pandas as pd

    units = [(assay, unit) for assay in assays for unit in range(assay.units)]
    plans = {g.name: g for g in study.groups}

    def by_animal(of: Callable[[Animal], str]) -> Any:
        codes, levels = _coded([of(a) for a in animals])
        return pd.Categorical.from_codes(np.repeat(codes, len(units)), categories=pd.Index(levels))

    def by_unit(of: Callable[[CountAssay, int], str | None]) -> Any:
        codes, levels = _coded([of(assay, unit) for assay, unit in units])
        return pd.Categorical.from_codes(np.tile(codes, len(animals)), categories=pd.Index(levels))

    def number(of: Callable[[CountAssay], float]) -> FloatArray:
        return np.tile([of(assay) for assay, _ in units], len(animals))

    def section(assay: CountAssay, unit: int) -> str | None:
        return f"s{unit + 1}" if assay.unit_level != "animal" else None

    day = np.repeat(np.asarray(days, dtype=float), len(units))
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
        "assay": by_unit(lambda assay, unit: assay.name),
        "readout": by_unit(lambda assay, unit: assay.readout.name),
        "unit_level": by_unit(lambda assay, unit: assay.unit_level),
        "unit_id": by_unit(section),
        "section": by_unit(section),
        "value": np.concatenate([c.astype(float) for c in counts], axis=1).ravel(),
        "value_kind": by_unit(lambda assay, unit: "count"),
        "unit": by_unit(lambda assay, unit: "cells"),
        "exposure": number(lambda assay: assay.exposure),
        "exposure_unit": by_unit(lambda assay, unit: assay.exposure_unit),
        "source": by_animal(lambda a: source),
        "excluded": np.zeros(len(day), dtype=bool),
        "blinded": np.ones(len(day), dtype=bool),
    }
    for name in study.control.factors:
        columns[f"factor:{name}"] = by_animal(lambda a, name=name: plans[a.group].factors[name])  # type: ignore[misc]
    return pd.DataFrame(columns)


def _coded(values: Sequence[str | None]) -> tuple[IntArray, list[str]]:
    """Return a code for each value (-1 for None) and the values in order of appearance."""
    levels = {v: k for k, v in enumerate(dict.fromkeys(v for v in values if v is not None))}
    codes = np.array([-1 if v is None else levels[v] for v in values], dtype=np.int64)
    return codes, list(levels)
