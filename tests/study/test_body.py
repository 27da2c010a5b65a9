"""The body in the table: own rows, own streams, scored as drawn; the niche does not notice."""

from __future__ import annotations

import functools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from study_models import ACTIVITIES, SIGNALS, toy_study

from soleus.assays import BodyAssay, BodyEffect, BodyReadout
from soleus.errors import InputError, ModelError, UnsupportedError
from soleus.movement import Feedback, Regimen, Signal
from soleus.observations import Observations
from soleus.study import Losses, bind, log_prob, simulate

MASS = BodyReadout(
    "body_mass", "body mass", "mass", "g",
    (BodyEffect("load", "load", SIGNALS["trophic"], "log", 0.03),), baseline=25.0,
)  # fmt: skip
WEIGHING = BodyAssay("weighing", "weighing", MASS, (0.0, 3.0, 7.0, 14.0), 0.08, 0.02)
SOLEUS = replace(MASS, name="soleus_mass", unit="mg", baseline=9.0)
DISSECTION = BodyAssay("dissection", "dissection", SOLEUS, (), 0.1, 0.05)


def study(animals=4, **changes):
    return toy_study(animals, body=(WEIGHING, DISSECTION), **changes)


def test_counts_are_the_same_bit_by_bit_with_and_without_the_body():
    without = simulate(bind(toy_study(4)), 11).frame
    both = simulate(bind(study()), 11).frame
    niche = both[both["niche"] != "body"].reset_index(drop=True)
    pd.testing.assert_frame_equal(without, niche)


def test_the_rows_of_the_body_say_what_when_and_who():
    frame = simulate(bind(study(3)), 5, run_id="abc").frame
    body = frame[frame["niche"] == "body"]
    assert len(body) == 6 * (4 + 1)
    weights = body[body["assay"] == "weighing"]
    assert sorted(set(weights["day"])) == [0.0, 3.0, 7.0, 14.0]
    assert set(body.loc[body["assay"] == "dissection", "day"]) == {14.0}
    assert set(weights["unit"]) == {"g"}
    assert set(weights["value_kind"]) == {"mass"}
    np.testing.assert_allclose(weights["age_days"], 100.0 + weights["day"])
    groups = frame.drop_duplicates("animal").set_index("animal")["group"]
    assert (body["group"].to_numpy() == groups[body["animal"]].to_numpy()).all()
    assert set(body["source"]) == {"virtual:abc"}
    levels = {"free": "no", "unloaded": "yes"}
    assert (body["factor:Unloading"] == body["group"].map(levels)).all()


def test_an_animal_is_not_weighed_after_its_death():
    frame = simulate(bind(study(6, sampling_days=(3.0, 14.0))), 5).frame
    last = frame[frame["niche"] != "body"].groupby("animal")["day"].max()
    weights = frame[frame["assay"] == "weighing"]
    for animal, rows in weights.groupby("animal"):
        assert rows["day"].tolist() == [d for d in WEIGHING.days if d <= last[animal]]
    killed = frame[frame["assay"] == "dissection"].set_index("animal")["day"]
    pd.testing.assert_series_equal(killed.sort_index(), last.sort_index(), check_names=False)


def test_each_assay_and_animal_has_its_own_stream():
    alone = study(150, assays=(), reported=None)
    frame = simulate(bind(alone), 5).frame
    weights = frame[frame["assay"] == "weighing"].pivot(index="animal", columns="day", values="value")
    muscles = frame[frame["assay"] == "dissection"].set_index("animal")["value"]
    # Both are mostly what differs between animals: one stream for two assays would make them alike.
    assert abs(np.corrcoef(np.log(weights[0.0]), np.log(muscles[weights.index]))[0, 1]) < 0.2
    assert len(set(muscles)) == 300
    fewer = simulate(bind(replace(alone, body=(DISSECTION,))), 5).frame
    np.testing.assert_array_equal(fewer["value"], muscles.to_numpy())


