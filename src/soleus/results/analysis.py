"""An analysis as plain records: comparisons with their sentences, every animal, findings, ARRIVE."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from soleus.analysis.answers import Effect, Equivalence, Undetermined
from soleus.analysis.declaration import Analysis, Comparison, stratum_words
from soleus.observations import STRATUM_PREFIX, Observations, strata_of
from soleus.provenance import versions
from soleus.results.arrive import arrive_items
from soleus.results.sentence import sentence
from soleus.schema.analysis import (
    AnalysisAnimal,
    AnalysisComparison,
    AnalysisEffect,
    AnalysisEquivalence,
    AnalysisFinding,
    AnalysisGroup,
    AnalysisPlanInfo,
    AnalysisReading,
    AnalysisResult,
    AnalysisSource,
    GroupCount,
)

__all__ = ["analysis_result", "animal_rows"]


def analysis_result(
    observations: Observations,
    analysis: Analysis,
    *,
    source: AnalysisSource,
    reading: AnalysisReading | None = None,
    findings: Sequence[AnalysisFinding] = (),
    virtual: Observations | None = None,
    against: str | None = None,
) -> AnalysisResult:
    """Return the result of an analysis.

    Parameters
    ----------
    source
        The file that was read.
    reading
        How it was read: the reading plan.
    findings
        Of the design linter.
    virtual, against
        Virtual animals to draw beside the real ones, and the study that they are of.
    """
    plan = analysis.plan
    units = _units(observations)
    compared = [_comparison(c, units) for c in analysis.comparisons]
    return AnalysisResult(
        source=source,
        reading=reading,
        against=against,
        plan=AnalysisPlanInfo(
            control=plan.control,
            correction=plan.correction,
            level=plan.level,
            families={name: list(members) for name, members in plan.families.items()},
            margins=dict(plan.margins),
            methods=dict(plan.methods),
            cluster=plan.cluster,
            factorial=plan.factorial,
            seed=analysis.seed,
        ),
        groups=_groups(observations, plan.control),
        comparisons=compared,
        animals=animal_rows(observations),
        virtual=[] if virtual is None else animal_rows(virtual),
        findings=list(findings),
        arrive=arrive_items(observations, analysis),
        warnings=_warnings(compared),
        versions=versions(),
    )


def _groups(observations: Observations, control: str) -> list[AnalysisGroup]:
    frame = observations.frame
    sizes = frame.groupby("group", sort=False, observed=True)["animal"].nunique()
    return [AnalysisGroup(name=g, control=g == control, n_animals=int(sizes[g])) for g in observations.groups]


_Units = dict[tuple[str, str], tuple[str | None, bool]]


def _units(observations: Observations) -> _Units:
    """Return, for each read-out and assay, its first unit of exposure and whether it has denominators."""
    names = ["readout", "assay", "exposure_unit"]
    frame = observations.frame[names].assign(share=observations.frame["denominator"].notna())
    found: _Units = {}
    for readout, assay, unit, share in frame.drop_duplicates().itertuples(index=False):
        known, any_share = found.get((readout, assay), (None, False))
        own = unit if isinstance(unit, str) else None
        found[readout, assay] = (known or own, any_share or bool(share))
    return found


def _comparison(found: Comparison, units: _Units) -> AnalysisComparison:
    effect, equal, wrong = found.effect, found.equivalence, found.wrong
    return AnalysisComparison(
        readout=found.readout,
        day=found.day,
        niche=found.niche,
        assay=found.assay,
        unit_level=found.unit_level,
        value_kind=found.value_kind,
        unit=found.unit,
        within=found.within,
        strata=dict(found.strata),
        shown_in=_shown_in(found, units),
        contrast=found.contrast,
        treated=found.treated,
        control=found.control,
        groups=[
            GroupCount(group=g.group, n=g.n, n_rows=g.n_rows, n_lost=g.n_lost, mean=g.mean, sd=g.sd)
            for g in found.groups
        ],
        effect=_effect(effect),
        cannot=effect.note if isinstance(effect, Undetermined) else None,
        wrong=_effect(wrong),
        equivalence=_equivalence(equal) if isinstance(equal, Equivalence) else None,
        family=found.family,
        p_adjusted=found.p_adjusted,
        correction=found.correction,
        sentence=sentence(found),
    )


def _shown_in(found: Comparison, units: _Units) -> str:
    """Return what an animal's value is in (see :func:`animal_rows`)."""
    exposure, share = units.get((found.readout, found.assay), (None, False))
    if found.value_kind != "count":
        return "share" if found.value_kind == "fraction" else found.unit
    if exposure is not None:
        return f"{found.unit}/{exposure}"
    if share:
        return "share"
    return found.unit if found.unit_level == "animal" else f"{found.unit} per {found.unit_level}"


