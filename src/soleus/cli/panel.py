"""``soleus panel``: what each change of cell behaviour does to each read-out, and what tells them apart."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from soleus.cli.failures import reporting, say

__all__ = ["PANEL_EXAMPLES", "panel"]

PANEL_EXAMPLES = """Examples:

  soleus panel

  soleus panel svz --animals 12 --out results/panel --overwrite

  soleus panel --factor 2 --fall 0.5

  soleus panel --json > panel.json
"""


def panel(
    context: typer.Context,
    panel: Annotated[
        str, typer.Argument(help="Which panel of read-outs: soleus catalogue list panel")
    ] = "svz",
    *,
    day: Annotated[
        float, typer.Option(help="Days from the change to the read-out; labels are given before it.")
    ] = 28.0,
    factor: Annotated[
        float, typer.Option(help="Factor on each quantity at which marks are shown, between 1 and 16.")
    ] = 1.5,
    fall: Annotated[
        float, typer.Option(help="Share by which Ki67+ cells fall where causes are told apart, 0 to 1.")
    ] = 0.3,
    animals: Annotated[int, typer.Option(min=2, help="Animals per group.")] = 8,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder to write page, tables and figures to. Default: none."),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the folder of an earlier run.")
    ] = False,
    full: Annotated[bool, typer.Option("--full", help="Show every section on the screen.")] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print the result as one JSON object, and nothing else.")
    ] = False,
) -> None:
    """Compute the marks of every cause on every read-out, and the smallest panel for each pair."""
    with reporting(context) as progressed:
        from soleus import api
        from soleus.cli.answers import print_answer, show_answer
        from soleus.jobs import RichProgress

        say(f"computing the marks on panel {panel}; this takes half a minute")
        answer = api.panel(
            panel,
            day=day,
            factor=factor,
            fall=fall,
            animals=animals,
            out=out,
            overwrite=overwrite,
            progress=RichProgress(),
        )
        progressed.written = out
        if json:
            print_answer(answer)
        else:
            show_answer(answer, out, full=full)
