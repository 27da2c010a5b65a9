"""The versioned result of both studies: fits its schema, agrees with its table, cites what it uses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import soleus
from soleus.answers.run.build import run_study
from soleus.answers.run.parts.readouts import MANY, counted, readout_results
from soleus.answers.run.parts.resting import resting_fit
from soleus.answers.run.values import RunResult
from soleus.answers.written import answer_json, answer_schema, read_values
from soleus.api import packaged
from soleus.catalogue import store
from soleus.catalogue.calibrations import resting_calibration
from soleus.catalogue.lineages import lineage_entry
from soleus.catalogue.studies import load_study
from soleus.conduct import RunOptions
from soleus.observations import Observations, read_csv, read_parquet
from soleus.provenance import file_sha256
from soleus.study import bind, simulate

STUDIES = ("leg-day", "adami-2018")


@pytest.mark.parametrize("name", STUDIES)
def test_the_result_fits_the_shipped_schema(runs, name):
    text = answer_json(runs[name].answer)
    assert read_values(text, RunResult) == runs[name].result
    content = json.loads(text)
    assert content["schema_version"] == "soleus.run/3"
    assert content["values"]["design"]["study"] == name


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.pop("seed"),
        lambda c: c.update(seed="one"),
        lambda c: c["values"]["headline"][0].update(colour="red"),
        lambda c: c["values"]["effect"].update(mode="guess"),
    ],
)
def test_a_wrong_result_does_not_fit(runs, change):
    import jsonschema

    content = json.loads(answer_json(runs["leg-day"].answer))
    change(content)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(answer_schema("run", "soleus.run/3")).validate(content)


def strings(value: Any, keys: tuple[str, ...]) -> Iterator[str]:
    """All text that stands under these keys, anywhere in the result."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key in keys and item is not None:
                yield from [item] if isinstance(item, str) else item
            elif not isinstance(item, str):
                yield from strings(item, keys)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item, keys)


@pytest.mark.parametrize("name", STUDIES)
def test_every_citation_used_is_listed_with_its_reasons(runs, name):
    result = runs[name].result
    content = result.model_dump(mode="json")
    listed = {c["key"]: c for c in content.pop("citations")}
    used = set(strings(content, ("citation", "citations"))) | {c["source"] for c in content["claims"]}
    assert len(used) > 30
    assert used <= set(listed)
    assert set(listed) <= set(store.citations(packaged()))
    for variant in result.resting_fit.variants:
        assert variant.rpartition("(")[2].rstrip(")") in listed
    for row in listed.values():
        assert row["reasons"]
        assert row["bibtex"].startswith("@")
    dois = [c["doi"] for c in listed.values() if c["doi"] is not None]
    assert len(dois) == len(set(dois))


def test_what_the_regimens_take_is_cited(runs):
    reasons = {c.key: c.reasons for c in runs["leg-day"].result.citations}
    assert any("hind limbs unloaded" in r for r in reasons["blewett-1993"])


@pytest.mark.parametrize("name", STUDIES)
def test_the_headline_has_two_columns(runs, name):
    result = runs[name].result
    ki67 = {h.day: h for h in result.headline if h.readout == "ki67_density"}
    face = ki67[14.0].face_value
    assert (face.value, face.low, face.high) == pytest.approx((0.30, 0.30, 0.30), abs=1e-6)
    prior = ki67[14.0].prior
    assert prior.value == pytest.approx(np.exp(-0.5), rel=0.02)
    assert prior.low < 0.25 < 1.0 < prior.high
    if name == "leg-day":
        later = ki67[28.0]
        assert ki67[14.0].observed is None
        assert later.face_value.low < later.face_value.high < 0.7
        assert later.observed is not None
    else:
        assert list(ki67) == [14.0]
        assert ki67[14.0].observed is not None
    followed = [r.name for r in load_study(packaged(), name).all_readouts()]
    last = result.design.duration_days
    assert [h.readout for h in result.headline if h.day == last] == followed


