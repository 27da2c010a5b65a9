"""``soleus analyse``: a laboratory's file in, effects and a report out."""

from __future__ import annotations

import csv
import errno
import json
import os
import re
import tempfile
import zipfile
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

import soleus
from soleus.cli import app
from soleus.exchange.reading import read_raw
from soleus.observations import read_csv, read_parquet
from soleus.schema.check import schema_of

ROOT = Path(__file__).resolve().parents[2]
REAL = ROOT.parent / "shared" / "data" / "edu-brdu-epithelium" / "Summary_EdU_BrdU_data.xlsx"

COUNTS = """Animal;Group;Section;Ki67 count;Area (mm2)
m1;control;1;40;0,50
m1;control;2;44;0,50
m2;control;1;52;0,50
m2;control;2;47;0,50
m3;control;1;45;0,50
m3;control;2;51;0,50
m4;HU;1;20;0,50
m4;HU;2;17;0,50
m5;HU;1;25;0,50
m5;HU;2;22;0,50
m6;HU;1;14;0,50
m6;HU;2;19;0,50
"""


@pytest.fixture
def counts(tmp_path: Path) -> Path:
    file = tmp_path / "counts.csv"
    file.write_text(COUNTS, encoding="utf-8")
    return file


def test_one_command_gives_effects_and_leaves_no_file(cli: CliRunner, counts: Path) -> None:
    shown = cli.invoke(app, ["analyse", str(counts), "--json", "--seed", "3"])
    assert shown.exit_code == 0, shown.output
    result = json.loads(shown.stdout)
    Draft202012Validator(schema_of("analysis-1")).validate(result)
    (only,) = result["comparisons"]
    assert only["effect"]["n"] == {"HU": 3, "control": 3}
    assert 0.3 < only["effect"]["estimate"] < 0.55
    assert only["wrong"]["n"] == {"HU": 6, "control": 6}
    assert only["wrong"]["high"] < only["effect"]["high"]
    # Nothing was asked, so nothing is kept beside the data.
    assert [file.name for file in counts.parent.iterdir()] == ["counts.csv"]
    again = cli.invoke(app, ["analyse", str(counts), "--json", "--seed", "3"])
    assert json.loads(again.stdout)["comparisons"] == result["comparisons"]


def test_the_report_stands_alone_and_the_table_can_be_taken_away(cli: CliRunner, counts: Path) -> None:
    out = counts.parent / "report"
    shown = cli.invoke(app, ["analyse", str(counts), "--out", str(out)])
    assert shown.exit_code == 0, shown.output
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "if parts were independent (wrong)" in page
    assert 'src="http' not in page
    assert "<link" not in page.replace('<link rel="icon" href="data:,">', "")
    with (out / "effects.csv").open(encoding="utf-8", newline="") as file:
        (row,) = list(csv.DictReader(file))
    assert row["contrast"] == "HU / control"
    names = {p.name for p in out.rglob("*")}
    assert {"observations.parquet", "observations.csv", "analysis.json", "manifest.json"} <= names
    assert any(name.endswith(".svg") for name in names)
    refused = cli.invoke(app, ["analyse", str(counts), "--out", str(out)])
    assert refused.exit_code == 2
    assert cli.invoke(app, ["analyse", str(counts), "--out", str(out), "--overwrite"]).exit_code == 0


def test_screen_shows_effects_findings_and_notes(cli: CliRunner, counts: Path) -> None:
    shown = cli.invoke(app, ["analyse", str(counts)])
    for words in ("HU / control", "ratio 0.", "3 / 3", "pseudoreplication", "not-blinded"):
        assert words in shown.stdout


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        (COUNTS, ["--control", "sham"], "sham"),
        (COUNTS, ["--margin", "Ki67"], "NAME=VALUE"),
        (COUNTS, ["--margin", "Ki67=x"], "no number"),
        (COUNTS, ["--family", "a=Ki99"], "Ki99"),
        (COUNTS, ["--correction", "bonferroni"], "holm"),
        (COUNTS, ["--against", "leg-days"], "leg-day"),
        (COUNTS.replace("control", "A").replace("HU", "B"), [], "which group is the control"),
        (COUNTS.replace("m6;HU;2;19", "m6;HU;2;-19"), [], "negative"),
        ("", [], "empty"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    cli: CliRunner, tmp_path: Path, text: str, options: list[str], words: str
) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(text, encoding="utf-8")
    shown = cli.invoke(app, ["analyse", str(file), *options])
    assert shown.exit_code == 2, shown.output
    assert words.casefold() in shown.stderr.casefold()
    assert "Traceback" not in shown.output
    assert shown.stdout == ""


