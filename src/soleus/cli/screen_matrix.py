"""The matrix of mechanism sets by studies as a table on a terminal, and what it says in words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from soleus.cli.failures import printable
from soleus.report.figures.matrix import REFUTED
from soleus.report.figures.matrix_rows import signed
from soleus.schema.matrix import NO_EFFECT

if TYPE_CHECKING:
    from soleus.schema.matrix import MatrixCell, MatrixResult, MatrixSet

__all__ = ["show_matrix"]

_OPPOSITE = "opposite"
# Letters that a study's column takes, and the columns of p, mark, evidence and sign together.
_CELL_WIDTH, _VERDICT_WIDTH = 8, 45


def show_matrix(result: MatrixResult, folder: Path | None) -> None:
    """Show sets by studies, who the studies are, the words, and where the files lie."""
    console = Console(markup=False, emoji=False, highlight=False)
    for table in _sets(result, console.width):
        console.print(table)
        console.print()
    console.print(_studies(result))
    console.print()
    for line in result.statements:
        console.print(Text(line, style="yellow" if line.startswith("Not yet checked") else ""))
    if folder is not None:
        console.print(Text.assemble(("written ", "bold"), printable(folder)), soft_wrap=True)


def _table(title: str) -> Table:
    return Table(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0),
        pad_edge=False, show_edge=False,
    )  # fmt: skip


def _sets(result: MatrixResult, width: int) -> list[Table]:
    """Return one table where all studies fit, else the verdicts first and the studies a few at a time."""
    # Letters for the studies, told below: their names would not fit beside each other.
    studies = dict(zip([s.name for s in result.studies], _letters(len(result.studies)), strict=True))
    named = max(len(row.name) for row in result.rows) + 2
    title = "Predictive probability per finding, by possible cause and study"
    if named + _VERDICT_WIDTH + _CELL_WIDTH * len(studies) <= width:
        tables = [_rows(result, title, studies, verdicts=True)]
    else:
        tables = [_rows(result, "Possible causes", {}, verdicts=True)]
        most, names = max(1, (width - named) // _CELL_WIDTH), list(studies)
        for k in range(0, len(names), most):
            part = {name: studies[name] for name in names[k : k + most]}
            tables.append(_rows(result, title, part, verdicts=False))
    tables[-1].caption = (
        "In brackets: no finding of the study is sensitive to the set. p: posterior predictive p; "
        f"{REFUTED}: below {result.prior.refuted_below:g}, does not explain the findings on its own. "
        "Evidence: log10 against no effect. Sign: log10 "
        f"evidence for the declared sign; “{_OPPOSITE}” where the findings favour the other."
    )
    tables[-1].caption_justify = "left"
    return tables


def _rows(result: MatrixResult, title: str, studies: Mapping[str, str], *, verdicts: bool) -> Table:
    table = _table(title)
    table.add_column("possible cause", overflow="fold", min_width=14)
    for letter in studies.values():
        table.add_column(letter, justify="right", no_wrap=True)
    if verdicts:
        table.add_column("p", justify="right", no_wrap=True)
        table.add_column("", no_wrap=True)
        table.add_column("evidence", justify="right", no_wrap=True)
        table.add_column("sign", no_wrap=True)
    for row in sorted(result.rows, key=lambda row: row.name == NO_EFFECT):
        if row.name == NO_EFFECT:
            table.add_section()
        cells = {cell.study: _cell(cell) for cell in row.cells}
        table.add_row(row.name, *(cells[name] for name in studies), *(_verdict(row) if verdicts else ()))
    return table


def _verdict(row: MatrixSet) -> tuple[str, Text, str, Text]:
    mark = Text(REFUTED if row.refuted else "", style="bold red")
    return f"{row.predictive_p:.3f}", mark, signed(row.log10_evidence), _sign(row)


def _cell(cell: MatrixCell) -> Text:
    text = f"{cell.per_finding:.2f}".removeprefix("0")
    return Text(f"{text} ") if cell.sensitive else Text(f"({text})", style="dim")


def _sign(row: MatrixSet) -> Text:
    if row.name == NO_EFFECT:
        return Text("")
    shown = signed(row.log10_for_sign)
    return Text(f"{shown} {_OPPOSITE}", style="bold yellow") if row.opposite else Text(shown)


def _letters(count: int) -> list[str]:
    """Return ``A`` to ``Z``, then ``AA`` and so on."""
    alphabet = [chr(ord("A") + k) for k in range(26)]
    return [("" if k < 26 else alphabet[k // 26 - 1]) + alphabet[k % 26] for k in range(count)]


def _studies(result: MatrixResult) -> Table:
    table = _table("Studies")
    for heading in ("", "study", "animals", "niche", "findings", "tells apart", "source"):
        table.add_column(heading, overflow="fold", justify="right" if heading == "findings" else "left")
    for letter, study in zip(_letters(len(result.studies)), result.studies, strict=True):
        source = f"doi:{study.doi}" if study.doi is not None else (study.no_doi or "").rstrip(".")
        table.add_row(
            letter,
            study.name,
            ", ".join(study.species),
            ", ".join(study.niches),
            str(len(study.findings)),
            f"{study.log10_range:.1f}",
            source,
        )
    table.caption = (
        "Tells apart: log10 of how much more probable the best row makes its findings than the worst does."
    )
    table.caption_justify = "left"
    return table
