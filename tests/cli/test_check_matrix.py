"""``soleus catalogue check``: the matrix on screen, as JSON and in a folder, with its exit codes."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from cli_shell import one_object
from typer.testing import CliRunner

from soleus.api import packaged

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "results"))  # tiny_matrix.py

from tiny_matrix import tiny_matrix

from soleus.catalogue import references
from soleus.cli import app
from soleus.errors import InputError
from soleus.results import matrix as computing
from soleus.results.matrix import describe_matrix
from soleus.schema.matrix import CheckResult


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """What the computation is asked for; it answers with the matrix made by hand."""
    questions: list[dict[str, object]] = []

    def responses(_: object, **options: object) -> tuple[()]:
        questions.append({k: v for k, v in options.items() if k != "progress"})
        return ()

    monkeypatch.setattr(computing, "finding_responses", responses)
    monkeypatch.setattr(computing, "build_matrix", lambda *_, **__: tiny_matrix())
    monkeypatch.setattr(references, "problems", lambda _: [])
    return questions


def lines_of(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines()]


def test_the_screen_shows_sets_studies_and_words(cli: CliRunner, asked: list[dict[str, object]]) -> None:
    shown = cli.invoke(app, ["catalogue", "check"], env={"COLUMNS": "140"})
    assert shown.exit_code == 0, shown.stderr
    assert "all references hold" in shown.stderr
    lines = lines_of(shown.stdout)
    assert "stem-cycle (.90) (.20) (.80) 0.400 +1.5 +0.9" in lines
    assert "lactate-activation .30 .42 (.02) 0.050 not alone +0.1 \u22120.7 opposite" in lines
    assert "no-effect (.10) (.28) (.05) 0.010 not alone 0.0" in lines
    assert any(line.startswith("afferent-and-intrinsic .70 .32 .60 0.050 +0.6 0.0") for line in lines)
    assert any(line.startswith("A adami-2018 mouse SVZ 1 1.0 doi:10.3389/fnins.2018.00336") for line in lines)
    assert any(line.startswith("C yasuhara-2007 rat SVZ 1 1.6 DOI not confirmed") for line in lines)
    said = " ".join(lines)
    for statement in describe_matrix(packaged(), tiny_matrix()).statements:
        assert " ".join(statement.split()) in said
    assert not any(Path.cwd().iterdir()), "without --out nothing is written"


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
    shown = cli.invoke(app, ["catalogue", "check"], env={"COLUMNS": "140"})
    table = shown.stdout.split("In brackets")[0]
    assert "not alone" not in table and "Every possible cause may explain" in " ".join(lines_of(shown.stdout))


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_any_terminal_shows_every_number(
    cli: CliRunner, asked: list[dict[str, object]], columns: int
) -> None:
    shown = cli.invoke(app, ["catalogue", "check"], env={"COLUMNS": str(columns)})
    assert shown.exit_code == 0
    assert max(map(len, shown.stdout.splitlines())) <= columns
    table = shown.stdout.split("In brackets")[0]
    assert "opposite" in table and table.count("not alone") == 2 and "\u2026" not in shown.stdout
    for text in (".90", "(.80)", ".70", ".32", "(.02)", "0.400", "+1.5", "\u22120.7"):
        assert text in table, text
    for row in describe_matrix(packaged(), tiny_matrix()).rows:
        assert row.name in table


def test_json_is_one_object_with_references_and_matrix(
    cli: CliRunner, asked: list[dict[str, object]]
) -> None:
    shown = cli.invoke(app, ["catalogue", "check", "--json"])
    assert shown.exit_code == 0, shown.stderr
    result = CheckResult.model_validate(one_object(shown.stdout, "check-1"))
    assert result == CheckResult(problems=[], matrix=describe_matrix(packaged(), tiny_matrix()))


def test_quick_computes_nothing(cli: CliRunner, asked: list[dict[str, object]]) -> None:
    shown = cli.invoke(app, ["catalogue", "check", "--quick"])
    assert (shown.exit_code, shown.stdout, shown.stderr) == (0, "", "soleus: all references hold\n")
    shown = cli.invoke(app, ["catalogue", "check", "--quick", "--json"])
    assert one_object(shown.stdout, "check-1") == {
        "schema_version": "soleus.check/1", "problems": [], "matrix": None,
    }  # fmt: skip
    assert asked == []


def test_broken_references_end_before_the_matrix(
    cli: CliRunner, asked: list[dict[str, object]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = [references.Problem("set both", "unknown mechanism 'stem-cycl'")]
    monkeypatch.setattr(references, "problems", lambda _: broken)
    args = ["catalogue", "check", "--out", str(tmp_path / "x")]
    shown = cli.invoke(app, args)
    assert (shown.exit_code, shown.stdout) == (1, "set both: unknown mechanism 'stem-cycl'\n")
    shown = cli.invoke(app, [*args, "--json"])
    assert shown.exit_code == 1
    content = one_object(shown.stdout, "check-1")
    assert content["matrix"] is None
    assert content["problems"] == [{"where": "set both", "message": "unknown mechanism 'stem-cycl'"}]
    assert asked == [] and list(tmp_path.iterdir()) == []


def test_options_reach_the_computation(cli: CliRunner, asked: list[dict[str, object]]) -> None:
    assert cli.invoke(app, "catalogue check --fresh --workers 3 --json".split()).exit_code == 0
    assert asked == [{"fresh": True, "workers": 3}]


def test_a_folder_is_written_once_and_replaced_when_asked(
    cli: CliRunner, asked: list[dict[str, object]], tmp_path: Path
) -> None:
    args = ["catalogue", "check", "--json", "--out", str(tmp_path / "here")]
    first = cli.invoke(app, args)
    assert first.exit_code == 0, first.stderr
    listed = json.loads(first.stdout)["matrix"]["files"]
    there = {str(p.relative_to(tmp_path / "here")) for p in (tmp_path / "here").rglob("*") if p.is_file()}
    assert there == set(listed.values())
    again = cli.invoke(app, args)
    assert (again.exit_code, again.stdout) == (2, "")
    assert "exists already" in again.stderr and len(asked) == 1, "refused before the work"
    assert cli.invoke(app, [*args, "--overwrite"]).exit_code == 0
    shown = cli.invoke(app, ["catalogue", "check", "--out", str(tmp_path / "here"), "--overwrite"])
    assert f"written {tmp_path / 'here'}" in shown.stdout


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--quick", "--fresh"], "quick check computes and writes no matrix"),
        (["--quick", "--out", "x"], "quick check computes and writes no matrix"),
        (["--workers", "0"], "--workers"),
    ],
)
def test_what_cannot_be_is_said(
    cli: CliRunner, asked: list[dict[str, object]], args: list[str], words: str
) -> None:
    shown = cli.invoke(app, ["catalogue", "check", *args])
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
    def fails(*_: object, **__: object) -> None:
        assert [path.name[:8] for path in tmp_path.iterdir()] == [".soleus-"], "it writes in a hidden folder"
        raise error

    monkeypatch.setattr(computing, "finding_responses", fails)
    shown = cli.invoke(app, ["catalogue", "check", "--out", str(tmp_path / "x")])
    assert (shown.exit_code, shown.stdout) == (code, "")
    assert list(tmp_path.iterdir()) == []
    if code == 130:
        assert shown.stderr.endswith("soleus: interrupted; nothing was written\n")
