"""Marks of causes and the panels that tell them apart, as tables on a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from soleus.cli.failures import printable
from soleus.report.figures.fingerprint import animals_text, mark_text
from soleus.report.numbers import change, figures3

if TYPE_CHECKING:
    from soleus.schema.panel import PanelMark, PanelResult

__all__ = ["show_panel"]

# In standard errors: from here on a change stands out in a study of this size.
_STANDS_OUT = 2.0


def show_panel(result: PanelResult, folder: Path | None) -> None:
    """Show causes, marks, pairs, what is provisional, and where the files lie."""
    console = Console(markup=False, emoji=False, highlight=False)
    console.print(Text(result.label, style="bold"))
    console.print(f"day {result.day:g}, {result.animals} animals a group; run {result.run_id}")
    for table in (_causes(result), _marks(result), _pairs(result)):
        console.print()
        console.print(table)
    console.print()
    total = len(result.numbers)
    console.print(
        f"{result.provisional} of the {total} numbers behind this are not yet checked in a source.",
        style="yellow",
    )
    for line in result.assumptions:
        console.print(Text.assemble(("assumed ", "bold"), line))
    if folder is not None:
        console.print(Text.assemble(("written ", "bold"), printable(folder)), soft_wrap=True)


def _table(title: str, *headings: str) -> Table:
    table = Table(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0),
        pad_edge=False, show_edge=False,
    )  # fmt: skip
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _causes(result: PanelResult) -> Table:
    title = f"Causes, told apart where {result.leading} has fallen by {100 * result.fall:g} %"
    table = _table(title, "cause", "in words", "quantity", "x", result.leading)
    for cause in result.causes:
        fallen = change(1.0 + cause.leading_percent / 100.0) + ("" if cause.reaches_fall else " at most")
        table.add_row(cause.name, cause.label, cause.quantity, figures3(cause.told_at, 2), fallen)
    return table


def _marks(result: PanelResult) -> Table:
    title = f"Signatures where each quantity is changed {result.factor:g}-fold"
    table = _table(title, "read-out", *(c.name for c in result.causes))
    table.columns[0].min_width = 20
    found = {(m.statistic, m.cause): m for m in result.marks}
    for statistic in result.statistics:
        marks = [_mark(found[statistic.name, c.name]) for c in result.causes]
        table.add_row(statistic.name, *marks)
    table.caption = (
        "Counts: change in per cent; shares: odds ratio. Bold: at least "
        f"{_STANDS_OUT:g} standard errors with {result.animals} animals a group."
    )
    table.caption_justify = "left"
    return table


def _mark(mark: PanelMark) -> Text:
    return Text(mark_text(mark), style="bold" if abs(mark.signal) >= _STANDS_OUT else "")


def _pairs(result: PanelResult) -> Table:
    table = _table(
        "Smallest set of stains for each pair of causes", "one", "other", "set of stains", "animals a group"
    )
    for pair in result.separations:
        needed = animals_text(pair) if pair.panel is not None else f"{animals_text(pair)}, with all read-outs"
        said = "; ".join(pair.panel) if pair.panel is not None else "cannot be told apart"
        table.add_row(pair.first, pair.second, said, needed)
    return table
