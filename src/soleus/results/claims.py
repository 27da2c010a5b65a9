"""Every row of the account, judged by the rule from evidence and prediction."""

from __future__ import annotations

import math

import numpy as np

from soleus.catalogue.movement import movement_entries
from soleus.catalogue.records import Claim, Threshold
from soleus.catalogue.store import claims, evidence, verdict_rule
from soleus.catalogue.studies import load_study
from soleus.evidence.posterior import Posterior
from soleus.evidence.predictions import Predictions, predict, weighted_interval
from soleus.evidence.verdicts import cited_studies, count_evidence, judge
from soleus.lineage.process import FloatArray
from soleus.provenance import versions
from soleus.results.sources import claim_citations
from soleus.schema.claims import ClaimsResult
from soleus.schema.run import ClaimRow, Interval, IntervalBy
from soleus.study import bind

__all__ = ["claim_rows", "judge_claims", "rule_in_words"]

# A signal that falls to nothing has no finite log-ratio; below one in a thousand it is nothing.
_FLOOR = 1e-3
_SIGNALS = {"afferent_activity": ("afferent", "afferent_recovering")}


def claim_rows(predictions: Predictions) -> list[ClaimRow]:
    """Return one row for each claim of the catalogue."""
    return [_row(predictions, claim) for claim in claims().values()]


def _row(predictions: Predictions, claim: Claim) -> ClaimRow:
    left_out = cited_studies(claim, evidence())
    intervals, probabilities, pooled, fitted = _predicted(predictions, claim, left_out)
    counts = count_evidence(claim, evidence())
    verdict = judge(counts, probabilities, verdict_rule())
    notes = [f"Rule: {verdict.rule_text}."]
    if verdict.other_readouts:
        notes.append("Supported for: " + ", ".join(verdict.other_readouts) + ".")
    notes += _about_prediction(claim, fitted, bool(probabilities))
    notes += _about_evidence(claim)
    return ClaimRow(
        id=claim.id,
        words=claim.words,
        source=claim.source,
        primary=claim.primary,
        independent=claim.independent,
        readout=claim.readout,
        value=pooled,
        value_scale="cells" if claim.interval is not None and claim.interval.scale == "value" else "ratio",
        by_mechanism=intervals,
        probability_by_mechanism=probabilities,
        grade=verdict.grade,
        verdict=verdict.verdict,
        inputs={k: float(v) for k, v in verdict.inputs.items() if math.isfinite(float(v))},
        note=" ".join(notes),
        citations=sorted({claim.source, claim.primary_citation, *claim.citations, *left_out}),
    )


def _about_prediction(claim: Claim, fitted: tuple[str, ...], predicted: bool) -> list[str]:
    if claim.later_reason is not None:
        return [f"Not simulated yet: {claim.later_reason}"]
    if claim.readout is None or claim.interval is None:
        return ["A statement about the design; nothing to simulate."]
    if claim.interval.scale == "value":
        return ["A property of the resting lineage, which was built to have it: P says no more than that."]
    if claim.readout in _SIGNALS:
        return ["Published time courses; one from a work cited here is shown and has no probability."]
    if fitted:
        return [f"Predictions fitted to {', '.join(fitted)}, without any study cited here."]
    if predicted:
        return ["Predictions from the prior alone: no study is left that is not cited here."]
    return []


def _about_evidence(claim: Claim) -> list[str]:
    own = [e for e in evidence() if e.claim == claim.id and e.kind == "primary"]
    provisional = sum(e.status == "provisional" for e in own)
    notes = []
    if provisional:
        notes.append(f"Provisional among its primary entries: {provisional} of {len(own)}.")
    if not claim.species:
        notes.append("The words name no species, so evidence of any species counts as direct.")
    return notes


_Predicted = tuple[list[IntervalBy], dict[str, float], Interval | None, tuple[str, ...]]


