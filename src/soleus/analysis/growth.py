"""Growth of cultures: the slope of log cell number on days or passages, one slope a culture."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from soleus.analysis.nesting import Sample
from soleus.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["GROWTH_METHOD", "GrowthBy", "growth_slopes"]

GrowthBy = Literal["day", "passage"]
GROWTH_METHOD = "slope of log cell number by {by} in each culture; Welch t test on slopes of cultures"
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def growth_slopes(rows: pd.DataFrame, groups: Sequence[str], *, by: GrowthBy) -> Mapping[str, Sample]:
    """Return the growth of each culture, as one value a culture.

    Parameters
    ----------
    rows
        Not excluded rows of one read-out on all days; positive values.
    groups
        The groups wanted.
    by
        "day", or "passage" (the number in "P3").

    Returns
    -------
    mapping
        Group to its cultures; the value is the least-squares slope of the natural log of the
        number (per day or per passage). Cultures of one animal are averaged first; a row without
        a culture belongs to the culture of its animal. Values of one culture and time (wells) are
        averaged on logs.

    Raises
    ------
    InputError
        A value of 0, a passage without a number, or a culture with a single time.
    """
    bad = ~(rows["value"] > 0.0).to_numpy(dtype=bool)
    if bad.any():
        row = int(rows.index[bad][0]) + 1
        raise InputError(
            f"column 'value', row {row}: 0 cells have no log; exclude the culture's rows from there on,"
            " with the reason (it died out)"
        )
    return {
        group: _of_group(rows[(rows["group"] == group).to_numpy(dtype=bool)], group, by) for group in groups
    }


def _of_group(rows: pd.DataFrame, group: str, by: GrowthBy) -> Sample:
    names, values, parts = [], [], []
    for animal, mine in rows.groupby("animal", sort=False):
        slopes = []
        for culture, part in mine.groupby(mine["culture"].fillna(str(animal)), sort=False):
            slopes.append(_slope(part, by, f"culture {culture!r} of animal {animal!r}"))
        names.append(str(animal))
        values.append(float(np.mean(slopes)))
        parts.append((np.array(slopes), np.ones(len(slopes))))
    return Sample(
        group, tuple(names), np.array(values), np.ones(len(values)), tuple(parts), (None,) * len(names)
    )


def _slope(part: pd.DataFrame, by: GrowthBy, what: str) -> float:
    exposure = part["exposure"].fillna(1.0).to_numpy(dtype=np.float64)
    y = np.log(part["value"].to_numpy(dtype=np.float64) / exposure)
    x = part["day"].to_numpy(dtype=np.float64) if by == "day" else _passages(part)
    times, code = np.unique(x, return_inverse=True)
    if len(times) < 2:
        raise InputError(
            f"{what} has one {by}; a growth rate needs at least 2, or exclude it with the reason"
        )
    means = np.bincount(code, y) / np.bincount(code)
    centred = times - times.mean()
    return float(centred @ means / (centred @ centred))


def _passages(part: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    out = []
    for index, text in part["passage"].items():
        found = None if text != text or text is None else _NUMBER.search(str(text))
        if found is None:
            raise InputError(
                f"column 'passage', row {int(str(index)) + 1}: {text!r} holds no number; write P1, P2, ..."
            )
        out.append(float(found.group()))
    return np.array(out)
