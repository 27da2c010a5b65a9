"""Results as tables on a terminal, and as JSON for programs."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from soleus.cli.failures import printable
from soleus.cli.screen_biology import biology_lines
from soleus.cli.screen_claims import word_counts
from soleus.report.numbers import p_text, ratio_text

if TYPE_CHECKING:
    from pydantic import BaseModel

    from soleus.schema.catalogue import CatalogueItem, CatalogueResult
    from soleus.schema.run import Headline, Interval, ReadoutResult, RunResult

__all__ = ["print_json", "show_fields", "show_items", "show_kinds", "show_run"]

_NOT_REACHED = "no reported effect"


def print_json(result: BaseModel) -> None:
    """Print a result as one JSON object, checked against its schema; UTF-8 whatever the terminal."""
    from soleus.schema.check import checked_json

    typer.echo(checked_json(result).encode(), nl=False)


def _console() -> Console:
    # What is shown are names and words of others: never markup, and no pictures made of ":word:".
    return Console(markup=False, emoji=False, highlight=False)


def _table(title: str | None, *headings: str) -> Table:
    table = Table(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0),
        pad_edge=False, show_edge=False,
    )  # fmt: skip
    for heading in headings:
        # Ratios stay on one line; labels give way on a narrow screen.
        table.add_column(heading, no_wrap="ratio" in heading, overflow="fold")
    return table


def show_run(result: RunResult, report: Path) -> None:
    """Show what was run, the headline in two columns, this cohort, warnings, claims and the report."""
    console = _console()
    design = result.design
    groups = ", ".join(f"{g.n_animals} {g.label.lower()}" for g in design.groups)
    console.print(Text(design.title, style="bold"))
    run = f"seed {result.seed}, engine {result.engine}, run {result.run_id}"
    console.print(f"{design.study}: {groups}; {run}")
    console.print()
    console.print(_headline_table(result))
    console.print()
    console.print(_cohort_table(result.readouts))
    for note in dict.fromkeys(r.effect.note for r in result.readouts if r.effect and r.effect.note):
        console.print(f"note: {note}", style="yellow")
    for line in biology_lines(result):
        console.print(line)
    console.print()
    console.print(Text.assemble(("effect ", "bold"), f"{result.effect.mode}. {result.effect.statement}"))
    for warning in result.warnings:
        if warning != result.effect.statement:
            console.print(Text.assemble(("warning ", "bold yellow"), warning))
    if result.claims:
        more = f"; in plain words: soleus claims --study {design.study}"
        console.print(Text.assemble(("claims ", "bold"), word_counts(result.claims), more))
    console.print(Text.assemble(("report ", "bold"), printable(report)), soft_wrap=True)


def _headline_table(result: RunResult) -> Table:
    table = _table(
        "True ratio, intervention over control",
        "read-out", "day", "if the report is true", "before any data",
    )  # fmt: skip
    labels = {g.name: g.label for g in result.design.groups}
    several = len({row.group for row in result.headline}) > 1
    for row in _main_rows(result.headline):
        face = _NOT_REACHED if row.face_value is None else _interval(row.face_value)
        label = f"{row.label}, {labels.get(row.group, row.group)}" if several else row.label
        table.add_row(label, f"{row.day:g}", face, _interval(row.prior))
    table.caption = (
        "If the report is true: middle and range over the possible causes that reach it."
        " Before any data: median and 95 % interval over those that reach all of it."
    )
    table.caption_justify = "left"
    return table


def _main_rows(rows: list[Headline]) -> list[Headline]:
    """The first read-out on every day, and whatever the assays counted in this cohort."""
    return [row for row in rows if row.observed is not None or row.readout == rows[0].readout]


def _cohort_table(rows: list[ReadoutResult]) -> Table:
    table = _table(
        "Observed in this cohort", "read-out", "day", "ratio (95 % interval)", "p", "n", "true ratio"
    )
    several = len({row.contrast for row in rows}) > 1
    for row in rows:
        label = f"{row.label}, {row.contrast}" if several else row.label
        seen, p_value = "not estimable", ""
        if row.effect is not None:
            seen, p_value = _interval(row.effect.ratio), p_text(row.effect.p_value).removeprefix("p = ")
        if row.measure != "ratio":
            label = f"{label} ({row.measure})"
        true = "not defined" if row.true_ratio is None else ratio_text(row.true_ratio)
        n = " + ".join(str(count) for count in row.n_by_group.values())
        table.add_row(label, f"{row.day:g}", seen, p_value.removeprefix("p "), n, true)
    return table


def _interval(interval: Interval) -> str:
    """Write ``0.31 (0.24 to 0.40)``, or the value alone where the bounds read the same."""
    value, low, high = (ratio_text(x) for x in (interval.value, interval.low, interval.high))
    return value if value == low == high else f"{value} ({low} to {high})"


def show_kinds(result: CatalogueResult) -> None:
    """Show how many entries there are of each kind, with an example."""
    counts = Counter(item.kind for item in result.items)
    first = {item.kind: item.name for item in reversed(result.items)}
    table = _table("The catalogue", "kind", "entries", "such as")
    for kind, count in counts.items():
        table.add_row(kind, str(count), first[kind])
    console = _console()
    console.print(table)
    console.print("Entries of a kind: soleus catalogue list KIND. One entry: soleus catalogue show NAME.")


def show_items(result: CatalogueResult) -> None:
    """Show entries, one a row."""
    table = _table(None, "name", "label", "status", "source")
    table.columns[0].no_wrap = True
    for item in result.items:
        table.add_row(item.name, item.label, item.status or "", item.citation or "")
    _console().print(table)


def show_fields(result: CatalogueResult) -> None:
    """Show entries with all their fields."""
    console = _console()
    for index, item in enumerate(result.items):
        if index:
            console.print()
        console.print(Text.assemble((f"{item.kind} ", "dim"), (item.name, "bold")))
        console.print(Padding(_field_grid(item), (0, 0, 0, 2)))


def _field_grid(item: CatalogueItem) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim")
    grid.add_column()
    top = {"label": item.label, "status": item.status, "citation": item.citation, "doi": item.doi}
    for name, text in ({k: v for k, v in top.items() if v} | item.fields).items():
        grid.add_row(name, text)
    return grid
