"""The body predicted: the prior comes back, excluded works leave no trace, findings move what they should."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from soleus.api import packaged
from soleus.catalogue.body import body_entries, body_readout_entry
from soleus.catalogue.effect_model import effect_model
from soleus.catalogue.movement import activities
from soleus.catalogue.records import EvidenceEntry
from soleus.catalogue.store import claims, evidence
from soleus.errors import InputError
from soleus.evidence import body as room
from soleus.evidence import cited_studies
from soleus.evidence.body import (
    body_findings,
    body_predictions,
    claim_probabilities,
    course_probabilities,
    interval_probability,
)
from soleus.evidence.body_curves import WITHOUT_FEEDBACK, body_curves, usual_regimens
from soleus.evidence.body_lattice import effect_scales
from soleus.evidence.body_power import equivalence_power
from soleus.evidence.directions import DirectionResult, direction_log_likelihood
from soleus.movement import Regimen

BODY_CLAIMS = ("feeding", "no-stress", "oxygen", "signals")


def span(activity, days=28.0):
    return Regimen.of(
        activity, [(activity, 0.0, days)], activities=activities(packaged()), resting="free_ambulation"
    )


UNLOADED, FREE = span("hindlimb_unloading"), span("free_ambulation")


def predict(readout, day, treated=UNLOADED, control=FREE, **options):
    return body_predictions(packaged(), readout, day, treated, control, **options)


def entry(**changes) -> EvidenceEntry:
    fields = {
        "id": "e", "claim": "feeding", "readout": "soleus_mass", "niche": "body", "species": "mouse",
        "day": 7.0, "log_ratio": -0.5, "kind": "primary", "independent": True, "stance": "supports",
        "citation": "lee-2004", "status": "provisional", "reason": "made for a test",
    }  # fmt: skip
    return EvidenceEntry(**(fields | changes))


@pytest.fixture
def findings(monkeypatch):
    """Replace the published findings by some made for the test."""

    def put(*entries):
        monkeypatch.setattr(room, "evidence", lambda _: entries)

    return put


# --- the prior


@pytest.mark.parametrize("readout", list(body_entries(packaged()).readouts))
def test_without_evidence_the_stated_prior_comes_back_at_the_reference(readout):
    stated = body_readout_entry(packaged(), readout)
    for course, effects in stated.sets.items():
        first = stated.effects[effects[0]]
        days = max(first.day, 1.0)
        found = predict(
            readout, first.day, span(first.activity, days), span("free_ambulation", days), with_evidence=False
        )[course]
        wanted = [first.low, first.median, first.high]
        np.testing.assert_allclose(
            found.quantiles([0.05, 0.5, 0.95]), wanted, atol=0.01 + 0.01 * abs(first.low)
        )
        np.testing.assert_allclose(found.weights, 1.0 / len(found.weights))
        assert found.used == ()


def test_groups_that_live_alike_do_not_differ():
    for one in predict("corticosterone", 10.0, UNLOADED, UNLOADED).values():
        np.testing.assert_array_equal(one.log_ratios, 0.0)


def test_living_alone_matters_only_where_groups_differ_in_it(monkeypatch):
    alone = activities(packaged())["free_ambulation"]
    lonely = type(alone)("lonely", "lonely", {"isolation": 1.0})
    plan = Regimen.of("lonely", [("lonely", 0.0, 28.0)], activities={"lonely": lonely}, resting="lonely")
    one = predict("corticosterone", 20.0, plan, FREE, with_evidence=False)["early"]
    np.testing.assert_allclose(one.quantiles([0.05, 0.5, 0.95]), [-0.4, 0.1, 0.7], atol=0.02)
    both = predict("corticosterone", 20.0, plan, plan)["early"]
    np.testing.assert_array_equal(both.log_ratios, 0.0)


def test_the_lattice_fills_two_directions_evenly():
    scales, _ = effect_scales(packaged(), "corticosterone", ("early", "isolation"))
    ranks = [stats.rankdata(row) / len(row) for row in scales]
    assert abs(np.corrcoef(ranks)[0, 1]) < 0.02
    for row in ranks:
        assert stats.kstest(row, "uniform").pvalue > 0.99
    # Ten by ten boxes, each with four points of 401.
    boxes, _, _ = np.histogram2d(*ranks, bins=10, range=[[0, 1], [0, 1]])
    assert 2 <= boxes.min()
    assert boxes.max() <= 7


# --- findings


def test_a_sized_finding_moves_the_prior_as_conjugacy_says(findings):
    findings(entry(log_ratio=-0.5, se=0.05, readout="oxygen_capacity", day=9.0, species="rat"))
    found = predict("oxygen_capacity", 9.0, exclude=("overton-1989",))["demand"]
    assert found.replaced == ("demand",)
    model = effect_model(packaged()).direction_studies
    noise = 0.05**2 + model.discrepancy_sd**2 + model.other_species_sd**2
    prior = body_readout_entry(packaged(), "oxygen_capacity").before_evidence_sd.value ** 2
    mean = -0.5 * prior / (prior + noise)
    sd = math.sqrt(prior * noise / (prior + noise))
    got = found.quantiles([0.025, 0.5, 0.975])
    np.testing.assert_allclose(got, [mean - 1.96 * sd, mean, mean + 1.96 * sd], atol=0.01)


def test_a_finding_of_the_same_species_counts_for_more(findings):
    def median(species):
        findings(entry(log_ratio=-0.9, se=0.1, species=species))
        return predict("soleus_mass", 7.0)["wasting"].quantiles([0.5])[0]

    assert median("mouse") < median("rat") < math.log(0.729) - 0.01


def test_a_direction_is_scored_as_in_the_niche(findings):
    findings(entry(log_ratio=None, direction="none", day=14.0))
    found = predict("soleus_mass", 14.0)["wasting"]
    result = DirectionResult("lee-2004", "soleus_mass", 14.0, "none", same_species=True)
    wanted = np.exp(
        direction_log_likelihood(result, found.log_ratios, effect_model(packaged()).direction_studies)
    )
    np.testing.assert_allclose(found.weights, wanted / wanted.sum(), rtol=1e-10)
    assert found.quantiles([0.5])[0] > math.log(0.621) + 0.02


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "review"}, {"kind": "press", "independent": False}, {"niche": "svz"},
        {"direct": False},
        {"readout": "body_mass"}, {"manipulation": "exercise"}, {"day": None},
        {"citation": "hindlimb-mass-c57"},
    ],
)  # fmt: skip
def test_what_does_not_testify_is_not_scored(findings, changes):
    findings(entry(**changes))
    found = predict("soleus_mass", 7.0)["wasting"]
    np.testing.assert_allclose(found.weights, 1.0 / len(found.weights))


def test_two_entries_of_one_work_and_day_count_once(findings):
    findings(entry(), entry(id="f"), entry(id="g", day=14.0))
    assert [f.id for f in body_findings(packaged(), "soleus_mass")] == ["e", "g"]


# --- what is left out


@pytest.mark.parametrize("claim", BODY_CLAIMS)
def test_a_claim_is_never_judged_by_a_work_that_is_cited_for_it(claim, monkeypatch):
    """Turning what the cited works say upside down changes nothing that the claim is judged by."""
    row = claims(packaged())[claim]
    cited = cited_studies(row, evidence(packaged()))
    assert cited
    before = claim_probabilities(packaged(), row, exclude=cited)
    predictions = predict(row.readout, row.day, exclude=cited)
    for one in predictions.values():
        assert not {f.citation for f in one.used} & cited
    entry_now = body_readout_entry(packaged(), row.readout)
    turned = {
        name: e.model_copy(update={"median": -e.median, "low": -e.high, "high": -e.low, "sign": "open"})
        if e.citation in cited
        else e
        for name, e in entry_now.effects.items()
    }
    assert turned != entry_now.effects
    changed = entry_now.model_copy(update={"effects": turned})
    monkeypatch.setattr("soleus.catalogue.body.body_readout_entry", lambda _, name: changed)
    monkeypatch.setattr(room, "body_readout_entry", lambda _, name: changed)
    monkeypatch.setattr("soleus.evidence.body_lattice.body_readout_entry", lambda _, name: changed)
    flipped = tuple(
        e.model_copy(update={"log_ratio": None, "se": None, "direction": "down"})
        if e.citation in cited
        else e
        for e in evidence(packaged())
    )
    monkeypatch.setattr(room, "evidence", lambda _: flipped)
    assert claim_probabilities(packaged(), row, exclude=cited) == pytest.approx(before, abs=1e-12)
    assert claim_probabilities(packaged(), row, exclude=()) != pytest.approx(before, abs=1e-3)


def test_a_prior_whose_source_is_left_out_knows_neither_size_nor_sign():
    found = predict("resting_oxygen_use", 7.0, exclude=("silva-2008",))["hanging"]
    assert found.replaced == ("hanging",)
    sd = body_readout_entry(packaged(), "resting_oxygen_use").before_evidence_sd.value
    np.testing.assert_allclose(found.quantiles([0.025, 0.5, 0.975]), [-1.96 * sd, 0.0, 1.96 * sd], atol=0.01)


def test_no_work_is_counted_as_prior_and_as_finding():
    for readout, stated in body_entries(packaged()).readouts.items():
        for course, one in predict(readout, 7.0).items():
            sources = {stated.effects[e].citation for e in stated.sets[course]}
            assert not {f.citation for f in one.used} & sources


# --- claims and courses


@pytest.mark.parametrize("claim", BODY_CLAIMS)
def test_every_course_gives_a_probability(claim):
    row = claims(packaged())[claim]
    found = claim_probabilities(packaged(), row, exclude=cited_studies(row, evidence(packaged())))
    assert set(found) == set(body_readout_entry(packaged(), row.readout).sets)
    assert all(0.0 <= p <= 1.0 for p in found.values())


def test_a_probability_is_the_weight_inside_the_interval():
    one = predict("soleus_mass", 7.0, with_evidence=False)["wasting"]
    middle = float(one.quantiles([0.5])[0])
    assert interval_probability(one, high=middle) == pytest.approx(0.5, abs=0.003)
    assert interval_probability(one, low=-0.45, high=-0.18) == pytest.approx(0.9, abs=0.01)
    assert interval_probability(one) == pytest.approx(1.0)


def test_claims_that_the_body_cannot_judge_are_refused():
    with pytest.raises(InputError, match="the body is predicted as log_ratio, not 'value'"):
        claim_probabilities(packaged(), claims(packaged())["svz-site"], exclude=())
    with pytest.raises(InputError, match="unknown read-out of the body 'ki67_density'"):
        claim_probabilities(packaged(), claims(packaged())["two-way"], exclude=())
    with pytest.raises(InputError, match="ends on day 28, before day 40"):
        predict("body_mass", 40.0)


def test_the_course_that_fits_a_late_finding_wins(findings):
    findings(entry(readout="corticosterone", day=30.0, log_ratio=1.0, se=0.1))
    late = course_probabilities(packaged(), "corticosterone")
    assert late["sustained"] > 0.8
    findings(
        entry(readout="corticosterone", day=2.0, log_ratio=1.2, se=0.1),
        entry(readout="corticosterone", day=14.0, log_ratio=0.0, se=0.1, id="f"),
    )
    assert course_probabilities(packaged(), "corticosterone")["early"] > 0.8
    findings()
    even = course_probabilities(packaged(), "corticosterone")
    assert even == pytest.approx({"early": 0.5, "sustained": 0.5})


# --- equivalence


def test_five_animals_cannot_show_that_nothing_happened():
    stress = equivalence_power(packaged(), "corticosterone", animals_per_group=5, cv=0.5, margin=1.5)
    food = equivalence_power(packaged(), "food_intake", animals_per_group=5, cv=0.12, margin=1.1)
    assert 0.02 < stress.power < 0.035
    assert 0.01 < food.power < 0.025
    assert (stress.n_for_80, food.n_for_80) == (24, 28)


def test_the_power_is_that_of_simulated_tests():
    stated = equivalence_power(packaged(), "food_intake", animals_per_group=20)
    rng = np.random.default_rng(4)
    logs = rng.normal(0.0, stated.log_sd, size=(4000, 2, 20))
    gap = logs.mean(axis=2)[:, 0] - logs.mean(axis=2)[:, 1]
    se = np.sqrt(logs.var(axis=2, ddof=1).mean(axis=1) * 2.0 / 20)
    t = stats.t.ppf(0.95, 38)
    shown = (gap + t * se < math.log(stated.margin)) & (gap - t * se > -math.log(stated.margin))
    assert shown.mean() == pytest.approx(stated.power, abs=0.03)


def test_an_animals_own_start_is_worth_many_animals_for_mass_and_few_for_food():
    def need(readout, measure):
        return equivalence_power(packaged(), readout, animals_per_group=5, measure=measure).n_for_80

    assert need("body_mass", "change") < 5 < need("body_mass", "value")
    assert need("food_intake", "change") > need("food_intake", "value")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"animals_per_group": 1}, "at least 2 animals a group, got 1"),
        ({"animals_per_group": 5, "margin": 1.0}, "ratio above 1, such as 1.25, got 1"),
        ({"animals_per_group": 5, "cv": 0.0}, "coefficient of variation is above 0"),
        ({"animals_per_group": 5, "cv": 0.1, "measure": "change"}, "a change takes the catalogue's error"),
        ({"animals_per_group": 5, "measure": "slope"}, "measure must be 'value' or 'change', got 'slope'"),
    ],
)
def test_equivalence_that_cannot_be_is_refused(options, message):
    with pytest.raises(InputError, match=message):
        equivalence_power(packaged(), "food_intake", **options)
    with pytest.raises(InputError, match="measured once in each animal"):
        equivalence_power(packaged(), "soleus_mass", animals_per_group=5, measure="change")


# --- curves


def test_curves_hold_the_prior_and_part_where_lives_part():
    days = [0.0, 2.0, 7.0, 14.0, 16.0, 28.0]
    curves = body_curves(
        packaged(), usual_regimens(packaged(), 28.0), days, readouts=["soleus_mass", "voluntary_movement"]
    )
    by = {(c.readout, c.group): c for c in curves}
    assert set(by["soleus_mass", "control"].median) == {1.0}
    unloaded = by["soleus_mass", "unloaded"]
    assert unloaded.median[2] == pytest.approx(0.729, abs=0.002)
    assert unloaded.low[2] == pytest.approx(math.exp(-0.316 - 1.96 / 1.645 * 0.134), rel=0.02)
    back = by["voluntary_movement", "unloaded, reloaded from day 14"]
    assert back.days == (14.0, 16.0, 28.0)
    without = by["voluntary_movement", WITHOUT_FEEDBACK]
    assert without.low is None
    assert back.median[1] < 0.95 * without.median[1]
    assert ("soleus_mass", WITHOUT_FEEDBACK) not in by
