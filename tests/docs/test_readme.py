"""The README is run: its Python block, and every soleus command that it shows."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

import soleus.cli

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def commands() -> list[list[str]]:
    found = []
    for block in blocks("console"):
        for line in block.splitlines():
            for part in line.split("&&"):
                words = shlex.split(part, comments=True)
                if words and Path(words[0]).name == "soleus":
                    found.append(words[1:])
    return found


def test_the_readme_shows_commands_and_python() -> None:
    assert len(commands()) >= 7
    assert len(blocks("python")) >= 1


@pytest.mark.parametrize("arguments", commands(), ids=" ".join)
def test_command(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["soleus", *arguments])
    with pytest.raises(SystemExit) as stopped:
        soleus.cli.main()
    assert stopped.value.code in (0, None), capsys.readouterr().err
    out = capsys.readouterr().out
    assert out.strip()
    if arguments[0] == "run":
        (folder,) = [p for p in tmp_path.iterdir() if p.is_dir()]
        names = {p.name for p in folder.iterdir()}
        assert {"report.html", "observations.parquet", "observations.csv", "manifest.json"} <= names


@pytest.mark.parametrize("block", blocks("python"))
def test_python(block: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(block, "README.md", "exec"), {})
    assert "ki67_density" in capsys.readouterr().out


def test_pictures_exist() -> None:
    for target in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README):
        assert (ROOT / target).is_file(), target


def test_the_test_command_is_that_of_ci() -> None:
    last = (ROOT / ".ci" / "run").read_text(encoding="utf-8").strip().splitlines()[-1]
    assert last in README