def test_a_question_leaves_no_file_unless_one_is_named(cli: CliRunner, tmp_path: Path) -> None:
    file = tmp_path / "odd.csv"
    file.write_text("a,b,c\nx,1,2\ny,3,4\nz,5,6\n", encoding="utf-8")
    shown = cli.invoke(app, ["analyse", str(file)])
    assert shown.exit_code == 2
    assert "say one:  --answer layout=group-per-column" in shown.stderr
    assert list(tmp_path.iterdir()) == [file]
    sheet = tmp_path / "to-answer.yaml"
    assert cli.invoke(app, ["analyse", str(file), "--write-mapping", str(sheet)]).exit_code == 2
    assert "layout: '?'" in sheet.read_text(encoding="utf-8")


def test_a_question_is_an_object_for_programs_and_one_word_answers_it(cli: CliRunner, tmp_path: Path) -> None:
    file = tmp_path / "ab.csv"
    file.write_text(COUNTS.replace("control", "A").replace("HU", "B"), encoding="utf-8")
    asked = cli.invoke(app, ["analyse", str(file), "--json"])
    assert asked.exit_code == 2
    question = json.loads(asked.stdout)
    assert (question["kind"], question["id"]) == ("question", "control")
    assert [answer["word"] for answer in question["answers"]] == ["A", "B"]
    # The second run finds nothing that the first left, and asks again.
    assert cli.invoke(app, ["analyse", str(file), "--json"]).exit_code == 2
    told = cli.invoke(app, ["analyse", str(file), "--json", "--answer", question["answers"][1]["option"]])
    assert told.exit_code == 0, told.output
    reading = json.loads(told.stdout)["reading"]
    assert (reading["control"], reading["answers"]) == ("B", {"control": "B"})
    assert "ab.csv.soleus.yaml" in told.stderr
    kept = cli.invoke(app, ["analyse", str(file), "--json"])
    assert json.loads(kept.stdout)["reading"]["control"] == "B"
    refused = cli.invoke(app, ["analyse", str(file), "--json", "--control", "C"])
    assert refused.exit_code == 2 and json.loads(refused.stdout)["kind"] == "refusal"


def test_an_answer_that_nothing_asks_for_is_refused(cli: CliRunner, counts: Path) -> None:
    shown = cli.invoke(app, ["analyse", str(counts), "--answer", "colour=red"])
    assert shown.exit_code == 2
    assert "answers nothing that is asked" in shown.stderr
    wrong = cli.invoke(app, ["analyse", str(counts), "--answer", "control=sham"])
    assert wrong.exit_code == 2 and "control, HU" in wrong.stderr


def test_a_missing_file_is_named(cli: CliRunner) -> None:
    shown = cli.invoke(app, ["analyse", "nowhere.csv"])
    assert shown.exit_code in (2, 3)
    assert "nowhere.csv" in shown.stderr


@pytest.mark.skipif(not REAL.is_file(), reason=f"the real measurements are not at {REAL}")
def test_a_real_sheet_is_read_straight_and_fields_are_not_animals(cli: CliRunner, tmp_path: Path) -> None:
    file = tmp_path / REAL.name
    file.write_bytes(REAL.read_bytes())
    shown = cli.invoke(app, ["analyse", str(file), "--json"])
    assert shown.exit_code == 0, shown.output
    found = {c["readout"]: c for c in json.loads(shown.stdout)["comparisons"]}
    assert len(found) == 10
    assert all(c["effect"]["n"] == {"Mut": 3, "WT": 4} for c in found.values())
    # Counted by field, the fall of BrdU+ cells would be called significant; by animal it is not.
    brdu = found["Blank_BrdU"]
    assert brdu["wrong"]["p_value"] < 0.05 < brdu["effect"]["p_value"]
    (told,) = json.loads(shown.stdout)["reading"]["made_of"]
    assert told.startswith("'bTotal' is in every row the sum of")


