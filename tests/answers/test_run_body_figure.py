"""The figure of the body: valid, one panel a course, colours by group, the numbers those of the curves."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest
from jsonschema import Draft7Validator

from soleus.answers.run.figures.body import body_figure
from soleus.api import packaged
from soleus.evidence.body_curves import WITHOUT_FEEDBACK, body_curves, usual_regimens
from soleus.report.theme import CONTROL, LOSS, MUTED

DAYS = [0.0, 1.0, 7.0, 14.0, 15.0, 21.0, 28.0]


@pytest.fixture(scope="module")
def curves():
    return body_curves(packaged(), usual_regimens(packaged(), 28.0), DAYS)


@pytest.fixture(scope="module")
def spec(curves):
    return body_figure(curves).spec


def test_the_specification_is_valid(spec):
    schema = files("altair") / "vegalite" / "v6" / "schema" / "vega-lite-schema.json"
    errors = list(Draft7Validator(json.loads(schema.read_text(encoding="utf-8"))).iter_errors(spec))
    assert errors == []


def test_each_course_that_competes_has_its_own_panel(curves, spec):
    panels = {row["panel"] for row in spec["data"]["values"]}
    assert len(panels) == len({(c.readout, c.course) for c in curves}) == 13
    flat = {" ".join(p.split()) for p in panels}
    assert "Corticosterone: raised for a few days" in flat
    assert "Corticosterone: raised throughout" in flat
    assert "Mass of the soleus" in flat


def test_groups_keep_their_colours_and_lie_on_each_other_in_dashes(spec):
    colour = spec["spec"]["layer"][1]["encoding"]["color"]["scale"]
    by_group = dict(zip(colour["domain"], colour["range"], strict=True))
    assert by_group["control"] == CONTROL
    assert by_group["unloaded"] == LOSS
    assert by_group[WITHOUT_FEEDBACK] == MUTED
    assert len(set(by_group.values())) == len(by_group)
    dash = spec["spec"]["layer"][1]["encoding"]["strokeDash"]["scale"]
    patterns = dict(zip(dash["domain"], map(tuple, dash["range"]), strict=True))
    assert patterns["unloaded"] != patterns["suspended but loaded"]
    # A legend that one layer switches off is switched off for all.
    assert all("legend" in layer["encoding"]["color"] for layer in spec["spec"]["layer"])
    assert all(layer["encoding"]["color"]["legend"] is not None for layer in spec["spec"]["layer"])


def test_what_is_drawn_is_what_was_predicted(curves, spec):
    rows = spec["data"]["values"]
    assert len(rows) == sum(len(c.days) for c in curves)
    curve = next(c for c in curves if c.readout == "soleus_mass" and c.group == "unloaded")
    shown = [r for r in rows if r["readout"] == curve.label and r["group"] == "unloaded"]
    assert [r["day"] for r in shown] == list(curve.days)
    for row, middle, low, high in zip(shown, curve.median, curve.low, curve.high, strict=True):
        assert row["ratio"] == pytest.approx(middle, rel=1e-3)
        assert row["low"] == pytest.approx(low, rel=1e-3)
        assert row["high"] == pytest.approx(high, rel=1e-3)
        assert row["low"] <= row["ratio"] <= row["high"]
    bare = [r for r in rows if r["group"] == WITHOUT_FEEDBACK]
    assert bare
    assert not any(r["banded"] for r in bare)


def test_the_picture_can_be_drawn(spec):
    import vl_convert

    svg = vl_convert.vegalite_to_svg(json.dumps(spec))
    assert "unloaded, reloaded from day 14" in svg
    assert "NaN" not in svg
