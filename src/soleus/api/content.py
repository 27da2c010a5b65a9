"""What the catalogue holds, and whether what it names exists."""

from __future__ import annotations

from soleus.catalogue.listing import items, named
from soleus.schema.catalogue import CatalogueResult, CheckProblem, CheckResult

__all__ = ["catalogue", "check_catalogue"]


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


def check_catalogue() -> CheckResult:
    """Check that all that the catalogue's files name exists: entries, read-outs, works, their schemas.

    What every possible cause makes of every study is :func:`soleus.matrix`.
    """
    from soleus.catalogue.references import problems

    return CheckResult(problems=[CheckProblem(where=p.where, message=p.message) for p in problems()])