def _predicted(predictions: Predictions, claim: Claim, left_out: frozenset[str]) -> _Predicted:
    nothing: _Predicted = ([], {}, None, ())
    if claim.available != "now" or claim.readout is None or claim.interval is None:
        return nothing
    if claim.readout in _SIGNALS:
        return _from_signals(predictions, claim, left_out)
    readouts = next(iter(predictions.tables.values())).readouts
    if claim.readout not in readouts or claim.niche != predictions.responder.experiment.study.niche.niche:
        return nothing
    day = _day(predictions, claim)
    if day is None:
        return nothing
    found = predictions.given(exclude=left_out)
    draws = {n: _draws(predictions, claim, n, day, found) for n in found.strengths if n in found.weights}
    # A set that cannot reach the whole prior is judged on what it can reach, and says so.
    intervals = [
        IntervalBy(mechanism_set=_marked(predictions, n), interval=weighted_interval(v, found.weights[n]))
        for n, v in draws.items()
    ]
    probabilities = {_marked(predictions, n): _inside(claim, v, found.weights[n]) for n, v in draws.items()}
    whole = [n for n in draws if n in predictions.carrying]
    pool = weighted_interval(
        np.concatenate([draws[n] for n in whole]),
        np.concatenate([found.weights[n] / len(whole) for n in whole]),
    )
    return intervals, probabilities, pool, tuple(sorted({r.citation for r in found.used}))


def _marked(predictions: Predictions, name: str) -> str:
    return name if name in predictions.carrying else f"{name} (within its reach)"


def _day(predictions: Predictions, claim: Claim) -> float | None:
    """Return the claim's day, or the last day of the study if that comes before it."""
    end = predictions.responder.experiment.study.sampling_days[-1]
    wanted = min(claim.day or end, end)
    return wanted if wanted in predictions.days else None


def _draws(predictions: Predictions, claim: Claim, name: str, day: float, found: Posterior) -> FloatArray:
    """Return predicted log-ratios (or the log of the control's value) by strength, shape (N,)."""
    assert claim.readout is not None and claim.interval is not None
    if claim.interval.scale == "value":
        responder = predictions.responder
        column = predictions.tables[name].readouts.index(claim.readout)
        means = responder.means(responder.experiment.study.control.name, {})
        value = float(means[responder.days.index(day), column])
        return np.full(len(found.strengths[name]), math.log(max(value, 1e-12)))
    return predictions.tables[name].at(found.strengths[name], claim.readout, day)


def _inside(claim: Claim, draws: FloatArray, weights: FloatArray) -> float:
    assert claim.interval is not None
    on_scale = draws if claim.interval.scale == "log_ratio" else np.exp(draws)
    inside = np.array([claim.interval.contains(float(v)) for v in on_scale])
    return min(1.0, float(weights[inside].sum()))


def _from_signals(predictions: Predictions, claim: Claim, left_out: frozenset[str]) -> _Predicted:
    """Predict a claim on a signal: each published time course is a mechanism of its own.

    A course, or a level of activity, taken from a work that is cited for the claim is shown, and has
    no probability: it would confirm itself.
    """
    assert claim.readout is not None and claim.interval is not None
    study = predictions.responder.experiment.study
    end = study.sampling_days[-1]
    day = np.array([min(claim.day or end, end)])
    intervals, probabilities = [], {}
    values: dict[str, float] = {}
    movement = movement_entries()
    levels = {movement.activities[i.activity.name].citation for i in study.treated[0].regimen.intervals}
    for name in _SIGNALS[claim.readout]:
        signal = study.signals[name]
        ratio = _signal_ratio(
            signal.course(study.treated[0].regimen)(day), signal.course(study.control.regimen)(day)
        )
        label = movement.signals[name].label
        values[label] = ratio
        intervals.append(
            IntervalBy(mechanism_set=label, interval=Interval(value=ratio, low=ratio, high=ratio))
        )
        if not {movement.signals[name].citation, *levels} & left_out:
            probabilities[label] = float(claim.interval.contains(math.log(ratio)))
    middle = float(np.median(list(values.values())))
    pooled = Interval(value=middle, low=min(values.values()), high=max(values.values()), level=1.0)
    return intervals, probabilities, pooled, ()


def _signal_ratio(treated: FloatArray, control: FloatArray) -> float:
    return max(float(treated[0]) / float(control[0]), _FLOOR)


def rule_in_words() -> tuple[list[str], dict[str, float]]:
    """Return the lines of the verdict rule, and its thresholds."""
    rule = verdict_rule()
    lines = [f"{rule.line(line.id).text}: {line.verdict}" for line in rule.lines]
    return lines, {key: value.value for key, value in rule if isinstance(value, Threshold)}


def judge_claims(name: str, *, workers: int = 1) -> ClaimsResult:
    """Return all claims judged under a study of the catalogue."""
    rows = claim_rows(predict(bind(load_study(name)), workers=workers))
    lines, thresholds = rule_in_words()
    return ClaimsResult(
        study=name,
        rule=lines,
        thresholds=thresholds,
        claims=rows,
        citations=claim_citations(rows),
        versions=versions(),
    )
