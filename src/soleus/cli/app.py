"""The command ``soleus`` and its sub-commands."""

from __future__ import annotations

import io
import sys
from typing import Annotated

import typer

from soleus._version import __version__
from soleus.cli.analyse import ANALYSE_EXAMPLES, analyse
from soleus.cli.catalogue import catalogue_app
from soleus.cli.claims import CLAIMS_EXAMPLES, claims
from soleus.cli.failures import INTERRUPTED, Settings, say
from soleus.cli.matrix import MATRIX_EXAMPLES, matrix
from soleus.cli.panel import PANEL_EXAMPLES, panel
from soleus.cli.run import RUN_EXAMPLES, run

__all__ = ["app", "main"]

# Examples stand in epilogs with empty lines between them, because help joins other lines.
_EXAMPLES = """Examples:

  soleus run leg-day

  soleus claims

  soleus analyse counts.xlsx

  soleus matrix

  soleus panel

  soleus catalogue list study

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


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"soleus {__version__}")
        raise typer.Exit


@app.callback()
def _settings(
    context: typer.Context,
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", envvar="SOLEUS_DEBUG", help="Show the traceback of every error.")
    ] = False,
) -> None:
    context.obj = Settings(debug=debug)


app.command(epilog=RUN_EXAMPLES)(run)
app.command(epilog=CLAIMS_EXAMPLES)(claims)
app.command(epilog=ANALYSE_EXAMPLES)(analyse)
app.command(epilog=MATRIX_EXAMPLES)(matrix)
app.command(epilog=PANEL_EXAMPLES)(panel)
app.add_typer(catalogue_app, name="catalogue")


def main() -> None:
    """Run the command line."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal that cannot show a character shows "?" instead of ending the program.
        sys.stdout.reconfigure(errors="replace")
    try:
        app(prog_name="soleus")
    except KeyboardInterrupt:
        say("interrupted; nothing was written")
        raise SystemExit(INTERRUPTED) from None
