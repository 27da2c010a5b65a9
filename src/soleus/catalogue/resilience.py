"""The speculative stress-buffering index of the catalogue: read-out, levels, and evidence both ways."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from soleus.catalogue.folder import Catalogue, load_yaml, once
from soleus.catalogue.lineages import lineage_names
from soleus.catalogue.readouts import readout
from soleus.catalogue.store import require_citations
from soleus.errors import CatalogueError, SoleusError, unknown_name

__all__ = ["INDEX", "BufferingEvidence", "BufferingIndex", "BufferingLevel", "buffering_index"]

INDEX = "stress_buffering_index"
"""Read-out of claims that the index is judged by."""

_FILE = "resilience.yaml"


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class BufferingLevel(_Entry):
    """One level: the ratios up to ``up_to`` that no lower level holds; None is without bound.

    ``including`` says whether the bound itself belongs to this level.
    """

    level: int
    label: str = Field(min_length=3)
    up_to: float | None = Field(gt=0.0)
    including: bool
    status: Literal["provisional"]
    citation: str | None
    reason: str = Field(min_length=10)


class BufferingEvidence(_Entry):
    """A finding for or against the link between new neurons and stress."""

    stance: Literal["for", "against"]
    citation: str
    reason: str = Field(min_length=10)


class BufferingIndex(_Entry):
    """The index as the data file states it.

    Attributes
    ----------
    status
        Always ``speculative``; the file cannot promote it.
    niche, place, readout
        The only count that drives it.
    levels
        From the lowest to the highest.
    """

    label: str
    status: Literal["speculative"]
    niche: str
    place: str = Field(min_length=3)
    readout: str
    readout_reason: str = Field(min_length=10)
    levels: tuple[BufferingLevel, ...] = Field(min_length=3)
    evidence: tuple[BufferingEvidence, ...]


@once
def buffering_index(catalogue: Catalogue) -> BufferingIndex:
    """Return the index, parsed and checked.

    Raises
    ------
    CatalogueError
        If levels or bounds do not increase, the last level has a bound or another has none, the evidence
        has one side only, or a read-out or citation is not known.
    """
    try:
        index = BufferingIndex.model_validate(load_yaml(catalogue, _FILE))
    except ValidationError as error:
        raise CatalogueError(f"{_FILE}: {error}") from error
    _check_levels(index.levels)
    require_citations(catalogue, index, file=_FILE)
    if {e.stance for e in index.evidence} != {"for", "against"}:
        raise CatalogueError(f"{_FILE}: evidence must hold findings for and against, as the literature does")
    _check_readout(catalogue, index)
    return index


def _check_readout(catalogue: Catalogue, index: BufferingIndex) -> None:
    if index.niche not in lineage_names(catalogue):
        raise CatalogueError(f"{_FILE}: {unknown_name('lineage', index.niche, lineage_names(catalogue))}")
    try:
        readout(catalogue, index.niche, index.readout)
    except SoleusError as error:
        raise CatalogueError(f"{_FILE}: {error}") from error


def _check_levels(levels: tuple[BufferingLevel, ...]) -> None:
    bounds = [one.up_to for one in levels]
    if bounds[-1] is not None or None in bounds[:-1]:
        raise CatalogueError(f"{_FILE}: the last level has no bound (up_to: null), every other has one")
    for lower, upper in pairwise(levels):
        if upper.level != lower.level + 1:
            raise CatalogueError(
                f"{_FILE}: levels go up by 1, but {upper.level} stands above {lower.level} ({upper.label!r})"
            )
        if lower.up_to is not None and upper.up_to is not None and upper.up_to <= lower.up_to:
            raise CatalogueError(
                f"{_FILE}: bounds increase, but {upper.up_to:g} of level {upper.level} stands above "
                f"{lower.up_to:g} of level {lower.level}"
            )
    if 0 not in [one.level for one in levels]:
        raise CatalogueError(f"{_FILE}: one level is 0, which holds no change")
