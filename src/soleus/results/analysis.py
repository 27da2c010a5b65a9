"""An analysis as one record: comparisons with their sentences, every unit as drawn, findings, ARRIVE."""

from __future__ import annotations

from collections.abc import Sequence

from soleus.analysis import Analysis, AnalysisPlan, analyse
from soleus.analysis.comparisons import MOST_EXTRAS
from soleus.observations import Observations
from soleus.provenance import versions
from soleus.results.arrive import arrive_items
from soleus.results.sentence import legend, sentence
from soleus.schema.analysis import (
    AnalysisGroup,
    AnalysisPlanInfo,
    AnalysisReading,
    AnalysisResult,
    AnalysisSource,
    Comparison,
    Finding,
    UnitValue,
)

__all__ = ["analysis_result"]


def analysis_result(
    observations: Observations,
    analysis: Analysis,
    *,
    source: AnalysisSource,
    reading: AnalysisReading | None = None,
    findings: Sequence[Finding] = (),
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
    days = tells_days(observations)
    compared = [c.model_copy(update={"sentence": sentence(c, days=days)}) for c in analysis.comparisons]
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
            unit=analysis.unit,
            blocks=plan.blocks,
            covariates=plan.covariates,
            baseline=plan.baseline,
            paired=plan.paired,
            compare=plan.compare,
            block_columns=analysis.blocks,
            covariate_columns=analysis.covariates,
            cluster_column=analysis.cluster,
        ),
        groups=_groups(observations, plan.control),
        comparisons=compared,
        animals=list(analysis.units),
        virtual=[] if virtual is None else _virtual(virtual, analysis),
        findings=list(findings),
        legends=_legends(compared, analysis.units, days=days),
        arrive=arrive_items(observations, analysis),
        warnings=[*_warnings(compared), *_without_extras(analysis)],
        versions=versions(),
    )


def _without_extras(analysis: Analysis) -> list[str]:
    if analysis.plan.extras or len(analysis.comparisons) <= MOST_EXTRAS:
        return []
    return [
        f"of more than {MOST_EXTRAS} read-outs no animal is left out in turn and no other method"
        " stands beside;"
        " name some with --readout to see both"
    ]


def tells_days(observations: Observations) -> bool:
    """Whether a table has days at all: several, or one that is not 0, which stands for none."""
    days = set(observations.frame["day"])
    return len(days) > 1 or days != {0.0}


def _virtual(virtual: Observations, analysis: Analysis) -> list[UnitValue]:
    """Return the values of virtual animals, brought together as those of the table are."""
    plan = AnalysisPlan(virtual.groups[0], correction="none", extras=False, unit="animal", seed=analysis.seed)
    return list(analyse(virtual, plan).units)


def _legends(compared: Sequence[Comparison], units: Sequence[UnitValue], *, days: bool) -> dict[str, str]:
    in_parts = {unit.readout for unit in units if unit.parts}
    return {
        name: legend([c for c in compared if c.readout == name], parts=name in in_parts, days=days)
        for name in dict.fromkeys(c.readout for c in compared)
    }


def _groups(observations: Observations, control: str) -> list[AnalysisGroup]:
    frame = observations.frame
    sizes = frame.groupby("group", sort=False, observed=True)["animal"].nunique()
    return [AnalysisGroup(name=g, control=g == control, n_animals=int(sizes[g])) for g in observations.groups]


def _warnings(compared: Sequence[Comparison]) -> list[str]:
    untold = sum(c.effect is None for c in compared)
    lines = [f"{untold} of {len(compared)} comparisons cannot be told from these data"] if untold else []
    notes = {c.effect.note for c in compared if c.effect is not None and c.effect.note}
    return [*lines, *sorted(notes)]
