"""Compute and store, for studies with a reported effect, the responses behind ``--effect``.

Run again with ``python -m soleus.evidence.calibrate_effects`` after any change of the catalogue;
``--check`` compares with what is stored instead. A run whose inputs differ from those of the stored
file computes the responses itself, so a stale file costs time and never a wrong number.
"""

from __future__ import annotations

import argparse
import math

import numpy as np

from soleus.catalogue.calibrations import (
    EffectCalibration,
    StoredPosterior,
    StoredSet,
    effect_calibration,
    write_effect_calibration,
)
from soleus.catalogue.folder import Catalogue, load_catalogue
from soleus.catalogue.studies import load_study, study_entry, study_names
from soleus.evidence.predictions import Predictions, predict, weighted_interval
from soleus.lineage.process import FloatArray
from soleus.provenance import versions
from soleus.study import bind

__all__ = ["calibrate", "main"]

_MADE_BY = "python -m soleus.evidence.calibrate_effects"
_DIGITS = 10


def calibrate(catalogue: Catalogue, study: str) -> EffectCalibration:
    """Return the calibration of a study, computed anew."""
    predictions = predict(catalogue, bind(load_study(catalogue, study)), workers=2, stored=False)
    found = predictions.given(exclude=())
    first = next(iter(predictions.tables.values()))
    return EffectCalibration(
        study=study,
        key=predictions.key,
        readout=predictions.lead[0],
        day=predictions.lead[1],
        days=predictions.days,
        readouts=first.readouts,
        strengths=tuple(float(s) for s in first.strengths),
        sets={name: _one_set(predictions, name) for name in predictions.tables},
        scored=tuple(f.id for f in found.used),
        posterior={
            name: StoredPosterior(
                probability=round(found.set_probability[name], 4),
                ratio=_ratio(predictions, name, found.weights[name]),
            )
            for name in found.set_probability
        },
        made_by=_MADE_BY,
        versions=versions(),
    )


def _one_set(predictions: Predictions, name: str) -> StoredSet:
    strength = predictions.reported_strength[name]
    strongest = predictions.scale.strongest[name]
    exact = predictions.reported_log_ratios.get(name)
    return StoredSet(
        strongest_ratio=round(math.exp(strongest), 4),
        carries_prior=name in predictions.carrying,
        reported_strength=strength,
        reported_log_ratios=None if exact is None else np.round(exact, _DIGITS).tolist(),
        log_ratios=np.round(predictions.tables[name].log_ratios, _DIGITS).tolist(),
    )


def _ratio(predictions: Predictions, name: str, weights: FloatArray) -> tuple[float, float, float]:
    logs = predictions.tables[name].at(predictions.scale.declared[name], *predictions.lead)
    interval = weighted_interval(logs, weights)
    return round(interval.low, 4), round(interval.value, 4), round(interval.high, 4)


def main(catalogue: Catalogue, arguments: list[str] | None = None) -> int:
    """Make the calibrations and store them, or compare them with what is stored."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare with the stored result")
    options = parser.parse_args(arguments)
    worst = 0.0
    for study in _reported_studies(catalogue):
        made = calibrate(catalogue, study)
        if options.check:
            worst = max(worst, difference(made, effect_calibration(catalogue, study)))
        else:
            print(f"written: {write_effect_calibration(catalogue, made)}")
    if options.check:
        print(f"largest change of a log-ratio: {worst:.2g}")
    return 0 if worst < 1e-6 else 1


def _reported_studies(catalogue: Catalogue) -> list[str]:
    """Return the studies that somebody reported with an effect; what extends them is computed when asked."""
    entries = [study_entry(catalogue, name) for name in study_names(catalogue)]
    return [e.name for e in entries if e.reported is not None and e.citation is not None]


def difference(made: EffectCalibration, stored: EffectCalibration | None) -> float:
    """Return the largest change of a log-ratio or a probability, infinite if the inputs differ."""
    if stored is None or made.key != stored.key:
        return math.inf
    worst = 0.0
    for name, one in made.sets.items():
        other = stored.sets[name]
        worst = max(worst, float(np.max(np.abs(np.array(one.log_ratios) - np.array(other.log_ratios)))))
        if (one.reported_log_ratios is None) != (other.reported_log_ratios is None):
            return math.inf
        if one.reported_log_ratios is not None:
            change = np.array(one.reported_log_ratios) - np.array(other.reported_log_ratios)
            worst = max(worst, float(np.max(np.abs(change))))
    for name, chance in made.posterior.items():
        worst = max(worst, abs(chance.probability - stored.posterior[name].probability))
    return worst


if __name__ == "__main__":
    raise SystemExit(main(load_catalogue()))
