"""Published content as data: every number, claim and finding with its source."""

from __future__ import annotations

from soleus.catalogue.folder import Catalogue, load_catalogue
from soleus.catalogue.quantity import Quantity, Status
from soleus.catalogue.records import (
    CitationModel,
    Claim,
    ClaimInterval,
    EvidenceEntry,
    RuleLine,
    Threshold,
    VerdictRule,
)
from soleus.catalogue.store import (
    citation,
    citations,
    claim,
    claims,
    evidence,
    quantities,
    quantity,
    quantity_groups,
    verdict_rule,
)

__all__ = [
    "Catalogue",
    "CitationModel",
    "Claim",
    "ClaimInterval",
    "EvidenceEntry",
    "Quantity",
    "RuleLine",
    "Status",
    "Threshold",
    "VerdictRule",
    "citation",
    "citations",
    "claim",
    "claims",
    "evidence",
    "load_catalogue",
    "quantities",
    "quantity",
    "quantity_groups",
    "verdict_rule",
]
