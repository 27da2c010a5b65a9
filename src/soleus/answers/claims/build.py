"""Every row of the account, judged by the rule from evidence and prediction."""

from __future__ import annotations

import math

import numpy as np

from soleus.answers.claims.account import account, evidence_rows, told_by
from soleus.answers.claims.values import ClaimsResult
from soleus.answers.numbers.sources import assumptions, citation_rows
from soleus.catalogue.effect_model import effect_model
from soleus.catalogue.folder import Catalogue
from soleus.catalogue.plain_words import plain_words
from soleus.catalogue.records import Claim, Threshold
from soleus.catalogue.store import claims, evidence, verdict_rule
from soleus.catalogue.studies import load_study, study_names
from soleus.errors import InputError, UnknownNameError, unknown_name
from soleus.evidence.claim_predictions import ClaimPrediction, Draws, other_side, predict_claim
from soleus.evidence.plain import tell
from soleus.evidence.predictions import Predictions, predict, unlike_reference, weighted_interval
from soleus.evidence.verdicts import cited_studies, count_evidence, judge, judge_design
from soleus.provenance import run_id, versions
from soleus.schema.claim_rows import ClaimedInterval, ClaimRow, IntervalBy
from soleus.schema.values import Interval
from soleus.study import bind

__all__ = ["claim_rows", "judge_claims", "known_claim", "only_claim", "rule_in_words"]

_SCALES = {"ratio": "times", "cells": "cells", "index": "levels", "groups": "groups", "days": "days"}


def claim_rows(catalogue: Catalogue, predictions: Predictions) -> list[ClaimRow]:
    """Return one row for each claim of the catalogue, or for each of its parts."""
    return [
        _row(catalogue, predictions, part) for claim in claims(catalogue).values() for part in claim.judged
    ]


def _row(catalogue: Catalogue, predictions: Predictions, claim: Claim) -> ClaimRow:
    left_out = cited_studies(claim, evidence(catalogue))
    found = predict_claim(catalogue, predictions, claim, exclude=left_out)
    chances = {n: _inside(claim, draws) for n, draws in found.by_set.items()} if found.judged else {}
    verdict = (
        judge_design(claim, evidence(catalogue), verdict_rule(catalogue))
        if claim.design is not None
        else judge(
            count_evidence(claim, evidence(catalogue)),
            chances,
            verdict_rule(catalogue),
            ignorant=found.ignorant,
        )
    )
    plain = tell(catalogue, claim, verdict, evidence(catalogue), plain_words(catalogue))
    notes = [f"Rule: {verdict.rule_text}."]
    if verdict.other_readouts:
        notes.append("Supported for: " + ", ".join(verdict.other_readouts) + ".")
    notes += (
        _about_prediction(found)
        + _about_prior(catalogue, claim, found, left_out)
        + _about_other_side(catalogue, claim, left_out)
        + _about_evidence(catalogue, claim)
    )
    marks = {n: _marked(predictions, n) for n in found.by_set}
    return ClaimRow(
        id=claim.id,
        claim=claim.whole,
        part=claim.part,
        kind=claim.kind,
        words=claim.words,
        quote=claim.quote,
        label=claim.label,
        word=plain.word,
        sentence=plain.sentence,
        situation=plain.situation,
        source=claim.source,
        primary=claim.primary,
        independent=claim.independent,
        readout=claim.readout,
        value=_interval(found.pooled, found.scale),
        informed=_interval(predict_claim(catalogue, predictions, claim, exclude=()).pooled, found.scale),
        value_scale=found.scale,
        unit=_SCALES[found.scale],
        claimed=ClaimedInterval(**claim.interval.model_dump()),
        by_mechanism=[
            IntervalBy(mechanism_set=marks[n], interval=_interval(draws, found.scale))
            for n, draws in found.by_set.items()
        ],
        probability_by_mechanism={marks[n]: p for n, p in chances.items()},
        uninformed=[marks[n] for n in found.by_set if n in found.ignorant] if found.judged else [],
        grade=verdict.grade,
        verdict=verdict.verdict,
        called=plain_words(catalogue).verdicts[verdict.verdict].called,
        rule_line=verdict.rule_line,
        inputs={k: float(v) for k, v in verdict.inputs.items() if math.isfinite(float(v))},
        note=" ".join(notes),
        evidence=evidence_rows(catalogue, claim, evidence(catalogue), told=plain.told),
        told_by=told_by(catalogue, claim, evidence(catalogue)),
        citations=sorted({claim.source, claim.primary_citation, *claim.citations, *left_out}),
    )


def _about_prediction(found: ClaimPrediction) -> list[str]:
    notes = [found.note] if found.note else []
    if found.fitted:
        notes.append(f"Weights fitted to {', '.join(found.fitted)}, without any study cited here.")
    elif found.judged and found.scale in ("ratio", "index"):
        notes.append("Before any data: no study is left that is not cited here.")
    if found.judged and not found.informed:
        notes.append("No other study informs a prediction, so P judges nothing.")
    return notes


def _about_prior(
    catalogue: Catalogue, claim: Claim, found: ClaimPrediction, left_out: frozenset[str]
) -> list[str]:
    """Say where the width of the prior was judged in view of works that the claim cites."""
    seen = sorted(left_out & set(effect_model(catalogue).prior.rests_on))
    if claim.niche == "body" or not found.judged or found.scale not in ("ratio", "index") or not seen:
        return []
    return [
        "What is expected of the effect before any data is an estimate made in view of "
        f"{', '.join(seen)}, cited here."
    ]


