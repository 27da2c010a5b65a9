"""Analyse a laboratory's table, and write the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

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
    from soleus.analysis.declaration import Contrast
    from soleus.observations import Observations

__all__ = ["analyse"]


@interruptible
def analyse(
    path: str | Path,
    *,
    control: str | None = None,
    treated: Sequence[str] = (),
    readouts: Sequence[str] = (),
    families: Mapping[str, Sequence[str]] | None = None,
    margins: Mapping[str, float] | None = None,
    methods: Mapping[str, str] | None = None,
    correction: Literal["default", "holm", "dunnett", "dunnett-pooled", "none"] = "default",
    compare: Literal["control", "all", "trend"] = "control",
    unit: str | None = None,
    cluster: str | None = None,
    blocks: Sequence[str] = (),
    covariates: Sequence[str] = (),
    baseline: float | None = None,
    paired: bool = False,
    factorial: bool = False,
    growth: Mapping[str, Literal["day", "passage"]] | None = None,
    level: float = 0.95,
    contrasts: Sequence[Contrast] = (),
    answers: Sequence[str] = (),
    mapping: str | Path | None = None,
    sheet: str | None = None,
    pattern: str | None = None,
    samples: str | Path | None = None,
    key: str | Path | None = None,
    write_mapping: str | Path | None = None,
    against: str | None = None,
    seed: int | None = None,
    keep_mapping: bool = True,
    out: str | Path | None = None,
    overwrite: bool = False,
) -> AnalysisResult:
    """Analyse a laboratory's table with the animal as the unit; write a report if ``out`` is given.

    Parameters
    ----------
    path
        CSV, TSV, a workbook, or an export of QuPath, CellProfiler, ImageJ, Cell Counter, Prism or FlowJo.
    control
        The control group; None: that of the mapping, or the one group that is named like one.
    treated, readouts
        What is compared with it, and in what; everything by default.
    families
        Name to read-outs whose p values are adjusted together.
    margins
        Read-out to a margin above 1: are the groups equal within it?
    methods
        Value kind to method, see there.
    correction, compare, unit, cluster, blocks, covariates, baseline, paired, level
        See :class:`soleus.analysis.declaration.AnalysisPlan`.
    factorial
        Analyse two factors of two levels.
    growth
        Read-out to "day" or "passage": compare the slopes of log cell number of cultures.
    mapping, sheet
        What the columns mean (a file), and which sheet; by default the mapping kept beside the file, or a
        plan that is drawn from headers and cells (see :class:`soleus.exchange.reading.ReadingPlan`).
    answers
        What the user says where the file can be read in two ways: "control=sham", "Mouse ID=prefix".
    contrasts
        Pairs (treated, control) to compare instead of every group with one control; four names for a ratio
        of two ratios.
    pattern
        Regular expression with named groups animal, section, side: where they stand in names of images.
    samples
        Sample table of ISA-Tab or run sheet of GeneLab, joined by the name of the sample.
    key
        Table of codes with the animal or group of each, for a table that was counted blind.
    write_mapping
        File to write the plan to, or what is left to answer.
    against
        A study of the catalogue whose virtual animals are drawn beside the real ones.
    seed
        Of simulations; drawn and recorded if None.
    keep_mapping
        Keep what was answered in a mapping beside the file.
    out
        Folder to write; it must not exist, unless ``overwrite``.

    Raises
    ------
    SoleusError
        With file, row and mend, or what was given, what is allowed and what to do. Where the file can be read
        in two ways that give other numbers, a :class:`QuestionError` with one question.
    """
    from soleus.analysis.declaration import AnalysisPlan
    from soleus.analysis.linter import lint
    from soleus.analysis.plan import analyse as analyse_table
    from soleus.observations import PAIRED
    from soleus.results.analysis import analysis_result
    from soleus.results.reading import reading_of

    if out is not None:
        check_output_folder(out, overwrite=overwrite)
        if overwrite:
            _check_apart(Path(out), (path, mapping, samples, key, write_mapping))
    request = Request(
        mapping=mapping,
        sheet=sheet,
        pattern=pattern,
        answers=(*answers, *(["animals=paired"] if paired else ())),
        samples=samples,
        key=key,
        control=control,
        contrasts=tuple((names[0], names[1]) for names in contrasts if len(names) == 2),
        factorial=factorial,
        keep=keep_mapping,
        write_mapping=write_mapping,
    )
    read = read_file(path, request)
    observations = read.observations
    give_back(len(observations))
    told = () if treated or control or compare != "control" or factorial else read.contrasts
    pairs: tuple[Contrast, ...] = tuple(contrasts) or told
    plan = AnalysisPlan(
        control=pairs[0][1] if pairs and control is None else _control(observations, control or read.control),
        treated=tuple(treated),
        contrasts=pairs,
        readouts=tuple(readouts),
        families=dict(families or {}),
        margins=dict(margins or {}),
        methods=dict(methods or {}),
        correction=correction,
        compare=compare,
        unit=unit,
        cluster=cluster,
        blocks=tuple(blocks),
        covariates=tuple(covariates),
        baseline=baseline,
        paired=paired or observations.provenance.get("design") == PAIRED,
        factorial=factorial,
        growth=dict(growth or {}),
        level=level,
        seed=draw_seed() if seed is None else seed,
    )
    analysed = analyse_table(observations, plan)
    result = analysis_result(
        observations,
        analysed,
        source=_source(read, Path(path)),
        reading=reading_of(read.plan, mapping=read.mapping),
        findings=lint(observations, plan, analysis=analysed),
        virtual=None if against is None else _virtual(against, observations, plan.seed or 0),
        against=against,
    )
    return result if out is None else _write(result, observations, Path(out), overwrite=overwrite)


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
