"""The page on analysis: its example runs, its commands and methods exist, its findings are the linter's."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from soleus.analysis.linter import CODES
from soleus.analysis.methods import METHODS
from soleus.cli import app
from soleus.exchange.instruments import FORMATS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "analyse.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.mark.parametrize("block", blocks("python"))
def test_the_example_runs_and_checks_itself(block: str) -> None:
    assert "assert " in block
    exec(compile(block, "docs/analyse.md", "exec"), {})


def test_every_command_and_option_exists() -> None:
    commands = [shlex.split(line) for block in blocks("console") for line in block.splitlines() if line]
    assert len(commands) >= 3
    known = CliRunner().invoke(app, ["analyse", "--help"], env={"COLUMNS": "200"}).stdout
    used = {word for words in commands for word in words if word.startswith("--")}
    used |= set(re.findall(r"`(--[a-z]+)", PAGE))
    for option in used:
        assert option in known, option


def test_every_method_on_request_exists() -> None:
    known = {name for names in METHODS.values() for name in names}
    table = PAGE.partition("on request")[2].partition("Sections, fields")[0]
    named = set(re.findall(r"`([a-z-]+)`", table)) - {"fraction"}
    assert named == known - {"welch-log"}


def test_every_format_and_finding_is_on_the_page() -> None:
    words = {"qupath": "QuPath", "cellprofiler": "CellProfiler", "imagej": "ImageJ", "prism": "Prism",
             "cell_counter": "Cell Counter", "flowjo": "FlowJo", "isatab": "ISA-Tab"}  # fmt: skip
    assert set(words) == set(FORMATS)
    assert all(word in PAGE for word in words.values())
    # One phrase for each of the linter's codes; a new code needs its words here.
    assert len(CODES) == 16
    section = PAGE.partition("## What it looks for")[2].partition("##")[0]
    assert section.count(",") >= 13