def test_groups_differ_by_what_the_signal_does():
    frame = simulate(bind(study(400)), 9).frame
    last = frame[(frame["assay"] == "weighing") & (frame["day"] == 14.0)]
    means = last.groupby("group")["value"].mean()
    wanted = np.exp(
        0.03 * np.log(SIGNALS["trophic"].course(study().group("unloaded").regimen)(np.array([14.0])))
    )
    assert means["free"] == pytest.approx(25.0, rel=0.02)
    assert means["unloaded"] / means["free"] == pytest.approx(float(wanted[0]), rel=0.02)


def test_losing_an_animal_loses_its_body_too():
    frame = simulate(bind(study(40, losses=Losses(animal=0.3))), 5).frame
    gone = frame.groupby("animal")["excluded"].agg(["min", "max"])
    assert (gone["min"] == gone["max"]).all()
    assert 10 < gone["max"].sum() < 40
    body = frame[(frame["niche"] == "body") & frame["excluded"].astype(bool)]
    assert set(body["exclusion_reason"]) == {"animal lost"}
    assert body["value"].isna().all()


def only(observations: Observations, assay: str) -> Observations:
    frame = observations.frame
    return Observations(frame[frame["assay"] == assay].reset_index(drop=True), observations.factors, {})


def test_the_score_of_a_table_is_that_of_its_niche_and_its_body():
    experiment = bind(study(), gains={"wake": 1.0})
    table = simulate(experiment, 3)
    parts = [
        log_prob(experiment, only(table, name)) for name in ("sections", "total", "weighing", "dissection")
    ]
    together = log_prob(experiment, table)
    # Counts of one animal share its niche size; only the body's parts are independent of the rest.
    niche = Observations(
        table.frame[table.frame["niche"] != "body"].reset_index(drop=True), table.factors, {}
    )
    assert together == pytest.approx(log_prob(experiment, niche) + parts[2] + parts[3], abs=1e-9)
    assert log_prob(bind(toy_study(4), gains={"wake": 1.0}), niche) == log_prob(experiment, niche)


@functools.cache
def herd():
    return bind(study(20, assays=(), reported=None))


@functools.cache
def weighed(seed: int) -> Observations:
    return only(simulate(herd(), seed), "weighing")


def changed(experiment, **changes):
    body = tuple(replace(a, **changes) if a.name == "weighing" else a for a in experiment.study.body)
    return replace(experiment, study=replace(experiment.study, body=body))


@pytest.mark.parametrize(
    "wrong",
    [
        {"animal_cv": 0.15},
        {"animal_cv": 0.05},
        {"error_cv": 0.03},
        {"error_cv": 0.013},
        {"readout": MASS.with_gains({"load": 0.06})},
        {"readout": MASS.with_gains({"load": 0.0})},
        {"readout": replace(MASS, baseline=27.0)},
    ],
)
def test_the_numbers_that_drew_a_table_score_it_best(wrong):
    truth = herd()
    other = changed(truth, **wrong)
    gaps = []
    for seed in range(6):
        table = weighed(seed)
        gaps.append(log_prob(truth, table) - log_prob(other, table))
    assert np.mean(gaps) > 3.0 * np.std(gaps, ddof=1) / np.sqrt(len(gaps))


def test_a_day_that_was_missed_is_left_out():
    experiment = bind(study())
    table = only(simulate(experiment, 3), "weighing")
    frame = table.frame
    missed = (frame["day"] == 3.0) & (frame["animal"] == frame["animal"].iloc[0])
    kept = Observations(frame[~missed].reset_index(drop=True), table.factors, {})
    marked = frame.copy()
    marked.loc[missed, "excluded"] = True
    marked.loc[missed, "exclusion_reason"] = "spilled"
    assert log_prob(experiment, kept) == log_prob(experiment, Observations(marked, table.factors, {}))
    assert log_prob(experiment, kept) < log_prob(experiment, table)


