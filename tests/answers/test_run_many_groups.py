"""Several treated groups, cultures, shares: each group has its own truth, pictures hold all animals."""

from __future__ import annotations

import html
import math

import pytest
from run_sample import page_of

from soleus.answers.run.build import RunOutcome, run_study
from soleus.answers.run.figures.readouts import readout_figures
from soleus.answers.run.told import told_run
from soleus.api import packaged
from soleus.conduct import RunOptions
from soleus.evidence.predictions import for_group, predict
from soleus.study import bind


@pytest.fixture(scope="module")
def exercise() -> RunOutcome:
    """Unloading, unloading with exercise, and free animals: labelled cells on two days."""
    return run_study(packaged(), "gros-2024", RunOptions(seed=3, animals=4, effect="prior"), workers=2)


@pytest.fixture(scope="module")
def running() -> RunOutcome:
    """Four ways of exercising against one control."""
    options = RunOptions(seed=2, animals=4, effect="prior", mechanism="afferent-activation")
    return run_study(packaged(), "leg-exercise-dg", options, workers=2)


@pytest.fixture(scope="module")
def dish() -> RunOutcome:
    """A culture over five passages, without an effect."""
    return run_study(packaged(), "adami-2018-culture", RunOptions(seed=2, effect="off"), workers=2)


def test_every_treated_group_has_its_own_truth(running: RunOutcome) -> None:
    rows = [r for r in running.result.readouts if r.readout == "ki67_density" and r.day == 56]
    groups = [g.name for g in running.result.design.groups if not g.control]
    assert [r.contrast for r in rows] == [f"{g} / control" for g in groups]
    truths = {r.contrast.split(" / ")[0]: r.true_ratio for r in rows}
    assert len(set(truths.values())) > 1
    # What others than the first are said to be is what their own regimen gives.
    first = predict(packaged(), bind(_study("leg-exercise-dg")), workers=2)
    gains = first.responder.gains(first.tables["afferent-activation"].set, _strength(running, first))
    for group in groups[1:]:
        own = for_group(first, group, workers=2)
        logs = own.responder.log_ratios(gains)
        place = next(iter(own.tables.values())).readouts.index("ki67_density")
        assert truths[group] == pytest.approx(math.exp(logs[own.days.index(56), place]), rel=1e-6)


def _study(name: str):
    from soleus.catalogue.studies import load_study

    return load_study(packaged(), name)


def _strength(outcome: RunOutcome, first) -> float:
    """The strength whose first true ratio is that of the run."""
    import numpy as np

    wanted = next(d for d in outcome.result.effect.true_ratio if d.day == 56).ratio
    name = "afferent-activation"
    found = [
        s
        for s in first.strengths[name]
        if abs(
            math.exp(
                first.responder.log_ratios(first.responder.gains(first.tables[name].set, float(s)))[
                    first.days.index(56), first.tables[name].readouts.index("ki67_density")
                ]
            )
            - wanted
        )
        < 1e-9
    ]
    return float(np.asarray(found)[0])


def test_headline_says_which_group_and_lists_the_others(running: RunOutcome) -> None:
    result = running.result
    groups = [g.name for g in result.design.groups if not g.control]
    assert list(dict.fromkeys(row.group for row in result.headline)) == groups
    by_group = {g: {row.readout for row in result.headline if row.group == g} for g in groups}
    counted = {r.readout for r in result.readouts}
    assert counted < by_group[groups[0]] and all(by_group[g] == counted for g in groups[1:])
    medians = {g: next(r.prior.value for r in result.headline if r.group == g) for g in groups}
    assert len(set(medians.values())) > 1
    table = next(t for t in told_run(result).sections[0].tables if t.id == "headline")
    labels = {g.label for g in result.design.groups if not g.control}
    assert {row.cells["group"] for row in table.rows} == labels and len(table.rows) == len(result.headline)


def test_a_picture_holds_the_animals_of_all_groups(running: RunOutcome) -> None:
    result = running.result
    text = str(next(f.spec for f in readout_figures(result) if f.name == "readout-ki67-density"))
    animals = {a.animal for r in result.readouts if r.readout == "ki67_density" for a in r.animals}
    assert len(animals) == 4 * len(result.design.groups)
    assert [a for a in animals if f"'{a}'" not in text] == []


