"""How findings bear on a claim: directly, on another read-out that its words could mean, or indirectly."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from soleus.catalogue import Claim, EvidenceEntry
from soleus.errors import CatalogueError

__all__ = ["Bearing", "Relation", "bearing", "relation"]

Relation = Literal["direct", "other-readout", "indirect"]


@dataclass(frozen=True, slots=True)
class Bearing:
    """The entries on one claim, or on one part of one, by how they bear on it.

    Parameters
    ----------
    direct, other_readout, indirect
        Primary, independent entries.
    source
        Primary entries that are not independent: those of the study that the account reports.
    reviews, press
        Reviews and interpretations; entries of the press.
    """

    direct: tuple[EvidenceEntry, ...] = ()
    other_readout: tuple[EvidenceEntry, ...] = ()
    indirect: tuple[EvidenceEntry, ...] = ()
    source: tuple[EvidenceEntry, ...] = ()
    reviews: tuple[EvidenceEntry, ...] = ()
    press: tuple[EvidenceEntry, ...] = ()


def relation(entry: EvidenceEntry, claim: Claim) -> Relation:
    """How an entry bears on a claim: on its read-out, on another that the words name, or indirectly.

    Raises
    ------
    CatalogueError
        If the entry says that it is direct and its species, niche or read-out say otherwise.
    """
    same_place = (not claim.species or entry.species in claim.species) and (
        claim.niche is None or entry.niche == claim.niche
    )
    readout = entry.base_readout
    computed: Relation = "indirect"
    if same_place and readout == claim.readout:
        computed = "direct"
    elif same_place and readout in claim.other_readouts:
        computed = "other-readout"
    if entry.direct is False:
        return "indirect"
    if entry.direct is True and computed != "direct":
        raise CatalogueError(
            f"evidence.yaml: entry {entry.id!r} says direct, but species, niche and read-out"
            f" ({entry.species}, {entry.niche}, {entry.readout}) do not match claim {claim.id!r};"
            " remove 'direct' or correct them"
        )
    return computed


def bearing(claim: Claim, entries: Iterable[EvidenceEntry]) -> Bearing:
    """Sort the entries on one claim or part; those on others are passed over."""
    own = [entry for entry in entries if entry.bears_on(claim)]
    primary = [entry for entry in own if entry.kind == "primary"]
    independent = [(relation(entry, claim), entry) for entry in primary if entry.independent]
    return Bearing(
        direct=tuple(e for how, e in independent if how == "direct"),
        other_readout=tuple(e for how, e in independent if how == "other-readout"),
        indirect=tuple(e for how, e in independent if how == "indirect"),
        source=tuple(e for e in primary if not e.independent),
        reviews=tuple(e for e in own if e.kind in ("review", "interpretation")),
        press=tuple(e for e in own if e.kind == "press"),
    )
