"""The page on niches, body and culture: its examples run and check themselves, its commands exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from soleus.cli import app

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "biology.md").read_text(encoding="utf-8")


def blocks() -> list[str]:
    return re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.mark.parametrize("block", blocks(), ids=lambda b: b.strip().splitlines()[-1][:40])
def test_every_example_runs_and_checks_itself(block: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert "assert " in block
    exec(compile(block, "docs/biology.md", "exec"), {})


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
