"""Where each part of the matrix comes from: works, judgements, and how much of it is provisional."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from soleus.catalogue.effect_model import effect_model
from soleus.catalogue.item import reference
from soleus.catalogue.lineages import LineageParameter, lineage_entry
from soleus.catalogue.movement import MechanismEntry, movement_entries
from soleus.catalogue.store import citations
from soleus.catalogue.study_entries import study_entry
from soleus.citations import CitationBook
from soleus.schema.matrix import MatrixCount, MatrixMechanism, MatrixPrior, MatrixStudy
from soleus.schema.values import Assumption, CitationRow

__all__ = ["counts", "matrix_citations", "numbers", "prior", "set_mechanisms", "sourced"]

_PRIOR_UNIT = "log-ratio"
_OURS = "our estimate"
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


def sourced(key: str | None, *, judged: str = _OURS) -> dict[str, str | None]:
    """Return the fields that say where something comes from.

    Parameters
    ----------
    key
        Key of the cited work; None where there is none.
    judged
        Whose judgement it is then.
    """
    if key is None:
        words = f"No work is cited: {judged}."
        return {"citation": None, "source": judged, "doi": None, "url": None, "no_doi": words}
    work = citations()[key]
    if work.doi is not None:
        url: str | None = reference(key).url
        no_doi = None
    else:
        url, no_doi = work.url, work.note or "No DOI is known."
    return {"citation": key, "source": _short(key), "doi": work.doi, "url": url, "no_doi": no_doi}


def _short(key: str) -> str:
    """Return author and year, ``Adami et al. 2018``; the key in words where the authors are not known."""
    work = citations()[key]
    year = "n.d." if work.year is None else str(work.year)
    names = [name.strip().rpartition(" ") for name in work.authors.split(",")]
    first, _, initials = names[0]
    if not (first and initials.isupper()):
        words = key.removesuffix(f"-{year}").replace("-", " ")
        return f"{words[:1].upper()}{words[1:]} {year}"
    if len(names) == 2 and names[1][0] not in ("", "et"):
        return f"{first} and {names[1][0]} {year}"
    return f"{first}{' et al.' if len(names) > 1 else ''} {year}"


def set_mechanisms(name: str) -> list[MatrixMechanism]:
    """Return the mechanisms of a set; none for a row that is no set of the catalogue."""
    entries = movement_entries()
    return [_mechanism(entries.mechanisms[m]) for m in entries.sets.get(name, {})]


def _mechanism(entry: MechanismEntry) -> MatrixMechanism:
    return MatrixMechanism.model_validate(
        {
            "name": entry.name,
            "label": entry.label,
            "signal": entry.signal,
            "role": entry.role,
            "status": entry.status,
            "reason": entry.reason,
            **sourced(entry.citation),
        }
    )


def numbers() -> list[Assumption]:
    """Return the judgements behind prior, headroom, scoring and thresholds, each with its reason."""
    model = effect_model()
    prior, scored, matrix = model.prior, model.direction_studies, model.matrix
    label = f"prior of the log-ratio of {prior.readout} on day {prior.day:g}, of which sets take the size"
    found = [_judged("prior.size", label, prior.median, reason=prior.reason, unit=_PRIOR_UNIT)]
    found[0] = found[0].model_copy(update={"low": prior.low, "high": prior.high})
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


def _judged(name: str, label: str, value: float, *, reason: str, unit: str = "1") -> Assumption:
    return Assumption(
        name=name,
        label=label,
        value=float(value),
        unit=unit,
        low=None,
        high=None,
        status="provisional",
        reason=reason,
        citation=None,
    )


def counts(
    studies: Iterable[MatrixStudy], mechanisms: Iterable[MatrixMechanism], judged: Iterable[Assumption]
) -> list[MatrixCount]:
    """Return how many findings, mechanisms, judgements and numbers of lineages are provisional."""
    studies = list(studies)
    parameters = [p for name in _lineages(studies) for p in _parameters(name)]
    kinds: dict[str, list[str]] = {
        "findings": [f.status for s in studies for f in s.findings],
        "mechanisms": [m.status for m in {m.name: m for m in mechanisms}.values()],
        "judgements of prior and scoring": [n.status for n in judged],
        "numbers of the lineages": [p.status for p in parameters],
    }
    return [
        MatrixCount(kind=kind, total=len(statuses), provisional=statuses.count("provisional"))
        for kind, statuses in kinds.items()
    ]


def matrix_citations(
    studies: Iterable[MatrixStudy], mechanisms: Iterable[MatrixMechanism]
) -> list[CitationRow]:
    """Return exactly the works that the matrix used, with what each was used for."""
    studies = list(studies)
    book = CitationBook(reference(key) for key in citations())
    for key, reason in _uses(studies, mechanisms):
        if key is not None:
            book.use(key, reason)
    return book.to_rows()


def _uses(
    studies: list[MatrixStudy], mechanisms: Iterable[MatrixMechanism]
) -> Iterator[tuple[str | None, str]]:
    movement = movement_entries()
    for study in studies:
        yield study.citation, f"the study {study.name}"
        for finding in study.findings:
            yield finding.citation, f"finding: {finding.label}"
        for arm in study.arms:
            entry = study_entry(arm.name)
            yield from ((label.citation, f"labels of {arm.name}") for label in entry.labels.values())
            for name in sorted(_activities(group.regimen for group in entry.groups.values())):
                activity = movement.activities[name]
                yield activity.citation, f"activity: {activity.label}"
    for mechanism in mechanisms:
        yield mechanism.citation, f"mechanism: {mechanism.label}"
        signal = movement.signals[mechanism.signal]
        yield signal.citation, f"signal: {signal.label}"
    for name in _lineages(studies):
        yield from ((p.citation, f"numbers of the lineage {name}") for p in _parameters(name))


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


def _parameters(lineage: str) -> list[LineageParameter]:
    return list(lineage_entry(lineage).parameters.values())


def prior() -> MatrixPrior:
    """Return from where every set starts, and the thresholds."""
    model = effect_model()
    return MatrixPrior(
        study=model.matrix.reference_study,
        readout=model.prior.readout,
        readout_label=_reference_label(),
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


def _reference_label() -> str:
    from soleus.catalogue.readouts import readouts

    model = effect_model()
    return readouts(study_entry(model.matrix.reference_study).lineage)[model.prior.readout].label
