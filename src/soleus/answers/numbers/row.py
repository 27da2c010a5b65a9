"""One number that a result stands on as a row: value, range, status, reason, and where it is from."""

from __future__ import annotations

from typing import Any, Protocol

from soleus.results.matrix_sources import sourced
from soleus.schema.values import Assumption

__all__ = ["Sourced", "assumed", "located", "number"]

_JUDGED = "our estimate"


class Sourced(Protocol):
    """An entry of the catalogue that holds one number with its range and source."""

    @property
    def value(self) -> float: ...  # noqa: D102
    @property
    def low(self) -> float: ...  # noqa: D102
    @property
    def high(self) -> float: ...  # noqa: D102
    @property
    def citation(self) -> str | None: ...  # noqa: D102
    @property
    def reason(self) -> str: ...  # noqa: D102
    @property
    def status(self) -> Any: ...  # noqa: D102


def assumed(
    name: str,
    label: str,
    value: float,
    *,
    reason: str,
    unit: str = "1",
    status: str = "provisional",
    citation: str | None = None,
    bounds: tuple[float | None, float | None] = (None, None),
) -> Assumption:
    """Return a row.

    Parameters
    ----------
    status
        A judgement without a source is provisional.
    bounds
        Range, in ``unit``.
    """
    return Assumption.model_validate(
        {
            "name": name,
            "label": label,
            "value": float(f"{float(value):.6g}"),
            "unit": unit,
            "low": bounds[0],
            "high": bounds[1],
            "status": status,
            "reason": reason,
            "citation": citation,
        }
    )


def number(name: str, label: str, entry: Sourced, *, unit: str = "1") -> Assumption:
    """Return the row of an entry that holds a number, its range and its source."""
    return assumed(
        name,
        label,
        entry.value,
        reason=entry.reason,
        unit=unit,
        status=entry.status,
        citation=entry.citation,
        bounds=(entry.low, entry.high),
    )


def located(row: Assumption) -> Assumption:
    """Return the row with its source in words and its DOI, or the words that say why there is none."""
    return row.model_copy(update=sourced(row.citation, judged=_JUDGED))
