"""Carry a study out: choose its effect, simulate its animals, predict what could be seen of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from soleus.catalogue.folder import Catalogue
from soleus.catalogue.studies import agreed_entry, load_study
from soleus.conduct.effect import ChosenEffect, EffectMode, choose_effect
from soleus.errors import InputError, UnsupportedError
from soleus.evidence.predictions import Predictions, for_group, predict
from soleus.jobs import NoProgress, Progress
from soleus.observations import Observations
from soleus.provenance import run_id, versions
from soleus.streams import Streams
from soleus.study import Engine, Experiment, Study, bind, simulate

__all__ = ["Conducted", "RunOptions", "conduct"]


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How to run a study.

    Parameters
    ----------
    effect
        Where the size of the effect comes from; None: ``reported`` if the study carries a reported
        effect, else ``prior``.
    mechanism
        Mechanism set of the cohort that is drawn; None: the study's own (reported) or drawn.
    animals
        Animals per group; None: as the study says.
    variants
        Named alternatives of the lineage's numbers.
    with_off
        Switch on the mechanisms that are off by default, too.
    """

    seed: int
    effect: EffectMode | None = None
    mechanism: str | None = None
    animals: int | None = None
    engine: Engine = "moments"
    variants: tuple[str, ...] = ()
    with_off: bool = False


@dataclass(frozen=True)
class Conducted:
    """A study as it was carried out.

    Parameters
    ----------
    identity
        Hash of study, options, responses, seed and versions.
    experiment
        The bound study, with the effect that was chosen.
    predictions
        Treated group to its predictions, the first group first.
    engine
        What simulated it, which may be another than was asked for.
    """

    identity: str
    options: RunOptions
    experiment: Experiment
    predictions: Mapping[str, Predictions]
    chosen: ChosenEffect
    observations: Observations
    engine: Engine

    @property
    def first(self) -> Predictions:
        """Predictions of the first treated group."""
        return next(iter(self.predictions.values()))


def conduct(
    catalogue: Catalogue,
    asked: str | Study,
    options: RunOptions,
    *,
    workers: int = 1,
    progress: Progress | None = None,
) -> Conducted:
    """Carry out a study.

    Parameters
    ----------
    asked
        A study's name in the catalogue, or a study that carries its entry.

    Raises
    ------
    SoleusError
        For an unknown study, mechanism or variant, or an effect that cannot be reached.
    """
    told = progress or NoProgress()
    study = _study(catalogue, asked, options)
    entry = agreed_entry(catalogue, study)
    if options.animals is not None:
        study = study.with_animals(options.animals)
    mode: EffectMode = options.effect or ("reported" if study.reported is not None else "prior")
    unchanged = bind(study)
    first = predict(catalogue, unchanged, workers=workers)
    chosen = choose_effect(
        catalogue,
        first,
        mode=mode,
        mechanism=options.mechanism,
        default_set=entry.set,
        streams=Streams(options.seed),
    )
    experiment = replace(unchanged, gains=chosen.gains)
    # Workers and progress are left out on purpose: they never change a number.
    identity = run_id(
        {
            "study": entry.model_dump(mode="json"),
            "options": _described(options, mode, study),
            "responses": first.key,
        },
        seed=options.seed,
        versions=versions(),
    )
    engine, observations = _simulated(experiment, options, identity, workers=workers, progress=told)
    others = {g.name: for_group(first, g.name, workers=workers) for g in study.treated[1:]}
    predictions = {study.treated[0].name: first, **others}
    return Conducted(identity, options, experiment, predictions, chosen, observations, engine)


def _study(catalogue: Catalogue, asked: str | Study, options: RunOptions) -> Study:
    if isinstance(asked, str):
        return load_study(catalogue, asked, variants=options.variants, with_off=options.with_off)
    if options.variants or options.with_off:
        raise InputError(
            f"study {asked.name!r} is loaded already: give variants and with_off to load_study, not to run"
        )
    return asked


def _simulated(
    experiment: Experiment, options: RunOptions, identity: str, *, workers: int, progress: Progress
) -> tuple[Engine, Observations]:
    """Simulate; a followed culture with too few cells for moments is followed cell by cell instead."""

    def with_engine(engine: Engine) -> Observations:
        return simulate(
            experiment, options.seed, engine=engine, workers=workers, progress=progress, run_id=identity
        )

    try:
        return options.engine, with_engine(options.engine)
    except UnsupportedError:
        if options.engine == "cells" or not experiment.study.longitudinal:
            raise
        return "cells", with_engine("cells")


def _described(options: RunOptions, mode: EffectMode, study: Study) -> dict[str, object]:
    own = {g.name: g.n_animals for g in study.groups if g.asked} if options.animals is None else {}
    return {
        "effect": mode,
        "mechanism": options.mechanism,
        "animals": own or options.animals,
        "engine": options.engine,
        "variants": list(options.variants),
        "with_off": options.with_off,
    }
