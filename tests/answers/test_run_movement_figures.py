"""Figures of doses and of maturation: valid, with the numbers of what they draw, and drawable."""

from __future__ import annotations

import json
import math
from importlib.resources import files

import numpy as np
import pytest
from jsonschema import Draft7Validator

from soleus.answers.run.figures.maturation import mature_share_figure, stages_figure
from soleus.api import packaged
from soleus.catalogue.maturation import cell_line
from soleus.errors import InputError
from soleus.evidence.dose_response import DoseCurve, DoseResponse
from soleus.report.figures.doses import doses_figure
from soleus.study.maturation import BirthDated, MatureShare

DOSES = np.array([0.0, 2.0, 6.0])


@pytest.fixture(scope="module")
def validator() -> Draft7Validator:
    schema = files("altair") / "vegalite" / "v6" / "schema" / "vega-lite-schema.json"
    return Draft7Validator(json.loads(schema.read_text(encoding="utf-8")))


def response(activity="wheel_running", within=None, unit="km/day", day=14.0):
    curves = tuple(
        DoseCurve(name, f"it's {name}", 1 + 0.1 * DOSES, 1 - 0.05 * DOSES, 1 + 0.2 * DOSES)
        for name in ("one", "two")
    )
    return DoseResponse(
        "leg-day", "svz", activity, within, "distance", unit, DOSES, "ki67_density",
        "Ki67+ cells", day, curves, None,
    )  # fmt: skip


def dated():
    line = cell_line(packaged(), "svz", "neuron")
    cells = np.array([[0.0, 0.0, 0.0, 0.0], [8.0, 2.0, 0.0, 0.0], [0.0, 1.0, 2.0, 1.0]])
    return BirthDated(line, "control", np.array([0.0, 1.0, 20.0]), cells)


SHARES = (
    MatureShare("control", "neuron", 0.0, 0.0, math.nan),
    MatureShare("control", "neuron", 14.0, 24565.0, 0.018),
    MatureShare("unloaded", "neuron", 14.0, 18773.0, 0.0085),
    MatureShare("control", "oligodendrocyte", 14.0, 136.0, 0.57),
)


def test_figures_are_valid_and_can_be_drawn(validator):
    import vl_convert

    built = [
        doses_figure([response(), response("limb_standing", "hindlimb_unloading", "min/day")]),
        stages_figure(dated()),
        mature_share_figure(SHARES, control="control"),
    ]
    for figure in built:
        errors = [e.message for e in validator.iter_errors(figure.spec)]
        assert not errors, (figure.name, errors[:2])
        assert "<svg" in vl_convert.vegalite_to_svg(json.dumps(figure.spec))
        assert json.dumps(figure.spec, allow_nan=False)
        assert figure.caption.endswith(".")


def test_doses_are_drawn_as_they_are_and_called_provisional():
    figure = doses_figure([response()])
    rows = figure.spec["data"]["values"]
    assert len(rows) == 6
    assert [(r["dose"], r["ratio"], r["low"], r["high"]) for r in rows[:3]] == [
        (d, 1 + 0.1 * d, 1 - 0.05 * d, 1 + 0.2 * d) for d in DOSES
    ]
    assert "not yet checked in a source" in figure.title and "Not yet checked in a source" in figure.caption
    assert "no study was found" in figure.caption
    # A row for each set, a panel for each activity, each filtered to its own rows.
    assert len(figure.spec["vconcat"]) == 2
    panel = figure.spec["vconcat"][0]["hconcat"][0]
    assert all("It's one" in m["transform"][0]["filter"] for m in panel["layer"][1:])


def test_responses_of_different_days_are_not_drawn_together():
    for wrong in ([], [response(), response(day=28.0)]):
        with pytest.raises(InputError, match="one read-out on one day"):
            doses_figure(wrong)


def test_stages_are_shares_of_the_living():
    figure = stages_figure(dated())
    rows = figure.spec["data"]["values"]
    by = {(r["age"], r["stage"]): r["share"] for r in rows}
    assert by[1.0, "Neuroblast in the SVZ"] == 0.8 and by[20.0, "Mature bulb neuron"] == 0.25
    assert not [r for r in rows if r["age"] == 0.0]
    # The line at 28 days lies beyond the ages shown.
    assert figure.spec["layer"][1]["data"]["values"] == [{"day": 14.0, "text": "14 days"}]


def test_mature_shares_by_group():
    figure = mature_share_figure(SHARES, control="control", labels={"unloaded": "Legs up"})
    rows = figure.spec["data"]["values"]
    assert [(r["group"], r["line"], r["day"], r["share"]) for r in rows] == [
        ("Control", "Neuron", 14.0, 0.018),
        ("Legs up", "Neuron", 14.0, 0.0085),
        ("Control", "Oligodendrocyte", 14.0, 0.57),
    ]
    with pytest.raises(InputError, match="at least one"):
        mature_share_figure([], control="control")
