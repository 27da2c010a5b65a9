"""What the catalogue holds, and the verdicts on its claims."""

from __future__ import annotations

import os

from soleus.catalogue.listing import items, named
from soleus.jobs import interruptible
from soleus.results.claims import judge_claims
from soleus.schema.catalogue import CatalogueResult
from soleus.schema.claims import ClaimsResult

__all__ = ["catalogue", "claims"]


@interruptible
def claims(study: str = "leg-day", *, workers: int | None = None) -> ClaimsResult:
    """Judge every claim of the account under a study.

    Examples
    --------
    >>> import soleus
    >>> len(soleus.claims("leg-day").claims)
    14
    """
    return judge_claims(study, workers=workers or os.cpu_count() or 1)


def catalogue(kind: str | None = None, name: str | None = None) -> CatalogueResult:
    """Return entries of the catalogue: all, those of a kind, or those of a name.

    Parameters
    ----------
    kind
        Such as ``study``, ``parameter``, ``mechanism``, ``claim`` or ``citation``.
    name
        An entry's name; a lineage's entries are found without the lineage, too.

    Raises
    ------
    UnknownNameError
        With the known names and the nearest one.

    Examples
    --------
    >>> from soleus.api import catalogue
    >>> catalogue("study", "leg-day").items[0].citation
    'leg-day-account'
    """
    return CatalogueResult(items=items(kind) if name is None else named(name, kind))
