"""The toy question of CONTRIBUTING: it runs as it stands, and is on page, screen and in JSON."""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from rich.console import Console

from soleus.answers import Answer
from soleus.answers.folder import write_answer
from soleus.answers.written import envelope_schema
from soleus.jobs import output_folder
from soleus.report.export import FigureExporter
from soleus.report.terminal import show_sections

PAGE = (Path(__file__).resolve().parents[2] / "CONTRIBUTING.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> Answer[Any]:
    home = ModuleType("counting")
    # A model looks its annotations up in its module.
    monkeypatch.setitem(sys.modules, "counting", home)
    names = vars(home)
    exec(compile("\n".join(BLOCKS), "CONTRIBUTING.md", "exec"), names)
    schema = envelope_schema("counting", names["CountingResult"])
    monkeypatch.setattr("soleus.answers.written.answer_schema", lambda *_: schema)
    answer: Answer[Any] = names["counting_answer"](7.5)
    return answer


def test_it_takes_fewer_than_eighty_lines() -> None:
    assert len([line for block in BLOCKS for line in block.splitlines() if line.strip()]) < 80


def test_its_table_and_figure_are_on_every_face(toy: Answer[Any], tmp_path: Path) -> None:
    with output_folder(tmp_path / "x") as folder, FigureExporter(workers=0) as exporter:
        told = write_answer(toy, folder, exporter, asked={"minutes": 7.5}, kicker="Toy")
    page = (tmp_path / "x" / "report.html").read_text(encoding="utf-8")
    for words in ("Eight hours hold 64 sections.", "A day of counting", 'data-figure="counting"', ">64</td>"):
        assert words in page
    screen = io.StringIO()
    show_sections(Console(file=screen, width=80), told.sections)
    assert "A day of counting" in screen.getvalue() and "64" in screen.getvalue()
    data = json.loads((tmp_path / "x" / "counting.json").read_text(encoding="utf-8"))
    assert data["values"]["sections_by_hours"]["8"] == 64
    assert [part["kind"] for part in data["sections"][0]["parts"]] == ["figure", "table"]
    assert (tmp_path / "x" / "day.csv").read_text(encoding="utf-8").splitlines()[-1] == "8,64"
    assert (tmp_path / "x" / "figures" / "counting.svg").exists()
    manifest = json.loads((tmp_path / "x" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["asked"] == {"minutes": 7.5} and set(manifest["written"]) >= {"report.html", "day.csv"}
