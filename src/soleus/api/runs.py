"""Run a study of the catalogue and write its report."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from soleus.api.files import TABLE
from soleus.api.packaged import packaged
from soleus.catalogue.folder import Catalogue
from soleus.jobs import MANIFEST, Progress, interruptible, output_folder, write_manifest
from soleus.observations import write_csv, write_parquet
from soleus.results import RunOutcome, run_study
from soleus.results.effect import EffectMode
from soleus.results.run import RunOptions
from soleus.schema.check import checked_json
from soleus.streams import draw_seed
from soleus.study import Engine, Study

if TYPE_CHECKING:
    from soleus.report import FigureExporter

__all__ = ["Run", "run"]


@dataclass(frozen=True)
class Run(RunOutcome):
    """A run's result, its table, and the folder that it was written to (None: not written)."""

    folder: Path | None = None


@interruptible
def run(
    study: str | Study = "leg-day",
    *,
    seed: int | None = None,
    effect: EffectMode | None = None,
    mechanism: str | None = None,
    animals: int | None = None,
    engine: Engine = "moments",
    variants: Sequence[str] = (),
    with_off: bool = False,
    workers: int | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
    exporter: FigureExporter | None = None,
    catalogue: Catalogue | None = None,
) -> Run:
    """Run a study, and write its report if ``out`` is given.

    Parameters
    ----------
    study
        A study's name in the catalogue, or a study as :func:`soleus.load_study` returns it.
    seed
        From 0 to 2**63 - 1; drawn and recorded if None.
    effect
        ``reported``, ``prior``, ``calibrated`` or ``off``; None: the study's default.
    mechanism
        Mechanism set of the cohort that is drawn.
    animals
        Animals per group.
    engine
        ``moments`` or ``cells``.
    variants
        Named alternatives of the lineage's numbers.
    with_off
        Switch on mechanisms that are off by default.
    workers
        Threads; all processors by default. They never change a number.
    out
        Folder to write; it must not exist, unless ``overwrite``.
    exporter
        What draws the figures, if the caller has started one already; the caller closes it.
    catalogue
        Content to take studies and numbers from; that of the package by default.

    Raises
    ------
    SoleusError
        With what was given, what is allowed and what to do.

    Examples
    --------
    >>> import soleus
    >>> outcome = soleus.run("leg-day", seed=1, animals=2)
    >>> outcome.result.design.groups[1].name
    'unloaded'
    """
    options = RunOptions(
        seed=draw_seed() if seed is None else seed,
        effect=effect,
        mechanism=mechanism,
        animals=animals,
        engine=engine,
        variants=tuple(variants),
        with_off=with_off,
    )
    count = workers or os.cpu_count() or 1
    if out is None:
        done = run_study(catalogue or packaged(), study, options, workers=count, progress=progress)
        return Run(done.result, done.observations)
    from soleus.report import FigureExporter

    with ExitStack() as stack:
        folder = stack.enter_context(output_folder(out, overwrite=overwrite))
        draws = exporter or stack.enter_context(FigureExporter())
        # Drawing needs a second to warm up; it does so while the animals are simulated.
        draws.start()
        done = run_study(catalogue or packaged(), study, options, workers=count, progress=progress)
        written = _write(done, folder, draws)
    return replace(written, folder=Path(out))


def _write(done: RunOutcome, folder: Path, exporter: FigureExporter) -> Run:
    from soleus.report import report_paths, write_report

    files = {"parquet": TABLE, "csv": "observations.csv", "bibtex": "citations.bib"}
    write_parquet(done.observations, folder / files["parquet"])
    write_csv(done.observations, folder / files["csv"])
    bibtex = "\n\n".join(c.bibtex for c in done.result.citations) + "\n"
    (folder / files["bibtex"]).write_text(bibtex, encoding="utf-8")
    result = done.result.model_copy(update={"files": {**files, "manifest": MANIFEST}})
    for name in ("jinja2", "jsonschema"):
        # Before there is a second thread: an interrupt within an import would leave it locked for ever.
        import_module(name)
    with ThreadPoolExecutor(1) as beside:
        # Other processes draw, so our own output is checked meanwhile.
        writing = beside.submit(write_report, result, folder, exporter=exporter)
        result = result.model_copy(update={"files": {**result.files, **report_paths(result)}})
        manifest = checked_json(result)
        writing.result()
    write_manifest(folder, json.loads(manifest))
    return Run(result, done.observations)
