"""``soleus matrix``: on screen, as JSON and in a folder, with its exit codes."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "answers"))  # tiny_matrix.py

from tiny_matrix import tiny_matrix

from soleus.answers.matrix import build as computing
from soleus.answers.matrix.build import describe_matrix
from soleus.answers.matrix.values import MatrixResult
from soleus.answers.written import answer_schema, read_values
from soleus.api import packaged
from soleus.cli import app
from soleus.errors import InputError


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """What the computation is asked for; it answers with the matrix made by hand."""
    questions: list[dict[str, object]] = []

    def responses(**options: object) -> tuple[()]:
        questions.append({k: v for k, v in options.items() if k != "progress"})
        return ()

    monkeypatch.setattr(computing, "finding_responses", responses)
    monkeypatch.setattr(computing, "build_matrix", lambda *_, **__: tiny_matrix())
    return questions


def lines_of(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines()]


def test_one_screen_says_who_is_left(cli: CliRunner, asked: list[dict[str, object]]) -> None:
    shown = cli.invoke(app, ["matrix"], env={"COLUMNS": "80"})
    assert shown.exit_code == 0, shown.stderr
    lines = lines_of(shown.stdout)
    assert lines[0] == "1 of 3 possible causes does not explain the findings on its own"
    assert "stem-cycle 0.4 not tested +1.5 +0.9" in lines
    assert "lactate-activation 0.0499 not alone +0.1 \u22120.7 opposite" in lines
    assert "no-effect 0.01 not alone 0.0 \u2013" in lines
    assert "afferent-and-intrinsic 0.0501 may explain +0.6 0.0" in lines
    assert "No effect of movement at all does not explain them either (p = 0.010)." in lines
    assert "more with --full: The matrix; " in " ".join(lines)
    assert not any(Path.cwd().iterdir()), "without --out nothing is written"


def test_many_causes_still_fit_one_screen(
    cli: CliRunner, asked: list[dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forty rows: what does not fit is said, with how to see it."""
    made = tiny_matrix()
    more = tuple(
        type(made.rows[0])(
            **{**{n: getattr(made.rows[0], n) for n in made.rows[0].__dataclass_fields__}, "name": f"set-{k}"}
        )
        for k in range(36)
    )
    many = type(made)((*more, *made.rows), made.studies, made.findings, made.refuted_below)
    monkeypatch.setattr(computing, "build_matrix", lambda *_, **__: many)
    shown = cli.invoke(app, ["matrix"], env={"COLUMNS": "80"})
    assert len(shown.stdout.splitlines()) <= 40
    assert "23 more rows (causes)" in " ".join(lines_of(shown.stdout))
    full = cli.invoke(app, ["matrix", "--full"], env={"COLUMNS": "80"}).stdout
    assert all(f"set-{k}" in full for k in range(36))


def test_in_full_it_shows_studies_findings_and_all_that_is_said(
    cli: CliRunner, asked: list[dict[str, object]]
) -> None:
    shown = cli.invoke(app, ["matrix", "--full"], env={"COLUMNS": "200"})
    lines = lines_of(shown.stdout)
    assert "stem-cycle 0.90 (0.90) \u25cb 0.20 (0.04) \u25cb 0.80 (0.80) \u25cb" in lines
    assert any(line.startswith("yasuhara-2007 rat SVZ 1 1.6") for line in lines)
    said = " ".join(lines)
    for statement in describe_matrix(packaged(), tiny_matrix()).statements:
        assert " ".join(statement.split()) in said


