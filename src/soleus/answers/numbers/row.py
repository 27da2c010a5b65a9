"""Numbers that a result stands on, and their rows: value, range, status, reason, and where each is from."""

from __future__ import annotations

from typing import Any, Protocol

from soleus.catalogue.folder import Catalogue
from soleus.catalogue.sourced import sourced
from soleus.schema.values import Assumption
from soleus.values import OURS, Number, Status

__all__ = ["Sourced", "as_row", "assumed", "number"]


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
    """Return the row of a number; the source of one of ours names no paper, and leads to what supports it.

    Parameters
    ----------
    placed
        With its source in words and its DOI, or the words that say why there is none.
    """
    fields = {name: getattr(found, name) for name in Assumption.model_fields if hasattr(found, name)}
    row = Assumption.model_validate(fields)
    if not placed:
        return row
    told = sourced(catalogue, found.citation)
    return row.model_copy(update={**told, "source": OURS} if found.ours else told)
