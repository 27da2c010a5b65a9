"""Run a study of the catalogue and write its report."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from soleus.answers import Answer
from soleus.answers.run.build import RunOutcome, run_study
from soleus.answers.run.values import RunResult
from soleus.api.files import TABLE
from soleus.api.packaged import packaged
from soleus.catalogue.folder import Catalogue
from soleus.conduct import EffectMode, RunOptions
from soleus.jobs import Progress, interruptible, output_folder
from soleus.observations import write_csv, write_parquet
from soleus.streams import draw_seed
from soleus.study import Engine, Study

if TYPE_CHECKING:
    from soleus.report import FigureExporter

__all__ = ["Run", "run"]


@dataclass(frozen=True)
class Run(RunOutcome):
    """A run's answer, its table, and the folder that it was written to (None: not written)."""

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
        return Run(done.answer, done.observations)
    from soleus.report import FigureExporter

    with ExitStack() as stack:
        folder = stack.enter_context(output_folder(out, overwrite=overwrite))
        draws = exporter or stack.enter_context(FigureExporter())
        # Drawing needs a second to warm up; it does so while the animals are simulated.
        draws.start()
        done = run_study(catalogue or packaged(), study, options, workers=count, progress=progress)
        name = study if isinstance(study, str) else study.name
        written = _write(done, folder, draws, asked={"study": name, **asdict(options)})
    return Run(written, done.observations, Path(out))


def _write(
    done: RunOutcome, folder: Path, exporter: FigureExporter, *, asked: Mapping[str, Any]
) -> Answer[RunResult]:
    from soleus.answers.folder import write_answer
    from soleus.answers.run.article import write_article

    beside = {"parquet": TABLE, "csv": "observations.csv", **write_article(done.result, folder)}
    write_parquet(done.observations, folder / beside["parquet"])
    write_csv(done.observations, folder / beside["csv"])
    kicker = f"Virtual study · {done.result.design.study}"
    return write_answer(done.answer, folder, exporter, asked=asked, kicker=kicker, beside=beside)
