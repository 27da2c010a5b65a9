"""The page on movement: its examples run and check themselves, its commands and drives exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from soleus.api import packaged
from soleus.catalogue.movement import regimen
from soleus.cli import app
from soleus.movement.regimen import DRIVES

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "movement.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.mark.parametrize("block", blocks("python"), ids=lambda b: b.strip().splitlines()[-1][:40])
def test_every_example_runs_and_checks_itself(block: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert "assert " in block
    exec(compile(block, "docs/movement.md", "exec"), {})


def test_the_regimen_shown_is_one() -> None:
    (block,) = blocks("yaml")
    plan = regimen(packaged(), "shown", yaml.safe_load(block)["regimen"])
    assert plan.end_day == 56 and len(plan.intervals) == 4


def test_every_drive_is_explained() -> None:
    rows = re.findall(r"^\| (`.+?`(?:, `.+?`)*) \|", PAGE, flags=re.M)
    assert {name.strip("` ") for row in rows for name in row.split(",")} == set(DRIVES)


def test_commands_exist() -> None:
    commands = re.findall(r"`(soleus [^`]+)`", PAGE)
    assert len(commands) >= 2
    for words in map(shlex.split, commands):
        shown = CliRunner().invoke(app, words[1:])
        assert shown.exit_code == 0, (words, shown.output)


def test_links_within_the_page_lead_somewhere() -> None:
    heads = {
        re.sub(r"[^a-z0-9 -]", "", h.lower()).replace(" ", "-") for h in re.findall(r"^#+ (.+)$", PAGE, re.M)
    }
    targets = re.findall(r"\]\(#([^)]+)\)", PAGE)
    assert len(targets) >= 6 and set(targets) <= heads
