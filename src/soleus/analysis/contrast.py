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
from soleus.observations import STRATUM_PREFIX, strata_of

if TYPE_CHECKING:
    import pandas as pd

    from soleus.analysis.declaration import AnalysisPlan
    from soleus.observations import Observations

__all__ = ["Asked", "asked_contrasts", "asked_of", "span_days", "with_factor_groups"]

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
    _no_stratum(observations, plan)
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
    """Yield the parts, and after those of one place its days together where a contrast needs them."""
    every = list(parts)
    places: dict[tuple[object, ...], list[Part]] = {}
    for part in every:
        places.setdefault(part.place, []).append(part)
    for own in places.values():
        for part in own:
            part.rows.attrs["days"] = len(own)
        spanning = [set(names) for names in plan.contrasts if len(own) > 1 and _spans(own, names)]
        named = {name for names in spanning for name in names}
        for part in own:
            part.rows.attrs["spanning"] = spanning
            if not named or any(
                set(names) not in spanning and set(names) & set(part.rows["group"])
                for names in plan.contrasts
            ):
                yield part
        if named:
            yield _as_one([part for part in own if named & set(part.rows["group"])], spanning)


def _spans(parts: Sequence[Part], names: Sequence[str]) -> bool:
    """Whether each group of a contrast was seen on one day, and not all on the same."""
    days = [[part.day for part in parts if name in set(part.rows["group"])] for name in names]
    return all(len(own) == 1 for own in days) and len({own[0] for own in days}) > 1


def asked_of(part: Part, contrasts: Sequence[Asked], plan: AnalysisPlan) -> list[Asked]:
    """Return the contrasts of a part: all, or those planned whose groups it holds."""
    if not plan.contrasts:
        return list(contrasts)
    here = set(part.rows["group"])
    apart: list[set[str]] = part.rows.attrs.get("spanning", [])
    if part.spans:
        return [c for c in contrasts if set(c.groups) in apart]
    return [c for c in contrasts if here & set(c.groups) and set(c.groups) not in apart]


def _as_one(parts: Sequence[Part], spanning: list[set[str]]) -> Part:
    import pandas as pd

    rows = pd.concat([part.rows for part in parts])
    rows.attrs |= {"days": 1, "spanning": spanning}
    days = tuple(sorted({part.day for part in parts if part.day is not None}))
    return replace(parts[0], day=None, rows=rows, spans=days)


def _no_stratum(observations: Observations, plan: AnalysisPlan) -> None:
    """Refuse a contrast of regions, sides or sessions, which lie within animals, and say how it is done.

    Raises
    ------
    InputError
        A name that is no group, but an entry of another column, or a group and such an entry.
    """
    groups, frame = set(observations.groups), observations.frame
    columns = ["niche", "side", "day", *strata_of(frame.columns)]
    for name in (name for names in plan.contrasts for name in names if name not in groups):
        for column in columns:
            entries = {f"{e:g}" if isinstance(e, float) else str(e) for e in frame[column].dropna().unique()}
            rest = {name.removesuffix(e).rstrip(" ,@_:-") for e in entries if name.endswith(e)}
            if name in entries or rest & groups:
                shown = column.removeprefix(STRATUM_PREFIX)
                raise InputError(
                    f"--contrast: {name!r} names a {shown}, and groups are compared within each {shown}."
                    f" To compare the {shown}s themselves make that column the group, with --paired where the"
                    " same animals were seen in both; for different animals give each group of each"
                    f" {shown} a name of its own"
                )


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
