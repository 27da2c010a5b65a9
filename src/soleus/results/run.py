"""Run a study from its name to its versioned result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from soleus.answers.claims.account import account
from soleus.answers.claims.build import claim_rows, rule_in_words
from soleus.catalogue.calibrations import (
    RestingCalibration,
    has_resting_calibration,
    resting_calibration,
)
from soleus.catalogue.folder import Catalogue
from soleus.catalogue.studies import agreed_entry, load_study
from soleus.errors import InputError, UnsupportedError
from soleus.evidence.predictions import POINTS, Predictions, for_group, like_reference, predict
from soleus.jobs import NoProgress, Progress
from soleus.observations import Observations
from soleus.provenance import run_id, versions
from soleus.results.body import body_info
from soleus.results.culture import culture_info
from soleus.results.dentate import dentate_info
from soleus.results.describe import design_info, lineage_picture, signal_series
from soleus.results.effect import ChosenEffect, EffectMode, choose_effect, true_ratios
from soleus.results.maturation import maturation_info
from soleus.results.mechanisms import headline, mechanism_rows, translation
from soleus.results.readouts import Counted, counted, readout_results
from soleus.results.resting import resting_fit
from soleus.results.shares import share_results
from soleus.results.sources import assumptions, citation_rows
from soleus.results.warned import warned
from soleus.schema.run import Account, ClaimRow, ReadoutResult, RunResult
from soleus.streams import Streams
from soleus.study import Engine, Experiment, bind, simulate
from soleus.study.design import Study

__all__ = ["RunOptions", "RunOutcome", "run_study"]


_ENGINE_CHANGED = (
    "A culture holds too few cells of a read-out to be drawn from moments: every cell was followed instead "
    "(engine 'cells')."
)


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
class RunOutcome:
    """A run's result and its table."""

    result: RunResult
    observations: Observations


def run_study(
    catalogue: Catalogue,
    asked: str | Study,
    options: RunOptions,
    *,
    workers: int = 1,
    progress: Progress | None = None,
) -> RunOutcome:
    """Run a study.

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
    parts = _Parts(experiment, {study.treated[0].name: first, **others}, chosen, observations, engine)
    return RunOutcome(_assemble(catalogue, parts, options, identity), observations)


def _study(catalogue: Catalogue, asked: str | Study, options: RunOptions) -> Study:
    if isinstance(asked, str):
        return load_study(catalogue, asked, variants=options.variants, with_off=options.with_off)
    if options.variants or options.with_off:
        raise InputError(
            f"study {asked.name!r} is loaded already: give variants and with_off to load_study, not to run"
        )
    return asked


@dataclass(frozen=True)
class _Parts:
    """What a result is put together from: treated group to its predictions, the first group first."""

    experiment: Experiment
    predictions: Mapping[str, Predictions]
    chosen: ChosenEffect
    observations: Observations
    engine: Engine

    @property
    def first(self) -> Predictions:
        """Predictions of the first treated group."""
        return next(iter(self.predictions.values()))


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


def _assemble(catalogue: Catalogue, parts: _Parts, options: RunOptions, identity: str) -> RunResult:
    experiment, first, chosen = parts.experiment, parts.first, parts.chosen
    study, entry = experiment.study, agreed_entry(catalogue, experiment.study)
    stored = _stored(catalogue, study)
    day = study.sampling_days[-1]
    found = counted(parts.observations, study, seed=options.seed)
    results = _results(parts, found)
    types, flows = lineage_picture(experiment)
    rows, told, why_not = _claims(catalogue, first)
    lines, thresholds = rule_in_words(catalogue) if rows else ([], {})
    judged = bool(rows) or chosen.info.mode == "calibrated"
    used = assumptions(catalogue, study, judged=judged)
    return RunResult(
        run_id=identity,
        seed=options.seed,
        engine=parts.engine,
        versions=versions(),
        status="provisional" if any(a.status == "provisional" for a in used) else "checked",
        design=design_info(catalogue, study, seed=options.seed),
        effect=chosen.info,
        headline=headline(parts.predictions, results, day),
        signals=signal_series(catalogue, experiment),
        lineage_types=types,
        flows=flows,
        readouts=results,
        translation_of="reported" if study.reported is not None else "prior",
        mechanisms=mechanism_rows(catalogue, first),
        translation=translation(first, day),
        resting_fit=None if stored is None else resting_fit(catalogue, stored),
        body=body_info(catalogue, study, found, _days(parts.observations)),
        maturation=maturation_info(catalogue, experiment),
        dentate=dentate_info(catalogue, study, parts.predictions, day),
        culture=culture_info(experiment),
        claims=rows,
        account=told,
        claims_note=why_not,
        verdict_rule=lines,
        verdict_thresholds=thresholds,
        prior_draws=POINTS,
        assumptions=used,
        citations=citation_rows(catalogue, study, used, rows),
        warnings=warned(
            catalogue,
            study,
            entry,
            used=used,
            effect=chosen.info,
            variants=options.variants,
            claims_note=why_not,
        )
        + ([] if parts.engine == options.engine else [_ENGINE_CHANGED]),
        files={},
    )


def _stored(catalogue: Catalogue, study: Study) -> RestingCalibration | None:
    name = f"{study.niche.name}-resting"
    return resting_calibration(catalogue, name) if has_resting_calibration(catalogue, name) else None


def _days(observations: Observations) -> dict[str, tuple[float, ...]]:
    return {name: observations.days(name) for name in observations.readouts}


def _results(parts: _Parts, counts: Counted) -> list[ReadoutResult]:
    """Return what was counted, by assay and day, one after the other for each treated group."""
    study = parts.experiment.study
    found: list[ReadoutResult] = []
    days = _days(parts.observations)
    for k, group in enumerate(parts.predictions):
        # The first group's are stored to the last digit where the effect is as reported.
        gains = parts.chosen.gains
        truth = parts.chosen.true_ratio if k == 0 else true_ratios(parts.first, gains, group)
        found += readout_results(study, counts, true_ratio=truth, days=days, treated=group)
        found += share_results(study, counts, predictions=parts.first, gains=gains, days=days, treated=group)
    order = list(dict.fromkeys((r.readout, r.assay, r.day) for r in found))
    return sorted(found, key=lambda r: order.index((r.readout, r.assay, r.day)))


def _claims(catalogue: Catalogue, predictions: Predictions) -> tuple[list[ClaimRow], Account | None, str]:
    """Return the account judged, or why it is not judged under this study."""
    study = predictions.responder.experiment.study
    if like_reference(catalogue, study):
        rows = claim_rows(catalogue, predictions)
        return rows, account(catalogue, rows, predictions), ""
    return (
        [],
        None,
        (
            "The article is about unloading and the sub-ventricular zone, so its claims are not judged under "
            "this study: soleus claims."
        ),
    )
