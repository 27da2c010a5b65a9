"""Any answer on a terminal: its headline, its sections, what was not shown, and where the files lie."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.text import Text

from soleus.cli.failures import printable

if TYPE_CHECKING:
    from soleus.answers import Answer

__all__ = ["print_answer", "show_answer"]

_NAMED = 118


def print_answer(answer: Answer[Any]) -> None:
    """Print an answer as one JSON object, checked against its schema; UTF-8 whatever the terminal."""
    from soleus.answers.written import answer_json

    typer.echo(answer_json(answer).encode(), nl=False)


def show_answer(answer: Answer[Any], folder: Path | None, *, full: bool = False) -> None:
    """Show an answer; without ``full`` as much as fits a screen."""
    from soleus.report.section import plain_text
    from soleus.report.terminal import show_sections

    # What is shown are names and words of others: never markup, and no pictures made of ":word:".
    console = Console(markup=False, emoji=False, highlight=False)
    console.print(Text(answer.title, style="bold"))
    for line in answer.headline:
        console.print(plain_text(line))
    shown = show_sections(console, answer.sections, full=full)
    console.print()
    if shown.left_out:
        console.print(Text.assemble(("more ", "bold"), f"with --full: {_listed(shown.left_out)}."))
    if folder is not None:
        console.print(Text.assemble(("written ", "bold"), printable(folder)), soft_wrap=True)


def _listed(titles: tuple[str, ...]) -> str:
    """Name what was not shown, as far as two lines go."""
    named, used = 0, 0
    while named < len(titles) and used + len(titles[named]) <= _NAMED:
        used += len(titles[named]) + 2
        named += 1
    left = len(titles) - named
    return "; ".join(titles[:named]) + (f"; and {left} more" if left else "")
