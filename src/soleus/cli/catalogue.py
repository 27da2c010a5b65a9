"""``soleus catalogue``: what is in it, where it comes from, and whether its references hold."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from soleus.cli.failures import reporting, say

__all__ = ["catalogue_app"]

_BROKEN = 1

_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object, and nothing else.")]

catalogue_app = typer.Typer(
    help="Published content: list it, show it, cite it, check it.",
    no_args_is_help=True,
    epilog="""Examples:

  soleus catalogue list

  soleus catalogue show leg-day

  soleus catalogue cite adami-2018
""",
)


@catalogue_app.command(
    "list",
    epilog="""Examples:

  soleus catalogue list

  soleus catalogue list study

  soleus catalogue list mechanism --json
""",
)
def list_entries(
    context: typer.Context,
    kind: Annotated[
        str | None, typer.Argument(metavar="[KIND]", help="Kind of entry; without it: the kinds.")
    ] = None,
    *,
    json: _Json = False,
) -> None:
    """List the entries of a kind, or the kinds."""
    with reporting(context):
        from soleus import api
        from soleus.cli.screen import print_json, show_items, show_kinds

        result = api.catalogue(kind)
        if json:
            print_json(result)
        elif kind is None:
            show_kinds(result)
        else:
            show_items(result)


@catalogue_app.command(
    epilog="""Examples:

  soleus catalogue show leg-day

  soleus catalogue show activation_rate

  soleus catalogue show adami-2018 --kind citation
"""
)
def show(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Name of the entry.")],
    *,
    kind: Annotated[
        str | None, typer.Option(help="Only entries of this kind, where several share the name.")
    ] = None,
    json: _Json = False,
) -> None:
    """Show everything that the catalogue says about a name."""
    with reporting(context):
        from soleus import api
        from soleus.cli.screen import print_json, show_fields

        result = api.catalogue(kind, name)
        if json:
            print_json(result)
        else:
            show_fields(result)


@catalogue_app.command(
    epilog="""Examples:

  soleus catalogue cite adami-2018

  soleus catalogue cite adami-2018 shook-2012 > works.bib
"""
)
def cite(
    context: typer.Context,
    keys: Annotated[
        list[str], typer.Argument(metavar="KEY...", help="Works: soleus catalogue list citation")
    ],
    *,
    json: _Json = False,
) -> None:
    """Print the BibTeX of works."""
    with reporting(context):
        from soleus import api
        from soleus.cli.screen import print_json
        from soleus.schema.catalogue import CatalogueResult

        unique = dict.fromkeys(keys)
        works = [item for key in unique for item in api.catalogue("citation", key).items]
        if json:
            print_json(CatalogueResult(items=works))
        else:
            typer.echo("\n\n".join(work.fields["bibtex"] for work in works).encode() + b"\n", nl=False)


@catalogue_app.command(
    epilog="""Examples:

  soleus catalogue check

  soleus catalogue check --quick

  soleus catalogue check --out results/matrix --overwrite

  soleus catalogue check --fresh --workers 2 --json > check.json
"""
)
def check(
    context: typer.Context,
    *,
    quick: Annotated[
        bool, typer.Option("--quick", help="References only: whether what is named exists.")
    ] = False,
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
    json: _Json = False,
) -> None:
    """Check references (exit code 1 if one is broken), then every possible cause against every study."""
    with reporting(context) as progressed:
        from soleus import api
        from soleus.cli.screen import print_json
        from soleus.cli.screen_matrix import show_matrix
        from soleus.jobs import RichProgress

        if not quick:
            say("checking references, then every possible cause against every study")
        result = api.check_catalogue(
            quick=quick,
            fresh=fresh,
            workers=workers,
            out=out,
            overwrite=overwrite,
            progress=RichProgress(),
        )
        if result.matrix is not None:
            progressed.written = out
        if json:
            print_json(result)
        else:
            for problem in result.problems:
                typer.echo(f"{problem.where}: {problem.message}")
            say(_said(len(result.problems)))
            if result.matrix is not None:
                show_matrix(result.matrix, out)
        if result.problems:
            raise typer.Exit(_BROKEN)


def _said(broken: int) -> str:
    if broken:
        return f"the catalogue has {broken} broken references"
    return "all references hold"
