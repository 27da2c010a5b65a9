"""Where each part of the matrix comes from: works, judgements, and how much of it is provisional."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from soleus.answers.matrix.values import MatrixCount, MatrixMechanism, MatrixPrior, MatrixStudy
from soleus.catalogue.effect_model import effect_model
from soleus.catalogue.folder import Catalogue
from soleus.catalogue.item import reference
from soleus.catalogue.lineage_entries import LineageParameter
from soleus.catalogue.lineages import lineage_entry
from soleus.catalogue.movement import MechanismEntry, movement_entries
from soleus.catalogue.sourced import sourced
from soleus.catalogue.store import citations
from soleus.catalogue.study_entries import study_entry
from soleus.citations import CitationBook
from soleus.schema.values import CitationRow
from soleus.values import Number, by_status

__all__ = ["counts", "matrix_citations", "numbers", "prior", "set_mechanisms"]

_PRIOR_UNIT = "log-ratio"
_SCORING = {
    "animals_per_group": "animals in a group where the source states none",
    "animal_cv": "coefficient of variation between animals where no standard error was seen",
    "discrepancy_sd": "what another laboratory adds to a log-ratio (standard deviation)",
    "other_species_sd": "what another species adds",
    "other_niche_sd": "what a niche that is not fitted adds",
    "other_age_sd": "what an age that the lineage does not reach adds",
    "culture_sd": "what a culture adds",
    "critical": "critical value of the test that a published direction is scored as",
}


def set_mechanisms(catalogue: Catalogue, name: str) -> list[MatrixMechanism]:
    """Return the mechanisms of a set; none for a row that is no set of the catalogue."""
    entries = movement_entries(catalogue)
    return [_mechanism(catalogue, entries.mechanisms[m]) for m in entries.sets.get(name, {})]


def _mechanism(catalogue: Catalogue, entry: MechanismEntry) -> MatrixMechanism:
    return MatrixMechanism.model_validate(
        {
            "name": entry.name,
            "label": entry.label,
            "signal": entry.signal,
            "role": entry.role,
            "status": entry.status,
            "reason": entry.reason,
            **sourced(catalogue, entry.citation),
        }
    )


def numbers(catalogue: Catalogue) -> list[Number]:
    """Return the judgements behind prior, headroom, scoring and thresholds, each with its reason."""
    model = effect_model(catalogue)
    prior, scored, matrix = model.prior, model.direction_studies, model.matrix
    label = f"prior of the log-ratio of {prior.readout} on day {prior.day:g}, of which sets take the size"
    found = [_judged("prior.size", label, prior.median, reason=prior.reason, unit=_PRIOR_UNIT)]
    found[0] = replace(found[0], low=prior.low, high=prior.high)
    found += [
        _judged(f"headroom.{k}", "a ceiling of what goes above normal", h, reason=matrix.headrooms_reason)
        for k, h in enumerate(matrix.headrooms, start=1)
    ]
    found += [
        _judged(f"scoring.{name}", words, getattr(scored, name), reason=scored.reason)
        for name, words in _SCORING.items()
    ]
    thresholds = {
        "refuted_below": "posterior predictive p below which a set does not explain the findings on its own",
        "sensitive_above": "size of a log-ratio from which on a finding can tell",
    }
    return found + [
        _judged(f"threshold.{name}", words, getattr(matrix, name), reason=matrix.reason)
        for name, words in thresholds.items()
    ]


def _judged(name: str, label: str, value: float, *, reason: str, unit: str = "1") -> Number:
    return Number(name, label, float(value), reason, unit)


def counts(
    catalogue: Catalogue,
    studies: Iterable[MatrixStudy],
    mechanisms: Iterable[MatrixMechanism],
    judged: Iterable[Number],
) -> list[MatrixCount]:
    """Return how many findings, mechanisms, judgements and numbers of lineages are provisional."""
    studies = list(studies)
    parameters = [p for name in _lineages(studies) for p in _parameters(catalogue, name)]
    kinds: dict[str, list[object]] = {
        "findings": [f for s in studies for f in s.findings],
        "mechanisms": list({m.name: m for m in mechanisms}.values()),
        "judgements of prior and scoring": list(judged),
        "numbers of the lineages": list(parameters),
    }
    counted = {kind: by_status(found) for kind, found in kinds.items()}
    return [
        MatrixCount(kind=kind, total=found.total(), provisional=found["provisional"])
        for kind, found in counted.items()
    ]


def matrix_citations(
    catalogue: Catalogue, studies: Iterable[MatrixStudy], mechanisms: Iterable[MatrixMechanism]
) -> list[CitationRow]:
    """Return exactly the works that the matrix used, with what each was used for."""
    studies = list(studies)
    book = CitationBook(reference(catalogue, key) for key in citations(catalogue))
    for key, reason in _uses(catalogue, studies, mechanisms):
        if key is not None:
            book.use(key, reason)
    return book.to_rows()


def _uses(
    catalogue: Catalogue, studies: list[MatrixStudy], mechanisms: Iterable[MatrixMechanism]
) -> Iterator[tuple[str | None, str]]:
    movement = movement_entries(catalogue)
    for study in studies:
        yield study.citation, f"the study {study.name}"
        for finding in study.findings:
            yield finding.citation, f"finding: {finding.label}"
        for arm in study.arms:
            entry = study_entry(catalogue, arm.name)
            yield from ((label.citation, f"labels of {arm.name}") for label in entry.labels.values())
            for name in sorted(_activities(group.regimen for group in entry.groups.values())):
                activity = movement.activities[name]
                yield activity.citation, f"activity: {activity.label}"
    for mechanism in mechanisms:
        yield mechanism.citation, f"mechanism: {mechanism.label}"
        signal = movement.signals[mechanism.signal]
        yield signal.citation, f"signal: {signal.label}"
    for name in _lineages(studies):
        yield from ((p.citation, f"numbers of the lineage {name}") for p in _parameters(catalogue, name))


def _activities(regimens: Iterable[Iterable[Any]]) -> set[str]:
    """Return the activities of regimens, those inside bouts included."""
    found: set[str] = set()
    for span in (span for regimen in regimens for span in regimen):
        if isinstance(span, Mapping):
            found.add(span["activity"])
            bouts = span.get("bouts")
            found |= {bouts["activity"]} if isinstance(bouts, Mapping) else set()
        else:
            found.add(span[0])
    return found


def _lineages(studies: Iterable[MatrixStudy]) -> list[str]:
    return sorted({arm.lineage for study in studies for arm in study.arms})


def _parameters(catalogue: Catalogue, lineage: str) -> list[LineageParameter]:
    return list(lineage_entry(catalogue, lineage).parameters.values())


def prior(catalogue: Catalogue) -> MatrixPrior:
    """Return from where every set starts, and the thresholds."""
    model = effect_model(catalogue)
    return MatrixPrior(
        study=model.matrix.reference_study,
        readout=model.prior.readout,
        readout_label=_reference_label(catalogue),
        day=model.prior.day,
        median=model.prior.median,
        low=model.prior.low,
        high=model.prior.high,
        reason=model.prior.reason,
        headrooms=list(model.matrix.headrooms),
        headrooms_reason=model.matrix.headrooms_reason,
        refuted_below=model.matrix.refuted_below,
        sensitive_above=model.matrix.sensitive_above,
        thresholds_reason=model.matrix.reason,
    )


def _reference_label(catalogue: Catalogue) -> str:
    from soleus.catalogue.readouts import readouts

    model = effect_model(catalogue)
    return readouts(catalogue, study_entry(catalogue, model.matrix.reference_study).lineage)[
        model.prior.readout
    ].label
