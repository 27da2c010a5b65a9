"""Run a study from its name to its versioned result."""

from __future__ import annotations

from dataclasses import dataclass

from soleus.answers.answer import Answer
from soleus.answers.claims.account import account
from soleus.answers.claims.build import claim_rows, rule_in_words
from soleus.answers.numbers.sources import assumptions, citation_rows
from soleus.answers.run.parts.body import body_info
from soleus.answers.run.parts.cautions import warned
from soleus.answers.run.parts.culture import culture_info
from soleus.answers.run.parts.dentate import dentate_info
from soleus.answers.run.parts.effect import effect_info
from soleus.answers.run.parts.maturation import maturation_info
from soleus.answers.run.parts.mechanisms import headline, mechanism_rows, translation
from soleus.answers.run.parts.readouts import Counted, counted, readout_results
from soleus.answers.run.parts.resting import resting_fit
from soleus.answers.run.parts.shares import share_results
from soleus.answers.run.parts.study import design_info, lineage_picture, signal_series
from soleus.answers.run.told import told_run
from soleus.answers.run.values import ReadoutResult, RunResult
from soleus.catalogue.calibrations import (
    RestingCalibration,
    has_resting_calibration,
    resting_calibration,
)
from soleus.catalogue.folder import Catalogue
from soleus.catalogue.studies import agreed_entry
from soleus.conduct import Conducted, RunOptions, conduct, true_ratios
from soleus.evidence.predictions import POINTS, Predictions, like_reference
from soleus.jobs import Progress
from soleus.observations import Observations
from soleus.provenance import versions
from soleus.schema.claim_rows import Account, ClaimRow
from soleus.study.design import Study

__all__ = ["RunOutcome", "describe_run", "run_study"]


_ENGINE_CHANGED = (
    "A culture holds too few cells of a read-out to be drawn from moments: every cell was followed instead "
    "(engine 'cells')."
)


@dataclass(frozen=True)
class RunOutcome:
    """A run's answer and its table."""

    answer: Answer[RunResult]
    observations: Observations

    @property
    def result(self) -> RunResult:
        """The values of the answer."""
        return self.answer.values


def run_study(
    catalogue: Catalogue,
    asked: str | Study,
    options: RunOptions,
    *,
    workers: int = 1,
    progress: Progress | None = None,
) -> RunOutcome:
    """Carry out a study, and say what it amounts to.

    Parameters
    ----------
    asked
        A study's name in the catalogue, or a study that carries its entry.

    Raises
    ------
    SoleusError
        For an unknown study, mechanism or variant, or an effect that cannot be reached.
    """
    done = conduct(catalogue, asked, options, workers=workers, progress=progress)
    return RunOutcome(told_run(describe_run(catalogue, done)), done.observations)


def describe_run(catalogue: Catalogue, done: Conducted) -> RunResult:
    """Return what was carried out as plain data, with the numbers and works that it stands on."""
    experiment, first, chosen, options = done.experiment, done.first, done.chosen, done.options
    study, entry = experiment.study, agreed_entry(catalogue, experiment.study)
    stored = _stored(catalogue, study)
    day = study.sampling_days[-1]
    found = counted(done.observations, study, seed=options.seed)
    results = _results(done, found)
    types, flows = lineage_picture(experiment)
    rows, told, why_not = _claims(catalogue, first)
    effect = effect_info(chosen, first)
    lines, thresholds = rule_in_words(catalogue) if rows else ([], {})
    judged = bool(rows) or chosen.mode == "calibrated"
    used = assumptions(catalogue, study, judged=judged)
    return RunResult(
        run_id=done.identity,
        seed=options.seed,
        engine=done.engine,
        versions=versions(),
        status="provisional" if any(a.status == "provisional" for a in used) else "checked",
        design=design_info(catalogue, study, seed=options.seed),
        effect=effect,
        headline=headline(done.predictions, results, day),
        signals=signal_series(catalogue, experiment),
        lineage_types=types,
        flows=flows,
        readouts=results,
        translation_of="reported" if study.reported is not None else "prior",
        mechanisms=mechanism_rows(catalogue, first),
        translation=translation(first, day),
        resting_fit=None if stored is None else resting_fit(catalogue, stored),
        body=body_info(catalogue, study, found, _days(done.observations)),
        maturation=maturation_info(catalogue, experiment),
        dentate=dentate_info(catalogue, study, done.predictions, day),
        culture=culture_info(experiment),
        claims=rows,
        account=told,
        claims_note=why_not,
        verdict_rule=lines,
        verdict_thresholds=thresholds,
        prior_draws=POINTS,
        numbers=used,
        citations=citation_rows(catalogue, study, used, rows),
        warnings=warned(
            catalogue, study, entry, used=used, effect=effect, variants=options.variants, claims_note=why_not
        )
        + ([] if done.engine == options.engine else [_ENGINE_CHANGED]),
        files={},
    )


def _stored(catalogue: Catalogue, study: Study) -> RestingCalibration | None:
    name = f"{study.niche.name}-resting"
    return resting_calibration(catalogue, name) if has_resting_calibration(catalogue, name) else None


def _days(observations: Observations) -> dict[str, tuple[float, ...]]:
    return {name: observations.days(name) for name in observations.readouts}


def _results(done: Conducted, counts: Counted) -> list[ReadoutResult]:
    """Return what was counted, by assay and day, one after the other for each treated group."""
    study = done.experiment.study
    found: list[ReadoutResult] = []
    days = _days(done.observations)
    for k, group in enumerate(done.predictions):
        # The first group's are stored to the last digit where the effect is as reported.
        gains = done.chosen.gains
        truth = done.chosen.true_ratio if k == 0 else true_ratios(done.first, gains, group)
        found += readout_results(study, counts, true_ratio=truth, days=days, treated=group)
        found += share_results(study, counts, predictions=done.first, gains=gains, days=days, treated=group)
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