def test_an_unfitted_lineage_has_no_fit_and_says_so(running: RunOutcome) -> None:
    result = running.result
    assert result.resting_fit is None and result.dentate is not None and result.claims == []
    told = " ".join(result.warnings)
    assert "not fitted to counts of undisturbed animals" in told and "this study: soleus claims." in told
    assert "sex and strain move no number of it: no source gives any" in told
    page = page_of(result)
    assert '<section id="resting">' not in page and "(speculative)" in page
    assert [b.group for b in result.dentate.buffering] == [
        g.name for g in result.design.groups if not g.control
    ]
    for one in result.dentate.buffering:
        assert sum(one.probabilities) == pytest.approx(1.0) and one.status == "speculative"


def test_species_and_what_stands_for_it_are_told(exercise: RunOutcome) -> None:
    result = exercise.result
    assert result.design.species == "rat" and result.design.modelled_as is not None
    assert any(result.design.modelled_as in line for line in result.warnings)
    assert html.escape(result.design.modelled_as, quote=False) in page_of(result).replace("\u202f%", " %")


def test_shares_are_odds_ratios_and_without_effect_truly_one(dish: RunOutcome) -> None:
    shares = [r for r in dish.result.readouts if r.measure == "odds ratio"]
    assert {r.readout for r in shares} == {
        *("nestin_share", "ki67_share", "gfap_share", "sox2_share", "g0g1_share", "s_share", "g2m_share")
    }
    for r in shares:
        assert r.true_ratio == pytest.approx(1.0, abs=1e-9)
        assert r.effect is not None and "culture totals" in r.effect.method
        t, c = (r.mean_by_group[g] for g in ("unloaded", "control"))
        assert r.effect.ratio.value == pytest.approx(t / (1 - t) * (1 - c) / c, rel=0.05)
    inside = sum(r.effect.ratio.low <= 1 <= r.effect.ratio.high for r in shares if r.effect)
    assert inside >= 0.8 * len(shares)
    phases = [r for r in shares if r.readout in ("g0g1_share", "s_share", "g2m_share") and r.day == 35]
    assert sum(r.mean_by_group["control"] for r in phases) == pytest.approx(1.0, abs=1e-9)
    assert not any("positive" in row.readout for row in dish.result.headline)


def test_a_culture_grows_and_is_thinned_by_what_is_plated(dish: RunOutcome) -> None:
    culture = dish.result.culture
    assert culture is not None and dish.result.body is None and dish.result.maturation is None
    curve = culture.curves[0]
    for day in culture.passages:
        k = curve.days.index(day)
        assert curve.days[k + 1] == day
        lost = curve.cumulated[k + 1] / curve.cumulated[k]
        assert 0.0 < lost < 1.0
        assert curve.flask[k + 1] / curve.flask[k] == pytest.approx(lost * culture.plated_fraction, rel=1e-4)
    assert curve.flask[-1] < curve.cumulated[-1]
    counted = [r for r in dish.result.readouts if r.readout == "cells"]
    assert [r.day for r in counted] == [7, 14, 21, 28, 35]
    for r in counted:
        true = curve.cumulated[curve.days.index(r.day)]
        assert r.mean_by_group["control"] == pytest.approx(true, rel=0.9)


def test_the_body_says_what_is_not_shown(running: RunOutcome) -> None:
    result = run_study(packaged(), "leg-day", RunOptions(seed=1, animals=3, effect="off"), workers=2).result
    assert result.body is not None
    by = {(m.readout, m.day): m for m in result.body.measures}
    soleus = by["soleus_mass", 28]
    assert soleus.equivalence == "beyond the margin" and soleus.true_ratio < 0.7
    stress = by["corticosterone", 28]
    assert stress.equivalence == "not shown" and stress.animals_needed is not None
    assert f"about {stress.animals_needed} animals a group" in stress.words and stress.animals_needed > 10
    assert by["body_mass", 0].true_ratio == pytest.approx(1.0)
    assert {c.group for c in result.body.curves} >= {"Control", "Unloaded"}
