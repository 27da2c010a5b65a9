"""The matrix of mechanism sets by studies, and the whole check of the catalogue."""

from __future__ import annotations

import os
from pathlib import Path

from soleus.errors import InputError
from soleus.jobs import MANIFEST, Progress, interruptible, output_folder, write_manifest
from soleus.results.matrix import matrix_result
from soleus.schema.check import checked_json
from soleus.schema.matrix import CheckResult, MatrixProblem, MatrixResult

__all__ = ["check_catalogue", "matrix"]


@interruptible
def matrix(
    *,
    fresh: bool = False,
    workers: int | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> MatrixResult:
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

    Raises
    ------
    SoleusError
        With what was given, what is allowed and what to do.
    """
    threads = workers if workers is not None else os.cpu_count() or 1
    if threads < 1:
        raise InputError(f"workers must be at least 1, got {threads}")
    if out is None:
        return matrix_result(fresh=fresh, workers=threads, progress=progress)
    from soleus.report.export import FigureExporter
    from soleus.report.matrix import write_matrix

    with output_folder(out, overwrite=overwrite) as folder, FigureExporter() as exporter:
        exporter.start()
        result = matrix_result(fresh=fresh, workers=threads, progress=progress)
        files = {"result": "matrix.json", "manifest": MANIFEST, **write_matrix(result, folder, exporter)}
        result = result.model_copy(update={"files": files})
        (folder / files["result"]).write_text(checked_json(result), encoding="utf-8")
        brief = {"schema_version", "run_id", "versions", "status", "refuted", "prior", "files"}
        write_manifest(folder, result.model_dump(mode="json", include=brief))
    return result


@interruptible
def check_catalogue(
    *,
    quick: bool = False,
    fresh: bool = False,
    workers: int | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> CheckResult:
    """Check that everything the catalogue names exists, then compute the matrix.

    Where references are broken the matrix is not computed, since it would rest on them.

    Parameters
    ----------
    quick
        References only; nothing else can be asked for then.
    fresh, workers, out, overwrite, progress
        As :func:`matrix` takes them.
    """
    from soleus.catalogue.references import problems

    if quick and (fresh or overwrite or out is not None):
        raise InputError("a quick check computes and writes no matrix; leave out quick, or fresh and out")
    found = [MatrixProblem(where=p.where, message=p.message) for p in problems()]
    if found or quick:
        return CheckResult(problems=found, matrix=None)
    made = matrix(fresh=fresh, workers=workers, out=out, overwrite=overwrite, progress=progress)
    return CheckResult(problems=[], matrix=made)
