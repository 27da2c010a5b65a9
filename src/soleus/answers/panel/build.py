"""Marks of causes and the panels that tell them apart: the question is computed and answered."""

from __future__ import annotations

import math

from soleus.answers.answer import Answer
from soleus.answers.panel.numbers import panel_citations, panel_numbers
from soleus.answers.panel.sections import told_panel
from soleus.answers.panel.values import PanelCause, PanelMark, PanelResult, PanelSeparation, PanelStatistic
from soleus.assays import FractionAssay
from soleus.catalogue.folder import Catalogue
from soleus.catalogue.studies import load_study
from soleus.errors import InputError
from soleus.evidence.fingerprint import Fingerprint, fingerprint
from soleus.jobs import NoProgress, Progress
from soleus.planning import Statistic
from soleus.provenance import run_id, versions
from soleus.study import Study

__all__ = ["describe_panel", "panel_answer"]

_ROUNDING = 1e-9


def panel_answer(
    catalogue: Catalogue,
    panel: str,
    *,
    day: float = 28.0,
    factor: float = 1.5,
    fall: float = 0.3,
    animals: int = 8,
    progress: Progress | None = None,
) -> Answer[PanelResult]:
    """Compute the marks of all causes and the smallest panels; takes half a minute.

    Parameters
    ----------
    day, factor, fall, animals
        As :func:`soleus.evidence.fingerprint.fingerprint` takes them.
    progress
        Told when the work begins and ends.

    Raises
    ------
    SoleusError
        With what was given, what is allowed and what to do.
    """
    # Here, and not after the work.
    if animals < 2:
        raise InputError(f"animals must be at least 2 a group, got {animals}")
    if not (math.isfinite(day) and day > 0.0):
        raise InputError(f"day must be above 0, counted from the start of the change, got {day:g}")
    told = progress or NoProgress()
    told.start("marks of each cause on each read-out", 1)
    try:
        found = fingerprint(catalogue, panel, day=day, factor=factor, fall=fall, animals=animals)
        told.advance()
    finally:
        told.finish()
    return told_panel(describe_panel(catalogue, found))


def describe_panel(catalogue: Catalogue, found: Fingerprint) -> PanelResult:
    """Return what was computed as plain data, with the numbers and works that it stands on."""
    study = load_study(catalogue, found.panel.study)
    asked = {"day": found.day, "factor": found.factor, "fall": found.fall, "animals": found.animals}
    numbers = panel_numbers(catalogue, found.panel, study)
    provisional = sum(n.status == "provisional" for n in numbers)
    made = versions()
    return PanelResult(
        run_id=run_id({"panel": found.panel.name, **asked}, seed=0, versions=made),
        versions=made,
        status="provisional" if provisional else "checked",
        panel=found.panel.name,
        label=found.panel.label,
        lineage=found.panel.lineage,
        day=found.day,
        factor=found.factor,
        fall=found.fall,
        animals=found.animals,
        leading=found.panel.leading,
        causes=_causes(found),
        statistics=[_statistic(s) for s in found.statistics],
        marks=[_mark(found, c.name, s) for c in found.causes for s in found.statistics],
        separations=_separations(found),
        provisional=provisional,
        numbers=numbers,
        assumptions=_assumptions(found, study),
        citations=panel_citations(catalogue, numbers),
        files={},
    )


def _causes(found: Fingerprint) -> list[PanelCause]:
    return [
        PanelCause(
            name=cause.name,
            label=cause.label,
            quantity=cause.quantity,
            told_at=factor,
            leading_log_ratio=change,
            leading_percent=_percent(change),
            reaches_fall=change <= math.log1p(-found.fall) + _ROUNDING,
        )
        for cause, (factor, change) in zip(found.causes, found.strengths, strict=True)
    ]


def _statistic(statistic: Statistic) -> PanelStatistic:
    label = statistic.label
    if isinstance(statistic.assay, FractionAssay):
        # A share of two is named by what it is of; of several it needs its category, too.
        several = len(statistic.assay.categories) > 2
        label = statistic.assay.label + (f": {statistic.label}" if several else "")
    scale = "log odds ratio" if statistic.is_share else "log ratio"
    return PanelStatistic.model_validate({"name": statistic.name, "label": label, "scale": scale})


def _mark(found: Fingerprint, cause: str, statistic: Statistic) -> PanelMark:
    change = found.change(cause, statistic.name)
    return PanelMark(
        cause=cause,
        statistic=statistic.name,
        change=change,
        percent=None if statistic.is_share else _percent(change),
        odds_ratio=math.exp(change) if statistic.is_share else None,
        signal=found.signal(cause, statistic.name),
    )


def _percent(log_ratio: float) -> float:
    return 100.0 * math.expm1(log_ratio)


def _separations(found: Fingerprint) -> list[PanelSeparation]:
    return [
        PanelSeparation(
            first=s.first,
            second=s.second,
            panel=None if s.panel is None else list(s.panel),
            animals=s.animals,
            # Names hold commas.
            words=s.words if s.panel is None else "; ".join(s.panel),
        )
        for s in found.separations
    ]


def _assumptions(found: Fingerprint, study: Study) -> list[str]:
    resting = f"{study.niche.species}, {study.age_days:g} days old at the start"
    lineage = found.panel.lineage
    return [
        f"Animals: the resting lineage {lineage!r}, fitted to published counts by age ({resting}).",
        "Each cause acts alone, from day 0 to the day of the read-out, at one strength; nothing answers it.",
        f"Marks are shown where each cause's quantity is changed {found.factor:g}-fold. Means are exact.",
        f"Causes are told apart where {found.panel.leading} has fallen by {100 * found.fall:g} per cent, or "
        "as far as it can. Strengths are tried in steps, so that it may have fallen a little further; "
        "those far from 1 are what the fall would take, not what cells can do.",
        "Neither strength is known when two causes are told apart: a panel must tell one from the other at "
        "every strength, both ways, with 80 per cent power at 5 per cent.",
        "Counts are compared by the log of an animal's total, shares by their log odds; animals differ in "
        "niche size, in their own rates, by chance and by counting (delta method). Chance is taken as "
        "independent between assays that need different labels.",
        "The variance between animals is taken as known; with fewer than about five animals a group a test "
        "must estimate it and needs more of them than is said here.",
        "Given its type and phase, a cell shows its markers independently of each other.",
        "Of panels of up to three read-outs all are tried; larger ones grow from the best of three.",
    ]
