"""An analysis as plain records: comparisons with their sentences, every animal, findings, ARRIVE."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    import pandas as pd

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
    compared = [_comparison(c, observations) for c in analysis.comparisons]
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


def _comparison(found: Comparison, observations: Observations) -> AnalysisComparison:
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
        shown_in=_shown_in(found, observations),
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


def _shown_in(found: Comparison, observations: Observations) -> str:
    """Return what an animal's value is in (see :func:`animal_rows`)."""
    frame = observations.frame
    rows = frame[((frame["readout"] == found.readout) & (frame["assay"] == found.assay)).to_numpy(dtype=bool)]
    if found.value_kind != "count":
        return "share" if found.value_kind == "fraction" else found.unit
    exposures = rows["exposure_unit"].dropna().unique().tolist()
    if exposures:
        return f"{found.unit}/{exposures[0]}"
    if rows["denominator"].notna().any():
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
    frame = frame[~frame["excluded"].to_numpy(dtype=bool) & frame["animal"].notna().to_numpy(dtype=bool)]
    strata = strata_of(frame.columns)
    keys = ["readout", "day", "assay", "animal", "group", "niche", *strata]
    groups = frame.groupby(keys, sort=False, observed=True, dropna=False)
    return [_animal(tuple(key), rows, strata=strata) for key, rows in groups]


def _animal(key: tuple[object, ...], rows: pd.DataFrame, *, strata: Sequence[str]) -> AnalysisAnimal:
    size = rows["exposure"].fillna(rows["denominator"]).fillna(1.0).to_numpy(dtype=float)
    value = rows["value"].to_numpy(dtype=float)
    counted = bool((rows["value_kind"] == "count").all())
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
