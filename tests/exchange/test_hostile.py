"""Files that were made to do harm: words and an exit status in bounded memory and time, never a traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from hostile_files import MAKERS, made

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are measured as Linux does")

MIB = 1024
SECONDS = 20.0
"""Of processor: how long it takes on a machine that does other things as well tells nothing of the file."""


@pytest.fixture(scope="module")
def runner() -> Iterator[subprocess.Popen[str]]:
    program = Path(__file__).with_name("hostile_run.py")
    with subprocess.Popen(
        [sys.executable, str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


def analysed(runner: subprocess.Popen[str], arguments: list[str]) -> dict[str, Any]:
    assert runner.stdin is not None and runner.stdout is not None
    runner.stdin.write(json.dumps(arguments) + "\n")
    runner.stdin.flush()
    found: dict[str, Any] = json.loads(runner.stdout.readline())
    return found


def test_there_are_many() -> None:
    assert len(MAKERS) - len(SLOW) >= 60
    assert set(SLOW) | set(STOPPED_BY) <= set(MAKERS)


SLOW = (
    *(
        "fifteen million elements",
        "four million empty cells",
        ".ods: three million cells",
        "two million empty strings",
    ),
    *(
        "100 MB of line ends",
        "a million merged ranges over all",
        "Prism: 600,000 values",
        "a million hidden rows",
    ),
    *(
        "YAML: a million merges",
        "YAML: 300,000 values",
        "a pattern of polynomial time",
        "Cell Counter: 400,000 markers",
    ),
    *(
        "tags of many attributes",
        "QuPath: 200,000 images",
        "Cell Counter: 3,000,000 elements",
        "many long shared strings",
    ),
)
FILES = [pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else []) for name in MAKERS]


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_ends_in_words(name: str, tmp_path: Path, runner: subprocess.Popen[str]) -> None:
    path, options = made(name, tmp_path / "x")
    found = analysed(runner, ["analyse", str(path), "--seed", "1", *options])
    said = found["words"]
    assert found["code"] in (0, 2), said[-2000:]
    assert "Traceback" not in said and "bug" not in said
    assert found["mib"] <= MIB, found["mib"]
    assert found["cpu"] <= SECONDS, found["cpu"]
    if found["code"] == 2:
        assert said.startswith(("soleus: error: ", "soleus: question: ")), said[:500]
        assert len(said) < 5000
    assert STOPPED_BY.get(name, "") in said, said[:500]
    assert not (tmp_path / "x" / "harm").exists()


# What stops them, so that no other bound stands in for it.
STOPPED_BY = {
    "a count of 10^12 strings": "sheet: A",
    "a shared string of 300,000 letters": "a cell of more than 32,767 characters",
    "shared strings used often": "more than 134,217,728 characters in its cells",
    "many long shared strings": "more than 67,108,864 characters of text",
    "a string of number 10^30": "that the file does not hold",
    "a cell in the last corner": "as far as row 1,048,576 and column 16,384",
    "cells in a desert": "holds 69 filled cells as far as row 1,048,576",
    "fifteen million elements": "more than 12,000,000 elements",
    "a tag of a million attributes": "a tag of more than 1 MiB",
    "a comment of 20 MB": "a tag of more than 1 MiB",
    "3,000,000 elements deep": "nests more than 200 elements",
    "merged columns of a million rows": "merged cells that overlap",
    "10^6 sheets": "more than 1,000 sheets",
    "a zip of 300,000 parts": "300,000 parts, 10,000 are accepted",
    "a zip packed by LZMA with a dictionary of 4 GB": "packed in a way that no spreadsheet uses",
    ".ods: 10^9 filled columns": "column 1,000,000,000",
    ".ods: 10^9 blanks in a cell": "a cell of more than 32,767 characters",
    "Cell Counter: 3,000,000 deep": "nests more than 200 elements",
    "Cell Counter: 3,000,000 elements": "more than 2,000,000 elements",
    "5 million short rows": "more than 2,500,000 rows",
    "20,000 columns": "16,384 columns are accepted",
    "30 million commas": "beyond the 20,000,000 cells",
    "YAML: a number in base 60": "unable to parse string as an integer",
    "YAML: a hexadecimal number": "unable to parse string as an integer",
    "YAML: 300,000 values": "more than 200,000 values",
    "YAML: tags of false values": "are not allowed",
    "YAML: laughs": "aliases (*name) are not allowed",
    "a pattern that backtracks": "takes more than 10 s",
    "a pattern of polynomial time": "takes more than 10 s",
    "/dev/zero": "is not a plain file",
    "a link to /dev/zero": "is not a plain file",
    "a pipe": "is not a plain file",
    "a mapping that is a pipe": "m.yaml: is not a plain file",
    "a link to itself": "is a link that leads nowhere",
    "a name of 5,000 letters": "File name too long",
}

SHARED = Path(__file__).parents[3] / "shared" / "cases" / "hostile"


@pytest.mark.parametrize("name", ["quad.xlsx", "count.xlsx"])
def test_a_small_workbook_takes_little(name: str, tmp_path: Path, runner: subprocess.Popen[str]) -> None:
    if not (SHARED / name).is_file():
        pytest.skip("the workbooks are not at hand")
    (tmp_path / name).write_bytes((SHARED / name).read_bytes())
    found = analysed(runner, ["analyse", str(tmp_path / name), "--seed", "1"])
    assert found["code"] == (2 if name == "quad.xlsx" else 0), found["words"]
    assert found["mib"] < 400 and found["cpu"] < 10
