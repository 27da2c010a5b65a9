"""The page on assays: examples run, tables are those of stored results, pictures can be drawn."""

from __future__ import annotations

import json
import re
import shlex
from importlib.resources import files
from pathlib import Path

import pytest
from jsonschema import Draft7Validator
from scripts import assay_data as data
from scripts import assay_figures as figures
from scripts import docs_pictures, docs_tables
from typer.testing import CliRunner

from soleus.answers.panel.values import PanelResult
from soleus.answers.written import read_values
from soleus.cli import app
from soleus.report.export import FigureExporter
from soleus.report.specs import Spec

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "assays.md").read_text(encoding="utf-8")
STORED = read_values((ROOT / "docs" / "panel.json").read_text(encoding="utf-8"), PanelResult)


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.mark.parametrize("block", blocks("python"), ids=lambda b: b.strip().splitlines()[-1][:40])
def test_every_example_runs_and_checks_itself(block: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert "assert " in block
    exec(compile(block, "docs/assays.md", "exec"), {})


def test_every_kind_of_assay_has_an_example() -> None:
    shown = "\n".join(blocks("python"))
    for name in ("Label", "fit_cumulative", "Gate", "fractionator_assay", "FractionAssay", "CloneAssay"):
        assert f"{name}" in shown


def test_every_command_exists_with_its_options() -> None:
    commands = [shlex.split(line) for block in blocks("console") for line in block.splitlines() if line]
    assert len(commands) >= 2
    for words in commands:
        assert words[0] == "soleus"
        shown = CliRunner().invoke(app, [*words[1:], "--help"])
        assert shown.exit_code == 0, shown.stderr


def test_pictures_exist_and_none_is_left_over() -> None:
    shown = set(re.findall(r"!\[[^\]]+\]\(([^)]+)\)", PAGE))
    there = {f"images/{p.name}" for p in (ROOT / "docs" / "images").glob("assays-*.svg")}
    assert shown == there and len(shown) == 7


def test_links_within_the_page_lead_somewhere() -> None:
    heads = {
        re.sub(r"[^a-z0-9 -]", "", h.lower()).replace(" ", "-") for h in re.findall(r"^#+ (.+)$", PAGE, re.M)
    }
    targets = re.findall(r"\]\(#([^)]+)\)", PAGE)
    assert len(targets) >= 9 and set(targets) <= heads


@pytest.mark.parametrize("name", ["signs", "causes", "pairs", "provisional"])
def test_tables_of_the_panel_are_those_of_the_stored_result(name: str) -> None:
    assert docs_tables.table_of(PAGE, name) == docs_tables.panel_tables(STORED)[name]


def test_another_number_makes_another_table() -> None:
    mark = next(m for m in STORED.marks if (m.cause, m.statistic) == ("tap_death", "Ki67+"))
    moved = mark.model_copy(update={"change": -mark.change})
    changed = STORED.model_copy(update={"marks": [moved if m is mark else m for m in STORED.marks]})
    made = docs_tables.panel_tables(changed)
    assert made["signs"] != docs_tables.table_of(PAGE, "signs")
    fewer = STORED.model_copy(update={"separations": STORED.separations[1:]})
    assert docs_tables.panel_tables(fewer)["pairs"] != docs_tables.table_of(PAGE, "pairs")


def test_the_table_of_the_chase_is_that_of_the_benchmark() -> None:
    assert docs_tables.table_of(PAGE, "chase") == docs_tables.chase_table(docs_pictures.CHASE)


def test_tables_go_between_their_markers_and_nowhere_else() -> None:
    page = "a\n<!-- begin: x -->\n\nold\n\n<!-- end: x -->\nb\n"
    made = docs_tables.put_tables(page, {"x": "new"})
    assert made == page.replace("old", "new") and docs_tables.table_of(made, "x") == "new"
    with pytest.raises(SystemExit, match="begin: y"):
        docs_tables.put_tables(page, {"y": "new"})
    with pytest.raises(SystemExit, match="no table 'y'"):
        docs_tables.table_of(page, "y")


def test_what_the_page_says_of_the_marks_holds() -> None:
    marks = {(m.cause, m.statistic): m for m in STORED.marks}
    causes = [c.name for c in STORED.causes]
    falls = {c for c in causes if marks[c, "Ki67+"].change < -0.01}
    assert falls == set(causes) - {"neuroblast_cycle", "stem_death"}
    assert marks["neuroblast_cycle", "Ki67+"].change > 0.05
    assert all(abs(marks[c, "GFAP+Sox2+"].percent) < 3.0 for c in causes)
    for cause in ("stem_cycle", "return", "activation"):
        assert marks[cause, "BrdU+GFAP+"].percent > 10.0
    for cause, cells in (("stem_cycle", "stem cells"), ("tap_cycle", "Ascl1+ cells")):
        own = abs(marks[cause, f"leaving S, {cells}"].change)
        assert all(abs(marks[c, f"leaving S, {cells}"].change) < 0.5 * own for c in causes if c != cause)
    assert all(abs(marks["stem_death", s.name].signal) < 0.1 for s in STORED.statistics)
    told = {c.name: c for c in STORED.causes}
    assert told["neuroblast_cycle"].told_at < 1.0
    assert all(told[c].told_at > 1.0 for c in causes if c != "neuroblast_cycle")
    assert (STORED.day, STORED.factor, STORED.fall, STORED.animals) == (28.0, 1.5, 0.3, 8)
    assert (len(causes), STORED.status) == (9, "provisional")


def specs() -> dict[str, Spec]:
    """Every picture of rows that are few and quick to make."""
    curve = [
        {"panel": "cells", "hours": h, "share": 0.1 * h, "curve": c}
        for h in (1.0, 2.0)
        for c in ("in the SVZ", "the classical line")
    ]
    clones = [
        {"place": p, "day": d, "class": c, "share": 0.25}
        for p in data.CLONE_PLACES
        for d in (0.0, 7.0)
        for c in data.CLONE_CLASSES.values()
    ]
    chase = [
        {"hours": 1.0, "gate": "S", "low": 0.1, "fitted": 0.2, "high": 0.3},
        {"hours": 1.0, "gate": "S", "measured": 0.2, "from": 0.1, "to": 0.3},
    ]
    return {
        "labels": figures.labels_spec(curve, data.dilution_rows()),
        "markers": figures.markers_spec(data.marker_rows()),
        "clones": figures.clones_spec(clones),
        "stereology": figures.stereology_spec(
            [{"sections": n, "percent": 10.0 / n, "part": p} for n in (3.0, 6.0) for p in "abcd"]
        ),
        "chase": figures.chase_spec(chase),
    }


def test_every_picture_is_valid_vega_lite_and_can_be_drawn(tmp_path: Path) -> None:
    schema = files("altair") / "vegalite" / "v6" / "schema" / "vega-lite-schema.json"
    validator = Draft7Validator(json.loads(schema.read_text(encoding="utf-8")))
    made = specs()
    for name, spec in made.items():
        errors = [e.message[:300] for e in validator.iter_errors(spec)]
        assert not errors, (name, errors[:2])
    # By a worker: the renderer numbers what it draws, and other tests compare its first drawings.
    with FigureExporter(workers=1, cache=False) as draws:
        draws.export(made, tmp_path)
    for name in made:
        svg = (tmp_path / f"{name}.svg").read_text(encoding="utf-8")
        assert "\u2026" not in svg, f"{name}: a label was cut"


def test_markers_in_the_picture_are_seen_where_they_should_be() -> None:
    seen = {(r["marker"], r["type"].lower()): r["seen"] for r in data.marker_rows()}
    assert all(0.0 <= p <= 1.0 for p in seen.values())
    assert seen["NeuN", "mature bulb neuron"] > 0.7 > 0.05 > seen["NeuN", "dormant stem cell"]
    assert seen["Sox2", "dormant stem cell"] > 0.9
    assert 0.6 < seen["Ki67", "active stem cell"] < 0.85, "cells in early G1 have lost it"


def test_a_pulse_is_diluted_and_leaves_the_svz() -> None:
    rows = data.dilution_rows()
    cells = {(r["day"], r["level"]): r["cells"] for r in rows}
    days = sorted({r["day"] for r in rows})
    total = [sum(cells[d, level] for level in ("full", "1/2", "1/4", "1/8", "1/16")) for d in days]
    assert cells[days[0], "full"] > 0.85 * total[0] > 100.0
    assert max(total) > 2.0 * total[0] and total[-1] < 0.02 * max(total)
    for level, other in (("full", "1/2"), ("1/2", "1/4"), ("1/4", "1/8"), ("1/8", "1/16")):
        peak = [max(days, key=lambda d, one=one: cells[d, one]) for one in (level, other)]
        assert peak[0] < peak[1], "each level is fed by the one above it"


@pytest.mark.slow
def test_the_stored_panel_is_what_the_lineage_gives_now() -> None:
    from soleus.api import panel

    now = panel().values
    assert [n.model_dump() for n in now.numbers] == [n.model_dump() for n in STORED.numbers]
    for one, other in zip(now.marks, STORED.marks, strict=True):
        assert (one.cause, one.statistic) == (other.cause, other.statistic)
        assert one.change == pytest.approx(other.change, rel=1e-3, abs=1e-6)
        assert one.signal == pytest.approx(other.signal, rel=1e-3, abs=1e-5)
    for pair, stored in zip(now.separations, STORED.separations, strict=True):
        assert (pair.first, pair.second, pair.panel) == (stored.first, stored.second, stored.panel)
        assert pair.animals == pytest.approx(stored.animals, rel=1e-3)
    assert docs_tables.panel_tables(now) == docs_tables.panel_tables(STORED)


@pytest.mark.slow
def test_the_other_tables_are_what_the_package_gives_now() -> None:
    lengths = data.returned_lengths()
    assert docs_tables.table_of(PAGE, "cumulative") == docs_tables.cumulative_table(lengths)
    assert docs_tables.table_of(PAGE, "clones") == docs_tables.clone_table(data.clone_rows())
    # What the page says of them: cells that differ by themselves bend the line as much as the SVZ does.
    for one in lengths:
        alone, svz = (f.cycle_hours.estimate / one.svz.cycle_hours for f in (one.spread, one.svz.fit))
        assert alone >= svz > 1.05 > one.alike.cycle_hours.estimate / one.svz.cycle_hours
