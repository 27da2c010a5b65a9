"""Stored calibrations: results of code that anyone can run again, kept as data with provenance."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

from soleus.catalogue.folder import Catalogue, load_yaml, once, parse_record
from soleus.catalogue.stored import Stored, read_stored, stored_text

__all__ = [
    "EffectCalibration",
    "RestingCalibration",
    "StoredPosterior",
    "StoredPoint",
    "StoredSet",
    "effect_calibration",
    "has_resting_calibration",
    "resting_calibration",
    "write_calibration",
    "write_effect_calibration",
]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class StoredPoint(_Entry):
    """A published mean with the fitted prediction and its 95 % predictive interval."""

    source: str
    readout: str
    age_days: float
    observed: float
    se: float
    predicted: float
    low: float
    high: float
    residual: float


class RestingCalibration(_Entry):
    """The resting lineage fitted to published counts by age.

    Attributes
    ----------
    theta
        Fitted numbers in internal units; ``scale:`` and ``discrepancy_cv`` included.
    discrepancy_without_scale
        Scale factor to the discrepancy that is needed when it is held at 1; the last entry holds
        all of them.
    log_posterior_lost_without_scale
        What holding it costs in log-posterior: other rates must move instead.
    trend
        Slope of the standardised residuals with age, per year, with its standard error.
    trend_by_readout
        The same for each read-out, with the residuals' variance taken as 1.
    """

    name: str
    lineage: str
    dataset: str
    theta: dict[str, float]
    log_posterior: float
    gradient_norm: float
    n_points: int
    n_free: int
    discrepancy_without_scale: dict[str, float]
    log_posterior_lost_without_scale: dict[str, float]
    trend: tuple[float, float]
    trend_by_readout: dict[str, tuple[float, float]]
    points: tuple[StoredPoint, ...]
    made_by: str
    versions: dict[str, str]


@once
def resting_calibration(catalogue: Catalogue, name: str = "svz-resting") -> RestingCalibration:
    """Return a stored calibration of a resting lineage."""
    file = f"calibrations/{name}.yaml"
    return parse_record(
        RestingCalibration, load_yaml(catalogue, file), file=file, entry=name, name_field="name"
    )


def has_resting_calibration(catalogue: Catalogue, name: str) -> bool:
    """Whether a calibration of a resting lineage is stored under that name."""
    return (catalogue.folder / "calibrations" / f"{name}.yaml").is_file()


class StoredSet(_Entry):
    """One mechanism set of an effect calibration.

    Attributes
    ----------
    log_ratios
        True log-ratio by strength, day and read-out, shape (S, D, R).
    reported_strength, reported_log_ratios
        Strength that gives the reported ratio, and the log-ratios there, shape (D, R); None where the
        set cannot reach it.
    """

    strongest_ratio: float
    carries_prior: bool
    reported_strength: float | None
    reported_log_ratios: tuple[tuple[float, ...], ...] | None
    log_ratios: tuple[tuple[tuple[float, ...], ...], ...]


class StoredPosterior(_Entry):
    """Posterior probability of a set, and its ratio: 2.5 %, median, 97.5 %."""

    probability: float
    ratio: tuple[float, float, float]


class EffectCalibration(Stored):
    """The numbers behind the reported, prior and calibrated effect of one study.

    Attributes
    ----------
    key
        Hash of everything that the numbers depend on; another key means that they do not apply.
    """

    study: str
    key: str
    readout: str
    day: float
    days: tuple[float, ...]
    readouts: tuple[str, ...]
    strengths: tuple[float, ...]
    sets: dict[str, StoredSet]
    scored: tuple[str, ...]
    posterior: dict[str, StoredPosterior]
    made_by: str
    versions: dict[str, str]


def effect_calibration(catalogue: Catalogue, study: str) -> EffectCalibration | None:
    """Return the stored effect calibration of a study, or None if there is none that is whole."""
    file = catalogue.folder / "calibrations" / f"effects-{study}.json"
    return read_stored(EffectCalibration, file)


def write_effect_calibration(catalogue: Catalogue, made: EffectCalibration) -> Path:
    """Write an effect calibration beside the catalogue's data and return its path."""
    folder = Path(str(catalogue.folder)) / "calibrations"
    target = folder / f"effects-{made.study}.json"
    target.write_text(stored_text(made), encoding="utf-8")
    return target


def write_calibration(
    catalogue: Catalogue, name: str, content: Mapping[str, Any], *, folder: Path | None = None
) -> Path:
    """Write a calibration beside the catalogue's data (or into ``folder``) and return its path."""
    default = Path(str(catalogue.folder)) / "calibrations"
    target = (folder or default) / f"{name}.yaml"
    target.parent.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(dict(content), sort_keys=False, width=110)
    target.write_text("# Made by code; do not edit. See made_by.\n" + text, encoding="utf-8")
    return target
