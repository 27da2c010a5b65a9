"""What the catalogue holds, and whether what it names exists."""

from __future__ import annotations

from soleus.api.packaged import packaged
from soleus.catalogue.folder import Catalogue
from soleus.catalogue.listing import items, named
from soleus.catalogue.study_entries import study_names as names_of_studies
from soleus.schema.catalogue import CatalogueResult, CheckProblem, CheckResult

__all__ = ["catalogue", "check_catalogue", "study_names"]


def catalogue(
    kind: str | None = None, name: str | None = None, *, within: Catalogue | None = None
) -> CatalogueResult:
    """Return entries of the catalogue: all, those of a kind, or those of a name.

    Parameters
    ----------
    kind
        Such as ``study``, ``parameter``, ``mechanism``, ``claim`` or ``citation``.
    name
        An entry's name; a lineage's entries are found without the lineage, too.
    within
        Content to look in; that of the package by default.

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
    known = within or packaged()
    return CatalogueResult(items=items(known, kind) if name is None else named(known, name, kind))


def study_names(catalogue: Catalogue | None = None) -> tuple[str, ...]:
    """Return the names of all studies and arms of studies; of the package by default."""
    return names_of_studies(catalogue or packaged())


def check_catalogue(catalogue: Catalogue | None = None) -> CheckResult:
    """Check that all that the catalogue's files name exists: entries, read-outs, works, their schemas.

    What every possible cause makes of every study is :func:`soleus.matrix`.
    """
    from soleus.catalogue.references import problems

    found = problems(catalogue or packaged())
    return CheckResult(problems=[CheckProblem(where=p.where, message=p.message) for p in found])
