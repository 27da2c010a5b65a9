"""Walk through a plan: select the rows, bring them to units, compare, adjust, and show the wrong twin."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from soleus.analysis.answers import Effect, Equivalence, GroupSummary, Undetermined, cannot
from soleus.analysis.clusters import compare_clustered
from soleus.analysis.compare import Settings, compare
from soleus.analysis.declaration import AnalysisPlan, Comparison
from soleus.analysis.dunnett_rows import with_dunnett
from soleus.analysis.equivalence import equivalence
from soleus.analysis.factorial import factorial_contrasts
from soleus.analysis.growth import GROWTH_METHOD, growth_slopes
from soleus.analysis.multiplicity import holm
from soleus.analysis.nesting import Carrier, Sample, carrier, rows_as_units, samples
from soleus.errors import InputError, unknown_name
from soleus.observations import STRATUM_PREFIX, strata_of

if TYPE_CHECKING:
    import pandas as pd

    from soleus.observations import Observations

__all__ = ["run_plan"]

_KEY = ("readout", "day", "niche", "assay", "unit_level", "value_kind")
_USED = ("group", "animal", "unit", "value", "exposure", "denominator", "se", "side", "excluded")
SUMMARIES = "these rows are published summaries (a mean with its se), not animals; fit accepts them"
WRONG = "WRONG, {unit}s taken for independent: {method}"


@dataclass(frozen=True, slots=True)
class _Contrast:
    name: str
    groups: tuple[str, ...]
    weights: tuple[float, ...]

    @property
    def pair(self) -> tuple[str | None, str | None]:
        return (self.groups[0], self.groups[1]) if len(self.groups) == 2 else (None, None)


def run_plan(observations: Observations, plan: AnalysisPlan, seed: int) -> tuple[Comparison, ...]:
    """Return the comparisons of a plan in the order of the table.

    Parameters
    ----------
    observations, plan
        The table, and what is compared.
    seed
        Of simulations.
    """
    frame = _chosen(observations, plan)
    contrasts = _contrasts(observations, plan)
    settings = Settings(plan.level, plan.draws, seed)
    out: list[Comparison] = []
    strata = [name.removeprefix(STRATUM_PREFIX) for name in strata_of(frame.columns)]
    for key, rows in _parts(frame, plan):
        here = set(rows["group"])
        block = [
            replace(
                _compared(rows, contrast, plan=plan, settings=settings, key=key),
                strata=tuple(
                    (name, str(word))
                    for name, word in zip(strata, key[len(_KEY) :], strict=True)
                    if isinstance(word, str)
                ),
            )
            for contrast in contrasts
            # Planned contrasts belong to the day or place where their groups are.
            if not plan.contrasts or here & set(contrast.groups)
        ]
        if plan.correction == "dunnett":
            block = with_dunnett(block, rows, level=plan.level, seed=seed)
        out += block
    return tuple(_adjusted(out, plan))


def _chosen(observations: Observations, plan: AnalysisPlan) -> pd.DataFrame:
    frame = observations.frame
    if frame["study"].nunique() > 1:
        names = ", ".join(map(str, frame["study"].unique()))
        raise InputError(f"the table holds more than one study: {names}; analyse them one by one")
    named = {*plan.readouts, *plan.margins, *plan.growth, *(r for f in plan.families.values() for r in f)}
    for readout in sorted(named):
        if readout not in observations.readouts:
            raise unknown_name("readout", readout, observations.readouts)
    if plan.readouts:
        frame = frame[frame["readout"].isin(list(plan.readouts)).to_numpy(dtype=bool)]
    if plan.days:
        missing = sorted(set(plan.days) - set(frame["day"]))
        if missing:
            have = ", ".join(f"{day:g}" for day in sorted(set(frame["day"])))
            raise InputError(f"no value on day {missing[0]:g}; there are values on day {have}")
        frame = frame[frame["day"].isin(list(plan.days)).to_numpy(dtype=bool)]
    if _is_summary(frame).all():
        raise InputError(f"cannot be told from these data, because {SUMMARIES}")
    return frame


def _is_summary(frame: pd.DataFrame) -> pd.Series:
    return (frame["unit_level"] == "group").astype(bool) | frame["se"].notna()


def _parts(frame: pd.DataFrame, plan: AnalysisPlan) -> Iterator[tuple[tuple[object, ...], pd.DataFrame]]:
    growing = frame["readout"].isin(list(plan.growth)).to_numpy(dtype=bool)
    every = [*_KEY, *strata_of(frame.columns)]
    over_days = [name for name in every if name != "day"]
    if growing.any():
        for key, rows in frame[growing].groupby(over_days, sort=False, dropna=False):
            yield (key[0], None, *key[1:]), rows
    # The columns that are used: of a large table, a copy of all would be the largest thing in memory.
    used = [*every, *_USED, *([plan.cluster] if plan.cluster else [])]
    table = frame[used] if not growing.any() else frame.loc[~growing, used]
    for key, rows in table.groupby(every, sort=False, dropna=False):
        yield tuple(key), rows


def _contrasts(observations: Observations, plan: AnalysisPlan) -> list[_Contrast]:
    pairs = plan.pairs(observations.groups)
    if plan.factorial:
        return [_Contrast(*parts) for parts in factorial_contrasts(observations)]
    return [_Contrast(f"{one} / {other}", (one, other), (1.0, -1.0)) for one, other in pairs]


def _compared(
    rows: pd.DataFrame,
    contrast: _Contrast,
    *,
    plan: AnalysisPlan,
    settings: Settings,
    key: tuple[object, ...],
) -> Comparison:
    readout = str(key[0])
    # A score may lie on either side of none: its differences are compared, never its ratios.
    method = plan.methods.get(str(key[5]), "welch" if key[5] == "score" else "default")
    excluded = rows["excluded"].to_numpy(dtype=bool)
    kept = rows[~excluded] if excluded.any() else rows
    groups: Mapping[str, Sample] = {}
    effect: Effect | Undetermined
    wrong: Effect | Undetermined | None = None
    if _is_summary(rows).any():
        effect = cannot(SUMMARIES)
    elif kept.empty:
        effect = cannot("every row is excluded")
    elif key[1] is None:
        groups = growth_slopes(kept, contrast.groups, by=plan.growth[readout])
        effect, wrong = _of_growth(list(groups.values()), plan.growth[readout], settings)
    else:
        groups = samples(kept, contrast.groups, cluster=plan.cluster)
        effect, wrong = _of_samples(
            list(groups.values()),
            contrast,
            kept,
            what=carrier(kept),
            method=method,
            plan=plan,
            settings=settings,
        )
    margin = plan.margins.get(readout)
    same: Equivalence | Undetermined | None = None
    if margin is not None:
        same = equivalence(effect, margin=margin) if isinstance(effect, Effect) else effect
    family = next((name for name, members in plan.families.items() if readout in members), readout)
    return Comparison(
        readout=readout,
        day=None if key[1] is None else float(str(key[1])),
        niche=key[2] if isinstance(key[2], str) else None,
        assay=str(key[3]),
        unit_level=str(key[4]),
        value_kind=str(key[5]),
        unit=str(rows["unit"].iloc[0]),
        contrast=contrast.name,
        treated=contrast.pair[0],
        control=contrast.pair[1],
        groups=tuple(_summary(groups.get(g), g, rows) for g in contrast.groups),
        effect=effect,
        wrong=wrong,
        equivalence=same,
        family=family,
        correction=plan.correction,
    )


def _of_samples(
    groups: Sequence[Sample],
    contrast: _Contrast,
    rows: pd.DataFrame,
    *,
    what: Carrier,
    method: str,
    plan: AnalysisPlan,
    settings: Settings,
) -> tuple[Effect | Undetermined, Effect | Undetermined | None]:
    if plan.cluster is not None:
        found = compare_clustered(groups, cluster=plan.cluster, what=what, method=method, settings=settings)
    else:
        found = compare(groups, contrast.weights, what=what, method=method, settings=settings)
    if all(sample.n_rows == len(sample) for sample in groups):
        return found, None
    level = str(rows["unit_level"].iloc[0])
    own = replace(settings, unit="count" if level in ("animal", "group") else level)
    # The twin must not take minutes: where the method simulates, the default stands in.
    plain = "default" if method in ("nb-mixed", "beta-binomial", "welch-log") else method
    flat = [rows_as_units(sample) for sample in groups]
    return found, _as_wrong(compare(flat, contrast.weights, what=what, method=plain, settings=own))


def _of_growth(
    groups: Sequence[Sample], by: str, settings: Settings
) -> tuple[Effect | Undetermined, Effect | Undetermined | None]:
    several = any(sample.n_rows > len(sample) for sample in groups)
    own = replace(settings, unit="animal" if several else "culture")
    found = compare(groups, (1.0, -1.0), what="mean", method="welch", settings=own)
    if isinstance(found, Effect):
        said = GROWTH_METHOD.format(by=by) + (", averaged within their animal" if several else "")
        lines = ("growth is exponential over the times given", *found.assumptions)
        found = replace(found, method=said, assumptions=lines, unit_of_difference=f"1/{by}")
    if not several:
        return found, None
    flat = [rows_as_units(sample) for sample in groups]
    single = replace(settings, unit="culture")
    return found, _as_wrong(compare(flat, (1.0, -1.0), what="mean", method="welch", settings=single))


def _as_wrong(found: Effect | Undetermined) -> Effect | Undetermined:
    if isinstance(found, Undetermined):
        return found
    method = WRONG.format(unit=found.unit, method=found.method)
    return replace(found, method=method, assumptions=(), note="for contrast only; do not report")


def _summary(sample: Sample | None, group: str, rows: pd.DataFrame) -> GroupSummary:
    lost = 0
    if rows["excluded"].any():
        mine = rows[(rows["group"] == group).to_numpy(dtype=bool)]
        lost = int(mine.groupby("animal")["excluded"].all().sum()) if len(mine) else 0
    if sample is None:
        return GroupSummary(group, 0, 0, lost, None, None)
    values = sample.value
    mean = float(np.mean(values)) if len(values) else None
    # Scaled first, so that the square of a very large value does not overflow.
    top = float(np.abs(values).max(initial=0.0)) or 1.0
    sd = top * float(np.std(values / top, ddof=1)) if len(values) > 1 else None
    return GroupSummary(group, len(sample), sample.n_rows, lost, mean, sd)


def _adjusted(comparisons: Sequence[Comparison], plan: AnalysisPlan) -> list[Comparison]:
    out = list(comparisons)
    families: dict[str, list[int]] = defaultdict(list)
    for k, row in enumerate(out):
        if row.correction == "holm":
            families[row.family].append(k)
        elif row.correction == "none" and isinstance(row.effect, Effect):
            out[k] = replace(row, p_adjusted=row.effect.p_value)
    for members in families.values():
        effects = [out[k].effect for k in members]
        adjusted = holm([each.p_value if isinstance(each, Effect) else None for each in effects])
        for k, p in zip(members, adjusted, strict=True):
            out[k] = replace(out[k], p_adjusted=p)
    return out
