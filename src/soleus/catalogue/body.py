"""The body in the catalogue: read-outs with their priors, courses, feedbacks, and assays.

An effect states a log-ratio under a reference activity on a reference day, with a wide range. Its gain is
that log-ratio over the response of its signal there, so that changed drives or time constants change
what is predicted elsewhere and not what was stated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from soleus.assays import BodyAssay, BodyEffect, BodyReadout, log_responses
from soleus.catalogue.body_entries import (
    BaselineEntry,
    BodyEntries,
    BodyReadoutEntry,
    EffectEntry,
    parse_body,
)
from soleus.catalogue.folder import Catalogue, load_yaml, once
from soleus.catalogue.lineages import lineage_entry
from soleus.catalogue.movement import activities, signals
from soleus.catalogue.study_entries import reference_study
from soleus.errors import CatalogueError, UnsupportedError, unknown_name
from soleus.lineage.process import FloatArray
from soleus.movement import Feedback, Regimen, Signal

__all__ = [
    "baseline_of",
    "LogRatioPrior",
    "body_assay",
    "body_entries",
    "body_readout",
    "body_readout_entry",
    "body_signals",
    "effect_prior",
    "feedbacks",
    "unit_effects",
]

_FILE = "body.yaml"
_Z95 = 1.6448536269514722
_LEAST_RESPONSE = 0.01
_RELATIVE = "relative to normal"


@dataclass(frozen=True, slots=True)
class LogRatioPrior:
    """Two half-normal sides around a median, cut at 0 where the sign is declared.

    Parameters
    ----------
    median, low, high
        With the central 90 % between ``low`` and ``high``.
    sign
        ``"down"``, ``"up"`` or ``"open"``.
    """

    median: float
    low: float
    high: float
    sign: str = "open"

    def quantile(self, probability: FloatArray) -> FloatArray:
        """Return quantiles of the log-ratio, shape as given."""
        z = ndtri(np.asarray(probability, dtype=float))
        side = np.where(z < 0.0, self.median - self.low, self.high - self.median)
        found = self.median + side * z / _Z95
        if self.sign == "open":
            return np.asarray(found)
        cut = np.minimum(found, 0.0) if self.sign == "down" else np.maximum(found, 0.0)
        return np.asarray(cut)

    @staticmethod
    def open_around_zero(sd: float) -> LogRatioPrior:
        """Return the normal prior that knows neither size nor sign."""
        return LogRatioPrior(0.0, -_Z95 * sd, _Z95 * sd)


@once
def body_entries(catalogue: Catalogue) -> BodyEntries:
    """Return the whole file, parsed and cross-checked."""
    return parse_body(
        catalogue,
        load_yaml(catalogue, _FILE),
        signals=signals(catalogue),
        activities=activities(catalogue),
        file=_FILE,
    )


def body_signals(catalogue: Catalogue) -> dict[str, Signal]:
    """Return every signal that a read-out of the body may follow, by name."""
    return {**signals(catalogue), **body_entries(catalogue).courses}


def body_readout_entry(catalogue: Catalogue, name: str) -> BodyReadoutEntry:
    """Return a read-out as the file states it."""
    known = body_entries(catalogue).readouts
    if name not in known:
        raise unknown_name("read-out of the body", name, known)
    return known[name]


def feedbacks(catalogue: Catalogue) -> tuple[Feedback, ...]:
    """Return the feedbacks at their central elasticity, with what is on by default."""
    return tuple(
        Feedback(name, e.label, e.signal, e.drive, e.elasticity, e.on)
        for name, e in body_entries(catalogue).feedbacks.items()
    )


@once
def unit_effects(catalogue: Catalogue, name: str) -> Mapping[str, BodyEffect]:
    """Return the effects on a read-out, each with the gain that gives a log-ratio of 1 at its reference."""
    found = {}
    for key, entry in body_readout_entry(catalogue, name).effects.items():
        plain = BodyEffect(key, entry.label, body_signals(catalogue)[entry.signal], entry.shape, 1.0)
        found[key] = BodyEffect(
            key, entry.label, plain.signal, entry.shape, 1.0 / _reference(catalogue, name, plain, entry)
        )
    return found


def _reference(catalogue: Catalogue, readout: str, effect: BodyEffect, entry: EffectEntry) -> float:
    """Return the response at the reference; without an activity, at a deviation of 1."""
    if entry.activity is None or entry.day is None:
        return float(effect.response(np.array(1.0)))
    known = activities(catalogue)
    regimen = Regimen.of(
        "reference", [(entry.activity, 0.0, entry.day)], activities=known, resting="free_ambulation"
    )
    response = float(log_responses([effect], regimen, [entry.day])[0, 0])
    if abs(response) < _LEAST_RESPONSE:
        raise CatalogueError(
            f"{_FILE}: effect {effect.name!r} on {readout!r} is stated for {entry.activity!r} on day "
            f"{entry.day:g}, where its signal {entry.signal!r} is normal; choose another reference"
        )
    return response


def effect_prior(catalogue: Catalogue, readout: str, effect: str) -> LogRatioPrior:
    """Return the prior of an effect's log-ratio at its reference."""
    entries = body_readout_entry(catalogue, readout).effects
    if effect not in entries:
        raise unknown_name(f"effect on {readout!r}", effect, entries)
    entry = entries[effect]
    return LogRatioPrior(entry.median, entry.low, entry.high, entry.sign)


