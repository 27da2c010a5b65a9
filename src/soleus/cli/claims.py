"""``soleus claims``: the article, claim by claim, in plain words; one claim in full; or as a page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from soleus.cli.failures import reporting

__all__ = ["CLAIMS_EXAMPLES", "claims"]

CLAIMS_EXAMPLES = """Examples:

  soleus claims

  soleus claims nsc-70

  soleus claims --out article

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
    json: Annotated[
        bool, typer.Option("--json", help="Print the result as one JSON object, and nothing else.")
    ] = False,
) -> None:
    """Say of every statement of the article what is true of it: a word and a sentence, and why."""
    with reporting(context) as progressed:
        from soleus import api
        from soleus.cli.screen import print_json
        from soleus.cli.screen_claims import show_claim, show_claims

        result = api.claims(study, claim=claim, workers=workers, out=out, overwrite=overwrite)
        progressed.written = out
        if json:
            print_json(result)
        elif claim is None:
            show_claims(result, out)
        else:
            show_claim(result, result.claims, out)
