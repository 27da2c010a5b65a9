"""Growth: the slope of a log value on days or passages, one slope an animal or culture."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from soleus.analysis.answers import Effect, Undetermined
from soleus.analysis.compare import compare
from soleus.analysis.nesting import Sample, rows_as_units
from soleus.analysis.wording import Settings
from soleus.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["GrowthBy", "growth_slopes", "of_growth"]

GrowthBy = Literal["day", "passage"]
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
            f"column 'value', row {row}: 0 has no log; exclude this culture or animal from there on,"
            " with the reason (it died out)"
        )
    return {
        group: _of_group(rows[(rows["group"] == group).to_numpy(dtype=bool)], group, by) for group in groups
    }


def of_growth(
    groups: Sequence[Sample], weights: Sequence[float], *, by: GrowthBy, settings: Settings
) -> tuple[Effect | Undetermined, Effect | Undetermined | None]:
    """Compare slopes, and where animals have several cultures, what these would say if independent.

    Parameters
    ----------
    groups, weights
        Slopes of each group (:func:`growth_slopes`), and the contrast.
    by
        What they are slopes on.
    settings
        Of all comparisons.
    """
    from soleus.analysis.comparisons import as_wrong

    several = any(sample.n_rows > len(sample) for sample in groups)
    cultured = any(sample.marks.get("culture", (None,))[:1] != (None,) for sample in groups)
    unit = "animal" if several or not cultured else "culture"
    found = compare(groups, weights, what="mean", method="welch", settings=replace(settings, unit=unit))
    if isinstance(found, Effect):
        inside = ", averaged within their animal" if several else ""
        noun = "culture" if cultured else "animal"
        method = f"slope of the log value by {by} in each {noun}{inside}; Welch t test on slopes"
        lines = ("the logs of values change in a straight line over the times given", *found.assumptions)
        found = found.model_copy(
            update={"method": method, "assumptions": lines, "unit_of_difference": f"1/{by}", "key": "growth"}
        )
    if not several:
        return found, None
    flat = [rows_as_units(sample) for sample in groups]
    single = replace(settings, unit="culture")
    return found, as_wrong(compare(flat, weights, what="mean", method="welch", settings=single))


def _of_group(rows: pd.DataFrame, group: str, by: GrowthBy) -> Sample:
    names, values, parts = [], [], []
    for animal, mine in rows.groupby("animal", sort=False):
        slopes = []
        for culture, part in mine.groupby(mine["culture"].fillna(str(animal)), sort=False):
            slopes.append(_slope(part, by, _named(culture, animal)))
        names.append(str(animal))
        values.append(float(np.mean(slopes)))
        parts.append((np.array(slopes), np.ones(len(slopes))))
    cultured = bool(rows["culture"].notna().any())
    marks = {"culture": ("culture" if cultured else None,) * len(names)}
    return Sample(group, tuple(names), np.array(values), np.ones(len(values)), tuple(parts), marks)


def _named(culture: object, animal: object) -> str:
    return f"animal {animal!r}" if culture == str(animal) else f"culture {culture!r} of animal {animal!r}"


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