def body_readout(
    catalogue: Catalogue,
    name: str,
    *,
    course: str | None = None,
    species: str | None = None,
    sex: str | None = None,
    strain: str | None = None,
    age_days: float | None = None,
) -> BodyReadout:
    """Return a read-out at its median gains.

    Parameters
    ----------
    course
        Which of the competing sets of effects acts; the first by default.
    species, sex, strain, age_days
        Of the animals: the baseline is that of such animals, or there is none. No species: that of the
        reference study's lineage.
    """
    entry = body_readout_entry(catalogue, name)
    chosen = next(iter(entry.sets)) if course is None else course
    if chosen not in entry.sets:
        raise unknown_name(f"course of {name!r}", chosen, entry.sets)
    units = unit_effects(catalogue, name)
    effects = tuple(
        BodyEffect(
            k,
            units[k].label,
            units[k].signal,
            units[k].shape,
            units[k].gain * effect_prior(catalogue, name, k).median,
        )
        for k in entry.sets[chosen]
    )
    known = species or lineage_entry(catalogue, reference_study(catalogue).lineage).species
    baseline = baseline_of(entry, species=known, sex=sex, strain=strain, age_days=age_days)
    if baseline is None:
        return BodyReadout(name, entry.label, "level", _RELATIVE, effects, None, entry.no_baseline)
    unit = baseline.unit or entry.unit
    return BodyReadout(name, entry.label, entry.value_kind, unit, effects, baseline.value)


def baseline_of(
    entry: BodyReadoutEntry, *, species: str, sex: str | None, strain: str | None, age_days: float | None
) -> BaselineEntry | None:
    """Return the mean of a read-out in such animals; None where none is known."""
    for found in entry.baselines:
        if found.species != species:
            continue
        if (found.sex is not None and found.sex != sex) or (
            found.strain is not None and found.strain != strain
        ):
            continue
        if age_days is not None and found.age_days[0] <= age_days <= found.age_days[1]:
            return found
    return None


def body_assay(
    catalogue: Catalogue,
    readout: BodyReadout,
    *,
    days: tuple[float, ...] = (),
    name: str | None = None,
    label: str | None = None,
) -> BodyAssay:
    """Return the assay of a read-out with the catalogue's coefficients of variation.

    Raises
    ------
    UnsupportedError
        If days are given for what can only be taken from a dead animal.
    """
    entry = body_readout_entry(catalogue, readout.name)
    if entry.terminal and days:
        raise UnsupportedError(
            f"{readout.name!r} can only be measured when the animal is killed; leave out its days"
        )
    return BodyAssay(
        name or readout.name.replace("_", "-"),
        label or entry.label,
        readout,
        days,
        entry.animal_cv.value,
        entry.error_cv.value,
    )
