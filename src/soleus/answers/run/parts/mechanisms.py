"""Headline, mechanisms and the table of what the reported ratio would mean."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from soleus.answers.run.values import DayPrediction, Headline, MechanismRow, ReadoutResult, TranslationRow
from soleus.assays import AnyReadout, FractionAssay
from soleus.catalogue.folder import Catalogue
from soleus.catalogue.movement import movement_entries
from soleus.evidence.predictions import Predictions, interval_of
from soleus.schema.claim_rows import IntervalBy
from soleus.schema.values import Interval
from soleus.study.design import Study

__all__ = ["followed", "headline", "mechanism_rows", "shown_sets", "translation"]


def followed(study: Study) -> list[AnyReadout]:
    """Return the read-outs that are shown: all but the bare categories that shares are read from."""
    parts = {r.name for a in study.assays if isinstance(a, FractionAssay) for r in a.categories}
    return [r for r in study.all_readouts() if r.name not in parts]


def shown_sets(catalogue: Catalogue, study: Study) -> dict[str, Mapping[str, float]]:
    """Return the mechanism sets of which a mechanism acts in the study's niche, on or off."""
    acting = {m.name for m in study.mechanisms if study.niche.niche in m.niches}
    return {name: shares for name, shares in movement_entries(catalogue).sets.items() if acting & set(shares)}


def headline(
    predictions: Mapping[str, Predictions], results: Sequence[ReadoutResult], day: float
) -> list[Headline]:
    """Return the two columns, at face value and under the prior, for each treated group.

    Of the first group the reported read-out on its day, then every followed read-out on the last day; of
    the others what was counted.

    Parameters
    ----------
    predictions
        Treated group to its predictions, the first group first.
    """
    rows: list[Headline] = []
    for k, (group, found) in enumerate(predictions.items()):
        study = found.responder.experiment.study
        contrast = f"{group} / {study.control.name}"
        on_day = [r for r in results if r.day == day and r.contrast == contrast and r.measure == "ratio"]
        observed = {r.readout: r.effect.ratio for r in on_day if r.effect is not None}
        counted = {r.readout for r in results}
        reported = study.reported
        if k == 0 and reported is not None and reported.day != day:
            first = [r for r in study.all_readouts() if r.name == reported.readout]
            rows += [_headline(found, group, r, reported.day, {}) for r in first]
        rows += [
            _headline(found, group, readout, day, observed)
            for readout in followed(study)
            if (k == 0 or readout.name in counted) and _has_ratio(found, readout.name, day)
        ]
    return rows


def _has_ratio(predictions: Predictions, readout: str, day: float) -> bool:
    """Whether a read-out is there in both groups; one of labelled cells is not before the label."""
    return bool(np.isfinite(predictions.pooled(readout, day)).all())


def _headline(
    predictions: Predictions,
    group: str,
    readout: AnyReadout,
    day: float,
    observed: Mapping[str, Interval],
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
        group=group,
    )


def mechanism_rows(catalogue: Catalogue, predictions: Predictions) -> list[MechanismRow]:
    """Return one row for each mechanism set that has a part in this niche, on or off."""
    sets = shown_sets(catalogue, predictions.responder.experiment.study)
    return [_row(catalogue, predictions, name, shares) for name, shares in sets.items()]


def _courses(predictions: Predictions, name: str) -> list[DayPrediction]:
    """Return the true lead ratio by day: as reported, or at the middle of the prior where nothing is."""
    readout, _ = predictions.lead
    if predictions.responder.experiment.study.reported is not None:
        if predictions.reported_strength.get(name) is None:
            return []
        found = {d: predictions.reported(readout, d)[name] for d in predictions.days}
    else:
        found = {d: _at_middle(predictions, name, readout, d) for d in predictions.days}
    return [DayPrediction(day=d, ratio=ratio) for d, ratio in found.items() if math.isfinite(ratio)]


def _at_middle(predictions: Predictions, name: str, readout: str, day: float) -> float:
    middle = np.median(predictions.strengths[name], keepdims=True)
    return float(np.exp(predictions.tables[name].at(middle, readout, day))[0])


def _row(
    catalogue: Catalogue, predictions: Predictions, name: str, shares: Mapping[str, float]
) -> MechanismRow:
    entries = [movement_entries(catalogue).mechanisms[m] for m in shares]
    table = predictions.tables.get(name)
    strength = predictions.reported_strength.get(name)
    gain = None
    if table is not None and strength is not None:
        gain = max(predictions.responder.gains(table.set, strength).values())
    note = entries[0].reason if len(entries) == 1 else "Acts together: " + ", ".join(shares)
    if table is None:
        note = f"Off. {note}"
    elif name not in predictions.carrying:
        note = (
            f"Cannot reach all that could be expected before any data, so it is left out of averages. {note}"
        )
    return MechanismRow(
        name=name,
        label=table.set.label if table is not None else entries[0].label,
        signal=" + ".join(dict.fromkeys(e.signal for e in entries)),
        role=" + ".join(e.role for e in entries),
        on=table is not None,
        reaches_reported=strength is not None,
        strongest_ratio=math.exp(predictions.scale.strongest[name]) if table is not None else 1.0,
        log_gain_reported=gain,
        ratio_by_day=[] if table is None else _courses(predictions, name),
        status="provisional" if any(e.status == "provisional" for e in entries) else entries[0].status,
        citations=list(dict.fromkeys(e.citation for e in entries if e.citation is not None)),
        note=note,
    )


def translation(predictions: Predictions, day: float) -> list[TranslationRow]:
    """Return what the reported ratio means for every other read-out, set by set, on one day.

    A set that cannot reach it is shown at its strongest. Where nothing is reported, each set stands at
    the middle of the prior, and one that cannot reach the whole prior counts as not reaching.
    """
    study = predictions.responder.experiment.study
    names = [r.name for r in followed(study)]
    rows = []
    for name, table in predictions.tables.items():
        strength = predictions.reported_strength[name]
        reaches = strength is not None if study.reported is not None else name in predictions.carrying
        if study.reported is None:
            ratios = {r: _at_middle(predictions, name, r, day) for r in names}
        elif strength is None:
            ratios = {r: float(np.exp(table.column(r, day)[-1])) for r in names}
        else:
            ratios = {r: predictions.reported(r, day)[name] for r in names}
        rows.append(
            TranslationRow(
                mechanism=name,
                label=table.set.label,
                reaches=reaches,
                day=day,
                ratios={r: ratio for r, ratio in ratios.items() if math.isfinite(ratio)},
            )
        )
    return rows
