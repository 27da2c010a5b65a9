"""Figures and page of an analysis: valid, with every animal and every interval of the result in them."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "results"))

from analysis_tables import PLAN, result, table

from soleus.observations import Observations
from soleus.report.analysis import analysis_page, effects_table
from soleus.report.figures.analysis import analysis_figures
from soleus.report.names import readout_slug
from soleus.report.specs import Figure
from soleus.schema.analysis import AnalysisResult

Spec = dict[str, Any]


@pytest.fixture(scope="module")
def found() -> AnalysisResult:
    return result(virtual=table(), against="leg-day")


@pytest.fixture(scope="module")
def figures(found: AnalysisResult) -> dict[str, Figure]:
    return {f.name: f for f in analysis_figures(found)}


@pytest.fixture(scope="module")
def validator() -> Draft7Validator:
    schema = files("altair") / "vegalite" / "v6" / "schema" / "vega-lite-schema.json"
    return Draft7Validator(json.loads(schema.read_text(encoding="utf-8")))


def layers(figure: Figure) -> Iterator[tuple[str, list[Spec]]]:
    """Yield each layer's mark and rows."""
    for panel in figure.spec["hconcat"]:
        for layer in panel["layer"]:
            yield str(layer["mark"]["type"]), layer["data"]["values"]


def test_one_valid_figure_for_each_read_out(figures: dict[str, Figure], validator: Draft7Validator) -> None:
    assert list(figures) == ["readout-ki67", "readout-mass"]
    for name, figure in figures.items():
        errors = [e.message[:300] for e in validator.iter_errors(figure.spec)]
        assert not errors, (name, errors[:2])
    broken = json.loads(json.dumps(figures["readout-ki67"].spec))
    broken["hconcat"][0]["layer"][1]["encoding"]["y"]["type"] = "number"
    assert list(validator.iter_errors(broken))


def test_every_animal_every_section_and_every_virtual_animal_is_drawn(
    figures: dict[str, Figure], found: AnalysisResult
) -> None:
    rings, parts, animals, _ = [rows for _, rows in layers(figures["readout-ki67"])][:4]
    own = [a for a in found.animals if a.readout == "Ki67"]
    assert [r["value"] for r in animals] == [a.value for a in own]
    assert sorted(r["value"] for r in parts) == sorted(p for a in own for p in a.parts)
    assert len(rings) == len(own)
    assert "virtual animals of leg-day" in figures["readout-ki67"].caption
    # No two animals of a group lie on top of each other.
    assert len({(r["slot"], r["offset"]) for r in animals}) == len(animals)


def test_the_interval_drawn_is_that_of_the_analysis_and_the_wrong_one_is_grey(
    figures: dict[str, Figure], found: AnalysisResult
) -> None:
    comparison = next(c for c in found.comparisons if c.readout == "Ki67")
    rules = [rows for mark, rows in layers(figures["readout-ki67"]) if mark == "rule" and "low" in rows[0]]
    own, wrong = rules[0]
    assert comparison.effect is not None
    assert comparison.wrong is not None
    assert (own["low"], own["high"]) == (comparison.effect.low, comparison.effect.high)
    assert (wrong["low"], wrong["high"]) == (comparison.wrong.low, comparison.wrong.high)
    assert own["colour"] != wrong["colour"]
    assert (own["side"], wrong["side"]) == (-0.45, 0.45)


def test_a_read_out_that_cannot_be_told_shows_its_animals_and_the_page_says_why() -> None:
    one = table()
    few = one.frame[(one.frame["group"] == "control") | (one.frame["animal"] == "m5")].reset_index(drop=True)
    untold = result(Observations(few), PLAN)
    drawn = analysis_figures(untold)
    assert all(len(f.spec["hconcat"]) == 1 for f in drawn)
    page = analysis_page(untold, drawn, paths={})
    assert page.count("cannot be told from these data, because") >= 2


def test_the_table_to_take_away_has_a_row_for_each_comparison(found: AnalysisResult) -> None:
    rows = effects_table(found)
    assert len(rows) == len(found.comparisons)
    ki67 = rows[rows["readout"] == "Ki67"].iloc[0]
    assert ki67["n control"] == 5
    assert ki67["n unloaded"] == 4
    assert ki67["estimate"] == next(c.effect for c in found.comparisons if c.readout == "Ki67").estimate
    assert ki67["sentence"].startswith("Ki67 (svz) on day 28 was")


def test_hostile_names_stay_text(found: AnalysisResult) -> None:
    hostile = found.model_copy(
        update={"source": found.source.model_copy(update={"file": "<script>alert(1)</script>.csv"})}
    )
    page = analysis_page(hostile, analysis_figures(hostile), paths={})
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_the_lines_drawn_are_what_the_effect_compares(
    figures: dict[str, Figure], found: AnalysisResult
) -> None:
    """The ratio of the lines is the point beside them, whichever mean was compared."""
    for comparison in found.comparisons:
        drawn = list(layers(figures[readout_slug(comparison.readout)]))
        ticks = {row["group"]: row for mark, rows in drawn if mark == "tick" for row in rows}
        points = [rows for mark, rows in drawn if mark == "point" and rows and "low" in rows[0]]
        assert comparison.effect is not None
        ratio = ticks["unloaded"]["value"] / ticks["control"]["value"]
        assert ratio == pytest.approx(comparison.effect.estimate, rel=1e-12)
        assert ratio == pytest.approx(points[0][0]["value"], rel=1e-12)
        assert {row["kind"] for row in ticks.values()} == {"geometric mean"}
        dots = [rows for mark, rows in drawn if mark == "point" and rows and "animal" in rows[0]][-1]
        for group, tick in ticks.items():
            logs = [math.log(row["value"]) for row in dots if row["group"] == group]
            assert math.exp(sum(logs) / len(logs)) == pytest.approx(tick["value"], rel=1e-12)
