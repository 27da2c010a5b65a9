"""Compute what every possible cause makes of every study, and write it."""

from __future__ import annotations

import os
from pathlib import Path

from soleus.answers import Answer
from soleus.answers.matrix.build import matrix_result
from soleus.answers.matrix.sections import told_matrix
from soleus.answers.matrix.values import MatrixResult
from soleus.api.packaged import packaged
from soleus.catalogue.folder import Catalogue
from soleus.errors import InputError
from soleus.jobs import Progress, interruptible, output_folder

__all__ = ["matrix"]

_CELLS = "cells.csv"


@interruptible
def matrix(
    *,
    fresh: bool = False,
    workers: int | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
    catalogue: Catalogue | None = None,
) -> Answer[MatrixResult]:
    """Compute how probable every study's findings are under every mechanism set.

    Takes seconds with the stored responses, minutes without. With ``out``, a page, tables and figures are
    written, too.

    Parameters
    ----------
    fresh
        Solve all studies anew instead of taking the stored responses.
    workers
        Threads; None: one for each processor.
    out
        Folder to write; it must not exist, unless ``overwrite``.
    catalogue
        Content to take studies and numbers from; that of the package by default.

    Raises
    ------
    SoleusError
        With what was given, what is allowed and what to do.
    """
    threads = workers if workers is not None else os.cpu_count() or 1
    if threads < 1:
        raise InputError(f"workers must be at least 1, got {threads}")
    known = catalogue or packaged()
    if out is None:
        return told_matrix(matrix_result(known, fresh=fresh, workers=threads, progress=progress))
    from soleus.answers.folder import write_answer
    from soleus.answers.matrix.tables import cells_csv
    from soleus.report.export import FigureExporter

    with output_folder(out, overwrite=overwrite) as folder, FigureExporter() as exporter:
        exporter.start()
        result = matrix_result(known, fresh=fresh, workers=threads, progress=progress)
        (folder / _CELLS).write_text(cells_csv(result), encoding="utf-8")
        return write_answer(
            told_matrix(result),
            folder,
            exporter,
            asked={"fresh": fresh},
            kicker="Possible causes by studies",
            beside={"cells": _CELLS},
        )
