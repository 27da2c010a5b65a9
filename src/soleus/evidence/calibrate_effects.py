"""Compute and store, for a study, the strengths behind ``--effect reported`` and ``calibrated``.

Run again with ``python -m soleus.evidence.calibrate_effects``; ``--check`` compares with what is
stored. A run computes these numbers itself, so that a change of the catalogue can never meet a
stale file; the stored record is there to be read, cited and compared.
"""

from __future__ import annotations

import argparse
import math
from typing import Any

import numpy as np

from soleus.catalogue.calibrations import effect_calibration, write_calibration
from soleus.catalogue.studies import load_study, study_names
from soleus.evidence.predictions import Predictions, predict, weighted_interval
from soleus.provenance import versions
from soleus.study import bind

__all__ = ["calibrate", "main"]

_MADE_BY = "python -m soleus.evidence.calibrate_effects"


def calibrate(study: str) -> dict[str, Any]:
    """Return the record of a study as plain data."""
    predictions = predict(bind(load_study(study)), workers=2)
    found = predictions.given(exclude=())
    readout, day = predictions.prior_readout, predictions.prior_day
    return {
        "study": study,
        "readout": readout,
        "day": day,
        "sets": {name: _one_set(predictions, name) for name in predictions.tables},
        "scored": [f"{r.citation}: {r.readout} {r.direction} on day {r.day:g}" for r in found.used],
        "posterior": {
            name: {
                "probability": round(found.set_probability[name], 4),
                "ratio": _ratio(predictions, name, found.weights[name]),
            }
            for name in found.set_probability
        },
        "made_by": _MADE_BY,
        "versions": versions(),
    }


def _one_set(predictions: Predictions, name: str) -> dict[str, Any]:
    strength = predictions.reported_strength[name]
    strongest = predictions.tables[name].strongest(predictions.prior_readout, predictions.prior_day)
    return {
        "reported_strength": None if strength is None else float(f"{strength:.6g}"),
        "strongest_ratio": round(math.exp(strongest), 4),
        "carries_prior": name in predictions.carrying,
    }


def _ratio(predictions: Predictions, name: str, weights: np.ndarray) -> list[float]:
    logs = predictions.log_ratios(name, predictions.prior_readout, predictions.prior_day)
    interval = weighted_interval(logs, weights)
    return [round(v, 4) for v in (interval.low, interval.value, interval.high)]


def main(arguments: list[str] | None = None) -> int:
    """Make the record of every study and store it, or compare it with what is stored."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare with the stored result")
    options = parser.parse_args(arguments)
    worst = 0.0
    for study in study_names():
        made = calibrate(study)
        if options.check:
            stored = effect_calibration(f"effects-{study}")
            worst = max(worst, _difference(made, stored.sets))
        else:
            print(f"written: {write_calibration(f'effects-{study}', made)}")
    if options.check:
        print(f"largest relative change of a strength: {worst:.2g}")
    return 0 if worst < 1e-3 else 1


def _difference(made: dict[str, Any], stored: dict[str, Any]) -> float:
    worst = 0.0
    for name, one in made["sets"].items():
        new, old = one["reported_strength"], stored[name].reported_strength
        if (new is None) != (old is None):
            return math.inf
        if new is not None and old is not None:
            worst = max(worst, abs(new / old - 1.0))
    return worst


if __name__ == "__main__":
    raise SystemExit(main())
