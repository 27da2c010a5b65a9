"""The works that claims cite."""

from __future__ import annotations

from soleus.catalogue.item import reference
from soleus.catalogue.store import citations
from soleus.citations import CitationBook
from soleus.schema.claim_rows import ClaimRow
from soleus.schema.values import CitationRow

__all__ = ["claim_citations"]


def claim_citations(rows: list[ClaimRow]) -> list[CitationRow]:
    """Return the works that the claims cite."""
    book = CitationBook(reference(key) for key in citations())
    for row in rows:
        for key in row.citations:
            book.use(key, f"claim {row.id}")
    return book.to_rows()
