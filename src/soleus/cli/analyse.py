"""``soleus analyse``: effects from a laboratory's table, with the animal as the unit."""

from __future__ import annotations

import functools
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from soleus.cli.failures import reporting, say

if TYPE_CHECKING:
    from soleus.schema.analysis import AnalysisResult

__all__ = ["ANALYSE_EXAMPLES", "analyse"]

ANALYSE_EXAMPLES = """Examples:

  soleus analyse counts.xlsx

  soleus analyse counts.csv --control sham --out results/counts

  soleus analyse counts.csv --family "main=Ki67,DCX" --margin corticosterone=1.5

  soleus analyse counts.csv --answer control=sham --answer "Mouse ID=prefix"

  soleus analyse counts.csv --contrast HLU14/CON14 --contrast HLU28/CON28

  soleus analyse counts.csv --block sex --block batch

  soleus analyse sides.csv --control sham --paired

  soleus analyse counts.csv --against leg-day --out compared
"""


def analyse(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A table, or an export of an imaging or flow program.")],
    *,
    control: Annotated[str | None, typer.Option(help="The control group. Default: what is named so.")] = None,
    treated: Annotated[
        list[str] | None, typer.Option(help="Group to compare with it; may be repeated.")
    ] = None,
    readout: Annotated[list[str] | None, typer.Option(help="Read-out to analyse; may be repeated.")] = None,
    family: Annotated[
        list[str] | None, typer.Option(help="NAME=READOUT,READOUT: p values adjusted together.")
    ] = None,
    margin: Annotated[
        list[str] | None, typer.Option(help="READOUT=RATIO above 1: are groups equal within it?")
    ] = None,
    method: Annotated[
        list[str] | None, typer.Option(help="KIND=METHOD, such as count=nb-mixed. Default: see the docs.")
    ] = None,
    correction: Annotated[
        str, typer.Option(help="dunnett, dunnett-pooled, holm or none. Default: see the docs.")
    ] = "default",
    compare: Annotated[
        str, typer.Option(help="control, all (pairs) or trend (over the groups, or their doses).")
    ] = "control",
    unit: Annotated[
        str | None, typer.Option(help="What is independent: animal, litter, cage, or a batch's column.")
    ] = None,
    cluster: Annotated[
        str | None, typer.Option(help="Cage, litter or batch in which animals are alike: a random effect.")
    ] = None,
    block: Annotated[
        list[str] | None, typer.Option(help="Column to compare within: sex, batch, ...; may be repeated.")
    ] = None,
    covariate: Annotated[
        list[str] | None, typer.Option(help="Column with a number to adjust for; may be repeated.")
    ] = None,
    baseline: Annotated[
        float | None, typer.Option(help="Day whose value later days are adjusted for (ANCOVA).")
    ] = None,
    confidence: Annotated[float, typer.Option(help="Level of the intervals.")] = 0.95,
    factorial: Annotated[
        bool, typer.Option("--factorial", help="Two factors of two levels: main effects and interaction.")
    ] = False,
    growth: Annotated[
        list[str] | None, typer.Option(help="READOUT=day or =passage: compare growth rates of cultures.")
    ] = None,
    contrast: Annotated[
        list[str] | None,
        typer.Option(help="TREATED/CONTROL, or A/B:C/D for the ratio of the two; may be repeated."),
    ] = None,
    paired: Annotated[
        bool,
        typer.Option("--paired", help="The same animals are in both groups: one animal, one difference."),
    ] = False,
    answer: Annotated[
        list[str] | None,
        typer.Option(help="Answer to a question about the file: QUESTION=WORD; may be repeated."),
    ] = None,
    layout: Annotated[
        str | None,
        typer.Option(help="group-per-column, where each column is a group and each row an animal."),
    ] = None,
    samples: Annotated[
        Path | None, typer.Option(help="Sample table of ISA-Tab (s_*.txt), joined by the sample's name.")
    ] = None,
    key: Annotated[
        Path | None, typer.Option(help="Table of codes with the animal or group of each (counted blind).")
    ] = None,
    write_mapping: Annotated[
        Path | None, typer.Option(help="Write how the file is read, or what is left to answer, to this file.")
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option(help="File that says what the columns mean. Default: the one beside it.")
    ] = None,
    sheet: Annotated[str | None, typer.Option(help="Sheet of a workbook, or table of a Prism file.")] = None,
    pattern: Annotated[
        str | None,
        typer.Option(help="Regular expression with groups animal, section, side: how images are named."),
    ] = None,
    against: Annotated[
        str | None, typer.Option(help="Study whose virtual animals are drawn beside the real ones.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Of simulations. Default: drawn and recorded.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write the report to. Default: none is written.")
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the folder of an earlier analysis.")
    ] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print the result as one JSON object, and nothing else.")
    ] = False,
) -> None:
    """Analyse a table: effects with intervals, what the design does to them, and a report."""
    with reporting(context) as progressed:
        from soleus.analysis import AnalysisPlan
        from soleus.api.analyses import analyse as analyse_file
        from soleus.api.files import Request
        from soleus.cli.asking import asked
        from soleus.cli.screen_analysis import contrasts, pairs, show_analysis

        plan = functools.partial(
            AnalysisPlan,
            control=control or "",
            treated=tuple(treated or ()),
            readouts=tuple(readout or ()),
            families={name: text.split(",") for name, text in pairs(family, "--family").items()},
            margins={name: number(text, "--margin") for name, text in pairs(margin, "--margin").items()},
            methods=pairs(method, "--method"),
            correction=correction,  # type: ignore[arg-type]  # the plan refuses other words by name
            compare=compare,  # type: ignore[arg-type]
            unit=unit,
            cluster=cluster,
            blocks=tuple(block or ()),
            covariates=tuple(covariate or ()),
            baseline=baseline,
            paired=paired,
            factorial=factorial,
            growth=pairs(growth, "--growth"),  # type: ignore[arg-type]
            level=confidence,
            contrasts=contrasts(contrast),
            seed=seed,
        )
        request = Request(
            mapping=mapping,
            sheet=sheet,
            pattern=pattern,
            samples=samples,
            key=key,
            write_mapping=write_mapping,
        )

        def run(answers: list[str]) -> AnalysisResult:
            reading = replace(request, answers=tuple(answers))
            return analyse_file(file, plan(), reading=reading, against=against, out=out, overwrite=overwrite)

        answers = [*(answer or ()), *([f"layout={layout}"] if layout else ())]
        result = asked(run, answers, as_json=json)
        progressed.written = out
        for note in result.source.notes:
            say(note)
        if json:
            from soleus.cli.screen import print_json

            print_json(result)
        else:
            show_analysis(result, out)


def number(text: str, option: str) -> float:
    """Return a number of an option, or refuse it by the option's name."""
    try:
        return float(text)
    except ValueError:
        from soleus.errors import InputError

        raise InputError(f"{option}: {text!r} is no number; write READOUT=1.25") from None
