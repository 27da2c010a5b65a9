"""``soleus matrix``: what every possible cause makes of every published study."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from soleus.cli.failures import reporting, say

__all__ = ["MATRIX_EXAMPLES", "matrix"]

MATRIX_EXAMPLES = """Examples:

  soleus matrix

  soleus matrix --full

  soleus matrix --out results/matrix --overwrite

  soleus matrix --fresh --workers 2 --json > matrix.json
"""


def matrix(
    context: typer.Context,
    *,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Solve every study anew instead of taking stored responses.")
    ] = False,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Threads. Default: one for each processor.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder to write page, tables and figures to. Default: none is written."),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the folder of an earlier run.")
    ] = False,
    full: Annotated[bool, typer.Option("--full", help="Show every section on the screen.")] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print the result as one JSON object, and nothing else.")
    ] = False,
) -> None:
    """Ask of every possible cause how probable it makes what every study found."""
    with reporting(context) as progressed:
        from soleus import api
        from soleus.cli.answers import print_answer, show_answer
        from soleus.jobs import RichProgress

        say("putting every possible cause against every study")
        answer = api.matrix(
            fresh=fresh, workers=workers, out=out, overwrite=overwrite, progress=RichProgress()
        )
        progressed.written = out
        if json:
            print_answer(answer)
        else:
            show_answer(answer, out, full=full)
