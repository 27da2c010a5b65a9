"""Published directions: scored as tests that did or did not reach 5 %, never by a size."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from soleus.catalogue.effect_model import DirectionModel, effect_model
from soleus.catalogue.records import EvidenceEntry
from soleus.catalogue.store import evidence
from soleus.evidence.posterior import DirectionResult, Posterior, direction_results
from soleus.evidence.posterior import posterior as weigh
from soleus.study.effects import EffectPrior
from soleus.study.response import MechanismSet, ResponseTable

MODEL = DirectionModel(
    animals_per_group=6,
    animal_cv=0.35,
    discrepancy_sd=0.2,
    other_species_sd=0.4,
    critical=1.96,
    reason="test",
)
GRID = EffectPrior(-0.5, -1.39, 0.0).grid(400)
STRENGTHS = np.linspace(-0.5, 1.0, 31)


def table(name: str, slope: float, other: float) -> ResponseTable:
    """A set with log-ratio ``-slope s`` of read-out k and ``-other s`` of read-out j."""
    columns = np.stack([-slope * STRENGTHS, -other * STRENGTHS], axis=1)[:, None, :]
    return ResponseTable(MechanismSet(name, name, {}), STRENGTHS, (14.0,), ("k", "j"), columns)


TABLES = {"both": table("both", 2.0, 2.0), "only-k": table("only-k", 2.0, 0.0)}
AT = {n: t.strengths_for(GRID, "k", 14.0) for n, t in TABLES.items()}


def posterior(tables, strengths, results, model, carrying=tuple(TABLES)) -> Posterior:
    return weigh(tables, strengths, results, model, carrying=carrying)


def result(readout: str, direction: str, *, same: bool = True) -> DirectionResult:
    return DirectionResult("somebody-2000", readout, 14.0, direction, same)


def entry(**changes) -> EvidenceEntry:
    fields = {
        "id": "e",
        "claim": "nsc-70",
        "readout": "k",
        "niche": "svz",
        "species": "mouse",
        "day": 14.0,
        "direction": "down",
        "kind": "primary",
        "independent": True,
        "stance": "supports",
        "citation": "somebody-2000",
        "status": "provisional",
        "reason": "made up for a test",
    }
    return EvidenceEntry.model_validate({**fields, **changes})


def scored(*entries: EvidenceEntry, exclude=()) -> tuple[DirectionResult, ...]:
    return direction_results(entries, niche="svz", readouts=("k", "j"), days=(14.0,), exclude=exclude)


def test_without_results_the_posterior_is_the_prior():
    found = posterior(TABLES, AT, (), MODEL)
    assert found.set_probability == {"both": 0.5, "only-k": 0.5}
    for weights in found.weights.values():
        np.testing.assert_allclose(weights, 1.0 / 400, rtol=1e-12)


def test_no_change_moves_mass_to_zero_and_a_fall_away_from_it():
    prior = float(np.mean(np.abs(GRID)))
    for direction, sign in (("none", -1), ("down", 1)):
        found = posterior(TABLES, AT, (result("k", direction),), MODEL)
        for weights in found.weights.values():
            assert weights.sum() == pytest.approx(1.0, rel=1e-12)
            assert np.sign(weights @ np.abs(GRID) - prior) == sign
    up = posterior(TABLES, AT, (result("k", "up"),), MODEL).weights["both"]
    assert up @ GRID > np.mean(GRID) + 0.2


def test_the_weights_by_hand():
    found = posterior({"both": TABLES["both"]}, AT, (result("k", "none"),), MODEL)
    se = math.sqrt(2.0 * math.log(1.0 + 0.35**2) / 6.0)
    spread = math.hypot(se, 0.2)
    chance = stats.norm.cdf((1.96 * se - GRID) / spread) - stats.norm.cdf((-1.96 * se - GRID) / spread)
    reached = GRID >= -2.0  # the set's strongest; beyond it the grid is cut short
    np.testing.assert_allclose(found.weights["both"][reached], (chance / chance.sum())[reached], rtol=5e-3)


def test_another_species_says_less():
    mouse = posterior(TABLES, AT, (result("k", "none"),), MODEL).weights["both"] @ np.abs(GRID)
    rat = posterior(TABLES, AT, (result("k", "none", same=False),), MODEL).weights["both"] @ np.abs(GRID)
    assert mouse < rat < float(np.mean(np.abs(GRID)))


def test_sets_are_compared_by_what_they_predict():
    fall = posterior(TABLES, AT, (result("j", "down"),), MODEL).set_probability
    none = posterior(TABLES, AT, (result("j", "none"),), MODEL).set_probability
    assert fall["both"] > 0.7
    assert none["only-k"] > 0.6
    assert sum(fall.values()) == pytest.approx(1.0, rel=1e-12)


def test_only_usable_primary_results_are_scored():
    assert scored(entry()) == (DirectionResult("somebody-2000", "k", 14.0, "down", True),)
    for change in (
        {"kind": "review"},
        {"kind": "press", "independent": False},
        {"direction": None, "log_ratio": -0.4},
        {"niche": "dg"},
        {"readout": "unheard"},
        {"day": 9.0},
        {"day": None},
    ):
        assert scored(entry(**change)) == (), change
    assert scored(entry(species="rat"))[0].same_species is False
    assert len(scored(entry(independent=False))) == 1


def test_a_work_counts_once_a_day():
    """Its read-outs rest on the same animals; another day is another measurement."""
    again = entry(id="e2", claim="nsc-20", stance="opposes")
    assert len(scored(entry(), again)) == 1
    assert scored(entry(), entry(id="e3", readout="j")) == scored(entry())
    two_days = (entry(), entry(id="e4", day=7.0))
    assert len(direction_results(two_days, niche="svz", readouts=("k",), days=(7.0, 14.0))) == 2


def test_running_and_exercise_are_not_unloading():
    for manipulation in ("exercise", "other"):
        assert scored(entry(manipulation=manipulation)) == ()


def test_sets_are_compared_only_if_they_carry_the_prior():
    found = posterior(TABLES, AT, (result("k", "down"),), MODEL, carrying=("both",))
    assert found.set_probability == {"both": 1.0}
    assert set(found.weights) == {"both", "only-k"}


def test_an_excluded_work_does_not_enter():
    other = entry(id="e2", citation="other-2001", direction="none")
    assert [r.citation for r in scored(entry(), other, exclude=("somebody-2000",))] == ["other-2001"]
    with_it = posterior(TABLES, AT, scored(entry(), other), MODEL)
    without = posterior(TABLES, AT, scored(entry(), other, exclude=("somebody-2000",)), MODEL)
    alone = posterior(TABLES, AT, scored(other), MODEL)
    np.testing.assert_array_equal(without.weights["both"], alone.weights["both"])
    assert without.used == alone.used
    assert not np.array_equal(with_it.weights["both"], without.weights["both"])


@pytest.mark.parametrize("size", [-0.05, -1.2, -3.0])
def test_a_size_is_never_used(size):
    """A direction with a number counts as the direction alone."""
    plain, sized = scored(entry()), scored(entry(log_ratio=size, se=0.1))
    assert plain == sized
    for name in TABLES:
        a, b = (posterior(TABLES, AT, r, MODEL).weights[name] for r in (plain, sized))
        np.testing.assert_array_equal(a, b)


def test_the_shipped_entries_that_are_scored():
    """Unloading results of this niche on predicted days; running and exercise are none."""
    found = direction_results(
        evidence(),
        niche="svz",
        readouts=("ki67_density", "stem_cells", "neuroblasts", "new_neurons", "mature_neurons"),
        days=(7.0, 14.0, 28.0),
    )
    assert {(r.citation, r.readout, r.day, r.direction) for r in found} == {
        ("adami-2018", "ki67_density", 14.0, "down"),
        ("gros-2024", "ki67_density", 7.0, "none"),
        ("yasuhara-2007", "neuroblasts", 14.0, "down"),
    }
    assert {r.citation for r in found if not r.same_species} == {"gros-2024", "yasuhara-2007"}
    assert effect_model().direction_studies.standard_error == pytest.approx(
        math.sqrt(2.0 * math.log(1.0 + 0.35**2) / 6.0), rel=1e-12
    )
