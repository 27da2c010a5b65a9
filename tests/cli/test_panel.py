"""``soleus panel``: marks, pairs and what is provisional, on screen, as JSON and in a folder."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "answers"))  # tiny_panel.py

from tiny_panel import tiny_fingerprint

from soleus.answers.panel import build as computing
from soleus.answers.panel.build import describe_panel
from soleus.answers.panel.values import PanelResult
from soleus.answers.written import answer_schema, read_values
from soleus.api import packaged
from soleus.cli import app
from soleus.errors import InputError


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """What the computation is asked for; it answers with the one made by hand."""
    questions: list[dict[str, object]] = []

    def instead(_: object, panel: str, **numbers: object):
        questions.append({"panel": panel, **numbers})
        return tiny_fingerprint()

    monkeypatch.setattr(computing, "fingerprint", instead)
    return questions


def test_the_screen_shows_causes_marks_pairs_and_what_is_provisional(
    cli: CliRunner, asked: list[dict[str, object]]
) -> None:
    shown = cli.invoke(app, ["panel", "--full"], env={"COLUMNS": "140"})
    assert shown.exit_code == 0, shown.stderr
    result = describe_panel(packaged(), tiny_fingerprint())
    lines = [" ".join(line.split()) for line in shown.stdout.splitlines()]
    assert any(line.startswith("tap_cycle longer cell cycle of transit-amplifying cells") for line in lines)
    assert "Ki67+ \u221222 % \u22124 % \u221215 % \u221218 %" in lines
    assert "DNA content: S × 1.18 × 1.22 × 0.96 × 0.95" in lines
    assert "return activation cannot be told apart – > 1000" in lines
    assert any(line.startswith("neuroblast_cycle") and line.endswith("\u221213 % at most") for line in lines)
    told = next(s for s in result.separations if s.panel is not None)
    assert any(line.startswith(f"{told.first} {told.second} {told.words}") for line in lines)
    total = len(result.numbers)
    said = f"{result.provisional} of the {total} numbers behind this are not yet checked in a source."
    assert said in lines
    assert "takes half a minute" in shown.stderr
    assert not any(Path.cwd().iterdir()), "without --out nothing is written"


def test_json_is_one_object_that_fits_its_schema(cli: CliRunner, asked: list[dict[str, object]]) -> None:
    shown = cli.invoke(app, ["panel", "--json"])
    assert shown.exit_code == 0, shown.stderr
    result = read_values(shown.stdout, PanelResult)
    assert result == describe_panel(packaged(), tiny_fingerprint())
    Draft202012Validator(answer_schema("panel", "soleus.panel/2")).validate(json.loads(shown.stdout))


def test_options_reach_the_computation(cli: CliRunner, asked: list[dict[str, object]]) -> None:
    words = "panel svz --day 25 --factor 2 --fall 0.5 --animals 12 --json".split()
    assert cli.invoke(app, words).exit_code == 0
    assert asked == [{"panel": "svz", "day": 25.0, "factor": 2.0, "fall": 0.5, "animals": 12}]


def test_a_folder_is_written_once_and_replaced_when_asked(
    cli: CliRunner, asked: list[dict[str, object]], tmp_path: Path
) -> None:
    args = ["panel", "--out", str(tmp_path / "here"), "--json"]
    first = cli.invoke(app, args)
    assert first.exit_code == 0, first.stderr
    listed = json.loads(first.stdout)["files"]
    here = tmp_path / "here"
    assert {str(p.relative_to(here)) for p in here.rglob("*") if p.is_file()} == set(listed.values())
    again = cli.invoke(app, args)
    assert (again.exit_code, again.stdout) == (2, "")
    assert "exists already" in again.stderr and len(asked) == 1, "refused before the work"
    assert cli.invoke(app, [*args, "--overwrite"]).exit_code == 0
    shown = cli.invoke(app, [*args[:-1], "--overwrite"])
    assert f"written {tmp_path / 'here'}" in shown.stdout


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["svs"], "Did you mean 'svz'?"),
        (["--day", "99"], "day must be at most 28, got 99"),
        (["--day", "-1"], "day must be above 0"),
        (["--day", "nan"], "got nan"),
        (["--factor", "1"], "factor must lie between 1 and 16"),
        (["--fall", "30"], "fall between 0 and 1"),
    ],
)
def test_what_cannot_be_is_said(cli: CliRunner, args: list[str], words: str) -> None:
    shown = cli.invoke(app, ["panel", "--json", *args])
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert words in " ".join(shown.stderr.split())
    assert len(shown.stderr.splitlines()) == 2, "the line of progress, and the error"


def test_one_animal_is_no_group(cli: CliRunner) -> None:
    shown = cli.invoke(app, ["panel", "--animals", "1"])
    assert shown.exit_code == 2 and "--animals" in shown.stderr


def test_an_error_of_the_work_has_its_words_and_leaves_nothing(
    cli: CliRunner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fails(*_: object, **__: object):
        raise InputError("take a smaller factor")

    monkeypatch.setattr(computing, "fingerprint", fails)
    shown = cli.invoke(app, ["panel", "--out", str(tmp_path / "x" / "y")])
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert shown.stderr.endswith("soleus: error: take a smaller factor\n")
    assert list(tmp_path.iterdir()) == []
