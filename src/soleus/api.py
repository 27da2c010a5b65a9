"""One function for each job; the command line and the page call these and nothing else."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from soleus.catalogue.listing import items, named
from soleus.catalogue.studies import load_study, study_entry, study_names
from soleus.errors import InputError
from soleus.evidence.predictions import predict
from soleus.exchange import InitialAmounts, ScheduleForm, write_sbml
from soleus.jobs import Progress, output_folder
from soleus.observations import Observations, write_csv, write_parquet
from soleus.results import RunOutcome, run_study
from soleus.results.claims import judge_claims
from soleus.results.effect import EffectMode, choose_effect
from soleus.results.panel import panel_result
from soleus.results.run import RunOptions
from soleus.schema.catalogue import CatalogueResult
from soleus.schema.check import checked_json
from soleus.schema.claims import ClaimsResult
from soleus.schema.panel import PanelResult
from soleus.streams import Streams, draw_seed
from soleus.study import Engine, Experiment, bind, log_prob, simulate

if TYPE_CHECKING:
    from soleus.report import FigureExporter

__all__ = [
    "Observations",
    "Run",
    "bind",
    "catalogue",
    "claims",
    "export_sbml",
    "load_study",
    "log_prob",
    "panel",
    "run",
    "simulate",
    "study_names",
]

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Run(RunOutcome):
    """A run's result, its table, and the folder that it was written to (None: not written)."""

    folder: Path | None = None


def run(
    study: str = "leg-day",
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
) -> Run:
    """Run a study of the catalogue, and write its report if ``out`` is given.

    Parameters
    ----------
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
        done = run_study(study, options, workers=count, progress=progress)
        return Run(done.result, done.observations)
    from soleus.report import FigureExporter

    with ExitStack() as stack:
        folder = stack.enter_context(output_folder(out, overwrite=overwrite))
        draws = exporter or stack.enter_context(FigureExporter())
        # Drawing needs a second to warm up; it does so while the animals are simulated.
        draws.start()
        done = run_study(study, options, workers=count, progress=progress)
        written = _write(done, folder, draws)
    return replace(written, folder=Path(out))


def _write(done: RunOutcome, folder: Path, exporter: FigureExporter) -> Run:
    from soleus.report import report_paths, write_report

    files = {"parquet": "observations.parquet", "csv": "observations.csv", "bibtex": "citations.bib"}
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
    (folder / MANIFEST).write_text(manifest, encoding="utf-8")
    return Run(result, done.observations)


def claims(study: str = "leg-day", *, workers: int | None = None) -> ClaimsResult:
    """Judge every claim of the account under a study.

    Examples
    --------
    >>> import soleus
    >>> len(soleus.claims("leg-day").claims)
    14
    """
    return judge_claims(study, workers=workers or os.cpu_count() or 1)


def panel(
    panel: str = "svz",
    *,
    day: float = 28.0,
    factor: float = 1.5,
    fall: float = 0.3,
    animals: int = 8,
    out: str | Path | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> PanelResult:
    """Compute what changes of cell behaviour do to every read-out of a panel, and what tells them apart.

    Takes half a minute. With ``out``, tables and figures are written, too.

    Parameters
    ----------
    panel
        A panel of the catalogue: labels, gates of markers and how they are read.
    day
        Days from the change to the read-out.
    factor
        Factor on each cause's quantity at which its marks are shown, between 1 and 16.
    fall
        Share by which Ki67+ cells fall where causes are told apart, between 0 and 1.
    animals
        Animals per group, at least 2.
    out
        Folder to write; it must not exist, unless ``overwrite``.

    Raises
    ------
    SoleusError
        With what was given, what is allowed and what to do.
    """
    asked = {"day": day, "factor": factor, "fall": fall}
    if out is None:
        return panel_result(panel, **asked, animals=animals, progress=progress)
    from soleus.report import FigureExporter
    from soleus.report.panel import write_panel

    with output_folder(out, overwrite=overwrite) as folder, FigureExporter() as exporter:
        exporter.start()
        result = panel_result(panel, **asked, animals=animals, progress=progress)
        files = {"result": "panel.json", "manifest": MANIFEST, **write_panel(result, folder, exporter)}
        result = result.model_copy(update={"files": files})
        (folder / files["result"]).write_text(checked_json(result), encoding="utf-8")
        # What was asked, by what; it also marks the folder as ours, which may be replaced when asked.
        brief = {"run_id", "versions", "status", "panel", "day", "factor", "fall", "animals", "files"}
        (folder / MANIFEST).write_text(result.model_dump_json(indent=2, include=brief) + "\n")
    return result


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


def export_sbml(
    study: str = "leg-day",
    *,
    group: str,
    path: str | Path,
    gains: Mapping[str, float] | None = None,
    schedule: ScheduleForm = "piecewise",
    initial: InitialAmounts | None = None,
) -> Path:
    """Write the process of one group of a study as SBML, for an average animal.

    Parameters
    ----------
    group
        Whose legs move how.
    gains
        Mechanism to log-gain; ``{}`` for no effect; None: those of the study's reported effect.
    schedule, initial
        As :func:`soleus.exchange.sbml_text` takes them; a study's start is Poisson, so ``initial``
        must be given.

    Raises
    ------
    SoleusError
        With what was given, what is allowed and what to do.
    """
    experiment = bind(load_study(study))
    chosen = _reported_gains(study, experiment) if gains is None else gains
    modifiers = experiment.modifiers(group, chosen)
    return write_sbml(
        experiment.process, modifiers, experiment.start, path=path, schedule=schedule, initial=initial
    )


def _reported_gains(study: str, experiment: Experiment) -> Mapping[str, float]:
    if experiment.study.reported is None:
        raise InputError(
            f"study {study!r} carries no reported effect; give gains={{mechanism: log-gain}}, "
            "or gains={} for no effect"
        )
    default = study_entry(study).set
    # The reported effect draws nothing, so the seed says nothing.
    chosen = choose_effect(
        predict(experiment, workers=os.cpu_count() or 1),
        mode="reported",
        mechanism=None,
        default_set=default,
        streams=Streams(0),
    )
    return chosen.gains
