"""Real processes of the command line, and what they said."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
from typer.testing import CliRunner

from soleus.cli import app

# A shell, a terminal and markup would each make something else of this name.
HOSTILE_NAME = "out [red]x[bold] :smile: \u00fcn\u00ef -- $(id)\nnext"


@dataclass(frozen=True)
class Transcript:
    """What a real process said."""

    code: int
    stdout: str
    stderr: str
    folder: Path


def soleus_process(*args: str, cwd: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "soleus", *args],
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def shipped_schema(name: str) -> dict[str, Any]:
    text = (resources.files("soleus.schema") / f"{name}.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def one_object(stdout: str, schema: str) -> dict[str, Any]:
    """The one JSON object that was printed, checked; anything before or after it is an error."""
    content: dict[str, Any] = json.loads(stdout)
    jsonschema.Draft202012Validator(shipped_schema(schema)).validate(content)
    return content


def catalogue_items(cli: CliRunner, *args: str, code: int = 0) -> list[dict[str, Any]]:
    shown = cli.invoke(app, ["catalogue", *args, "--json"])
    assert (shown.exit_code, shown.stderr) == (code, "")
    items: list[dict[str, Any]] = one_object(shown.stdout, "catalogue-1")["items"]
    return items
