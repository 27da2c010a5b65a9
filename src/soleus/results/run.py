"""Run a study from its name to its versioned result."""

from __future__ import annotations

from dataclasses import dataclass, replace

from soleus.catalogue.calibrations import resting_calibration
from soleus.catalogue.studies import load_study, study_entry
from soleus.evidence.predictions import POINTS, Predictions, predict
from soleus.jobs import NoProgress, Progress
from soleus.observations import Observations
from soleus.provenance import run_id, versions
from soleus.results.claims import claim_rows, rule_in_words
from soleus.results.describe import design_info, lineage_picture, signal_series
from soleus.results.effect import ChosenEffect, EffectMode, choose_effect
from soleus.results.mechanisms import headline, mechanism_rows, translation
from soleus.results.readouts import readout_results
from soleus.results.resting import points_inside, resting_fit
from soleus.results.sources import assumptions, citation_rows
from soleus.schema.run import RunResult
from soleus.streams import Streams
from soleus.study import Engine, Experiment, bind, simulate
from soleus.study.niche import Niche

__all__ = ["RunOptions", "RunOutcome", "run_study"]


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
    name: str, options: RunOptions, *, workers: int = 1, progress: Progress | None = None
) -> RunOutcome:
    """Run a study of the catalogue.

    Raises
    ------
    SoleusError
        For an unknown study, mechanism or variant, or an effect that cannot be reached.
    """
    told = progress or NoProgress()
    study = load_study(name, variants=options.variants, with_off=options.with_off)
    if options.animals is not None:
        study = study.with_animals(options.animals)
    mode: EffectMode = options.effect or ("reported" if study.reported is not None else "prior")
    unchanged = bind(study)
    predictions = predict(unchanged, workers=workers)
    chosen = choose_effect(
        predictions,
        mode=mode,
        mechanism=options.mechanism,
        default_set=study_entry(name).set,
        streams=Streams(options.seed),
    )
    experiment = replace(unchanged, gains=chosen.gains)
    # Workers and progress are left out on purpose: they never change a number.
    identity = run_id(
        {
            "study": study_entry(name).model_dump(mode="json"),
            "options": _described(options, mode),
            "responses": predictions.key,
        },
        seed=options.seed,
        versions=versions(),
    )
    observations = simulate(
        experiment, options.seed, engine=options.engine, workers=workers, progress=told, run_id=identity
    )
    result = _assemble(experiment, predictions, chosen, observations, options, identity)
    return RunOutcome(result, observations)


def _described(options: RunOptions, mode: EffectMode) -> dict[str, object]:
    return {
        "effect": mode,
        "mechanism": options.mechanism,
        "animals": options.animals,
        "engine": options.engine,
        "variants": list(options.variants),
        "with_off": options.with_off,
    }


def _assemble(
    experiment: Experiment,
    predictions: Predictions,
    chosen: ChosenEffect,
    observations: Observations,
    options: RunOptions,
    identity: str,
) -> RunResult:
    study = experiment.study
    stored = resting_calibration(f"{study.niche.name}-resting")
    day = study.sampling_days[-1]
    results = readout_results(study, observations, true_ratio=chosen.true_ratio)
    types, flows = lineage_picture(experiment)
    rows = claim_rows(predictions)
    lines, thresholds = rule_in_words()
    used = assumptions(study, stored)
    provisional = any(a.status == "provisional" for a in used)
    return RunResult(
        run_id=identity,
        seed=options.seed,
        engine=options.engine,
        versions=versions(),
        status="provisional" if provisional else "checked",
        design=design_info(study, seed=options.seed),
        effect=chosen.info,
        headline=headline(predictions, results, day),
        signals=signal_series(experiment),
        lineage_types=types,
        flows=flows,
        readouts=results,
        mechanisms=mechanism_rows(predictions),
        translation=translation(predictions, day),
        resting_fit=resting_fit(stored),
        claims=rows,
        verdict_rule=lines,
        verdict_thresholds=thresholds,
        prior_draws=POINTS,
        assumptions=used,
        citations=citation_rows(study, used, rows),
        warnings=_warnings(options, chosen, study.niche, provisional),
        files={},
    )


def _warnings(options: RunOptions, chosen: ChosenEffect, niche: Niche, provisional: bool) -> list[str]:
    warnings = []
    if provisional:
        warnings.append(
            "Provisional numbers were used: several rates, time courses and the variation of the assays "
            "were recalled or judged, not seen in a source. The table of assumptions marks each."
        )
    if chosen.info.mode == "reported":
        warnings.append(chosen.info.statement)
    if options.variants:
        warnings.append(
            f"Variants of the lineage are on: {', '.join(options.variants)}. The resting fit was made "
            f"without them; with them {points_inside(niche)} lie inside their intervals."
        )
    return warnings
