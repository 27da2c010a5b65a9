"""Assumptions on movement: what animals do, what their legs send, and what that may move."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from soleus.answers.numbers.row import assumed, number
from soleus.catalogue.folder import Catalogue
from soleus.catalogue.movement import MechanismEntry, SignalEntry, movement_entries
from soleus.catalogue.study_entries import StudyEntry
from soleus.study.design import Study
from soleus.values import Number

__all__ = ["movement_assumptions", "undosed", "used_activities"]

_TIMES = {
    "tau_days": ("time constant", "day"),
    "adaptation_tau_days": ("time constant of adaptation", "day"),
    "adapted_fraction": ("share that adapts", "1"),
    "return_tau_days": ("time constant of the way back", "day"),
}


def used_activities(catalogue: Catalogue, study: Study, entry: StudyEntry) -> list[str]:
    """Return the names of what the animals do, bouts inside another activity included."""
    lived = {i.activity.name for g in study.groups for i in g.regimen.intervals}
    spans = [span for group in entry.groups.values() for span in group.regimen]
    inside = {s["bouts"]["activity"] for s in spans if isinstance(s, Mapping) and s.get("bouts")}
    inside |= {s["activity"] for s in spans if isinstance(s, Mapping)}
    return [name for name in movement_entries(catalogue).activities if name in lived | inside]


def undosed(entry: StudyEntry, activity: str) -> bool:
    """Whether a group does an activity as it is listed, without a dose of its own."""
    spans = [span for group in entry.groups.values() for span in group.regimen]
    return any(
        span.get("activity") == activity and span.get("dose") is None
        if isinstance(span, Mapping)
        else span[0] == activity
        for span in spans
    )


def movement_assumptions(catalogue: Catalogue, study: Study, entry: StudyEntry) -> list[Number]:
    """Return the numbers behind signals, activities, doses, bouts and mechanisms of a study."""
    used = used_activities(catalogue, study, entry)
    return [
        *_signals(catalogue),
        *_activities(catalogue, used),
        *_doses(catalogue, entry, used),
        *_mechanisms(catalogue, study),
    ]


def _signals(catalogue: Catalogue) -> Iterator[Number]:
    for name, signal in movement_entries(catalogue).signals.items():
        for field, (words, unit) in _TIMES.items():
            value = getattr(signal, field)
            if value is None or (field == "adapted_fraction" and signal.adaptation_tau_days is None):
                continue
            # The first keeps the name that it always had.
            key = f"signal.{name}" if field == "tau_days" else f"signal.{name}.{field}"
            yield _of_signal(key, f"{words}: {signal.label}", value, unit, signal)


def _of_signal(name: str, label: str, value: float, unit: str, entry: SignalEntry) -> Number:
    return assumed(
        name, label, value, unit=unit, reason=entry.reason, status=entry.status, citation=entry.citation
    )


def _activities(catalogue: Catalogue, used: list[str]) -> Iterator[Number]:
    for name in used:
        entry = movement_entries(catalogue).activities[name]
        for drive, level in entry.drives.items():
            yield assumed(
                f"activity.{name}.{drive}",
                f"{entry.label}: {drive.replace('_', ' ')} relative to the home cage",
                level,
                reason=entry.reason,
                status=entry.status,
                citation=entry.citation,
            )


def _doses(catalogue: Catalogue, entry: StudyEntry, used: list[str]) -> Iterator[Number]:
    known = movement_entries(catalogue)
    for name in used:
        if name not in known.doses:
            continue
        for key, found in known.doses[name].numbers().items():
            words = key.replace(".", ": ")
            label = f"dose of {known.activities[name].label}: {words}"
            yield number(f"dose.{name}.{key}", label, found, unit=found.unit)
    spans = [span for group in entry.groups.values() for span in group.regimen]
    if any(isinstance(span, Mapping) and span.get("bouts") for span in spans):
        scale = known.bouts.scale
        yield number(
            "bouts.scale", "minutes a day at which a bout has most of its effect", scale, unit=scale.unit
        )


def _mechanisms(catalogue: Catalogue, study: Study) -> Iterator[Number]:
    acting = {m.name for m in study.mechanisms if m.acts_in(study.niche.niche)}
    for name, entry in movement_entries(catalogue).mechanisms.items():
        if name in acting:
            yield from _of_mechanism(name, entry)


def _of_mechanism(name: str, entry: MechanismEntry) -> Iterator[Number]:
    yield assumed(
        f"mechanism.{name}.max_log_gain",
        f"largest believable log-gain: {entry.label}",
        entry.max_log_gain,
        reason=f"A bound of ours. {entry.reason}",
        citation=entry.citation,
        ours=True,
    )
    if entry.shape == "saturating":
        yield assumed(
            f"mechanism.{name}.headroom",
            f"share of the loss that can be gained above normal cage life: {entry.label}",
            entry.headroom,
            reason="A judgement: how far a saturating mechanism goes above normal was never measured.",
        )
