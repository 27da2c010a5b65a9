"""Published outcomes: the chance of each is that of the test that it was, and each is of a real study."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict

import numpy as np
import pytest
from evidence_models import finding
from scipy import stats

from soleus.api import packaged
from soleus.catalogue.effect_model import effect_model
from soleus.catalogue.store import citations
from soleus.catalogue.studies import load_study
from soleus.catalogue.study_entries import study_entry, study_names
from soleus.evidence.directions import (
    DIRECTIONS,
    DirectionResult,
    direction_chances,
    direction_log_likelihood,
)
from soleus.evidence.findings import findings

MODEL = effect_model(packaged()).direction_studies
FOUND = {f.id: f for f in findings(packaged())}
TRUE = np.array([-1.5, -0.45, -0.1, 0.0, 0.2, 0.8])


@pytest.mark.parametrize(("se", "spread"), [(0.2, 0.2), (0.2, 0.35), (0.1, 0.6)])
def test_the_chances_are_those_of_simulated_tests(se: float, spread: float) -> None:
    rng = np.random.default_rng(11)
    draws = 200_000
    chances = direction_chances(TRUE, se=se, spread=spread, critical=1.96)
    assert chances.shape == (3, len(TRUE))
    np.testing.assert_allclose(chances.sum(axis=0), 1.0, rtol=1e-12)
    for y, expected in zip(TRUE, chances.T, strict=True):
        z = (y + spread * rng.standard_normal(draws)) / se
        seen = np.array([np.mean(z < -1.96), np.mean(np.abs(z) <= 1.96), np.mean(z > 1.96)])
        error = np.sqrt(np.maximum(expected * (1.0 - expected), 1e-6) / draws)
        assert np.all(np.abs(seen - expected) < 5.0 * error), y


def test_a_test_of_no_effect_without_discrepancy_errs_in_5_percent() -> None:
    down, none, up = direction_chances(np.zeros(1), se=0.3, spread=0.3, critical=1.959964)[:, 0]
    assert (down, none, up) == pytest.approx((0.025, 0.95, 0.025), abs=1e-6)


def test_down_is_the_mirror_of_up() -> None:
    there = direction_chances(TRUE, se=0.2, spread=0.4, critical=1.96)
    back = direction_chances(-TRUE, se=0.2, spread=0.4, critical=1.96)
    np.testing.assert_allclose(there, back[::-1], rtol=1e-9, atol=1e-15)
    # A fall is more often seen the deeper it is.
    assert np.all(np.diff(there[0]) < 0.0) and np.all(np.diff(there[2]) > 0.0)


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_direction_counts_by_its_chance(direction: str) -> None:
    one = finding("a", direction)
    expected = np.log(one.chances(TRUE)[DIRECTIONS.index(direction)])
    np.testing.assert_allclose(one.log_likelihood(TRUE), expected, rtol=1e-12)
    # Of one comparison of the same animals, two read-outs count half each.
    half = finding("a", direction, weight=0.5)
    np.testing.assert_allclose(half.log_likelihood(TRUE), 0.5 * expected, rtol=1e-12)


def test_a_size_counts_by_its_density_and_not_by_its_direction() -> None:
    one = finding("a", "up", log_ratio=0.7)
    expected = stats.norm.logpdf(0.7, loc=TRUE, scale=0.3)
    np.testing.assert_allclose(one.log_likelihood(TRUE), expected, rtol=1e-12)
    np.testing.assert_allclose(finding("a", "none", log_ratio=0.7).log_likelihood(TRUE), expected, rtol=1e-12)
    assert TRUE[np.argmax(one.log_likelihood(TRUE))] == 0.8


def test_an_impossible_direction_has_a_finite_likelihood() -> None:
    assert math.isfinite(float(finding("a", "up").log_likelihood(np.array([-60.0]))[0]))


def test_a_body_direction_of_another_species_says_less() -> None:
    y = np.array([-0.6, 0.6])
    mouse, rat = (
        direction_log_likelihood(DirectionResult("x", "k", 1.0, "down", same), y, MODEL)
        for same in (True, False)
    )
    assert mouse[0] > rat[0] and mouse[1] < rat[1]
    spread = math.hypot(MODEL.standard_error, MODEL.discrepancy_sd)
    expected = stats.norm.cdf((-1.96 * MODEL.standard_error + 0.6) / spread)
    assert math.exp(mouse[0]) == pytest.approx(expected, rel=1e-9)


# The findings of the catalogue.


def test_there_are_at_least_eight_studies() -> None:
    assert len({f.study for f in FOUND.values()}) >= 8
    assert len(FOUND) == len(findings(packaged()))


@pytest.mark.parametrize(
    ("name", "differs", "se"),
    [
        ("adami-2018/ki67", (), math.sqrt(2.0 * math.log1p(0.35**2) / 6.0)),
        ("gros-2024/week", ("species",), math.sqrt(2.0 * math.log1p(0.35**2) / 6.0)),
        ("gros-2024-dg/week", ("species", "niche"), math.sqrt(2.0 * math.log1p(0.35**2) / 6.0)),
        ("clark-2010/early", ("niche",), math.sqrt(2.0 * math.log1p(0.35**2) / 6.0)),
        ("nomura-2012/dcx", ("species", "niche", "age"), math.sqrt(2.0 * math.log1p(0.35**2) / 6.0)),
        ("adami-2018-culture/nestin", ("culture",), math.sqrt(2.0 * math.log1p(0.1**2) / 3.0)),
        ("adami-2018-culture/growth", ("culture",), math.sqrt(2.0 * math.log1p(0.35**2) / 3.0)),
    ],
)
def test_what_else_differs_widens_the_spread_and_not_the_test(
    name: str, differs: tuple[str, ...], se: float
) -> None:
    one = FOUND[name]
    added = {"species": 0.4, "niche": 0.3, "age": 0.3, "culture": 0.3}
    assert one.differs_by == differs
    assert one.se == pytest.approx(se, rel=1e-12)
    variance = se**2 + 0.2**2 + sum(added[d] ** 2 for d in differs)
    assert one.spread == pytest.approx(math.sqrt(variance), rel=1e-12)


def test_the_judgements_above_are_those_of_the_catalogue() -> None:
    stated = (MODEL.animals_per_group, MODEL.animal_cv, MODEL.discrepancy_sd, MODEL.critical)
    assert stated == (6, 0.35, 0.2, 1.96)
    added = (MODEL.other_species_sd, MODEL.other_niche_sd, MODEL.other_age_sd, MODEL.culture_sd)
    assert added == (0.4, 0.3, 0.3, 0.3)


def test_findings_of_the_same_animals_count_together_as_one() -> None:
    together: dict[tuple[str, str, str, float], float] = defaultdict(float)
    for f in FOUND.values():
        together[f.arm, f.group, f.against, f.day] += f.weight
    for key, weight in together.items():
        assert weight == pytest.approx(1.0, rel=1e-12), key
    assert FOUND["adami-2018/ki67"].weight == 1.0
    assert FOUND["adami-2018-culture/nestin"].weight < 0.2
    assert FOUND["nomura-2012/dcx"].weight == 0.5


@pytest.mark.parametrize("arm", sorted({f.arm for f in FOUND.values()}))
def test_every_finding_is_of_groups_days_and_readouts_that_are_there(arm: str) -> None:
    study = load_study(packaged(), arm)
    groups = {g.name for g in study.groups}
    known = {r.name for r in study.all_readouts()}
    for f in (f for f in FOUND.values() if f.arm == arm):
        assert {f.group, f.against} <= groups and f.group != f.against
        assert f.day in study.sampling_days
        assert f.readout in known
        assert f.citation in citations(packaged())
        # A claim leaves a work out by its key, and so every study that stands under that name.
        assert f.study == study_entry(packaged(), arm).citation
        assert f.direction in DIRECTIONS
        assert len(f.reason) >= 10


def test_some_studies_can_be_asked_for_and_bring_their_arms() -> None:
    some = findings(packaged(), ["gros-2024", "clark-2010"])
    assert {f.study for f in some} == {"gros-2024", "clark-2010"}
    assert {f.arm for f in some if f.study == "gros-2024"} == {
        n for n in study_names(packaged()) if n.startswith("gros-2024")
    }
    assert findings(packaged(), ["leg-day"]) == ()


def test_all_three_outcomes_are_published_of_mice_rats_and_another() -> None:
    assert {f.direction for f in FOUND.values()} == set(DIRECTIONS)
    species = {study_entry(packaged(), f.arm).species for f in FOUND.values()}
    assert {"mouse", "rat", "macaque"} <= species
    by_study = itertools.groupby(findings(packaged()), key=lambda f: f.study)
    assert len([s for s, _ in by_study]) == len({f.study for f in FOUND.values()}), "study by study"
