"""Results as tables on a terminal, and as JSON for programs."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import typer
from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from pydantic import BaseModel

    from soleus.schema.catalogue import CatalogueItem, CatalogueResult

__all__ = ["print_json", "show_fields", "show_items", "show_kinds"]


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