@pytest.mark.parametrize("name", STUDIES)
def test_medians_and_ninety_percent_of_the_prior_are_equal_across_sets(runs, name):
    headline = next(h for h in runs[name].result.headline if h.readout == "ki67_density" and h.day == 14.0)
    assert len(headline.prior_by_set) >= 4
    for by in headline.prior_by_set:
        assert by.interval.value == pytest.approx(np.exp(-0.5), rel=0.02)


def test_mechanisms_say_what_they_reach(runs):
    rows = {m.name: m for m in runs["leg-day"].result.mechanisms}
    assert not rows["oxygen-activation"].on
    assert rows["oxygen-activation"].note.startswith("Off.")
    for row in rows.values():
        assert row.reaches_reported == (row.log_gain_reported is not None)
        by_day = {p.day: p.ratio for p in row.ratio_by_day}
        if row.reaches_reported:
            assert by_day[14.0] == pytest.approx(0.30, abs=1e-6)
            assert row.strongest_ratio <= 0.30
        else:
            assert by_day == {}
            assert row.strongest_ratio > 0.30


def test_the_translation_shows_what_70_percent_would_mean(runs):
    rows = {t.mechanism: t for t in runs["adami-2018"].result.translation}
    for row in rows.values():
        ki67 = row.ratios["ki67_density"]
        assert ki67 == pytest.approx(0.30, abs=1e-6) if row.reaches else ki67 > 0.30
    # The same 70 % means other things for stem cells: none lost, or not.
    asleep, dying = rows["afferent-activation"].ratios, rows["amplifying-death"].ratios
    assert asleep["active_stem_cells"] < 0.5
    assert asleep["stem_cells"] > 0.99
    assert dying["active_stem_cells"] == pytest.approx(1.0, abs=1e-6)
    assert dying["stem_cells"] == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("name", STUDIES)
def test_readouts_agree_with_the_table(runs, name):
    result, observations = runs[name].result, runs[name].observations
    assert len(result.readouts) == len(load_study(packaged(), name).assays)
    true = {p.day: p.ratio for p in result.effect.true_ratio}
    for readout in result.readouts:
        rows = observations.rows(readout.readout, readout.day)
        table = rows.groupby("animal", sort=False).agg({"value": "sum", "exposure": "sum", "group": "first"})
        assert readout.n_by_group == {"control": 3, "unloaded": 3}
        density = table["value"] / table["exposure"]
        for group in ("control", "unloaded"):
            own = density[table["group"] == group]
            assert readout.mean_by_group[group] == pytest.approx(own.mean())
            if readout.centre_kind == "geometric mean":
                assert readout.centre_by_group[group] == pytest.approx(np.exp(np.log(own).mean()))
        assert {a.animal for a in readout.animals} == set(table.index)
        if readout.effect is not None:
            centre = readout.centre_by_group
            assert readout.effect.ratio.value == pytest.approx(centre["unloaded"] / centre["control"])
        for animal in readout.animals:
            if animal.units:
                assert animal.value == pytest.approx(np.mean(animal.units))
        low, middle, high = (readout.quantiles_by_group["control"][k] for k in (0, 2, 4))
        assert low <= middle <= high
        if readout.readout == "ki67_density":
            assert readout.true_ratio == pytest.approx(true[readout.day], rel=1e-6)
            assert readout.unit == "cells/mm2"
            assert all(len(a.units) == 2 for a in readout.animals)


def test_pictures_are_drawn_from_the_cohort_that_was_simulated(runs):
    result = runs["leg-day"].result
    cells = {t.name: t.cells for t in result.lineage_types}
    ki67 = next(r for r in result.readouts if r.readout == "stem_cells")
    stem = [sum(cells[t][g] for t in ("dNSC", "qNSC", "aNSC")) for g in ("unloaded", "control")]
    assert stem[0] / stem[1] == pytest.approx(ki67.true_ratio, rel=1e-4)
    # What flows into a type balances what leaves it only at rest; wake-up of dormant cells is the same.
    wake = next(f for f in result.flows if f.transition == "wake")
    assert wake.cells_per_day["control"] == pytest.approx(wake.cells_per_day["unloaded"], rel=1e-9)
    activation = next(f for f in result.flows if f.transition == "activate")
    assert activation.cells_per_day["unloaded"] < 0.5 * activation.cells_per_day["control"]
    signals = {(s.signal, s.group): s for s in result.signals}
    assert set(signals[("afferent", "control")].values) == {1.0}
    assert signals[("afferent", "unloaded")].values[-1] == pytest.approx(0.39, abs=1e-4)


