"""The page on the matrix: its commands exist, its tables and pictures are those of a result."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import pytest
from scripts import docs_tables
from scripts.matrix_tables import matrix_tables
from typer.testing import CliRunner

from soleus.api import packaged

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "answers"))  # tiny_matrix.py

from tiny_matrix import FOUND, ROWS, tiny_matrix

from soleus.answers.matrix.build import describe_matrix
from soleus.answers.matrix.values import MatrixResult
from soleus.cli import app

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
TABLES = ("statements", "assumed", "sets", "findings", "judgements")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.fixture(scope="module")
def result() -> MatrixResult:
    return describe_matrix(packaged(), tiny_matrix())


def test_every_command_and_option_exists() -> None:
    commands = [shlex.split(line) for block in blocks("console") for line in block.splitlines() if line]
    assert len(commands) >= 3
    for words in commands:
        assert words[0] == "soleus"
        shown = CliRunner().invoke(app, [*words[1:], "--help"])
        assert shown.exit_code == 0, shown.stderr
    known = CliRunner().invoke(app, ["matrix", "--help"], env={"COLUMNS": "200"}).stdout
    for option in set(re.findall(r"`(--[a-z]+)", PAGE)):
        assert option in known, option


def test_pictures_exist_and_none_is_left_over() -> None:
    shown = set(re.findall(r"!\[[^\]]+\]\(([^)]+)\)", PAGE))
    there = {f"images/{p.name}" for p in (ROOT / "docs" / "images").glob("evidence-*.svg")}
    assert shown == there and len(shown) == 2
    for name in shown:
        assert "\u2026" not in (ROOT / "docs" / name).read_text(encoding="utf-8"), f"{name}: a label was cut"


@pytest.mark.parametrize("name", TABLES)
def test_every_table_was_made(name: str) -> None:
    table = docs_tables.table_of(PAGE, name)
    assert "to be made" not in table and len(table.splitlines()) >= 4
    if table.startswith("|"):
        widths = {line.count("|") for line in table.splitlines()}
        assert len(widths) == 1, "a cell holds a bar"


def test_the_picture_and_the_table_mark_the_same_sets() -> None:
    marked = re.findall(r"^\| `([\w-]+)` .*\*\*not alone\*\*", docs_tables.table_of(PAGE, "sets"), flags=re.M)
    picture = (ROOT / "docs" / "images" / "evidence-matrix.svg").read_text(encoding="utf-8")
    assert picture.count(">not alone<") == len(marked)


def test_every_finding_on_the_page_has_its_doi_or_says_why_not() -> None:
    lines = docs_tables.table_of(PAGE, "findings").splitlines()[2:]
    assert len(lines) > 10
    for line in lines:
        source = line.split("|")[5]
        assert "https://doi.org/10." in source or re.search(r"\(.{5,}\)", source), line


def test_tables_are_those_of_the_result(result: MatrixResult) -> None:
    made = matrix_tables(result)
    assert tuple(made) == TABLES
    sets = made["sets"].splitlines()[2:]
    assert [line.split("`")[1] for line in sets] == list(ROWS)
    assert ["not alone" in line for line in sets] == [row.refuted for row in result.rows]
    assert ["**opposite**" in line for line in sets] == [row.opposite for row in result.rows]
    findings = made["findings"].splitlines()[2:]
    assert len(findings) == len(FOUND)
    assert "[Adami et al. 2018](https://doi.org/10.3389/fnins.2018.00336)" in findings[0]
    assert "Yasuhara et al. 2007 (DOI not confirmed; abstract read)" in findings[-1]
    row = result.rows[0].model_copy(update={"predictive_p": 0.01, "refuted": True})
    other = matrix_tables(result.model_copy(update={"rows": [row, *result.rows[1:]]}))
    assert other["sets"] != made["sets"] and other["findings"] == made["findings"]


@pytest.mark.slow
def test_the_page_is_what_the_catalogue_gives_now() -> None:
    import soleus

    made = matrix_tables(soleus.matrix().values)
    assert {name: docs_tables.table_of(PAGE, name) for name in TABLES} == made


@pytest.mark.slow
@pytest.mark.parametrize("block", blocks("python"))
def test_the_example_runs_and_checks_itself(block: str) -> None:
    assert "assert " in block
    exec(compile(block, "docs/evidence.md", "exec"), {})
