"""What the catalogue holds, and the verdicts on its claims."""

from __future__ import annotations

import os
from pathlib import Path

from soleus.api.packaged import packaged
from soleus.catalogue.folder import Catalogue
from soleus.catalogue.listing import items, named
from soleus.catalogue.study_entries import study_names as names_of_studies
from soleus.jobs import MANIFEST, interruptible, output_folder, write_manifest
from soleus.provenance import run_id
from soleus.results.claims import judge_claims, known_claim, only_claim
from soleus.schema.catalogue import CatalogueResult
from soleus.schema.check import checked_json
from soleus.schema.claims import ClaimsResult

__all__ = ["catalogue", "claims", "study_names"]


@interruptible
def claims(
    study: str = "leg-day",
    *,
    claim: str | None = None,
    workers: int | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
    catalogue: Catalogue | None = None,
) -> ClaimsResult:
    """Judge the claims of the account under a study, and write a page for a lay reader if ``out`` is given.

    Parameters
    ----------
    claim
        One claim, or ``CLAIM/PART``; all by default. The page always shows all.
    out
        Folder to write; it must not exist, unless ``overwrite``.
    catalogue
        Content to take studies and numbers from; that of the package by default.

    Raises
    ------
    UnknownNameError
        For a claim or study that is not known, with the nearest one; a study in the place of a claim is
        answered with what to ask instead.

    Examples
    --------
    >>> import soleus
    >>> row = soleus.claims(claim="design-duration").claims[0]
    >>> row.word
    'The paper says otherwise'
    """
    known = catalogue or packaged()
    claim = known_claim(known, claim)
    count = workers or os.cpu_count() or 1
    if out is None:
        result = judge_claims(known, study, workers=count)
    else:
        with output_folder(out, overwrite=overwrite) as folder:
            result = _written(judge_claims(known, study, workers=count), folder)
    return result if claim is None else only_claim(known, result, claim)


def _written(result: ClaimsResult, folder: Path) -> ClaimsResult:
    from soleus.report.lay_page import PAGE, lay_page

    files = {"page": PAGE, "result": "claims.json", "manifest": MANIFEST}
    result = result.model_copy(update={"files": files})
    page = lay_page(result.account, result.claims, study=result.study, version=result.versions["soleus"])
    (folder / PAGE).write_text(page, encoding="utf-8")
    (folder / files["result"]).write_text(checked_json(result), encoding="utf-8")
    brief = {"schema_version", "study", "versions", "files"}
    asked = result.model_dump(mode="json", include=brief)
    write_manifest(folder, {"run_id": run_id(asked, seed=0, versions=result.versions), **asked})
    return result


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
