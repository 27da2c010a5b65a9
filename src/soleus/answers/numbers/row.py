"""Numbers that a result stands on, and their rows: value, range, status, reason, and where each is from."""

from __future__ import annotations

from typing import Any, Protocol

from soleus.catalogue.folder import Catalogue
from soleus.catalogue.sourced import sourced
from soleus.schema.values import Assumption
from soleus.values import OURS, Number, Status

__all__ = ["Sourced", "as_row", "assumed", "number"]

_SUPPORTED = "Our estimate; the reason says what supports it."


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
    status: Status = "provisional",
    citation: str | None = None,
    bounds: tuple[float | None, float | None] = (None, None),
    ours: bool = False,
) -> Number:
    """Return a number, with the digits that are shown.

    Parameters
    ----------
    status
        A judgement without a source is provisional.
    bounds
        Range, in ``unit``.
    ours
        A judgement of ours, even where a work supports it.
    """
    return Number(
        name=name,
        label=label,
        value=float(f"{float(value):.6g}"),
        unit=unit,
        low=bounds[0],
        high=bounds[1],
        status=status,
        reason=reason,
        citation=citation,
        ours=ours,
    )


def number(name: str, label: str, entry: Sourced, *, unit: str = "1") -> Number:
    """Return the number that an entry holds with its range and its source."""
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


def as_row(catalogue: Catalogue, found: Number, *, placed: bool = True) -> Assumption:
    """Return the row of a number; where it is ours, its source says so and names no paper.

    Parameters
    ----------
    placed
        With its source in words and its DOI, or the words that say why there is none.
    """
    told = {name: getattr(found, name) for name in Assumption.model_fields if hasattr(found, name)}
    row = Assumption.model_validate(told)
    if not placed:
        return row
    if found.ours and found.citation is not None:
        return row.model_copy(update={"source": OURS, "doi": None, "url": None, "no_doi": _SUPPORTED})
    return row.model_copy(update=sourced(catalogue, found.citation))
