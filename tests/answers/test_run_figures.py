"""Figures: valid specifications, and the numbers in them are those of the result."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft7Validator
from run_sample import figures_of, specs_of

from soleus.answers.run.figures.lineage_layout import merge_flows, place_types
from soleus.answers.run.figures.residuals import standardised_residual
from soleus.answers.run.values import Headline, RestingPoint, RunResult
from soleus.report.names import readout_slug
from soleus.report.numbers import change, log2_ratio, ratio_text
from soleus.report.theme import CONTROL, LOSS
from soleus.schema.values import Interval

Spec = dict[str, Any]
# What the page holds beside each other on a screen of 1280 px.
PAGE_PX = 1104


@pytest.fixture(scope="module")
def specs(result: RunResult) -> dict[str, Spec]:
    return specs_of(result)


@pytest.fixture(scope="module")
def validator() -> Draft7Validator:
    schema = files("altair") / "vegalite" / "v6" / "schema" / "vega-lite-schema.json"
    return Draft7Validator(json.loads(schema.read_text(encoding="utf-8")))


def parts(spec: object) -> Iterator[Spec]:
    """Every dictionary inside a specification, outermost first."""
    if isinstance(spec, dict):
        yield spec
        for value in spec.values():
            yield from parts(value)
    elif isinstance(spec, list):
        for value in spec:
            yield from parts(value)


def rows_with(spec: Spec, *fields: str) -> list[Spec]:
    """Every data row that has all the fields, from all inline data of a specification."""
    found = []
    for part in parts(spec):
        data = part.get("data")
        if isinstance(data, dict) and "values" in data:
            found += [row for row in data["values"] if all(field in row for field in fields)]
    return found


def flat(label: str) -> str:
    """A label without its line ends."""
    return " ".join(label.split())


def test_every_figure_is_there(specs: dict[str, Spec], result: RunResult) -> None:
    shared = {
        "headline", "design", "signals", "lineage", "effects", "translation",
        "resting-fit", "residuals", "moved-rates", "discrepancy", "claims", "body", "stages-neuron",
        "mature-share",
        "dentate-newborn", "stress-ladder", "culture-growth",
    }  # fmt: skip
    assert set(specs) == shared | {readout_slug(r.readout) for r in result.readouts}
    assert len(specs) == 29


@pytest.mark.parametrize("n, drawn", [(8, True), (600, False)])
def test_specs_are_valid_vega_lite(
    build: Callable[..., RunResult], validator: Draft7Validator, n: int, drawn: bool
) -> None:
    for name, spec in specs_of(build(n, drawn)).items():
        errors = [error.message[:300] for error in validator.iter_errors(spec)]
        assert not errors, (name, errors[:2])


def test_validator_sees_a_planted_error(specs: dict[str, Spec], validator: Draft7Validator) -> None:
    broken = json.loads(json.dumps(specs["design"]))
    broken["layer"][0]["encoding"]["x"]["type"] = "numeric"
    assert list(validator.iter_errors(broken))


def test_specs_hold_data_only_inline(specs: dict[str, Spec]) -> None:
    for spec in specs.values():
        assert not [part for part in parts(spec) if "url" in part or "href" in part]


def test_every_animal_is_drawn_in_its_own_group(specs: dict[str, Spec], result: RunResult) -> None:
    colours = {"control": CONTROL, "unloaded": LOSS}
    for name in {r.readout for r in result.readouts}:
        drawn = rows_with(specs[readout_slug(name)], "animal", "value")
        in_result = [(a, r.day) for r in result.readouts if r.readout == name for a in r.animals]
        for animal, day in in_result:
            mine = [row for row in drawn if row["animal"] == animal.animal]
            values = [row["value"] for row in mine]
            expected = [animal.value, *(animal.units if len(animal.units) > 1 else [])]
            assert sorted(values) == sorted(expected)
            for row in mine:
                assert row["slot"].split("\n") == [animal.group, f"day {day:g}", "n = 8"]
                assert row["colour"] == colours[animal.group]
        assert len({row["animal"] for row in drawn}) == len(in_result) == 32


def test_mean_line_and_ratio_stand_beside_the_animals(specs: dict[str, Spec], result: RunResult) -> None:
    for r in result.readouts:
        spec = specs[readout_slug(r.readout)]
        means = [row for row in rows_with(spec, "n", "value") if f"day {r.day:g}" in row["slot"]]
        drawn = {row["group"]: row["value"] for row in means}
        assert drawn == r.centre_by_group != r.mean_by_group
        # The ratio of the lines is the point beside them.
        assert r.effect is not None
        assert drawn["unloaded"] / drawn["control"] == pytest.approx(r.effect.ratio.value, rel=1e-9)
        ratios = [
            row
            for row in spec["hconcat"][1]["layer"][-1]["data"]["values"]
            if row["slot"] == f"day {r.day:g}"
        ]
        assert [(row["value"], row["low"], row["high"]) for row in ratios] == [
            (r.effect.ratio.value, r.effect.ratio.low, r.effect.ratio.high)
        ]
        assert [row["true"] for row in ratios] == [r.true_ratio]
        assert ratios[0]["colour"] == LOSS


def test_effects_forest_equals_the_result(specs: dict[str, Spec], result: RunResult) -> None:
    drawn = {
        (flat(row["label"]), row["day"]): (row["low"], row["value"], row["high"], row["true"])
        for row in rows_with(specs["effects"], "true")
    }
    assert drawn == {
        (r.label, f"day {r.day:g}"): (
            r.effect.ratio.low,
            r.effect.ratio.value,
            r.effect.ratio.high,
            r.true_ratio,
        )
        for r in result.readouts
        if r.effect is not None
    }


def test_summary_replaces_dots_where_no_animal_is_given(build: Callable[..., RunResult]) -> None:
    large = build(600, False)
    spec = specs_of(large)["readout-ki67-density"]
    assert not rows_with(spec, "animal")
    first = next(r for r in large.readouts if r.readout == "ki67_density")
    bands = [row for row in rows_with(spec, "q5", "q95") if row["slot"].startswith("control\nday 14")]
    assert bands
    for row in bands:
        assert [row[q] for q in ("q5", "q25", "q50", "q75", "q95")] == first.quantiles_by_group["control"]
        assert row["n"] == 600


def test_lineage_shows_each_group_its_own_cells(specs: dict[str, Spec], result: RunResult) -> None:
    panels = specs["lineage"]["vconcat"]
    assert [panel["title"]["text"] for panel in panels] == ["control", "unloaded"]
    for panel, group in zip(panels, ("control", "unloaded"), strict=True):
        cells = {row["name"]: row["cells"] for row in rows_with(panel, "cells", "ontology")}
        assert cells == {t.name: t.cells[group] for t in result.lineage_types}
        rates = {row["flow"]: row["rate"] for row in rows_with(panel, "flow", "rate")}
        labels = {t.name: t.label for t in result.lineage_types}
        assert rates == {
            f"{labels[f.source]} → {labels[f.target] if f.target else 'death'}": f.cells_per_day[group]
            for f in result.flows
        }
    ratios = {row["name"]: row["log2"] for row in rows_with(panels[1], "cells", "log2")}
    assert ratios["tap"] == pytest.approx(math.log2(0.31))
    assert ratios["quiescent"] > 0


def test_lineage_layout_gives_every_type_its_own_place(result: RunResult) -> None:
    places = place_types(result.lineage_types, result.flows)
    assert len({(p.x, p.y) for p in places.values()}) == len(result.lineage_types)
    main = [
        "dormant",
        "quiescent",
        "active",
        "tap",
        "nb-dividing",
        "nb-migrating",
        "neuron-immature",
        "neuron-mature",
    ]
    assert {places[name].row for name in main} == {0}
    assert [places[name].x for name in main] == sorted(places[name].x for name in main)


def test_flows_between_the_same_types_are_added(result: RunResult) -> None:
    twice = [result.flows[1], result.flows[1].model_copy(update={"transition": "another"})]
    ((_, _, names, total),) = merge_flows(twice)
    assert names == "activation, another"
    assert total == {group: 2 * size for group, size in result.flows[1].cells_per_day.items()}


def test_headline_has_both_columns_with_the_right_numbers(specs: dict[str, Spec], result: RunResult) -> None:
    def name(h: Headline) -> str:
        label = h.label[0].upper() + h.label[1:]
        return label if h.day == 28 else f"{label}, day 14"

    left, right = specs["headline"]["concat"]
    assert left["title"]["text"] == "If the reported change is true"
    face = {flat(row["label"]): (row["low"], row["value"], row["high"]) for row in rows_with(left, "value")}
    assert face == {
        name(h): (h.face_value.low, h.face_value.value, h.face_value.high)
        for h in result.headline
        if h.face_value
    }
    prior = {
        flat(row["label"]): (row["low"], row["value"], row["high"])
        for row in rows_with(right, "value")
        if "set" not in row
    }
    assert prior == {name(h): (h.prior.low, h.prior.value, h.prior.high) for h in result.headline}
    assert len(prior) == len(result.headline) == 8
    sets = [row for row in rows_with(right, "set")]
    assert len(sets) == sum(len(h.prior_by_set) for h in result.headline) == 40


def test_headline_says_its_day_and_how_many_draws(result: RunResult) -> None:
    caption = next(figure.caption for figure in figures_of(result).values() if figure.name == "headline")
    assert "at day 28 unless another day stands with the name" in caption
    assert "from 1\u202f234 equally probable effect sizes" in caption


@pytest.mark.parametrize("name", ["headline", "effects", "translation", "moved-rates", "claims"])
def test_long_labels_are_broken_never_cut(specs: dict[str, Spec], name: str) -> None:
    """A letter of these labels is half as wide as the font is high."""
    shown = 0
    for part in parts(specs[name]):
        axis = part.get("axis")
        if isinstance(axis, dict) and "labelExpr" in axis:
            assert "split(" in axis["labelExpr"]
            field, limit = part["field"], axis.get("labelLimit", 320)
            letter_px = 0.5 * axis.get("labelFontSize", 12)
            for row in rows_with(specs[name], field):
                shown += 1
                assert max(map(len, row[field].split("\n"))) * letter_px <= limit, row[field]
    assert shown > 0


def test_translation_cells_equal_the_result(specs: dict[str, Spec], result: RunResult) -> None:
    drawn = {
        (row["mechanism"], row["readout"]): row["ratio"] for row in rows_with(specs["translation"], "ratio")
    }
    assert drawn == {
        (row.label if row.reaches else f"{row.label} (cannot reach)", name): ratio
        for row in result.translation
        for name, ratio in row.ratios.items()
    }
    scale = specs["translation"]["layer"][0]["encoding"]["color"]["scale"]
    assert scale["domain"][2] == 0 and scale["domain"][0] == -scale["domain"][-1]


def test_translation_writes_and_colours_what_each_cell_holds(specs: dict[str, Spec]) -> None:
    rows = rows_with(specs["translation"], "ratio")
    assert {row["ratio"] > 1.0 for row in rows} == {True, False}
    for row in rows:
        assert row["text"] == ratio_text(row["ratio"])
        assert row["change"] == change(row["ratio"])
        assert row["log2"] == pytest.approx(log2_ratio(row["ratio"]))


def test_translation_is_of_the_last_day(build: Callable[..., RunResult]) -> None:
    result = build()
    early = [
        row.model_copy(update={"day": 3.0, "ratios": dict.fromkeys(row.ratios, 7.0)})
        for row in result.translation
    ]
    both = result.model_copy(update={"translation": [*early, *result.translation]})
    rows = rows_with(specs_of(both)["translation"], "ratio")
    assert len(rows) == sum(len(row.ratios) for row in result.translation)
    assert 7.0 not in {row["ratio"] for row in rows}


def test_translation_names_every_readout_in_words(specs: dict[str, Spec]) -> None:
    rows = {row["readout"]: flat(row["row"]) for row in rows_with(specs["translation"], "ratio")}
    assert rows["ki67_density"] == "Ki67+ cells, ventral SVZ"
    assert rows["quiescent_stem_cells"] == "Quiescent stem cells that have not divided for a week"
    assert rows["new_stem_cells_per_day"] == "New stem cells per day"
    assert not [label for label in rows.values() if "_" in label]


def test_translation_puts_the_most_telling_readout_first(specs: dict[str, Spec], result: RunResult) -> None:
    spec = specs["translation"]
    folds = {flat(row["row"]): row["fold"] for row in rows_with(spec, "fold")}
    order = [flat(label) for label in spec["layer"][0]["encoding"]["y"]["sort"]]
    assert order == sorted(folds, key=lambda label: -folds[label])
    reaching = [row.ratios for row in result.translation if row.reaches]
    assert order[0] == "New stem cells per day" and folds[order[0]] == pytest.approx(5.0)
    tap = [ratios["tap"] for ratios in reaching]
    assert folds["Transit-amplifying cells"] == pytest.approx(max(tap) / min(tap))
    # Columns: those that reach the reported size, those that do not, and the spread.
    columns = [flat(label) for label in spec["layer"][0]["encoding"]["x"]["sort"]]
    assert [label.endswith("(cannot reach)") for label in columns] == [False] * 5 + [True] * 2 + [False]


def test_wide_figures_fit_the_page(specs: dict[str, Spec], build: Callable[..., RunResult]) -> None:
    assert specs["signals"]["columns"] * (specs["signals"]["spec"]["width"] + 30) + 3 * 22 <= PAGE_PX
    long_line = build()
    first, *others = long_line.translation
    many = [first.model_copy(update={"mechanism": f"m{k}", "label": f"Mechanism {k}"}) for k in range(5)]
    heat = specs_of(long_line.model_copy(update={"translation": [*many, *others]}))["translation"]
    assert len(heat["layer"][0]["encoding"]["x"]["sort"]) == 12
    assert 0.7 * PAGE_PX < heat["width"] + heat["layer"][0]["encoding"]["y"]["axis"]["labelLimit"] <= PAGE_PX
    types = [
        one.model_copy(update={"name": f"{one.name}{k}", "column": k % 12})
        for k, one in enumerate(long_line.lineage_types + long_line.lineage_types[:4])
    ]
    wide = specs_of(long_line.model_copy(update={"lineage_types": types, "flows": []}))["lineage"]
    for panel in wide["vconcat"]:
        assert 0.9 * PAGE_PX < panel["width"] + 8 <= PAGE_PX
        for row in rows_with(panel, "lines"):
            assert max(map(len, row["lines"].split("\n"))) * 5.6 <= panel["width"] / 12


def test_signals_keep_their_group(specs: dict[str, Spec], result: RunResult) -> None:
    rows = specs["signals"]["data"]["values"]
    for s in result.signals:
        last = [row for row in rows if row["signal"] == s.label and row["group"] == s.group][-1]
        assert (last["day"], last["value"]) == (s.days[-1], s.values[-1])
    scale = specs["signals"]["spec"]["layer"][0]["encoding"]["color"]["scale"]
    assert dict(zip(scale["domain"], scale["range"], strict=True)) == {"control": CONTROL, "unloaded": LOSS}


def test_design_shows_regimens_and_sampling_days(specs: dict[str, Spec]) -> None:
    bars = rows_with(specs["design"], "activity", "end")
    assert {(row["group"], row["activity"], row["end"]) for row in bars} == {
        ("control, n = 8", "free ambulation", 28),
        ("unloaded, n = 8", "hind-limb unloading", 28),
    }
    assert {row["start"] for row in rows_with(specs["design"], "text")} == {14, 28}


def test_resting_points_and_bands_equal_the_result(specs: dict[str, Spec], result: RunResult) -> None:
    drawn = {(row["panel"], row["age"]): row for row in specs["resting-fit"]["data"]["values"]}
    assert len(drawn) == len(result.resting_fit.points) == 30
    for p in result.resting_fit.points:
        row = drawn[(p.label, p.age_days)]
        assert (row["observed"], row["low"], row["high"]) == (p.observed, p.predicted.low, p.predicted.high)
        assert (row["inside"] == "outside") is not p.inside
        assert row["se_high"] - row["observed"] == pytest.approx(p.se)


def test_residual_is_in_standard_deviations_of_the_prediction() -> None:
    band = Interval(value=100, low=100 * math.exp(-1.959963985 * 0.3), high=100 * math.exp(1.959963985 * 0.3))
    point = RestingPoint(
        source="s",
        readout="r",
        label="r",
        age_days=1,
        observed=100 * math.exp(0.6),
        se=1,
        predicted=band,
        inside=False,
    )
    assert standardised_residual(point) == pytest.approx(2.0, rel=1e-8)


def test_residuals_keep_sign_and_order(specs: dict[str, Spec], result: RunResult) -> None:
    rows = rows_with(specs["residuals"], "z", "normal", "label")
    assert len(rows) == 2 * 30
    ordered = [row["z"] for row in rows[:30]]
    assert ordered == sorted(ordered)
    assert max(row["z"] for row in rows) > 1.96 and not max(rows, key=lambda row: row["z"])["inside"]


def test_moved_rates_and_discrepancy(specs: dict[str, Spec], result: RunResult) -> None:
    rows = specs["moved-rates"]["data"]["values"]
    assert {row["label"]: row["fold"] for row in rows} == {m.label: m.fold for m in result.resting_fit.moved}
    assert rows[0]["label"] == "TAP early death"
    bars = {row["label"]: row["cv"] for row in specs["discrepancy"]["data"]["values"]}
    fit = result.resting_fit
    assert bars == {"as fitted": fit.discrepancy_cv} | {
        f"without {name}": cv for name, cv in fit.discrepancy_without_scale.items()
    }


def test_claims_about_a_ratio_are_drawn_beside_what_would_make_them_true(
    specs: dict[str, Spec], result: RunResult
) -> None:
    rows = {row["claim"]: row for row in specs["claims"]["data"]["values"]}
    ratios = {c.id: c for c in result.claims if c.value_scale == "ratio" and c.by_mechanism}
    assert 0 < len(ratios) < len(result.claims) and set(rows) == set(ratios)
    axis = specs["claims"]["layer"][0]["encoding"]["x"]["scale"]["domain"]
    for name, row in rows.items():
        claim = ratios[name]
        assert (row["value"], row["low"], row["high"]) == (
            claim.value.value, claim.value.low, claim.value.high,
        )  # fmt: skip
        # Open below: the band begins where the axis does.
        assert (row["true_from"], row["true_to"]) == (axis[0], claim.claimed.high)
    assert "nsc-70, new stem cells per day" in {flat(row["label"]) for row in rows.values()}


def test_a_claimed_log_ratio_is_drawn_as_a_ratio(result: RunResult) -> None:
    claim = next(c for c in result.claims if c.value_scale == "ratio" and c.by_mechanism)
    logged = claim.claimed.model_copy(update={"scale": "log_ratio", "low": -0.6931, "high": -0.2231})
    one = result.model_copy(update={"claims": [claim.model_copy(update={"claimed": logged})]})
    (row,) = specs_of(one)["claims"]["data"]["values"]
    assert (row["true_from"], row["true_to"]) == (pytest.approx(0.5, abs=1e-3), pytest.approx(0.8, abs=1e-3))


def test_zero_ratios_do_not_break_a_log_axis(result: RunResult) -> None:
    none_left = Interval(value=0.0, low=0.0, high=0.4)
    first = result.readouts[0]
    assert first.effect is not None
    changed = first.model_copy(
        update={"true_ratio": 0.0, "effect": first.effect.model_copy(update={"ratio": none_left})}
    )
    spec = specs_of(result.model_copy(update={"readouts": [changed]}))["readout-ki67-density"]
    row = rows_with(spec, "true")[0]
    assert row["true"] > 0 and row["value"] > 0 and row["low"] > 0
    assert row["text"] == "0 (0 to 0.40)"


def test_a_readout_without_a_test_shows_the_true_ratio_only(result: RunResult) -> None:
    untested = result.readouts[0].model_copy(update={"effect": None})
    spec = specs_of(result.model_copy(update={"readouts": [untested]}))["readout-ki67-density"]
    assert [("value" in row, row["true"]) for row in rows_with(spec, "true")] == [
        (False, untested.true_ratio)
    ]
