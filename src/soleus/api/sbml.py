"""Write a bound process as SBML."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from soleus.api.packaged import packaged
from soleus.catalogue.folder import Catalogue
from soleus.catalogue.studies import load_study, study_entry
from soleus.conduct import choose_effect
from soleus.errors import InputError
from soleus.evidence.predictions import predict
from soleus.exchange import InitialAmounts, ScheduleForm, write_sbml
from soleus.streams import Streams
from soleus.study import Experiment, bind

__all__ = ["export_sbml"]


def export_sbml(
    study: str = "leg-day",
    *,
    group: str,
    path: str | Path,
    gains: Mapping[str, float] | None = None,
    schedule: ScheduleForm = "piecewise",
    initial: InitialAmounts | None = None,
    catalogue: Catalogue | None = None,
) -> Path:
    """Write the process of one group of a study as SBML, for an average animal.

    Parameters
    ----------
    group
        Whose legs move how.
    gains
        Mechanism to log-gain; ``{}`` for no effect; None: those of the study's reported effect.
    schedule, initial
        As :func:`soleus.exchange.sbml_text` takes them; a study's start is Poisson, so ``initial``
        must be given.
    catalogue
        Content to take studies and numbers from; that of the package by default.

    Raises
    ------
    SoleusError
        With what was given, what is allowed and what to do.
    """
    known = catalogue or packaged()
    experiment = bind(load_study(known, study))
    chosen = _reported_gains(known, study, experiment) if gains is None else gains
    modifiers = experiment.modifiers(group, chosen)
    return write_sbml(
        experiment.process, modifiers, experiment.start, path=path, schedule=schedule, initial=initial
    )


def _reported_gains(catalogue: Catalogue, study: str, experiment: Experiment) -> Mapping[str, float]:
    if experiment.study.reported is None:
        raise InputError(
            f"study {study!r} carries no reported effect; give gains={{mechanism: log-gain}}, "
            "or gains={} for no effect"
        )
    default = study_entry(catalogue, study).set
    # The reported effect draws nothing, so the seed says nothing.
    chosen = choose_effect(
        catalogue,
        predict(catalogue, experiment, workers=os.cpu_count() or 1),
        mode="reported",
        mechanism=None,
        default_set=default,
        streams=Streams(0),
    )
    return chosen.gains
