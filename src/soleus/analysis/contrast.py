"""What is asked of the groups: pairs, ratios of ratios, a trend, or the effects of two factors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from soleus.analysis.factorial import factorial_contrasts
from soleus.analysis.selection import Part
from soleus.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from soleus.analysis.declaration import AnalysisPlan
    from soleus.observations import Observations

__all__ = ["Asked", "asked_contrasts", "span_days", "with_factor_groups"]

_DOSE = re.compile(r"[-+]?\d+(?:[.,]\d+)?")
_SEXES = ("male", "female")


@dataclass(frozen=True, slots=True)
class Asked:
    """A contrast: its name, the groups in it and their weights."""

    name: str
    groups: tuple[str, ...]
    weights: tuple[float, ...]

    @property
    def pair(self) -> tuple[str | None, str | None]:
        """Treated and control; None where it is no comparison of two groups."""
        two = len(self.groups) == 2 and self.weights == (1.0, -1.0)
        return (self.groups[0], self.groups[1]) if two else (None, None)


def asked_contrasts(observations: Observations, plan: AnalysisPlan) -> list[Asked]:
    """Return the contrasts of a plan.

    Raises
    ------
    UnknownNameError, InputError
        A group that the table does not have, factors that are not two by two, or two groups for a trend.
    """
    if plan.factorial:
        return [Asked(*parts) for parts in factorial_contrasts(observations)]
    groups = plan.pairs(observations.groups)
    if plan.compare == "trend":
        return [_trend(observations.groups, plan.control)]
    out = []
    for names in groups:
        if len(names) == 2:
            out.append(Asked(f"{names[0]} / {names[1]}", names, (1.0, -1.0)))
        else:
            out.append(_ratio_of_ratios(names))
    return out


def _ratio_of_ratios(names: tuple[str, ...]) -> Asked:
    """Return (a / b) / (c / d); a name that comes twice has the sum of its weights."""
    weights: dict[str, float] = {}
    for name, weight in zip(names, (1.0, -1.0, -1.0, 1.0), strict=True):
        weights[name] = weights.get(name, 0.0) + weight
    kept = {name: weight for name, weight in weights.items() if weight != 0.0}
    if not kept:
        raise InputError(f"the contrast ({names[0]} / {names[1]}) / ({names[2]} / {names[3]}) is 1 by itself")
    shown = f"({names[0]} / {names[1]}) / ({names[2]} / {names[3]})"
    return Asked(shown, tuple(kept), tuple(kept.values()))


def _trend(groups: Sequence[str], control: str) -> Asked:
    order = [control, *(name for name in groups if name != control)]
    if len(order) < 3:
        raise InputError("--compare trend needs three groups or more; two are compared as they are")
    doses = _doses(order)
    steps = np.arange(len(order), dtype=float) if doses is None else np.array(doses)
    centred = steps - steps.mean()
    weights = centred / float(centred @ centred)
    unit = "step" if doses is None else "unit of dose"
    at = sorted(range(len(order)), key=lambda k: steps[k])
    return Asked(f"trend a {unit}: {' < '.join(order[k] for k in at)}", tuple(order), tuple(weights.tolist()))


def _doses(names: Sequence[str]) -> list[float] | None:
    """Return the one number in each name, 0 for a control without; None where they do not differ."""
    found = []
    for k, name in enumerate(names):
        numbers = _DOSE.findall(name)
        if len(numbers) != 1 and not (k == 0 and not numbers):
            return None
        found.append(float(numbers[0].replace(",", ".")) if numbers else 0.0)
    return found if len(set(found)) == len(found) else None


def span_days(parts: Iterable[Part], plan: AnalysisPlan) -> Iterator[Part]:
    """Bring parts of different days together where a planned contrast needs groups of different days."""
    every = list(parts)
    days: dict[tuple[object, ...], int] = {}
    for part in every:
        days[part.place] = days.get(part.place, 0) + 1
    joined = {name for names in plan.contrasts if len(names) == 4 for name in names}
    merged: dict[tuple[object, ...], list[Part]] = {}
    for part in every:
        if joined:
            merged.setdefault(part.place, []).append(part)
    done: set[tuple[object, ...]] = set()
    for part in every:
        part.rows.attrs["days"] = days[part.place]
        if not joined or len(merged[part.place]) < 2:
            yield part
        elif part.place not in done and _one_day_each(merged[part.place], joined):
            done.add(part.place)
            yield _as_one(merged[part.place])
        elif part.place not in done:
            yield part


def _one_day_each(parts: Sequence[Part], groups: set[str]) -> bool:
    seen: dict[str, int] = {}
    for part in parts:
        for name in set(part.rows["group"]) & groups:
            seen[name] = seen.get(name, 0) + 1
    return all(count == 1 for count in seen.values()) and not any(
        groups <= set(part.rows["group"]) for part in parts
    )


def _as_one(parts: Sequence[Part]) -> Part:
    import pandas as pd

    rows = pd.concat([part.rows for part in parts])
    rows.attrs["days"] = 1
    return replace(parts[0], day=None, rows=rows)


def with_factor_groups(
    frame: pd.DataFrame, observations: Observations, *, control: str
) -> tuple[pd.DataFrame, Observations]:
    """Return the table with sex as second factor, where it has two groups, both sexes and no factors."""
    from soleus.observations import Observations as Table

    sexes = set(frame["sex"].dropna())
    if (
        observations.factors
        or len(observations.groups) != 2
        or sexes != set(_SEXES)
        or frame["sex"].isna().any()
    ):
        return frame, observations
    groups = (control, *(name for name in observations.groups if name != control))
    crossed = frame.copy()
    crossed["factor:group"], crossed["factor:sex"] = frame["group"], frame["sex"]
    crossed["group"] = frame["group"].astype(str) + ", " + frame["sex"].astype(str)
    table = Table(crossed, {"group": groups, "sex": _SEXES}, dict(observations.provenance))
    return table.frame, table
