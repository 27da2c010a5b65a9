"""The day of the evidence: when claims, evidence entries and rule were last as they are now.

A page that a lay reader is shown is dated by what it stands on, not by the day on which it was made, so that
the same catalogue gives the same page.
"""

from __future__ import annotations

import datetime
import hashlib

from pydantic import BaseModel, ConfigDict

from soleus.catalogue.folder import Catalogue, load_yaml, once, parse_record

__all__ = ["Edition", "edition", "evidence_digest"]

_FILE = "edition.yaml"
_DATED = ("claims.yaml", "evidence.yaml", "verdict-rule.yaml")


class Edition(BaseModel):
    """A day, and what was there on it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    dated: datetime.date
    digest: str


@once
def edition(catalogue: Catalogue) -> Edition:
    """Return the day of the evidence that the catalogue states."""
    return parse_record(Edition, load_yaml(catalogue, _FILE), file=_FILE, entry="edition", name_field="name")


def evidence_digest(catalogue: Catalogue) -> str:
    """Return what identifies the evidence as it is now; it differs from the stated one after a change."""
    content = hashlib.sha256()
    for name in _DATED:
        content.update((catalogue.folder / name).read_bytes())
    return content.hexdigest()[:16]