def test_the_mapping_beside_the_file_says_which_group_is_the_control(cli: CliRunner, tmp_path: Path) -> None:
    file = tmp_path / "ab.csv"
    file.write_text(COUNTS.replace("control", "A").replace("HU", "B"), encoding="utf-8")
    first = cli.invoke(app, ["analyse", str(file), "--control", "A", "--json"])
    assert first.exit_code == 0, first.output
    beside = tmp_path / "ab.csv.soleus.yaml"
    text = beside.read_text(encoding="utf-8")
    assert "  control: A" in text
    beside.write_text(text.replace("  control: A", "  control: B"), encoding="utf-8")
    second = cli.invoke(app, ["analyse", str(file), "--json"])
    assert second.exit_code == 0, second.output
    (only,) = json.loads(second.stdout)["comparisons"]
    assert only["contrast"] == "A / B"
    assert json.loads(second.stdout)["plan"]["control"] == "B"


def test_an_export_of_qupath_asks_once_for_the_groups(cli: CliRunner, tmp_path: Path) -> None:
    lines = ["Image\tObject ID\tObject type\tClassification\tParent"]
    cells = {"M01": 9, "M02": 12, "M03": 10, "M04": 4, "M05": 5, "M06": 3}
    number = 0
    for animal, most in cells.items():
        for section in (1, 2):
            for _ in range(most + section):
                lines.append(f"{animal}_s{section}_L.tif\t{number}\tCell\tKi67\tSVZ")
                number += 1
    file = tmp_path / "cells.tsv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    asked = cli.invoke(app, ["analyse", str(file)])
    assert asked.exit_code == 2
    assert "Which group is each animal in?" in asked.stderr and "--key" in asked.stderr
    beside = tmp_path / "cells.tsv.soleus.yaml"
    assert not beside.exists()
    assert cli.invoke(app, ["analyse", str(file), "--write-mapping", str(beside)]).exit_code == 2
    text = beside.read_text(encoding="utf-8")
    for k, animal in enumerate(cells):
        text = text.replace(f"{animal}: '?'", f"{animal}: {'control' if k < 3 else 'HU'}")
    beside.write_text(text, encoding="utf-8")
    shown = cli.invoke(app, ["analyse", str(file), "--json"])
    assert shown.exit_code == 0, shown.output
    found = json.loads(shown.stdout)
    (only,) = found["comparisons"]
    assert (only["readout"], only["unit_level"]) == ("Ki67", "section")
    totals = {a["animal"]: a["value"] for a in found["animals"]}
    # Two sections an animal: its mean count.
    assert totals == {animal: most + 1.5 for animal, most in cells.items()}
    beside.unlink()
    key = tmp_path / "key.csv"
    groups = [f"{animal},{'control' if k < 3 else 'HU'}" for k, animal in enumerate(cells)]
    key.write_text("\n".join(["mouse,treatment", *groups]) + "\n", encoding="utf-8")
    by_key = cli.invoke(app, ["analyse", str(file), "--json", "--key", str(key)])
    assert by_key.exit_code == 0, by_key.output
    assert json.loads(by_key.stdout)["comparisons"] == found["comparisons"]
    assert "M01_s1_L.tif: animal M01, section s1, side left" in by_key.stderr