def test_the_resting_fit_is_the_stored_one(runs):
    fit, stored = runs["leg-day"].result.resting_fit, resting_calibration(packaged())
    assert fit.fraction_inside >= 0.9
    assert fit.trend_slope.low < 0.0 < fit.trend_slope.high
    assert fit.discrepancy_cv == stored.theta["discrepancy_cv"]
    moved = {m.name: m for m in fit.moved}
    assert moved["activation_rate"].published == 0.1245
    assert moved["activation_rate"].fitted == pytest.approx(stored.theta["activation_rate"], rel=1e-3)
    for one in fit.moved:
        assert one.fold == pytest.approx(one.fitted / one.published, rel=1e-3), one.name
    assert {one.fold > 1.0 for one in fit.moved} == {True, False}
    folds = [max(m.fold, 1.0 / m.fold) for m in fit.moved]
    assert folds == sorted(folds, reverse=True)


def test_face_value_spans_what_the_sets_say(runs, predictions):
    """If the report is true, each set has its own consequence: from the smallest to the largest."""
    rows = [h for h in runs["leg-day"].result.headline if h.day == 28.0]
    assert len(rows) > 10
    for row in rows:
        said = sorted(predictions.reported(row.readout, row.day).values())
        face = (row.face_value.low, row.face_value.value, row.face_value.high)
        assert face == pytest.approx((said[0], np.median(said), said[-1]), rel=1e-4)
    assert any(r.face_value.low < 0.9 * r.face_value.value for r in rows)


@pytest.mark.parametrize("name", STUDIES)
def test_quantiles_and_means_are_those_of_the_animals(runs, name):
    for row in runs[name].result.readouts:
        for group, found in row.quantiles_by_group.items():
            own = [a.value for a in row.animals if a.group == group]
            assert len(own) == row.n_by_group[group] == 3
            assert found == pytest.approx(np.quantile(own, [0.05, 0.25, 0.5, 0.75, 0.95]))
            assert row.mean_by_group[group] == pytest.approx(np.mean(own))


@pytest.mark.parametrize("name", STUDIES)
def test_the_provisional_numbers_are_counted_as_they_are_listed(runs, name):
    result = runs[name].result
    loose = sum(a.status == "provisional" for a in result.numbers)
    assert len({a.status for a in result.numbers}) >= 3
    counted = f"Numbers not yet checked in a source: {loose} of {len(result.numbers)},"
    assert result.warnings[0].startswith(counted)


def test_a_point_outside_its_interval_is_not_counted_as_inside():
    stored = resting_calibration(packaged())
    far = stored.points[0].model_copy(update={"observed": 2.0 * stored.points[0].high})
    fit = resting_fit(packaged(), stored.model_copy(update={"points": [far, *stored.points[1:]]}))
    for point in fit.points:
        assert point.inside == (point.predicted.low <= point.observed <= point.predicted.high)
    assert not fit.points[0].inside
    assert fit.fraction_inside == sum(p.inside for p in fit.points) / len(fit.points) < 1.0


def test_a_number_of_the_lineage_has_the_status_of_its_entry_unless_it_was_fitted(runs):
    rows = {a.name: a.status for a in runs["leg-day"].result.numbers}
    theta = resting_calibration(packaged()).theta
    entries = lineage_entry(packaged(), "svz").parameters.values()
    wanted = {p.name: "fitted" if p.name in theta else p.status for p in entries}
    assert {name: rows[name] for name in wanted} == wanted
    assert set(wanted.values()) >= {"fitted", "provisional", "checked"}


