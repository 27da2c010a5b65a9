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
        console.print(Text.assemble(("more ", "bold"), f"with --full: {'; '.join(shown.left_out)}."))
    if folder is not None:
        console.print(Text.assemble(("written ", "bold"), printable(folder)), soft_wrap=True)