def test_virtual_animals_are_drawn_beside_the_real_ones(cli: CliRunner, counts: Path) -> None:
    beside = counts.with_name("counts.csv.soleus.yaml")
    first = cli.invoke(app, ["analyse", str(counts), "--json", "--write-mapping", str(beside)])
    (readout,) = {c["readout"] for c in json.loads(first.stdout)["comparisons"]}
    mapping = beside.read_text(encoding="utf-8")
    beside.write_text(mapping.replace(f"readout: {readout}", "readout: ki67_density"), encoding="utf-8")
    out = counts.parent / "compared"
    shown = cli.invoke(
        app, ["analyse", str(counts), "--against", "leg-day", "--seed", "1", "--json", "--out", str(out)]
    )
    assert shown.exit_code == 0, shown.output
    found = json.loads(shown.stdout)
    assert found["against"] == "leg-day"
    assert {a["readout"] for a in found["virtual"]} == {"ki67_density"}
    assert len(found["virtual"]) == 16
    assert "Rings are virtual animals" in (out / "report.html").read_text(encoding="utf-8")


def test_a_pattern_is_given_once(cli: CliRunner, tmp_path: Path) -> None:
    lines = ["Image\tObject ID\tObject type\tClassification\tParent"]
    lines += [
        f"scan of {a}, piece {s}.tif\t{a}{s}{k}\tCell\tKi67\tSVZ"
        for a in "ABCD"
        for s in "12"
        for k in range(5)
    ]
    file = tmp_path / "odd names.tsv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    pattern = r"scan of (?P<animal>\w), piece (?P<section>\d)"
    beside = tmp_path / "odd names.tsv.soleus.yaml"
    first = cli.invoke(app, ["analyse", str(file), "--pattern", pattern, "--write-mapping", str(beside)])
    assert first.exit_code == 2
    text = beside.read_text(encoding="utf-8")
    for animal, group in zip("ABCD", ("control", "control", "HU", "HU"), strict=True):
        text = text.replace(f"{animal}: '?'", f"{animal}: {group}")
    beside.write_text(text, encoding="utf-8")
    again = cli.invoke(app, ["analyse", str(file), "--json"])
    assert again.exit_code == 0, again.output
    assert {a["animal"] for a in json.loads(again.stdout)["animals"]} == set("ABCD")


