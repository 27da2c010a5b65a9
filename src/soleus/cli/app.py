"""The command ``soleus`` and its sub-commands."""

from __future__ import annotations

import io
import sys
from typing import Annotated

import typer

from soleus._version import __version__
from soleus.cli.catalogue import catalogue
from soleus.cli.claims import claims
from soleus.cli.failures import INTERRUPTED, Settings, say
from soleus.cli.run import run

__all__ = ["app", "main"]

_EXAMPLES = """Examples:

soleus run leg-day

soleus claims leg-day

soleus catalogue list

soleus run --help
"""

app = typer.Typer(
    name="soleus",
    help="An in-silico laboratory of leg movement and adult neurogenesis.",
    epilog=_EXAMPLES,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"soleus {__version__}")
        raise typer.Exit


@app.callback()
def _globals(
    context: typer.Context,
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", envvar="SOLEUS_DEBUG", help="Show the traceback of every error.")
    ] = False,
) -> None:
    context.obj = Settings(debug=debug)


app.command(name="run", epilog=run.EXAMPLES)(run.command)
app.command(name="claims", epilog=claims.EXAMPLES)(claims.command)
app.add_typer(catalogue.app, name="catalogue")


def main() -> None:
    """Run the command line; the entry point of ``soleus``."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that cannot show a character shows "?" instead of ending the program.
            stream.reconfigure(errors="replace")
    try:
        app(prog_name="soleus")
    except KeyboardInterrupt:
        say("interrupted; nothing was written")
        raise SystemExit(INTERRUPTED) from None