def _effect(effect: Effect | Undetermined | None) -> AnalysisEffect | None:
    if not isinstance(effect, Effect):
        return None
    return AnalysisEffect(
        scale=effect.scale,
        estimate=effect.estimate,
        low=effect.low,
        high=effect.high,
        level=effect.level,
        p_value=effect.p_value,
        df=effect.df,
        n=dict(effect.n),
        unit=effect.unit,
        method=effect.method,
        assumptions=list(effect.assumptions),
        unit_of_difference=effect.unit_of_difference,
        note=effect.note,
    )


def _equivalence(found: Equivalence) -> AnalysisEquivalence:
    return AnalysisEquivalence(
        margin=found.margin,
        low=found.low,
        high=found.high,
        level=found.level,
        p_value=found.p_value,
        verdict=found.verdict,
        n_needed=found.n_needed,
        statement=found.statement,
    )


def _warnings(compared: Sequence[AnalysisComparison]) -> list[str]:
    untold = sum(c.effect is None for c in compared)
    lines = [f"{untold} of {len(compared)} comparisons cannot be told from these data"] if untold else []
    notes = {c.effect.note for c in compared if c.effect is not None and c.effect.note}
    return [*lines, *sorted(notes)]


def animal_rows(observations: Observations) -> list[AnalysisAnimal]:
    """Return one row for each animal, read-out and day: its value as drawn, and the parts behind it.

    Counts are divided by their exposure or their denominator, where they have one.
    """
    frame = observations.frame
    kept = ~frame["excluded"].to_numpy(dtype=bool) & frame["animal"].notna().to_numpy(dtype=bool)
    strata = strata_of(frame.columns)
    keys = ["readout", "day", "assay", "animal", "group", "niche", *strata]
    table = frame[[*keys, "value", "exposure", "denominator"]]
    table = table if kept.all() else table[kept]
    if table.empty:
        return []
    code = table.groupby(keys, sort=False, observed=True, dropna=False).ngroup().to_numpy()
    size = table["exposure"].fillna(table["denominator"]).fillna(1.0).to_numpy(dtype=float)
    value = table["value"].to_numpy(dtype=float)
    counted = np.bincount(code, ~(frame["value_kind"] == "count").to_numpy(dtype=bool)[kept]) == 0
    # Rows of one animal together, in their order.
    order = np.argsort(code, kind="stable")
    ends = np.cumsum(np.bincount(code))
    starts = ends - np.bincount(code)
    heads = table[keys].iloc[order[starts]]
    rows = zip(heads.itertuples(index=False), starts, ends, counted, strict=True)
    return [
        _animal(key, value[order[a:b]], size[order[a:b]], counted=bool(of_counts), strata=strata)
        for key, a, b, of_counts in rows
    ]


def _animal(
    key: tuple[object, ...],
    value: NDArray[np.float64],
    size: NDArray[np.float64],
    *,
    counted: bool,
    strata: Sequence[str],
) -> AnalysisAnimal:
    parts = value / size if counted else value
    whole = float(value.sum() / size.sum()) if counted else float(value.mean())
    readout, day, assay, animal, group = map(str, key[:5])
    parts_of_place = [str(key[5])] if isinstance(key[5], str) else []
    words = zip(strata, key[6:], strict=True)
    parts_of_place += [
        stratum_words(n.removeprefix(STRATUM_PREFIX), w) for n, w in words if isinstance(w, str)
    ]
    return AnalysisAnimal(
        readout=readout,
        day=float(day),
        assay=assay,
        animal=animal,
        group=group,
        within=", ".join(parts_of_place),
        value=whole,
        parts=parts.tolist() if len(parts) > 1 else [],
    )
