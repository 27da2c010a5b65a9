"""Choose the effect of the cohort that is drawn: which switch, which prior, which size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from soleus.catalogue.folder import Catalogue
from soleus.catalogue.movement import mechanism_sets
from soleus.errors import InputError, unknown_name
from soleus.evidence.predictions import Predictions
from soleus.lineage.process import FloatArray
from soleus.streams import Streams

__all__ = ["ChosenEffect", "EffectMode", "choose_effect", "true_ratios"]

EffectMode = Literal["reported", "prior", "calibrated", "off"]


@dataclass(frozen=True)
class ChosenEffect:
    """The effect of the cohort that is drawn: log-gains, how they were chosen, what follows.

    Parameters
    ----------
    statement
        How it was chosen, in words.
    by_day
        Day to the true ratio of the lead read-out, where there is one.
    true_ratio
        (read-out, day) to the true ratio of the first treated group, where there is one.
    """

    mode: EffectMode
    gains: dict[str, float]
    statement: str
    by_day: Mapping[float, float]
    true_ratio: Mapping[tuple[str, float], float]


def choose_effect(
    catalogue: Catalogue,
    predictions: Predictions,
    *,
    mode: EffectMode,
    mechanism: str | None,
    default_set: str,
    streams: Streams,
) -> ChosenEffect:
    """Return the effect of one cohort.

    Parameters
    ----------
    mechanism
        Mechanism set to use; None takes the study's default (``reported``) or draws one.

    Raises
    ------
    UnknownNameError, InputError
        If the set is unknown, is off, or cannot reach what is asked of it.
    """
    if mechanism is not None:
        _check_set(catalogue, predictions, mechanism)
    if mode == "off" and mechanism is not None:
        raise InputError(f"effect 'off' has no mechanism, got {mechanism!r}; leave one of the two out")
    if mode == "off":
        return _chosen(predictions, mode, None, 0.0, "No effect: every mechanism is switched off.")
    if mode == "reported":
        return _reported(predictions, mechanism or default_set)
    rng = streams.generator("effect")
    if mode == "prior":
        name = mechanism or str(rng.choice(predictions.carrying))
        index = int(rng.integers(len(predictions.strengths[name])))
        said = (
            f"One draw from what could be expected before any data, under the possible cause {name!r}"
            f"{'' if mechanism else ', itself drawn among ' + str(len(predictions.carrying))}."
        )
        if name not in predictions.carrying:
            said += " This cause cannot reach all of that, which ends at its strongest."
        return _chosen(predictions, mode, name, float(predictions.strengths[name][index]), said)
    return _calibrated(predictions, mechanism, rng)


def _check_set(catalogue: Catalogue, predictions: Predictions, name: str) -> None:
    if name in predictions.tables:
        return
    if name in mechanism_sets(catalogue):
        raise InputError(
            f"mechanism set {name!r} is off by default; switch it on with --with-off (with_off=True)"
        )
    raise unknown_name("mechanism set", name, predictions.tables)


def _calibrated(predictions: Predictions, mechanism: str | None, rng: np.random.Generator) -> ChosenEffect:
    found = predictions.given(exclude=())
    chances = {n: p for n, p in found.set_probability.items() if n in predictions.carrying}
    names = list(chances)
    if mechanism is not None and mechanism not in names:
        raise InputError(
            f"mechanism set {mechanism!r} cannot reach the whole prior, so it is not calibrated; "
            f"use one of {names}"
        )
    name = mechanism or str(rng.choice(names, p=np.array(list(chances.values())) / sum(chances.values())))
    strength = float(rng.choice(predictions.scale.declared[name], p=found.weights[name]))
    works = ", ".join(sorted({f.citation for f in found.used})) or "no study"
    said = (
        f"One draw from the posterior given the published findings of {works}, under the possible cause "
        f"{name!r}."
    )
    return _chosen(predictions, "calibrated", name, strength, said)


def _reported(predictions: Predictions, name: str) -> ChosenEffect:
    reported = predictions.responder.experiment.study.reported
    study = predictions.responder.experiment.study.name
    if reported is None:
        raise InputError(f"study {study!r} carries no reported effect; use --effect prior, calibrated or off")
    if name not in predictions.tables:
        raise unknown_name("mechanism set that is on", name, predictions.tables)
    strength = predictions.reported_strength[name]
    if strength is None:
        able = [n for n, s in predictions.reported_strength.items() if s is not None]
        strongest = np.exp(predictions.tables[name].strongest(reported.readout, reported.day))
        raise InputError(
            f"mechanism set {name!r} cannot reach the reported ratio {reported.ratio:g} of "
            f"{reported.readout} on day {reported.day:g}: its strongest is {strongest:.2f}; "
            f"these can: {', '.join(able)}"
        )
    said = (
        f"Assumption: the true {reported.readout} ratio is set to {reported.ratio:g} on day {reported.day:g} "
        f"by the possible cause {name!r}. Every other number follows from it."
    )
    return _chosen(predictions, "reported", name, strength, said)


def _chosen(
    predictions: Predictions, mode: EffectMode, name: str | None, strength: float, said: str
) -> ChosenEffect:
    followed = next(iter(predictions.tables.values())).readouts
    gains: dict[str, float] = {}
    logs = np.zeros((len(predictions.days), len(followed)))
    if name is not None:
        gains = predictions.responder.gains(predictions.tables[name].set, strength)
        known = predictions.reported_log_ratios if mode == "reported" else {}
        logs = known[name] if name in known else predictions.responder.log_ratios(gains)
    column = logs[:, followed.index(predictions.lead[0])]
    by_day = {d: float(np.exp(y)) for d, y in zip(predictions.days, column, strict=True) if np.isfinite(y)}
    return ChosenEffect(mode, gains, said, by_day, _by_day(logs, predictions.days, followed))


def true_ratios(
    predictions: Predictions, gains: Mapping[str, float], group: str
) -> Mapping[tuple[str, float], float]:
    """Return (read-out, day) to the true ratio of any treated group over the control, where there is one."""
    responder = replace(predictions.responder, treated=group)
    names = next(iter(predictions.tables.values())).readouts
    return _by_day(responder.log_ratios(gains), predictions.days, names)


def _by_day(
    logs: FloatArray, days: Sequence[float], readouts: Sequence[str]
) -> Mapping[tuple[str, float], float]:
    return {
        (readout, day): float(np.exp(logs[d, r]))
        for d, day in enumerate(days)
        for r, readout in enumerate(readouts)
        if np.isfinite(logs[d, r])
    }
