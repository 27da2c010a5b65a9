"""Figures of a culture: valid specifications that hold the numbers that they were given."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft7Validator

from soleus.answers.run.figures.culture import growth_figure, sphere_figure
from soleus.answers.run.figures.culture_shares import phase_figure, share_figure
from soleus.report.specs import Figure

COLOURS = {"Control": "#5b7f9e", "Unloaded": "#d55e00"}
FLASK = {
    "Control": ([0.0, 6.0, 6.0, 12.0], [1e5, 6e5, 1e5, 6e5]),
    "Unloaded": ([0.0, 6.0, 6.0, 12.0], [1e5, 4e5, 1e5, 3e5]),
}
WHOLE = {
    "Control": ([0.0, 6.0, 6.0, 12.0], [1e5, 6e5, 4.2e5, 2.5e6]),
    "Unloaded": ([0.0, 6.0, 6.0, 12.0], [1e5, 4e5, 2.8e5, 8e5]),
}
COUNTED = {"Control": ([6.0, 12.0], [6.3e5, 0.0]), "Unloaded": ([6.0], [4.4e5])}
DIAMETERS = {"Control": [60.0, 70.0, 80.0], "Unloaded": [40.0, 50.0, 60.0, 50.0]}
SHARES = {
    "Nestin+ share": {"Control": [0.6, 0.62, 0.58], "Unloaded": [0.5, 0.48, 0.52]},
    "a marker with a rather long name": {"Control": [0.7], "Unloaded": [0.7]},
}
PHASES = {
    "Control": {"G0/G1": 0.64, "S": 0.26, "G2/M": 0.10},
    "Unloaded": {"G0/G1": 0.70, "S": 0.22, "G2/M": 0.08},
}
MADE = {
    "growth": growth_figure(FLASK, WHOLE, colours=COLOURS, passages=[6.0], counted=COUNTED),
    "plain growth": growth_figure(FLASK, WHOLE, colours=COLOURS),
    "spheres": sphere_figure(DIAMETERS, colours=COLOURS, day=5.0),
    "shares": share_figure(SHARES, colours=COLOURS),
    "phases": phase_figure(PHASES),
}


def rows(figure: Figure, *fields: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    todo: list[object] = [figure.spec]
    while todo:
        part = todo.pop(0)
        if isinstance(part, dict):
            found += [r for r in part.get("values", []) if isinstance(r, dict) and set(fields) <= set(r)]
            todo += part.values()
        elif isinstance(part, list):
            todo += part
    return found


@pytest.mark.parametrize("name", MADE)
def test_figures_are_valid_vega_lite(name):
    schema = json.loads((files("altair") / "vegalite/v6/schema/vega-lite-schema.json").read_text())
    errors = [e.message[:300] for e in Draft7Validator(schema).iter_errors(MADE[name].spec)]
    assert not errors, errors[:2]
    assert MADE[name].caption.endswith(".")


def test_growth_keeps_the_saw_tooth_in_order_on_log_axes():
    figure = MADE["growth"]
    control = [r for r in rows(figure, "cells", "k") if r["group"] == "Control"]
    assert [r["cells"] for r in control[:4]] == FLASK["Control"][1]
    # Both ends of a passage have one day: only the order says which comes first.
    assert figure.spec["concat"][0]["layer"][1]["encoding"]["order"]["field"] == "k"
    # A count of 0 has no place on a log axis.
    assert [r["cells"] for r in control[8:]] == [6.3e5]
    y = figure.spec["concat"][1]["layer"][1]["encoding"]["y"]
    low, high = y["scale"]["domain"]
    assert y["scale"]["type"] == "log"
    assert low < 1e5 and high > 2.5e6
    assert y["axis"]["values"] == pytest.approx([1e5, 2e5, 5e5, 1e6, 2e6])
    assert "Dots" in figure.caption and "Dots" not in MADE["plain growth"].caption


@pytest.mark.parametrize(("last", "ticks"), [(1e5, [1e5]), (4e5, [1e5, 2e5, 5e5]), (1e7, [1e5, 1e6, 1e7])])
def test_log_axes_have_ticks_however_far_they_reach(last, ticks):
    course = {"Control": ([0.0, 1.0], [1e5, last])}
    y = growth_figure(course, course, colours=COLOURS).spec["concat"][0]["layer"][1]["encoding"]["y"]
    assert y["axis"]["values"] == pytest.approx(ticks)


def test_shares_of_spheres_add_to_one_and_means_are_of_the_spheres():
    figure = MADE["spheres"]
    bars = rows(figure, "from", "share")
    for group, values in DIAMETERS.items():
        own = [r for r in bars if r["group"] == group]
        assert sum(r["share"] for r in own) == pytest.approx(1.0)
        middle = [0.5 * (r["from"] + r["to"]) * r["share"] for r in own]
        assert sum(middle) == pytest.approx(np.mean(values), abs=own[0]["to"])
    assert {r["group"]: r["mean"] for r in rows(figure, "mean")} == {"Control": 70.0, "Unloaded": 50.0}
    assert "70" in figure.caption and "n = 4" in figure.caption


def test_every_culture_is_a_dot_in_its_panel():
    found = rows(MADE["shares"], "marker", "value")
    assert len(found) == 8
    for marker, groups in SHARES.items():
        for group, values in groups.items():
            here = [
                r["value"]
                for r in found
                if r["group"] == group and " ".join(r["marker"].split()).lower() == marker.lower()
            ]
            assert here == list(values), marker


def test_phases_stack_to_the_whole():
    found = rows(MADE["phases"], "phase", "low")
    for group, shares in PHASES.items():
        own = [r for r in found if r["group"] == group]
        assert [r["phase"] for r in own] == list(shares)
        assert [r["high"] - r["low"] for r in own] == pytest.approx(list(shares.values()))
        assert own[0]["low"] == 0.0 and own[-1]["high"] == pytest.approx(1.0)
    assert found[2]["text"] == "10.0 %"
