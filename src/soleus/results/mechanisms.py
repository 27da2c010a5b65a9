"""Headline, mechanisms and the table of what the reported ratio would mean."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from soleus.assays import AnyReadout
from soleus.catalogue.movement import movement_entries
from soleus.evidence.predictions import Predictions, interval_of
from soleus.schema.run import (
    DayPrediction,
    Headline,
    Interval,
    IntervalBy,
    MechanismRow,
    ReadoutResult,
    TranslationRow,
)

__all__ = ["headline", "mechanism_rows", "translation"]


def headline(predictions: Predictions, results: Sequence[ReadoutResult], day: float) -> list[Headline]:
    """Return the two columns, at face value and under the prior.

    First the reported read-out on its day, then every followed read-out on the last day.
    """
    observed = {r.readout: r.effect.ratio for r in results if r.effect is not None and r.day == day}
    study = predictions.responder.experiment.study
    reported = study.reported
    first = []
    if reported is not None and reported.day != day:
        first = [r for r in study.all_readouts() if r.name == reported.readout]
    return [
        *(_headline(predictions, readout, reported.day, {}) for readout in first if reported is not None),
        *(_headline(predictions, readout, day, observed) for readout in study.all_readouts()),
    ]


def _headline(
    predictions: Predictions, readout: AnyReadout, day: float, observed: Mapping[str, Interval]
) -> Headline:
    face = list(predictions.reported(readout.name, day).values())
    by_set = [
        IntervalBy(mechanism_set=n, interval=interval_of(predictions.log_ratios(n, readout.name, day)))
        for n in predictions.carrying
    ]
    return Headline(
        readout=readout.name,
        label=readout.label,
        day=day,
        face_value=None
        if not face
        else Interval(value=float(np.median(face)), low=min(face), high=max(face), level=1.0),
        prior=interval_of(predictions.pooled(readout.name, day)),
        prior_by_set=by_set,
        observed=observed.get(readout.name),
    )


def mechanism_rows(predictions: Predictions) -> list[MechanismRow]:
    """Return one row for each mechanism set, on or off."""
    sets = movement_entries().sets
    return [_row(predictions, name, shares) for name, shares in sets.items()]


def _row(predictions: Predictions, name: str, shares: Mapping[str, float]) -> MechanismRow:
    entries = [movement_entries().mechanisms[m] for m in shares]
    table = predictions.tables.get(name)
    strength = predictions.reported_strength.get(name)
    readout = predictions.lead[0]
    gain = None
    ratios: list[DayPrediction] = []
    if table is not None and strength is not None:
        gains = predictions.responder.gains(table.set, strength)
        gain = max(gains.values())
        ratios = [
            DayPrediction(day=d, ratio=predictions.reported(readout, d)[name]) for d in predictions.days
        ]
    note = entries[0].reason if len(entries) == 1 else "Acts together: " + ", ".join(shares)
    if table is None:
        note = f"Off. {note}"
    elif name not in predictions.carrying:
        note = f"Cannot reach the whole prior, so it is left out of averages. {note}"
    return MechanismRow(
        name=name,
        label=table.set.label if table is not None else entries[0].label,
        signal=" + ".join(dict.fromkeys(e.signal for e in entries)),
        role=" + ".join(e.role for e in entries),
        on=table is not None,
        reaches_reported=strength is not None,
        strongest_ratio=math.exp(predictions.scale.strongest[name]) if table is not None else 1.0,
        log_gain_reported=gain,
        ratio_by_day=ratios,
        status="provisional" if any(e.status == "provisional" for e in entries) else entries[0].status,
        citations=list(dict.fromkeys(e.citation for e in entries if e.citation is not None)),
        note=note,
    )


def translation(predictions: Predictions, day: float) -> list[TranslationRow]:
    """Return what the reported ratio means for every other read-out, set by set, on one day.

    A set that cannot reach it is shown at its strongest.
    """
    rows = []
    for name, table in predictions.tables.items():
        strength = predictions.reported_strength[name]
        if strength is None:
            ratios = {r: float(np.exp(table.column(r, day)[-1])) for r in table.readouts}
        else:
            ratios = {r: predictions.reported(r, day)[name] for r in table.readouts}
        rows.append(
            TranslationRow(
                mechanism=name, label=table.set.label, reaches=strength is not None, day=day, ratios=ratios
            )
        )
    return rows
