"""Comparisons that claims are judged by, where they are of another study than the one asked for."""

from __future__ import annotations

from dataclasses import dataclass

from soleus.catalogue.folder import Catalogue
from soleus.catalogue.resilience import INDEX, buffering_index
from soleus.catalogue.store import claims

__all__ = ["ClaimTarget", "claim_targets"]


@dataclass(frozen=True, slots=True)
class ClaimTarget:
    """A read-out of a group against another, on one day of a study."""

    id: str
    arm: str
    readout: str
    group: str
    against: str
    day: float


def claim_targets(catalogue: Catalogue) -> tuple[ClaimTarget, ...]:
    """Return the comparison of each judged claim with a scenario; the index is driven by its neurons."""
    found = []
    for claim in (row for whole in claims(catalogue).values() for row in whole.judged):
        if claim.scenario is not None:
            readout = buffering_index(catalogue).readout if claim.readout == INDEX else claim.readout
            where = claim.scenario
            found.append(
                ClaimTarget(f"claim/{claim.id}", where.study, readout, where.group, where.against, claim.day)
            )
    return tuple(found)
