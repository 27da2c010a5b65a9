"""Analyse a laboratory's table, and write the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from soleus.api.files import TABLE, ReadFile, Request, read_file
from soleus.api.memory import give_back
from soleus.errors import InputError
from soleus.jobs import (
    as_text,
    check_output_folder,
    interruptible,
    output_folder,
    resolved_path,
    write_manifest,
)
from soleus.provenance import run_id
from soleus.schema.analysis import AnalysisResult, AnalysisSource
from soleus.streams import draw_seed

if TYPE_CHECKING:
    from soleus.analysis.declaration import AnalysisPlan, Contrast
    from soleus.observations import Observations

__all__ = ["analyse"]


@interruptible
def analyse(
    path: str | Path,
    plan: AnalysisPlan | None = None,
    *,
    reading: Request | None = None,
    against: str | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
    **named: Any,
) -> AnalysisResult:
    """Analyse a laboratory's table with the animal as the unit; write a report if ``out`` is given.

    Parameters
    ----------
    path
        CSV, TSV, a workbook, or an export of QuPath, CellProfiler, ImageJ, Cell Counter, Prism or FlowJo.
    plan
        What is compared and how; by default everything with the one group that is named like a control.
    reading
        How the file is to be read; by default from its headers and cells.
    against
        A study of the catalogue whose virtual animals are drawn beside the real ones.
    out
        Folder to write; it must not exist, unless ``overwrite``.
    named
        Fields of :class:`soleus.analysis.AnalysisPlan` (``control="sham"``, ``blocks=["sex"]``, ...) or of
        :class:`soleus.api.files.Request` (``sheet``, ``mapping``, ``answers``, ...) by their names, in
        place of those objects or to change them.

    Raises
    ------
    TypeError
        A name that neither has.
    SoleusError
        With file, row and mend, or what was given, what is allowed and what to do. Where the file can be read
        in two ways that give other numbers, a :class:`QuestionError` with one question.
    """
    from soleus.analysis.linter import lint
    from soleus.analysis.plan import analyse as analyse_table
    from soleus.results.analysis import analysis_result
    from soleus.results.reading import reading_of

    declared, request = _said(plan, reading, named)
    if out is not None:
        check_output_folder(out, overwrite=overwrite)
        if overwrite:
            given = (path, request.mapping, request.samples, request.key, request.write_mapping)
            _check_apart(Path(out), given)
    read = read_file(path, request)
    observations = read.observations
    give_back(len(observations))
    declared = _completed(declared, read)
    analysed = analyse_table(observations, declared)
    result = analysis_result(
        observations,
        analysed,
        source=_source(read, Path(path)),
        reading=reading_of(read.plan, mapping=read.mapping),
        findings=lint(observations, declared, analysis=analysed),
        virtual=None if against is None else _virtual(against, observations, declared.seed or 0),
        against=against,
    )
    return result if out is None else _write(result, observations, Path(out), overwrite=overwrite)


def _said(
    plan: AnalysisPlan | None, reading: Request | None, named: dict[str, Any]
) -> tuple[AnalysisPlan, Request]:
    """Return plan and request with the fields that were named, the request knowing what is compared."""
    from soleus.analysis.declaration import AnalysisPlan

    of_plan = {f.name for f in fields(AnalysisPlan)}
    of_request = {f.name for f in fields(Request)} - {"control", "contrasts", "factorial"}
    unknown = [name for name in named if name not in of_plan | of_request]
    if unknown:
        raise TypeError(
            f"analyse() has no option {unknown[0]!r}; see AnalysisPlan and Request for their names"
        )
    given = {name: value for name, value in named.items() if value is not None}
    declared = replace(plan or AnalysisPlan(), **{k: v for k, v in given.items() if k in of_plan})
    request = replace(reading or Request(), **{k: v for k, v in given.items() if k in of_request})
    return declared, replace(
        request,
        answers=(*request.answers, *(["animals=paired"] if declared.paired else ())),
        control=declared.control or None,
        contrasts=tuple((names[0], names[1]) for names in declared.contrasts if len(names) == 2),
        factorial=declared.factorial,
    )


def _completed(plan: AnalysisPlan, read: ReadFile) -> AnalysisPlan:
    """Return the plan with what the file says: its control, planned comparisons, and whether it is paired."""
    from soleus.observations import PAIRED

    observations = read.observations
    bare = not (plan.treated or plan.control or plan.compare != "control" or plan.factorial)
    contrasts: tuple[Contrast, ...] = plan.contrasts or (read.contrasts if bare else ())
    control = plan.control
    if not control:
        control = contrasts[0][1] if contrasts else _control(observations, read.control)
    return replace(
        plan,
        control=control,
        contrasts=contrasts,
        paired=plan.paired or observations.provenance.get("design") == PAIRED,
        seed=draw_seed() if plan.seed is None else plan.seed,
    )


def _check_apart(out: Path, given: Sequence[str | Path | None]) -> None:
    """Refuse to write a folder over the files that are read."""
    target = resolved_path(out)
    for one in given:
        if one is not None and resolved_path(one).is_relative_to(target):
            raise InputError(
                f"{as_text(str(one))} lies in {as_text(str(out))}, which would be replaced with it; give "
                "another folder to --out"
            )


def _control(observations: Observations, given: str | None) -> str:
    from soleus.exchange.reading.control import likely_control

    found = likely_control(observations.groups) if given is None else given
    if found is None:
        raise InputError(
            f"which group is the control? The table has {', '.join(observations.groups)}; say it with "
            "control (--control), or in the mapping under groups"
        )
    return found


def _source(read: ReadFile, path: Path) -> AnalysisSource:
    frame = read.observations.frame
    return AnalysisSource(
        file=as_text(path.name),
        sha256=read.sha256,
        format=read.format,
        rows=len(frame),
        excluded=int(frame["excluded"].sum()),
        notes=list(read.notes),
    )


def _virtual(study: str, observations: Observations, seed: int) -> Observations:
    """Return virtual animals of a study, without any effect, in the read-outs that the table has."""
    from soleus.api.packaged import packaged
    from soleus.catalogue.studies import load_study
    from soleus.observations import Observations as Table
    from soleus.study import bind, simulate

    found = simulate(bind(load_study(packaged(), study)), seed)
    shared = found.frame["readout"].isin(list(observations.readouts)).to_numpy(dtype=bool)
    if not shared.any():
        raise InputError(
            f"study {study!r} counts {', '.join(found.readouts)}; the table has "
            f"{', '.join(observations.readouts)}: name a read-out alike in the mapping to draw both"
        )
    return Table(found.frame[shared].reset_index(drop=True), found.factors, found.provenance)


def _write(
    result: AnalysisResult, observations: Observations, out: Path, *, overwrite: bool
) -> AnalysisResult:
    """Write the tables first, then the figures and the page; return the result with what was left out."""
    from soleus.exchange.workbook_writer import write_sheet
    from soleus.observations import write_csv, write_parquet
    from soleus.observations.csv_text import guarded_frame
    from soleus.report.analysis import SCRIPT, effects_table, write_analysis
    from soleus.schema.check import checked_json

    names = ["effects.csv", "effects.xlsx", "animals.pzfx", "observations.csv", TABLE]
    with output_folder(out, overwrite=overwrite) as folder:
        effects = effects_table(result)
        guarded_frame(effects).to_csv(folder / names[0], index=False, encoding="utf-8", lineterminator="\n")
        write_sheet(effects, folder / names[1])
        _write_prism(result, folder / names[2])
        table = observations.noted(control=result.plan.control)
        write_csv(table, folder / names[3])
        write_parquet(table, folder / names[4])
        result = write_analysis(result, folder, files=[*names, "analysis.json", SCRIPT])
        (folder / "analysis.json").write_text(checked_json(result), encoding="utf-8")
        brief = {"schema_version", "source", "plan", "against", "versions"}
        asked = result.model_dump(mode="json", include=brief)
        made = {"run_id": run_id(asked, seed=result.plan.seed, versions=result.versions), **asked}
        write_manifest(folder, made)
    return result


def _write_prism(result: AnalysisResult, path: Path) -> None:
    """Write the animals' values, one table for each read-out and day, one column for each group."""
    from soleus.exchange.instruments import prism_table, write_pzfx

    values: dict[str, dict[str, list[float]]] = {}
    many = len({a.day for a in result.animals} - {None}) > 1
    for animal in result.animals:
        place = f", {animal.within}" if animal.within else ""
        title = f"{animal.readout}{place}"
        title += f", day {animal.day:g}" if many and animal.day is not None else ""
        groups = values.setdefault(title, {g.name: [] for g in result.groups})
        groups[animal.group].append(animal.value)
    if values:
        write_pzfx([prism_table(title, groups) for title, groups in values.items()], path)
