"""Figures of the dentate gyrus: valid specifications that hold the numbers and say what is speculative."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft7Validator

from soleus.answers.run.figures.dentate import newborn_figure, stress_ladder_figure
from soleus.api import packaged
from soleus.catalogue.lineages import niche
from soleus.errors import InputError
from soleus.evidence.newborn import NewbornCourse, newborn_course
from soleus.evidence.resilience import StressBuffering, stress_buffering
from soleus.report.specs import Figure
from soleus.report.theme import DIVERGING

Spec = dict[str, Any]
DAYS = np.arange(0.0, 71.0, 1.0)


@pytest.fixture(scope="module")
def course() -> NewbornCourse:
    return newborn_course(niche(packaged(), "dg"), days=DAYS.tolist())


@pytest.fixture(scope="module")
def index() -> StressBuffering:
    return stress_buffering(packaged(), "dg", np.log([0.3, 0.7, 0.7, 0.7, 1.0, 1.2, 1.3, 3.0]))


@pytest.fixture(scope="module")
def newborn(course: NewbornCourse) -> Figure:
    return newborn_figure(course)


@pytest.fixture(scope="module")
def ladder(index: StressBuffering) -> Figure:
    return stress_ladder_figure(index)


def rows(figure: Figure) -> list[Spec]:
    found: list[Spec] = figure.spec["data"]["values"]
    return found


def test_specs_are_valid_vega_lite(newborn: Figure, ladder: Figure) -> None:
    schema = files("altair") / "vegalite" / "v6" / "schema" / "vega-lite-schema.json"
    validator = Draft7Validator(json.loads(schema.read_text(encoding="utf-8")))
    for figure in (newborn, ladder):
        errors = [error.message[:300] for error in validator.iter_errors(figure.spec)]
        assert not errors, (figure.name, errors[:2])


def test_the_cohort_is_drawn_as_it_is(newborn: Figure, course: NewbornCourse) -> None:
    drawn = {(r["stage"], r["day"]): r for r in rows(newborn)}
    for name, stage in (("mGC", "Mature granule cell"), ("yGC", "Granule cell of enhanced plasticity")):
        for day in (7.0, 28.0, 42.0, 70.0):
            row = drawn[(stage, day)]
            value = float(course.cells[int(day), course.types.index(name)])
            assert row["cells"] == pytest.approx(value, abs=1e-4)
            assert row["share"] == pytest.approx(value / course.living[int(day)], abs=1e-5)


def test_hardly_anything_is_left_out_and_it_is_named(newborn: Figure, course: NewbornCourse) -> None:
    total = {float(day): 0.0 for day in DAYS}
    for row in rows(newborn):
        total[row["day"]] += row["cells"]
    assert list(total.values()) == pytest.approx(course.living.tolist(), rel=0.02)
    assert "Left out, being too few: quiescent stem cell, resting stem cell." in newborn.caption


def test_stages_stack_in_the_order_of_the_lineage(newborn: Figure) -> None:
    scale = newborn.spec["encoding"]["color"]["scale"]
    place = {r["stage"]: r["place"] for r in rows(newborn)}
    assert scale["domain"] == sorted(place, key=place.__getitem__)
    assert len(set(scale["range"])) == len(scale["domain"])
    stages = scale["domain"]
    assert stages.index("Intermediate progenitor 2a") < stages.index("Immature granule cell")
    assert stages.index("Immature granule cell") < stages.index("Mature granule cell")


def test_the_ladder_has_every_rung_with_the_highest_on_top(ladder: Figure, index: StressBuffering) -> None:
    drawn = rows(ladder)
    assert [r["rung"].split("\n")[0] for r in drawn] == ["+2", "+1", "0", "-1", "-2"]
    assert [r["probability"] for r in drawn] == index.probabilities[::-1].tolist()
    assert [r["range"] for r in drawn] == [f"ratio {words}" for words in index.ranges[::-1]]
    assert [r["rung"] for r in drawn if r["likeliest"]] == ["-1\nweaker"]
    assert [r["text"] for r in drawn] == ["12 %", "25 %", "12 %", "38 %", "12 %"]


def test_losses_are_warm_and_gains_cold(ladder: Figure) -> None:
    assert [r["colour"] for r in rows(ladder)] == list(DIVERGING[::-1])


def test_it_says_speculative_in_title_picture_and_caption(ladder: Figure) -> None:
    assert "speculative" in ladder.title
    assert ladder.spec["title"]["text"].startswith("SPECULATIVE")
    assert ladder.caption.startswith("Speculative:")
    assert "no published dose-response" in ladder.caption
    assert ladder.spec["description"].startswith("Speculative:")


def test_newborn_cells_of_another_lineage_are_refused() -> None:
    with pytest.raises(InputError, match="lineage 'dg', got those of 'svz'"):
        newborn_figure(newborn_course(niche(packaged(), "svz"), days=[1.0, 2.0]))