def _about_other_side(catalogue: Catalogue, claim: Claim, left_out: frozenset[str]) -> list[str]:
    draws = other_side(catalogue, claim, exclude=left_out)
    if draws is None or claim.also is None:
        return []
    ratio = weighted_interval(draws.values, draws.weights)
    return [f"{claim.also.words}: times {ratio.value:.2f} ({ratio.low:.2f} to {ratio.high:.2f})."]


def _about_evidence(catalogue: Catalogue, claim: Claim) -> list[str]:
    own = [e for e in evidence(catalogue) if e.bears_on(claim) and e.kind == "primary"]
    provisional = sum(e.status == "provisional" for e in own)
    notes = []
    if provisional:
        notes.append(f"Not yet checked in a source: {provisional} of its {len(own)} primary entries.")
    if not claim.species:
        notes.append("The words name no species, so evidence of any species counts as direct.")
    return notes


def _marked(predictions: Predictions, name: str) -> str:
    """Return a set's name; one that cannot reach the whole prior is judged on its reach, and says so."""
    known = name in predictions.tables and name not in predictions.carrying
    return f"{name} (within its reach)" if known else name


def _inside(claim: Claim, draws: Draws) -> float:
    on_scale = draws.values if claim.interval.scale != "ratio" else np.exp(draws.values)
    inside = np.array([claim.interval.contains(float(v)) for v in on_scale])
    return min(1.0, float(draws.weights[inside].sum()))


def _interval(draws: Draws, scale: str) -> Interval:
    """Return median and central 95 %, on the natural scale; of levels the smallest that reach each share."""
    if scale == "ratio":
        return weighted_interval(draws.values, draws.weights)
    order = np.argsort(draws.values, kind="stable")
    cumulated = np.cumsum(draws.weights[order])
    places = np.minimum(np.searchsorted(cumulated, [0.025, 0.5, 0.975]), len(order) - 1)
    low, mid, high = (float(v) for v in draws.values[order][places])
    return Interval(value=mid, low=low, high=high, level=0.95 if len(order) > 1 else 1.0)


def rule_in_words(catalogue: Catalogue) -> tuple[list[str], dict[str, float]]:
    """Return the lines of the verdict rule, and its thresholds."""
    rule = verdict_rule(catalogue)
    lines = [f"{rule.line(line.id).text}: {line.verdict}" for line in rule.lines]
    lines += [f"of a design, {rule.line(line.id).text}: {line.verdict}" for line in rule.design_lines]
    return lines, {key: value.value for key, value in rule if isinstance(value, Threshold)}


def judge_claims(catalogue: Catalogue, name: str, *, workers: int = 1) -> ClaimsResult:
    """Return all claims judged under a study of the catalogue.

    Raises
    ------
    InputError
        If the study is no unloading study of the sub-ventricular zone, or too short; with the reason.
    """
    study = load_study(catalogue, name)
    if (unlike := unlike_reference(catalogue, study)) is not None:
        raise InputError(
            f"the article cannot be judged under study {name!r}: {unlike}; take an unloading study of the "
            "sub-ventricular zone that is long enough, such as leg-day or adami-2018"
        )
    predictions = predict(catalogue, bind(study), workers=workers)
    rows = claim_rows(catalogue, predictions)
    numbers = assumptions(catalogue, study)
    lines, thresholds = rule_in_words(catalogue)
    loose = [*(n.status for n in numbers), *(e.status for row in rows for e in row.evidence)]
    told = account(catalogue, rows, predictions)
    made = versions()
    return ClaimsResult(
        run_id=run_id({"study": name, "dated": told.dated, "thresholds": thresholds}, seed=0, versions=made),
        versions=made,
        status="provisional" if "provisional" in loose else "checked",
        numbers=numbers,
        citations=citation_rows(catalogue, study, numbers, rows),
        files={},
        study=name,
        account=told,
        rule=lines,
        thresholds=thresholds,
        claims=rows,
    )


def known_claim(catalogue: Catalogue, name: str | None) -> str | None:
    """Return the id of a claim or part, given in any case; a study is answered with the right command.

    Raises
    ------
    UnknownNameError
        With the nearest claim.
    """
    known = [row.id for claim in claims(catalogue).values() for row in (claim, *claim.judged)]
    if name is None or name.lower() in known:
        return name and name.lower()
    if name in study_names(catalogue):
        raise UnknownNameError(
            f"{name!r} is a study, not a claim. All claims under that study: soleus claims --study {name}; "
            f"one claim: soleus claims {plain_words(catalogue).page.main.partition('/')[0]}"
        )
    raise unknown_name("claim", name, list(dict.fromkeys(known)))


def only_claim(catalogue: Catalogue, result: ClaimsResult, name: str) -> ClaimsResult:
    """Return the rows of one claim, or of one part of it, with the works that these and the numbers cite."""
    rows = [row for row in result.claims if name in (row.id, row.claim)]
    cited = citation_rows(catalogue, load_study(catalogue, result.study), result.numbers, rows)
    return result.model_copy(update={"claims": rows, "citations": cited})
