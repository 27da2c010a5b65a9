"""``soleus catalogue``: what is in it, where it comes from, and whether its references hold."""

from __future__ import annotations

from typing import Annotated

import typer

from soleus.cli.failures import reporting, say

__all__ = ["catalogue_app"]

_BROKEN = 1

_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object, and nothing else.")]
# What the check took while it also made the matrix: answered with where that is now.
_Moved = Annotated[bool, typer.Option(hidden=True)]
_MovedValue = Annotated[str | None, typer.Option(hidden=True)]

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

  soleus catalogue check --json

What every possible cause makes of every study: soleus matrix
"""
)
def check(
    context: typer.Context,
    *,
    json: _Json = False,
    quick: _Moved = False,
    fresh: _Moved = False,
    overwrite: _Moved = False,
    workers: _MovedValue = None,
    out: _MovedValue = None,
) -> None:
    """Check that all that the catalogue names exists; exit code 1 if something does not."""
    with reporting(context):
        from soleus import api
        from soleus.cli.screen import print_json
        from soleus.errors import InputError

        moved = {"--fresh": fresh, "--workers": workers, "--out": out, "--overwrite": overwrite}
        if given := {name: value for name, value in moved.items() if value}:
            asked = " ".join(name if value is True else f"{name} {value}" for name, value in given.items())
            raise InputError(
                f"the check computes nothing, so it takes no {next(iter(given))}; possible causes against "
                f"studies are a command of their own: soleus matrix {asked}"
            )
        result = api.check_catalogue()
        if json:
            print_json(result)
        else:
            for problem in result.problems:
                typer.echo(f"{problem.where}: {problem.message}")
            if not result.problems:
                typer.echo("all references hold; possible causes against studies: soleus matrix")
        if result.problems:
            say(f"the catalogue has {len(result.problems)} broken references")
            raise typer.Exit(_BROKEN)
