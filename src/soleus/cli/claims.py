"""``soleus claims``: the article, claim by claim, in plain words; one claim in full; or as a page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from soleus.cli.failures import printable, reporting

if TYPE_CHECKING:
    from soleus.answers import Answer
    from soleus.answers.claims.values import ClaimsResult

__all__ = ["CLAIMS_EXAMPLES", "claims"]

CLAIMS_EXAMPLES = """Examples:

  soleus claims

  soleus claims nsc-70

  soleus claims --out article

  soleus claims --full

  soleus claims --study adami-2018 --json > claims.json
"""


def claims(
    context: typer.Context,
    claim: Annotated[
        str | None, typer.Argument(help="One claim, such as nsc-70, or a part of one, in full. Default: all.")
    ] = None,
    *,
    study: Annotated[str, typer.Option(help="Study under which they are judged.")] = "leg-day",
    out: Annotated[
        Path | None,
        typer.Option(help="Folder to write a page for a lay reader to. Default: none is written."),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the folder of an earlier run.")
    ] = False,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Threads. They never change a number. Default: all processors.")
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Show what is behind every verdict, numbers and sources, too.")
    ] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print the result as one JSON object, and nothing else.")
    ] = False,
) -> None:
    """Say of every statement of the article what is true of it: a word and a sentence, and why."""
    with reporting(context) as progressed:
        from soleus import api
        from soleus.cli.answers import print_answer, show_answer

        answer = api.claims(study, claim=claim, workers=workers, out=out, overwrite=overwrite)
        progressed.written = out
        if json:
            print_answer(answer)
            return
        if claim is None and not full:
            _show_sheet(answer, out)
        else:
            show_answer(answer, out, full=full)
        if out is not None:
            page = out / answer.values.files["page"]
            _console().print(Text.assemble(("page ", "bold"), printable(page)), soft_wrap=True)


def _console() -> Console:
    # What is shown are words of others: never markup, and no pictures made of ":word:".
    return Console(markup=False, emoji=False, highlight=False)


def _show_sheet(answer: Answer[ClaimsResult], out: Path | None) -> None:
    """Show every claim and part on one screen: the verdict in plain words, and one sentence."""
    from soleus.answers.claims.sections import legend
    from soleus.report.terminal import show_parts

    console = _console()
    console.print(Text(answer.title, style="bold"))
    show_parts(console, answer.sections[0].parts)
    ask = f"In full: soleus claims {answer.values.account.main.partition('/')[0]}."
    if out is None:
        ask += " Page: soleus claims --out FOLDER"
    console.print(Text(f"{legend(answer.values)} {ask}", style="dim"))