def test_assumptions_say_what_is_fitted_and_what_a_variant_set():
    result = run_study(
        packaged(), "leg-day", RunOptions(seed=1, animals=1, variants=("activation-basak",)), workers=2
    ).result
    rows = {a.name: a for a in result.numbers}
    assert rows["return_rate"].status == "fitted"
    assert rows["return_rate"].value == pytest.approx(
        resting_calibration(packaged()).theta["return_rate"], rel=1e-5
    )
    assert rows["activation_rate"].value == 0.05
    assert rows["activation_rate"].status != "fitted"
    assert "Set by a variant" in rows["activation_rate"].reason
    assert rows["stem_cycle"].value == 17.5
    assert rows["stem_cycle"].unit == "h"
    assert any("activation-basak" in w for w in result.warnings)
    assert result.status == "provisional"


def test_effects_and_ids_follow_the_options(runs):
    plain = runs["leg-day"].result
    again = run_study(packaged(), "leg-day", RunOptions(seed=4, animals=3), workers=1)
    assert again.result == plain
    assert again.observations == runs["leg-day"].observations
    off = run_study(packaged(), "leg-day", RunOptions(seed=4, animals=3, effect="off"), workers=2).result
    assert off.effect.mechanisms == []
    assert {r.true_ratio for r in off.readouts} == {1.0}
    assert off.run_id != plain.run_id
    assert (
        run_study(packaged(), "leg-day", RunOptions(seed=5, animals=3), workers=2).result.run_id
        != plain.run_id
    )


def first_group(study, observations):
    days = {name: observations.days(name) for name in observations.readouts}
    found = counted(observations, study, seed=1)
    true = {("ki67_density", 28.0): 1.0}
    return readout_results(study, found, true_ratio=true, days=days, treated="unloaded")


def test_above_500_animals_no_animal_is_listed():
    study = load_study(packaged(), "leg-day")
    study = replace(study.with_animals(2), assays=study.assays[:1])
    few = simulate(bind(study), 3)
    for copies, listed in ((MANY // 4, MANY), (MANY // 4 + 1, 0)):
        frames = [few.frame.assign(animal=few.frame["animal"] + f"-{k}") for k in range(copies)]
        many = Observations(pd.concat(frames, ignore_index=True), few.factors)
        found = first_group(study, many)[0]
        assert sum(found.n_by_group.values()) == 4 * copies
        assert len(found.animals) == listed
        assert len(found.quantiles_by_group["control"]) == 5


def test_two_assays_of_one_readout_are_kept_apart():
    study = load_study(packaged(), "leg-day").with_animals(3)
    twice = replace(study.assays[0], name="ki67-again", label="again", fraction=0.05)
    study = replace(study, assays=(study.assays[0], twice))
    found = first_group(study, simulate(bind(study), 1))
    assert [f.assay for f in found] == ["Ki67+ cells in sections", "again"]
    assert found[1].mean_by_group["control"] > 5 * found[0].mean_by_group["control"]


def test_what_is_written_is_what_was_returned(tmp_path):
    folder = tmp_path / "run"
    done = soleus.run("leg-day", seed=2, animals=2, out=folder, workers=2)
    assert done.folder == folder and done.result == done.answer.values
    assert read_values((folder / "run.json").read_text(encoding="utf-8"), RunResult) == done.result
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert set(manifest["written"]) == there
    for name in there - {"manifest.json"}:
        assert manifest["written"][name]["bytes"] == (folder / name).stat().st_size
        assert manifest["written"][name]["sha256"] == file_sha256(folder / name)
    assert manifest["files"] == done.result.files
    for name in manifest["files"].values():
        assert (folder / name).exists(), name
    asked = manifest["asked"]
    assert (asked["study"], asked["seed"], asked["animals"]) == ("leg-day", 2, 2)
    assert read_parquet(folder / manifest["files"]["parquet"]) == done.observations
    csv = read_csv(folder / manifest["files"]["csv"]).frame
    assert csv["value"].tolist() == done.observations.frame["value"].tolist()
    bibtex = (folder / manifest["files"]["bibtex"]).read_text(encoding="utf-8")
    assert bibtex.count("\n@") + bibtex.startswith("@") == len(done.result.citations)
    assert set(done.observations.frame["source"]) == {f"virtual:{manifest['run_id']}"}
    assert str(manifest["seed"]) == done.observations.provenance["seed"] == "2"
