"""A number with what is needed to trust it, and one walk over whatever carries numbers.

The model computes with plain floats. Beside them stands what is here: where each number is from, and
whether it was read, recalled, derived or fitted. That travels with the number and is never told by comparing
floats.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal, get_args

from soleus.errors import CatalogueError

__all__ = ["MAY_LACK_CITATION", "OURS", "Number", "Status", "by_status", "carried", "cited", "numbers_in"]

Status = Literal["checked", "provisional", "derived", "fitted", "superseded"]

OURS = "our estimate"
"""What is said in the place of a source where a number is a judgement of ours."""

MAY_LACK_CITATION = frozenset({"provisional", "derived", "fitted"})
"""Statuses under which a number may stand without a work; any other claims one."""

_STATUSES = frozenset(get_args(Status))


@dataclass(frozen=True, slots=True)
class Number:
    """A number: value, unit, range, status, reason and source.

    Parameters
    ----------
    name, label
        Its name, unique where it stands, and what it is in words.
    value, low, high
        In ``unit``; the range may be missing.
    status
        ``checked``: seen in the source. ``provisional``: recalled, or seen in a copy. ``derived``: computed
        from checked numbers. ``fitted``: result of a fit made here. ``superseded``: kept for the record.
    citation
        Key of the work; None only where the status allows it.
    ours
        A judgement of ours, even where a work supports it: its source then reads "our estimate".

    Raises
    ------
    CatalogueError
        If the status is unknown, a source or reason is missing, or the value is no finite number.
    """

    name: str
    label: str
    value: float
    reason: str
    unit: str = "1"
    low: float | None = None
    high: float | None = None
    status: Status = "provisional"
    citation: str | None = None
    ours: bool = False

    def __post_init__(self) -> None:
        if self.status not in _STATUSES:
            raise CatalogueError(f"{self.name}: unknown status {self.status!r}; use {sorted(_STATUSES)}")
        if self.citation is None and self.status not in MAY_LACK_CITATION:
            raise CatalogueError(f"{self.name}: a {self.status} number needs a citation")
        if not self.reason.strip():
            raise CatalogueError(f"{self.name}: a number needs a reason")
        if not math.isfinite(self.value):
            raise CatalogueError(f"{self.name}: must be a finite number, got {self.value}")


def carried(thing: object) -> Iterator[Any]:
    """Yield whatever says where it is from: each number, and each record with a ``citation``, depth first.

    Parameters
    ----------
    thing
        A number or record, or anything that holds some: mapping, sequence, dataclass, pydantic record.
    """
    if isinstance(thing, Mapping):
        for value in thing.values():
            yield from carried(value)
    elif isinstance(thing, Sequence | AbstractSet) and not isinstance(thing, str | bytes):
        for value in thing:
            yield from carried(value)
    else:
        if hasattr(thing, "citation") and not isinstance(thing, type):
            yield thing
        for name in _fields(thing):
            yield from carried(getattr(thing, name))


def _fields(thing: object) -> Sequence[str]:
    if is_dataclass(thing):
        return [field.name for field in fields(thing)]
    # A pydantic record, told by what it has: the ground stands on no library of records.
    return list(getattr(type(thing), "model_fields", ()))


def numbers_in(thing: object) -> Iterator[Number]:
    """Yield every :class:`Number` that something carries, in its order."""
    return (found for found in carried(thing) if isinstance(found, Number))


def cited(thing: object) -> dict[str, None]:
    """Return the keys of all works that something names as its sources, each once, in order."""
    return dict.fromkeys(found.citation for found in carried(thing) if found.citation is not None)


def by_status(thing: object) -> Counter[str]:
    """Return how many of the numbers and records that something carries have each status."""
    return Counter(found.status for found in carried(thing) if getattr(found, "status", None) is not None)
