"""``soleus claims``: the account, statement by statement, with verdicts."""

from __future__ import annotations

from typing import Annotated

import typer

from soleus.cli.failures import reporting

__all__ = ["CLAIMS_EXAMPLES", "claims"]

CLAIMS_EXAMPLES = """Examples:

  soleus claims

  soleus claims leg-day --json > claims.json
"""


def claims(
    context: typer.Context,
    study: Annotated[str, typer.Argument(help="Study under which they are judged.")] = "leg-day",
    *,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Threads. They never change a number. Default: all processors.")
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print the result as one JSON object, and nothing else.")
    ] = False,
) -> None:
    """Judge every statement of the account: value, interval, probability, evidence, verdict."""
    with reporting(context):
        from soleus import api
        from soleus.cli.screen import print_json, show_claims

        result = api.claims(study, workers=workers)
        if json:
            print_json(result)
        else:
            show_claims(result)
