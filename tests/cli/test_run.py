"""``soleus run``: one object for programs, a table for people, and refusals that help."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cli_shell import HOSTILE_NAME, Transcript
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from soleus.answers.run.told import told_run
from soleus.answers.run.values import RunResult
from soleus.answers.written import answer_schema, read_values
from soleus.cli import app
from soleus.report.names import sentence_case
from soleus.report.numbers import ratio_text

_SCREEN = 40


class FakeRun:
    """Stands in for ``soleus.api.run``: remembers what it was asked and answers with a stored result."""

    def __init__(self, result: RunResult) -> None:
        self.result = result
        self.asked: dict[str, Any] = {}

    def __call__(self, study: str, **asked: Any) -> SimpleNamespace:
        self.asked = {"study": study, **asked}
        return SimpleNamespace(result=self.result, answer=told_run(self.result), folder=asked["out"])


@pytest.fixture
def fake(json_run: Transcript, monkeypatch: pytest.MonkeyPatch) -> FakeRun:
    stand_in = FakeRun(read_values(json_run.stdout, RunResult))
    monkeypatch.setattr("soleus.api.run", stand_in)
    return stand_in


def test_json_is_one_object_that_fits_the_shipped_schema(json_run: Transcript) -> None:
    assert json_run.code == 0, json_run.stderr
    result = json.loads(json_run.stdout)
    Draft202012Validator(answer_schema("run", "soleus.run/3")).validate(result)
    design = result["values"]["design"]
    assert (result["seed"], design["study"]) == (1, "leg-day")
    assert [group["n_animals"] for group in design["groups"]] == [2, 2]


def test_run_writes_the_files_it_names_even_under_a_hostile_name(json_run: Transcript) -> None:
    files = json.loads(json_run.stdout)["files"]
    assert {"report", "parquet", "csv", "manifest", "bibtex"} <= set(files)
    for name in files.values():
        assert (json_run.folder / name).stat().st_size > 0
    assert [entry.name for entry in json_run.folder.parent.iterdir()] == [HOSTILE_NAME]


def test_seed_and_folder_are_told_on_stderr_in_one_line(json_run: Transcript) -> None:
    assert len(json_run.stderr.splitlines()) == 1, json_run.stderr
    assert "running leg-day with seed 1;" in json_run.stderr
    assert ascii(HOSTILE_NAME) in json_run.stderr


def test_every_option_reaches_the_api(cli: CliRunner, fake: FakeRun) -> None:
    args = (
        "run adami-2018 --seed 7 --out there --overwrite --effect prior --mechanism amplification --animals 3"
        " --engine cells --variant activation-basak --variant output-lois --with-off --workers 2 --quiet"
    )
    assert cli.invoke(app, args.split()).exit_code == 0
    assert {fake.asked.pop(name) is None for name in ("progress", "exporter")} == {False}
    assert fake.asked == {
        "study": "adami-2018",
        "seed": 7,
        "out": Path("there"),
        "overwrite": True,
        "effect": "prior",
        "mechanism": "amplification",
        "animals": 3,
        "engine": "cells",
        "variants": ("activation-basak", "output-lois"),
        "with_off": True,
        "workers": 2,
    }


def test_defaults_leave_the_choice_to_the_api(cli: CliRunner, fake: FakeRun) -> None:
    assert cli.invoke(app, ["run", "--seed", "123"]).exit_code == 0
    assert {fake.asked.pop(name) is None for name in ("progress", "exporter")} == {False}
    assert fake.asked == {
        "study": "leg-day",
        "seed": 123,
        "out": Path("leg-day-123"),
        "overwrite": False,
        "effect": None,
        "mechanism": None,
        "animals": None,
        "engine": "moments",
        "variants": (),
        "with_off": False,
        "workers": None,
    }


def test_a_seed_is_drawn_and_names_the_folder(cli: CliRunner, fake: FakeRun) -> None:
    seeds = set()
    for _ in range(3):
        told = cli.invoke(app, ["run"]).stderr
        assert fake.asked["out"] == Path(f"leg-day-{fake.asked['seed']}")
        assert f"seed {fake.asked['seed']};" in told
        seeds.add(fake.asked["seed"])
    assert len(seeds) == 3


def test_one_screen_says_what_was_put_in_what_follows_and_what_is_left_out(
    cli: CliRunner, fake: FakeRun
) -> None:
    shown = cli.invoke(app, ["run", "--seed", "1"], env={"COLUMNS": "80"})
    assert shown.exit_code == 0, shown.stderr
    assert len(shown.stdout.splitlines()) <= _SCREEN
    text = " ".join(shown.stdout.split())
    assert text.index("Put in: ") < text.index("In short") < text.index("What these animals show")
    assert "Numbers not yet checked in a source: " in text and "2 + 2" in text
    assert text.endswith("written leg-day-1")
    left = text[text.index("more with --full") :]
    title = "The article, claim by claim"
    assert title in left and title not in text[: text.index("more with --full")]
    assert re.search(r"; and \d+ more\.", left)


def test_full_shows_every_section(cli: CliRunner, fake: FakeRun) -> None:
    shown = cli.invoke(app, ["run", "--seed", "1", "--full"], env={"COLUMNS": "120"}).stdout
    text = " ".join(shown.split())
    assert "more with --full" not in text
    for section in told_run(fake.result).sections:
        assert section.title in text
    assert all(row.sentence.split()[0] in text and row.id in text for row in fake.result.claims)
    assert "Every other number follows from it." in text


def test_every_observed_effect_is_shown_with_its_interval(cli: CliRunner, fake: FakeRun) -> None:
    shown = cli.invoke(app, ["run", "--seed", "1", "--full"], env={"COLUMNS": "160"}).stdout
    _, _, cohort = shown.partition("What these animals show")
    assert len(fake.result.readouts) >= 10
    for row in fake.result.readouts:
        line = next(line for line in cohort.splitlines() if line.startswith(sentence_case(row.label)))
        assert row.effect is not None and row.true_ratio is not None
        assert f"{ratio_text(row.effect.ratio.value)} (" in line and " to " in line
        assert line.rstrip().endswith(ratio_text(row.true_ratio))


def test_an_effect_that_cannot_be_estimated_is_said_so(cli: CliRunner, fake: FakeRun) -> None:
    first = fake.result.readouts[0].model_copy(update={"effect": None})
    bare = fake.result.headline[0].model_copy(update={"face_value": None})
    fake.result = fake.result.model_copy(update={"readouts": [first], "headline": [bare]})
    shown = cli.invoke(app, ["run", "--seed", "1"]).stdout
    assert "not estimable" in shown
    assert "If the reported change is true" not in shown


def test_quiet_prints_the_report_only(cli: CliRunner, fake: FakeRun) -> None:
    shown = cli.invoke(app, ["run", "--seed", "4", "--quiet"])
    assert (shown.stdout, shown.stderr) == ("leg-day-4/report.html\n", "")


def test_quiet_json_is_json_only(cli: CliRunner, fake: FakeRun) -> None:
    shown = cli.invoke(app, ["run", "--seed", "4", "--quiet", "--json"])
    assert json.loads(shown.stdout)["seed"] == 1
    assert shown.stderr == ""


@pytest.mark.parametrize("name", [HOSTILE_NAME, "\x1b[2Jgone", "[/]", "a\rb", "-x", "\udcff"])
def test_a_hostile_folder_is_shown_harmless(cli: CliRunner, fake: FakeRun, name: str) -> None:
    shown = cli.invoke(app, ["run", "--seed", "1", f"--out={name}"], env={"COLUMNS": "30"})
    assert shown.exit_code == 0, shown.stderr
    assert fake.asked["out"] == Path(name)
    said = name if name.isprintable() else ascii(name)[1:-1]
    assert f"{said}" in shown.stdout
    assert not {"\x1b", "\r"} & set(shown.stdout + shown.stderr)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["leg-dya"], ["unknown study 'leg-dya'", "Did you mean 'leg-day'?", "Known: adami-2018, "]),
        ([""], ["unknown study ''"]),
        (["../../etc/passwd"], ["unknown study '../../etc/passwd'"]),
        (["\x1b[31mleg-day"], [r"unknown study '\x1b[31mleg-day'"]),
        (["--animals", "0"], ["'--animals'", "2"]),
        (["--animals", "1"], ["'--animals'", "2"]),
        (["--animals", "two"], ["'--animals'"]),
        (["--seed", "-1"], ["'--seed'", "0"]),
        (["--seed", str(2**63)], ["seed must be an integer from 0 to 2**63 - 1"]),
        (["--effect", "nonsense"], ["'--effect'", "nonsense", "reported", "prior", "calibrated", "off"]),
        (["--engine", "magic"], ["'--engine'", "moments", "cells"]),
        (["--workers", "0"], ["'--workers'"]),
        (["--variant", "nonsense"], ["unknown variant", "nonsense", "activation-basak"]),
        (["--no-such-option"], ["--no-such-option"]),
        (["leg-day", "leg-day"], ["leg-day"]),
    ],
)
@pytest.mark.parametrize("json_too", [False, True])
def test_wrong_values_are_refused_with_help_and_write_nothing(
    cli: CliRunner, tmp_path: Path, args: list[str], words: list[str], json_too: bool
) -> None:
    shown = cli.invoke(app, ["run", *args, *(["--json"] if json_too else [])])
    assert shown.exit_code == 2
    assert shown.stdout == ""
    said = " ".join(shown.stderr.replace("│", " ").split())
    for word in words:
        assert word in said
    assert "Traceback" not in said and "\x1b" not in shown.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_study_is_told_before_anything_is_begun(cli: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "thesis.txt").write_text("x")
    shown = cli.invoke(app, ["run", "../leg-day", "--out", "taken"])
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert shown.stderr.startswith("soleus: error: unknown study '../leg-day'. Did you mean 'leg-day'?")


def test_a_folder_that_exists_is_refused(cli: CliRunner, tmp_path: Path) -> None:
    mine = tmp_path / "leg-day-1" / "thesis.txt"
    mine.parent.mkdir()
    mine.write_text("three years of work")
    for extra, word in ([], "exists already"), (["--overwrite"], "not the folder of an earlier run"):
        shown = cli.invoke(app, ["run", "--seed", "1", *extra])
        assert (shown.exit_code, shown.stdout) == (2, "")
        assert word in shown.stderr
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [mine]
    assert mine.read_text() == "three years of work"


def test_a_file_in_the_way_is_refused(cli: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("x")
    shown = cli.invoke(app, ["run", "--out", "taken", "--overwrite"])
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert "is a file" in shown.stderr


def test_a_folder_that_cannot_be_made_is_a_known_foreign_error(cli: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("x")
    for out in "taken/below", "n" * 300:
        shown = cli.invoke(app, ["run", "--out", out])
        assert (shown.exit_code, shown.stdout) == (3, "")
        assert shown.stderr.splitlines()[-1].startswith("soleus: error: ")
        assert "--out" in shown.stderr.splitlines()[-1]
