"""The regimen of a group as a study file states it, parsed to a :class:`~soleus.movement.Regimen`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from soleus.errors import InputError, unknown_name
from soleus.movement import Activity, BoutRule, DosedActivity, Regimen, RegimenInterval, with_bouts

__all__ = ["BoutSpan", "Dose", "Repertoire", "Span", "read_regimen"]

Dose = float | dict[str, float]
"""A dose of one part, or part to number."""

_HOUSINGS = ("single", "pair", "group")


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class BoutSpan(_Entry):
    """Daily bouts inside a span of a regimen."""

    activity: str
    minutes_per_day: float
    dose: Dose | None = None


class Span(_Entry):
    """A span of a regimen, as a study file states it.

    Parameters
    ----------
    start, end
        ``from`` and ``to`` in the file: days, the first included and the last not.
    dose
        A number, or part of the dose to its number; None: the activity as listed.
    onset
        Whether a dosed activity begins as an animal does that is new to it, where the catalogue says how.
    """

    activity: str
    start: float = Field(alias="from")
    end: float = Field(alias="to")
    dose: Dose | None = None
    bouts: BoutSpan | None = None
    onset: bool = True


@dataclass(frozen=True, slots=True)
class Repertoire:
    """What animals can be asked to do.

    Parameters
    ----------
    onsets
        Activity to the days for which a new animal does less, and the share of the dose that it then does.
    resting
        Name of the activity before day 0.
    """

    activities: Mapping[str, Activity]
    doses: Mapping[str, DosedActivity]
    onsets: Mapping[str, tuple[float, float]]
    rule: BoutRule
    resting: str

    def at(self, activity: str, dose: Dose | None) -> Activity:
        """Return an activity as listed, or at a dose."""
        if activity not in self.activities:
            raise unknown_name("activity", activity, self.activities)
        if dose is None:
            return self.activities[activity]
        if activity not in self.doses:
            raise unknown_name("activity with doses", activity, self.doses)
        return self.doses[activity].at(dose)


def read_regimen(
    name: str,
    spans: Sequence[Sequence[object] | Mapping[str, object] | Span],
    *,
    housing: str | None,
    repertoire: Repertoire,
) -> Regimen:
    """Return a regimen from spans; see :func:`soleus.catalogue.movement.regimen`."""
    if housing is not None and housing not in _HOUSINGS:
        raise unknown_name("housing", housing, _HOUSINGS)
    resting = repertoire.activities[repertoire.resting]
    intervals = [i for given in spans for i in _intervals(name, _span(name, given), repertoire)]
    if housing == "single":
        resting = resting.housed_alone()
        intervals = [RegimenInterval(i.activity.housed_alone(), i.start_day, i.end_day) for i in intervals]
    return Regimen(name, tuple(intervals), resting)


def _span(name: str, given: Sequence[object] | Mapping[str, object] | Span) -> Span:
    if isinstance(given, Span):
        return given
    if isinstance(given, Mapping):
        fields = dict(given)
    elif isinstance(given, str) or len(given) != 3:
        raise InputError(
            f"regimen {name!r}: a span is [activity, first day, last day], or a mapping with activity, from "
            f"and to; got {given!r}"
        )
    else:
        fields = dict(zip(("activity", "from", "to"), given, strict=True))
    try:
        return Span.model_validate(fields)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in p['loc'])}: {p['msg'].lower()}" for p in error.errors()
        )
        raise InputError(f"regimen {name!r}: span {given!r}: {problems}") from error


def _intervals(name: str, span: Span, repertoire: Repertoire) -> Iterator[RegimenInterval]:
    """Return the intervals of a span: two, where its first days are those of a beginner."""
    try:
        main = repertoire.at(span.activity, span.dose)
        start = span.start
        if span.dose is not None and span.onset and span.activity in repertoire.onsets:
            days, share = repertoire.onsets[span.activity]
            less = repertoire.doses[span.activity].scaled(span.dose, share)
            first_end = min(start + days, span.end)
            yield _interval(repertoire.at(span.activity, less), span, (start, first_end), repertoire)
            start = first_end
        if start != span.end or start == span.start:
            yield _interval(main, span, (start, span.end), repertoire)
    except InputError as error:
        raise type(error)(f"regimen {name!r}: {error}") from error


def _interval(
    main: Activity, span: Span, days: tuple[float, float], repertoire: Repertoire
) -> RegimenInterval:
    lived = main
    if span.bouts is not None:
        bout = repertoire.at(span.bouts.activity, span.bouts.dose)
        lived = with_bouts(main, bout, minutes_per_day=span.bouts.minutes_per_day, rule=repertoire.rule)
    return RegimenInterval(lived, *days)