@pytest.fixture
def archive(counts: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The table in a folder that cannot be written (as root, no permission would prevent it)."""

    def refuse(path: Path, data: bytes) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))

    monkeypatch.setattr("soleus.exchange.readers.store.write_atomically", refuse)
    return counts


def test_a_table_in_a_folder_that_cannot_be_written_is_analysed(cli: CliRunner, archive: Path) -> None:
    shown = cli.invoke(app, ["analyse", str(archive), "--seed", "3", "--json", "--control", "control"])
    assert shown.exit_code == 0, shown.stderr
    notes = json.loads(shown.stdout)["source"]["notes"]
    words = "could not be kept beside the file as counts.csv.soleus.yaml (Read-only file system)"
    assert words in notes[-1] and words in shown.stderr
    assert [path.name for path in archive.parent.iterdir()] == ["counts.csv"]
    quiet = soleus.analyse(archive, seed=3, keep=False)
    assert not any("kept beside" in note for note in quiet.source.notes)


def test_a_question_about_such_a_table_says_where_to_answer(cli: CliRunner, archive: Path) -> None:
    archive.write_text(COUNTS.replace("control", "one").replace("HU", "two"), encoding="utf-8")
    shown = cli.invoke(app, ["analyse", str(archive)])
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert "say one:  --answer control=one" in shown.stderr
    shown = cli.invoke(app, ["analyse", str(archive), "--control", "one", "--json"])
    assert shown.exit_code == 0, shown.stderr
    assert "Read-only file system" in json.loads(shown.stdout)["source"]["notes"][-1]


@pytest.mark.parametrize(
    "name", [b"a\xff.csv", b"a\nb.csv", b"a\x1b[2Jb.csv", b"\xe2\x80\xae.csv", b"%s{}.csv"]
)
def test_a_table_of_any_name_is_analysed_twice(cli: CliRunner, tmp_path: Path, name: bytes) -> None:
    file = tmp_path / os.fsdecode(name)
    try:
        file.write_text(COUNTS, encoding="utf-8")
    except OSError:
        pytest.skip("no file can have this name here")
    for number in range(2):
        out = tmp_path / f"{os.fsdecode(name)}-{number}"
        shown = cli.invoke(app, ["analyse", str(file), "--seed", "1", "--out", str(out)])
        assert shown.exit_code == 0, shown.stderr
        assert not {"\x1b", "\r"} & set(shown.stdout + shown.stderr)
        told = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["source"]["file"]
        assert told == name.decode(errors="replace").replace("\ufffd", "?")


FORMULA = "=cmd|'/c calc'!A1"
MARKUP = "</script><script>alert(1)</script>"


def hostile_counts(folder: Path) -> Path:
    """Groups, animals and read-outs that a spreadsheet or a browser would run."""
    file = folder / "hostile.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["animal", "group", "=1+1 count", f"{MARKUP} count"])
        for k in range(8):
            group = FORMULA if k % 2 else "control"
            writer.writerow([f"@m{k}", group, 30 + 3 * k, 60 + 5 * k])
    return file


def test_no_text_of_the_user_is_computed_by_what_we_write(cli: CliRunner, tmp_path: Path) -> None:
    file, out = hostile_counts(tmp_path), tmp_path / "out"
    shown = cli.invoke(app, ["analyse", str(file), "--out", str(out), "--seed", "1"])
    assert shown.exit_code == 0, shown.output
    with zipfile.ZipFile(out / "effects.xlsx") as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        strings = book.read("xl/sharedStrings.xml").decode()
    assert "<f>" not in sheet and "<f " not in sheet
    assert re.search(rf"{re.escape(FORMULA)} / control</t>", strings)
    assert "<hyperlink" not in sheet
    with (out / "effects.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    assert any(cell.startswith(f"'{FORMULA} / control") for row in rows for cell in row)
    started = [c for row in rows for c in row if c[:1] in ("=", "+", "-", "@", "\t", "\r")]
    assert all(re.fullmatch(r"-[\d.e-]+", cell) for cell in started), started
    page = (out / "report.html").read_text(encoding="utf-8")
    assert MARKUP not in page and "alert(1)" in page


def test_our_own_csv_is_analysed_with_the_same_texts(cli: CliRunner, tmp_path: Path) -> None:
    file, out = hostile_counts(tmp_path), tmp_path / "out"
    first = cli.invoke(app, ["analyse", str(file), "--out", str(out), "--json", "--seed", "1"])
    assert first.exit_code == 0, first.output
    table = read_csv(out / "observations.csv")
    assert set(table.groups) == {FORMULA, "control"}
    assert table == read_parquet(out / "observations.parquet")
    text = (out / "observations.csv").read_text(encoding="utf-8")
    assert f"'{FORMULA}" in text
    raw = read_raw(out / "observations.csv")
    assert set(raw.cells("group")) == {FORMULA, "control"}
    prism = (out / "animals.pzfx").read_text(encoding="utf-8")
    assert f"<Title>{FORMULA}</Title>" in prism


def test_no_place_for_temporary_files_is_needed(
    cli: CliRunner, counts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nowhere() -> str:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_get_default_tempdir", nowhere)
    shown = cli.invoke(app, ["analyse", str(counts), "--out", str(counts.parent / "out")])
    assert shown.exit_code == 0, shown.stderr
    assert (counts.parent / "out" / "effects.xlsx").stat().st_size > 1000


def test_a_folder_that_may_not_be_replaced_is_told_before_any_work(
    cli: CliRunner, counts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def begun(*_: object, **__: object) -> None:
        raise AssertionError("work was begun")

    monkeypatch.setattr("soleus.api.analyses.read_file", begun)
    (counts.parent / "mine").mkdir()
    (counts.parent / "mine" / "notes.txt").write_text("x")
    for out, more, words in (
        ("mine", [], "exists already"),
        ("mine", ["--overwrite"], "is not replaced"),
        ("~nobody-of-that-name/out", [], "no home folder of that user"),
        ("counts.csv", ["--overwrite"], "is a file"),
    ):
        shown = cli.invoke(app, ["analyse", str(counts), "--out", out, *more])
        assert (shown.exit_code, shown.stdout) == (2, "")
        assert words in shown.stderr
    assert sorted(path.name for path in counts.parent.iterdir()) == ["counts.csv", "mine"]
