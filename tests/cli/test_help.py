"""Help shows examples that work, and comes at once."""

from __future__ import annotations

import re
import resource
import shlex
import statistics
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from soleus import __version__
from soleus.cli import app

COMMANDS = (
    (),
    ("run",),
    ("claims",),
    ("analyse",),
    ("panel",),
    ("catalogue",),
    ("catalogue", "list"),
    ("catalogue", "show"),
    ("catalogue", "cite"),
    ("catalogue", "check"),
    ("matrix",),
)
HEAVY = {
    "numpy",
    "scipy",
    "pandas",
    "pyarrow",
    "numba",
    "altair",
    "vl_convert",
    "statsmodels",
    "pint",
    "jinja2",
}


def examples_of(cli: CliRunner, command: tuple[str, ...]) -> list[str]:
    shown = cli.invoke(app, [*command, "--help"], env={"COLUMNS": "200"})
    assert shown.exit_code == 0
    _, _, after = shown.stdout.partition("Example")
    return [line.strip() for line in after.splitlines() if line.strip().startswith("soleus ")]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_shows_examples_whose_commands_and_options_exist(
    cli: CliRunner, command: tuple[str, ...]
) -> None:
    examples = examples_of(cli, command)
    assert examples
    for example in examples:
        words = shlex.split(example.partition(" > ")[0])[1:]
        assert tuple(words[: len(command)]) == command
        # Names of options are checked before help is printed; values are not.
        parsed = cli.invoke(app, [*words, "--help"])
        assert parsed.exit_code == 0, f"{example}: {parsed.stderr}"


def test_there_are_enough_examples(cli: CliRunner) -> None:
    assert sum(len(examples_of(cli, command)) for command in COMMANDS) >= 18


def test_every_command_has_help_in_this_list(cli: CliRunner) -> None:
    listed = [
        re.findall(r"^│ (\w+) ", cli.invoke(app, [*c, "--help"]).stdout, re.M) for c in ((), ("catalogue",))
    ]
    found = {(name,) for name in listed[0]} | {("catalogue", name) for name in listed[1]}
    assert found == set(COMMANDS) - {()}


def test_version(cli: CliRunner) -> None:
    shown = cli.invoke(app, ["--version"])
    assert (shown.exit_code, shown.stdout) == (0, f"soleus {__version__}\n")


def loaded_by(*args: str) -> set[str]:
    code = (
        "import sys; sys.argv = ['soleus', *sys.argv[1:]]\n"
        "from soleus.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True, check=True)
    assert "Usage" in done.stdout
    return set(done.stderr.split())


@pytest.mark.parametrize(
    "args", [(), ("run",), ("analyse",), ("panel",), ("catalogue", "list")], ids=" ".join
)
def test_help_loads_nothing_heavy(args: tuple[str, ...]) -> None:
    loaded = loaded_by(*args, "--help")
    # Typer itself uses pydantic to read the options of a command.
    assert loaded.isdisjoint(HEAVY if args else HEAVY | {"pydantic"})
    rooms = {name.split(".")[1] for name in loaded if name.startswith("soleus.")}
    assert rooms == {"cli", "_version", "late"}, "help must not load the rooms that do the work"


def test_help_takes_less_than_half_a_second_of_processor_time() -> None:
    def seconds() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "soleus", "--help"], capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime

    # Twice the promise, because a shared machine is slower.
    assert statistics.median(seconds() for _ in range(5)) < 1.0
