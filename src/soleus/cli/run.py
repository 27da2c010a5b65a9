"""``soleus run``: simulate a study, show what follows, write its report."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from soleus.cli.failures import printable, reporting, say

if TYPE_CHECKING:
    from soleus.api import Run
    from soleus.report.export import FigureExporter

__all__ = ["RUN_EXAMPLES", "EffectChoice", "EngineChoice", "run"]

RUN_EXAMPLES = """Examples:

  soleus run

  soleus run leg-day --seed 1 --out results/leg-day --overwrite

  soleus run adami-2018 --effect prior --animals 20

  soleus run leg-day --mechanism amplification --variant division-obernier

  soleus run leg-day --json > leg-day.json
"""


class EffectChoice(StrEnum):
    """Where the size of the effect comes from."""

    reported = "reported"
    prior = "prior"
    calibrated = "calibrated"
    off = "off"


class EngineChoice(StrEnum):
    """How the numbers come out."""

    moments = "moments"
    cells = "cells"


def run(
    context: typer.Context,
    study: Annotated[str, typer.Argument(help="Which study: soleus catalogue list study")] = "leg-day",
    *,
    seed: Annotated[
        int | None,
        typer.Option(min=0, help="Same seed, same result. Default: drawn, and recorded."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write. Default: STUDY-SEED here, such as leg-day-123.")
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the folder of an earlier run.")
    ] = False,
    effect: Annotated[
        EffectChoice | None,
        typer.Option(
            help="reported: as the study's source says; prior: what could be expected before any data; "
            "calibrated: given published findings; off: none. Default: reported where the study carries "
            "one, else prior."
        ),
    ] = None,
    mechanism: Annotated[
        str | None,
        typer.Option(metavar="SET", help="Possible cause in the cohort: soleus catalogue list set"),
    ] = None,
    animals: Annotated[
        int | None, typer.Option(min=2, help="Animals per group. Default: as the study says.")
    ] = None,
    engine: Annotated[
        EngineChoice,
        typer.Option(help="moments: exact means and covariances; cells: each cell drawn."),
    ] = EngineChoice.moments,
    variant: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Other published numbers of the lineage; may be given again."),
    ] = None,
    with_off: Annotated[
        bool, typer.Option("--with-off", help="Switch on the mechanisms that are off by default, too.")
    ] = False,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Threads. They never change a number. Default: all processors.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Show every section on the screen.")] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print the result as one JSON object, and nothing else.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print only where the report lies, and no progress.")
    ] = False,
) -> None:
    """Simulate a study: what follows on screen; report, figures and data in a folder."""
    with reporting(context) as progressed, _drawing() as exporter:
        from soleus import api
        from soleus.errors import unknown_name
        from soleus.jobs import NoProgress, RichProgress
        from soleus.streams import Streams, draw_seed

        # Refused before a folder is named after them or made for them.
        if study not in api.study_names():
            raise unknown_name("study", study, api.study_names())
        chosen = Streams(draw_seed() if seed is None else seed).seed
        folder = Path(f"{study}-{chosen}") if out is None else out
        if not quiet:
            say(f"running {study} with seed {chosen}; the report will lie in {printable(folder)}")
        done = api.run(
            study,
            seed=chosen,
            effect=None if effect is None else effect.value,
            mechanism=mechanism,
            animals=animals,
            engine=engine.value,
            variants=tuple(variant or ()),
            with_off=with_off,
            workers=workers,
            out=folder,
            overwrite=overwrite,
            progress=NoProgress() if quiet else RichProgress(),
            exporter=exporter,
        )
        progressed.written = folder
        _show(done, folder, json=json, quiet=quiet, full=full)


@contextmanager
def _drawing() -> Iterator[FigureExporter]:
    """Start what draws the figures at once: it warms up while the rest is imported and simulated."""
    from soleus.report.export import FigureExporter

    with FigureExporter() as exporter:
        exporter.start()
        yield exporter


def _show(done: Run, folder: Path, *, json: bool, quiet: bool, full: bool) -> None:
    from soleus.cli.answers import print_answer, show_answer

    if json:
        print_answer(done.answer)
    elif quiet:
        typer.echo(printable(folder / done.result.files.get("report", "")))
    else:
        show_answer(done.answer, folder, full=full)