def test_the_mark_stands_exactly_where_a_set_is_refuted(
    cli: CliRunner, asked: list[dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tiny_matrix()
    rows = tuple(
        type(r)(
            **{**{n: getattr(r, n) for n in r.__dataclass_fields__}, "predictive_p": 0.2, "refuted": False}
        )
        for r in made.rows
    )
    calm = type(made)(rows, made.studies, made.findings, made.refuted_below)
    monkeypatch.setattr(computing, "build_matrix", lambda *_, **__: calm)
    shown = cli.invoke(app, ["matrix"], env={"COLUMNS": "140"})
    assert "not alone" not in shown.stdout.split("p: posterior")[0]
    assert shown.stdout.startswith("Every possible cause may explain the findings on its own")


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_any_terminal_shows_every_number(
    cli: CliRunner, asked: list[dict[str, object]], columns: int
) -> None:
    shown = cli.invoke(app, ["matrix"], env={"COLUMNS": str(columns)})
    assert shown.exit_code == 0
    assert max(map(len, shown.stdout.splitlines())) <= columns
    assert "opposite" in shown.stdout and "\u2026" not in shown.stdout
    for text in ("0.0501", "0.0499", "0.01", "+1.5", "\u22120.7"):
        assert text in shown.stdout, text
    for row in describe_matrix(packaged(), tiny_matrix()).rows:
        assert row.name in shown.stdout


def test_json_is_one_object_that_fits_its_schema(cli: CliRunner, asked: list[dict[str, object]]) -> None:
    shown = cli.invoke(app, ["matrix", "--json"])
    assert shown.exit_code == 0, shown.stderr
    schema = answer_schema("matrix", "soleus.matrix/2")
    Draft202012Validator(schema).validate(json.loads(shown.stdout))
    assert read_values(shown.stdout, MatrixResult) == describe_matrix(packaged(), tiny_matrix())


def test_the_check_no_longer_makes_it_and_says_where_it_is(
    cli: CliRunner, asked: list[dict[str, object]]
) -> None:
    shown = cli.invoke(app, ["catalogue", "check"])
    assert (shown.exit_code, shown.stderr) == (0, "")
    assert shown.stdout == "all references hold; possible causes against studies: soleus matrix\n"
    for args in (["--fresh"], ["--out", "x"], ["--overwrite"], ["--workers", "2"]):
        shown = cli.invoke(app, ["catalogue", "check", *args])
        assert (shown.exit_code, shown.stdout) == (2, "")
        assert (
            f"it takes no {args[0]}; " in shown.stderr and f"soleus matrix {' '.join(args)}" in shown.stderr
        )
    assert "matrix" not in cli.invoke(app, ["catalogue", "check", "--help"]).stdout.split("Examples")[0]
    assert asked == [] and not any(Path.cwd().iterdir())


def test_options_reach_the_computation(cli: CliRunner, asked: list[dict[str, object]]) -> None:
    assert cli.invoke(app, "matrix --fresh --workers 3 --json".split()).exit_code == 0
    assert asked == [{"fresh": True, "workers": 3}]


def test_a_folder_is_written_once_and_replaced_when_asked(
    cli: CliRunner, asked: list[dict[str, object]], tmp_path: Path
) -> None:
    args = ["matrix", "--json", "--out", str(tmp_path / "here")]
    first = cli.invoke(app, args)
    assert first.exit_code == 0, first.stderr
    listed = json.loads(first.stdout)["files"]
    there = {str(p.relative_to(tmp_path / "here")) for p in (tmp_path / "here").rglob("*") if p.is_file()}
    assert there == set(listed.values())
    again = cli.invoke(app, args)
    assert (again.exit_code, again.stdout) == (2, "")
    assert "exists already" in again.stderr and len(asked) == 1, "refused before the work"
    assert cli.invoke(app, [*args, "--overwrite"]).exit_code == 0
    shown = cli.invoke(app, ["matrix", "--out", str(tmp_path / "here"), "--overwrite"])
    assert f"written {tmp_path / 'here'}" in shown.stdout


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--quick"], "No such option: --quick"),
        (["--workers", "0"], "--workers"),
    ],
)
def test_what_cannot_be_is_said(
    cli: CliRunner, asked: list[dict[str, object]], args: list[str], words: str
) -> None:
    shown = cli.invoke(app, ["matrix", *args])
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert words in " ".join(shown.stderr.split())
    assert asked == [] and not any(Path.cwd().iterdir())


@pytest.mark.parametrize(
    ("error", "code"), [(InputError("no"), 2), (KeyboardInterrupt(), 130), (OSError("disk"), 3)]
)
def test_what_stops_the_work_leaves_nothing(
    cli: CliRunner,
    asked: list[dict[str, object]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    error: BaseException,
    code: int,
) -> None:
    def fails(**_: object) -> None:
        assert [path.name[:8] for path in tmp_path.iterdir()] == [".soleus-"], "it writes in a hidden folder"
        raise error

    monkeypatch.setattr(computing, "finding_responses", fails)
    shown = cli.invoke(app, ["matrix", "--out", str(tmp_path / "x")])
    assert (shown.exit_code, shown.stdout) == (code, "")
    assert list(tmp_path.iterdir()) == []
    if code == 130:
        assert shown.stderr.endswith("soleus: interrupted; nothing was written\n")
