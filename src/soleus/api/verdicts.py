"""The verdicts on the claims of the account, and the pages that tell them."""

from __future__ import annotations

import os
from pathlib import Path

from soleus.answers import Answer
from soleus.answers.claims.build import judge_claims, known_claim, only_claim
from soleus.answers.claims.sections import told_claims
from soleus.answers.claims.values import ClaimsResult
from soleus.api.packaged import packaged
from soleus.catalogue.folder import Catalogue
from soleus.jobs import interruptible, output_folder

__all__ = ["claims"]


@interruptible
def claims(
    study: str = "leg-day",
    *,
    claim: str | None = None,
    workers: int | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
    catalogue: Catalogue | None = None,
) -> Answer[ClaimsResult]:
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
    >>> row = soleus.claims(claim="design-duration").values.claims[0]
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
    return told_claims(result if claim is None else only_claim(known, result, claim), claim=claim)


def _written(result: ClaimsResult, folder: Path) -> ClaimsResult:
    from soleus.answers.claims.lay_page import PAGE, lay_page
    from soleus.answers.folder import write_answer
    from soleus.report.export import FigureExporter

    page = lay_page(result.account, result.claims, study=result.study, version=result.versions["soleus"])
    (folder / PAGE).write_text(page, encoding="utf-8")
    with FigureExporter() as exporter:
        told = write_answer(
            told_claims(result),
            folder,
            exporter,
            asked={"study": result.study},
            kicker="The article, claim by claim",
            beside={"page": PAGE},
        )
    return told.values
