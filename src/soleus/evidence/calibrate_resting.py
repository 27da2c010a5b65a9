"""Fit the resting SVZ lineage to the published counts by age, and store the result.

Run again with ``python -m soleus.evidence.calibrate_resting``; ``--check`` compares with what is
stored instead of writing. Takes some minutes.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from soleus.assays import NORMAL_95, PublishedMean
from soleus.catalogue.calibrations import resting_calibration, write_calibration
from soleus.catalogue.datasets import RestingSeries, resting_series, resting_study
from soleus.catalogue.folder import Catalogue, load_catalogue
from soleus.catalogue.lineages import lineage_entry, niche
from soleus.inference import FreeParameter, Mode, Potential, maximise
from soleus.provenance import versions
from soleus.study import Experiment, bind, pointwise_published

__all__ = ["calibrate", "free_parameters", "main"]

_NAME = "svz-resting"
_MADE_BY = "python -m soleus.evidence.calibrate_resting"
_GRID_ERROR = 0.05


def free_parameters(
    catalogue: Catalogue, series: RestingSeries, *, held: frozenset[str] = frozenset()
) -> tuple[FreeParameter, ...]:
    """Return the free parameters: those of the lineage, the scale factors but ``held``, the discrepancy."""
    lineage = [
        FreeParameter(name, p.internal_value, p.log_sd)
        for name, p in lineage_entry(catalogue, series.niche).parameters.items()
        if p.free and p.log_sd is not None
    ]
    scales = [
        FreeParameter(f"scale:{name}", 1.0, s.log_sd)
        for name, s in series.scales.items()
        if s.free and s.log_sd is not None and name not in held
    ]
    return (*lineage, *scales, FreeParameter("discrepancy_cv", 0.2, 0.5))


def _fit(
    catalogue: Catalogue,
    experiment: Experiment,
    series: RestingSeries,
    *,
    held: frozenset[str],
    near: Mapping[str, float] | None,
) -> Mode:
    parameters = free_parameters(catalogue, series, held=held)
    potential = Potential(experiment, series.observations, parameters)
    start = None if near is None else potential.coordinates(near)
    label = f"held at 1: {', '.join(sorted(held)) or 'none'}"

    def tell(iteration: int, value: float) -> None:
        if iteration % 5 == 0:
            print(f"{label}: iteration {iteration}, log posterior {value:.3f}", flush=True)

    return maximise(potential, start=start, tell=tell)


def calibrate(catalogue: Catalogue) -> dict[str, Any]:
    """Return the calibration as plain data, ready to be stored."""
    series = resting_series(catalogue)
    experiment = bind(
        resting_study(catalogue, series, niche(catalogue, series.niche)), grid_error=_GRID_ERROR
    )
    mode = _fit(catalogue, experiment, series, held=frozenset(), near=None)
    scales = [name for name, scale in series.scales.items() if scale.free]
    without = {
        label: _fit(catalogue, experiment, series, held=frozenset(held), near=mode.theta)
        for label, held in {**{name: [name] for name in scales}, "all of them": scales}.items()
    }
    fitted = experiment.at(mode.theta)
    points = _points(fitted, series)
    return {
        "lineage": series.niche,
        "dataset": series.name,
        "theta": {k: float(f"{v:.8g}") for k, v in mode.theta.items()},
        "log_posterior": round(mode.log_posterior, 6),
        "gradient_norm": float(f"{mode.gradient_norm:.2g}"),
        "n_points": len(points),
        "n_free": len(mode.theta),
        "discrepancy_without_scale": {k: round(m.theta["discrepancy_cv"], 4) for k, m in without.items()},
        "log_posterior_lost_without_scale": {
            k: round(mode.log_posterior - m.log_posterior, 3) for k, m in without.items()
        },
        "trend": list(_trend(points)),
        "trend_by_readout": {
            readout: list(_trend([p for p in points if p["readout"] == readout], known_variance=True))
            for readout in dict.fromkeys(p["readout"] for p in points)
        },
        "points": points,
        "made_by": _MADE_BY,
        "versions": versions(),
    }


def _points(fitted: Experiment, series: RestingSeries) -> list[dict[str, Any]]:
    assays = {a.name: a for a in fitted.study.assays if isinstance(a, PublishedMean)}
    rows = series.observations.frame.itertuples()
    points = []
    for row, (predicted, residual) in zip(
        rows, pointwise_published(fitted, series.observations), strict=True
    ):
        assay = assays[str(row.assay)]
        sd = assay.log_sd(float(row.value), float(row.se))  # type: ignore[arg-type]
        points.append(
            {
                "source": str(row.assay),
                "readout": str(row.readout),
                "age_days": float(row.age_days),  # type: ignore[arg-type]
                "observed": float(row.value),  # type: ignore[arg-type]
                "se": float(row.se),  # type: ignore[arg-type]
                "predicted": round(predicted, 2),
                "low": round(predicted * math.exp(-NORMAL_95 * sd), 2),
                "high": round(predicted * math.exp(NORMAL_95 * sd), 2),
                "residual": round(residual, 4),
            }
        )
    return points


def _trend(points: list[dict[str, Any]], *, known_variance: bool = False) -> tuple[float, float]:
    """Return slope and standard error of the standardised residuals with age, per year.

    With ``known_variance`` the residuals are taken to have variance 1, as they have if the model is
    right; five points are too few to estimate it.
    """
    years = np.array([p["age_days"] for p in points]) / 365.25
    residuals = np.array([p["residual"] for p in points])
    centred = years - years.mean()
    slope = float(centred @ residuals / (centred @ centred))
    rest = residuals - residuals.mean() - slope * centred
    variance = 1.0 if known_variance else float(rest @ rest) / (len(points) - 2)
    return round(slope, 4), round(math.sqrt(variance / float(centred @ centred)), 4)


def main(catalogue: Catalogue, arguments: list[str] | None = None) -> int:
    """Make the calibration and store it, or compare it with what is stored."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare with the stored result")
    options = parser.parse_args(arguments)
    made = calibrate(catalogue)
    if not options.check:
        print(f"written: {write_calibration(catalogue, _NAME, made)}")
        return 0
    stored = resting_calibration(catalogue, _NAME)
    worst = max(abs(math.log(made["theta"][k] / v)) for k, v in stored.theta.items())
    print(f"largest change of a fitted number: {100 * worst:.3f} %")
    return 0 if worst < 0.02 else 1


if __name__ == "__main__":
    raise SystemExit(main(load_catalogue()))
