"""Small tables for the tests of analyses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from soleus.analysis.nesting import Sample
from soleus.observations import Observations

Values = NDArray[np.float64]
SAME = {
    "study": "s",
    "day": 28.0,
    "assay": "sections",
    "readout": "Ki67+",
    "unit_level": "section",
    "value_kind": "count",
    "unit": "cells",
    "source": "virtual:x",
}


def rows_of(groups: Mapping[str, Sequence[Any]], **changes: Any) -> pd.DataFrame:
    """One row for each animal (a number) or each section of an animal (a list)."""
    rows = []
    for group, animals in groups.items():
        for k, value in enumerate(animals):
            for s, one in enumerate(value if isinstance(value, list | tuple) else [value]):
                rows.append(
                    {"group": group, "animal": f"{group}{k}", "unit_id": f"s{s}", "value": float(one)}
                )
    return pd.DataFrame(rows).assign(**{**SAME, **changes})


def table(groups: Mapping[str, Sequence[Any]], **changes: Any) -> Observations:
    return Observations(rows_of(groups, **changes))


def sample(group: str, totals: Sequence[float], sizes: Sequence[float] | None = None, **more: Any) -> Sample:
    values = np.asarray(totals, dtype=float)
    size = np.ones_like(values) if sizes is None else np.asarray(sizes, dtype=float)
    parts = tuple((values[k : k + 1], size[k : k + 1]) for k in range(len(values)))
    names = tuple(f"{group}{k}" for k in range(len(values)))
    return Sample(group, names, values, size, parts, {name: tuple(marks) for name, marks in more.items()})


def nested(
    seed: int, n: int = 5, *, ratio: float = 1.0, sections: int = 6, mean: float = 40.0
) -> list[list[int]]:
    rng = np.random.default_rng(seed)
    animals = rng.lognormal(0.0, 0.3, (n, 1)) * rng.gamma(8.0, 1 / 8.0, (n, sections))
    return [[int(c) for c in row] for row in rng.poisson(mean * ratio * animals)]