def test_masses_are_scored_in_any_unit_of_mass_and_nothing_else():
    table = only(simulate(herd(), 3), "dissection")
    grams = table.frame.copy()
    grams["value"], grams["unit"] = grams["value"] / 1000.0, "g"
    in_grams = Observations(grams, table.factors, {})
    assert log_prob(herd(), in_grams) == pytest.approx(log_prob(herd(), table), abs=1e-9)
    other = table.frame.assign(unit="mm")
    with pytest.raises(InputError, match="assay 'dissection' is in 'mg', its rows in 'mm'"):
        log_prob(herd(), Observations(other, table.factors, {}))
    stray = table.frame.assign(readout="body_mass")
    with pytest.raises(InputError, match="measures 'soleus_mass'; its rows cannot be of 'body_mass'"):
        log_prob(herd(), Observations(stray, table.factors, {}))


def test_two_values_of_one_day_are_refused():
    table = only(simulate(herd(), 3), "weighing")
    twice = table.frame.copy()
    twice.loc[1, "day"] = twice.loc[0, "day"]
    twice.loc[1, "observer"] = "second"
    with pytest.raises(InputError, match="has two values on one day; average them first"):
        log_prob(herd(), Observations(twice, table.factors, {}))


def test_published_means_of_the_body_are_refused():
    experiment = bind(study())
    frame = only(simulate(experiment, 3), "weighing").frame.iloc[:1].copy()
    frame["unit_level"], frame["se"], frame["animal"] = "group", 0.5, None
    with pytest.raises(InputError, match="need unit_level 'animal'"):
        log_prob(experiment, Observations(frame, {"Unloading": ("no", "yes")}, {}))


def test_a_study_of_the_body_alone_can_be_run_and_scored():
    alone = study(assays=(), reported=None)
    table = simulate(bind(alone), 4)
    assert set(table.frame["niche"]) == {"body"}
    both = simulate(bind(study()), 4).frame
    np.testing.assert_array_equal(
        table.frame["value"].to_numpy(), both.loc[both["niche"] == "body", "value"].to_numpy()
    )
    assert np.isfinite(log_prob(bind(alone), table))


def test_a_study_without_any_assay_has_nothing_to_draw():
    with pytest.raises(UnsupportedError, match="the study has no assay"):
        simulate(bind(toy_study(2, assays=(), reported=None)), 1)


def test_assay_names_are_unique_across_niche_and_body():
    with pytest.raises(ModelError, match="assay names must differ"):
        toy_study(2, body=(replace(WEIGHING, name="sections"),))


def test_the_way_back_reaches_the_rows():
    own = Signal("movement", "movement", "movement", 1.0, 0.05)
    readout = BodyReadout("steps", "steps", "level", "1", (BodyEffect("m", "m", own, "log", 1.0),))
    free = replace(ACTIVITIES["free"], voluntary=True)
    plan = Regimen.of(
        "back",
        [("unloaded", 0.0, 10.0), ("free", 10.0, 14.0)],
        activities={"unloaded": ACTIVITIES["unloaded"], "free": free},
        resting="free",
    )
    plain = toy_study(3, body=(BodyAssay("steps", "steps", readout, (5.0, 11.0), 0.1, 0.1),))
    groups = (plain.groups[0], replace(plain.groups[1], regimen=plan))
    loop = (Feedback("w", "w", "trophic", "movement", 0.5),)
    without = simulate(bind(replace(plain, groups=groups)), 2).frame
    with_loop = simulate(bind(replace(plain, groups=groups, feedbacks=loop)), 2).frame
    ratio = with_loop["value"] / without["value"]
    back = (with_loop["group"] == "unloaded") & (with_loop["day"] == 11.0)
    muscle = SIGNALS["trophic"].course(plan)(np.array([11.0]))[0]
    np.testing.assert_allclose(ratio[back], np.sqrt(muscle), rtol=0.06)
    np.testing.assert_allclose(ratio[~back & (with_loop["assay"] == "steps")], 1.0)
