"""``soleus catalogue``: what is in it, where it comes from, and whether its references hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from soleus.cli.failures import reporting, say

if TYPE_CHECKING:
    from soleus.schema.catalogue import CatalogueItem

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
    epilog="""Example:

  soleus catalogue check
"""
)
def check(context: typer.Context, *, json: _Json = False) -> None:
    """Check that everything the catalogue names exists; exit code 1 if not."""
    with reporting(context):
        from soleus.catalogue.references import problems
        from soleus.cli.screen import print_json
        from soleus.schema.catalogue import CatalogueResult

        found = problems()
        if json:
            print_json(CatalogueResult(items=[_problem(p.where, p.message) for p in found]))
        else:
            for problem in found:
                typer.echo(f"{problem.where}: {problem.message}")
            say(f"the catalogue has {len(found)} broken references" if found else "all references hold")
        if found:
            raise typer.Exit(_BROKEN)


def _problem(where: str, message: str) -> CatalogueItem:
    from soleus.schema.catalogue import CatalogueItem

    return CatalogueItem(
        kind="problem", name=where, label=message, status=None, citation=None, doi=None, fields={}
    )
