"""Spheres: how many a plated culture makes, and their sizes from the generating function against cells."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import integrate, stats

from soleus.api import packaged
from soleus.assays.culture import SphereAssay, SphereSizes, sphere_number
from soleus.catalogue.lineages import niche
from soleus.catalogue.readouts import readout
from soleus.engines import Start, mean_cells, simulate_cells
from soleus.errors import InputError, ModelError
from soleus.lineage import CellType, Fate, Lineage, Phase, Transition, compile_lineage
from soleus.movement import Modifiers

FOUNDERS = ("SC", "qSC")
NICHE = niche(packaged(), "culture")
PLATED = NICHE.start_at_reference().mean


def assay(**changes) -> SphereAssay:
    return SphereAssay(**{"name": "spheres", "label": "spheres", "founders": FOUNDERS, **changes})


@pytest.fixture(scope="module")
def five_days() -> SphereSizes:
    return assay(least_cells=1).sizes(NICHE.process, Modifiers.none(0.0, 7.0), PLATED, day=5.0)


def founder_means(day: float) -> float:
    """Return the mean cells of one founder's clone, from the moments."""
    process = NICHE.process
    founding = np.isin([m.type for m in process.microstates], FOUNDERS)
    start = Start(np.where(founding, PLATED, 0.0) / PLATED[founding].sum(), poisson=True)
    return float(mean_cells(process, Modifiers.none(0.0, day), start, days=[day])[0].sum())


def test_the_mean_size_is_that_of_the_moments(five_days):
    assert five_days.mean * five_days.forming == pytest.approx(founder_means(5.0), rel=1e-3)
    assert five_days.probability.sum() == pytest.approx(1.0, abs=1e-6)


def test_sizes_are_those_of_followed_cells(five_days):
    process, rng = NICHE.process, np.random.default_rng(3)
    founding = np.isin([m.type for m in process.microstates], FOUNDERS)
    p = np.where(founding, PLATED, 0.0) / PLATED[founding].sum()
    drawn = []
    for state in rng.choice(len(p), size=2000, p=p):
        one = np.zeros(len(p))
        one[state] = 1.0
        cells = simulate_cells(
            process, Modifiers.none(0.0, 5.0), Start(one, poisson=False), days=[5.0], rng=rng
        )
        drawn.append(int(cells.sum()))
    found = np.array(drawn)
    alive = found[found > 0]
    assert abs((found > 0).mean() - five_days.forming) < 4.0 * math.sqrt(0.25 / len(found))
    assert abs(alive.mean() - five_days.mean) < 4.0 * five_days.sd / math.sqrt(len(alive))
    edges = [0, 4, 8, 12, 16, 24, 32, 40, 48, 64, 10_000]
    expected = np.array(
        [
            five_days.probability[(five_days.cells > a) & (five_days.cells <= b)].sum()
            for a, b in zip(edges, edges[1:], strict=False)
        ]
    )
    seen = np.histogram(alive, bins=np.array(edges) + 0.5)[0]
    assert stats.chisquare(seen, expected / expected.sum() * seen.sum()).pvalue > 1e-3


def test_sizes_of_a_pure_birth_process_are_geometric():
    """Yule: from one cell the number is geometric, given at once."""
    stem = CellType("SC", "stem", (Phase("cycle", cycling=True),))
    divide = Transition("divide", "division", "SC", (Fate("two", 1.0, {"SC": 2}),), rate_per_day=0.7)
    process = compile_lineage(Lineage("yule", (stem,), (divide,)))
    found = assay(founders=("SC",), least_cells=3).sizes(
        process, Modifiers.none(0.0, 4.0), np.array([5.0]), day=4.0
    )
    p = math.exp(-0.7 * 4.0)
    geometric = p * (1.0 - p) ** (found.cells - 1.0)
    assert found.forming == pytest.approx((1.0 - p) ** 2, abs=2e-4)
    assert found.probability * found.forming == pytest.approx(geometric, abs=1e-6)


def test_a_sphere_of_half_the_cells_is_a_fifth_smaller():
    one = assay(cell_diameter_um=14.0, packing=0.64)
    full, half = one.diameters(np.array([80.0, 40.0]))
    assert full == pytest.approx(14.0 * (80.0 / 0.64) ** (1.0 / 3.0))
    assert half / full == pytest.approx(0.7937, abs=1e-4)
    # Volume of the cells is the packed share of the sphere's.
    assert 80.0 * 14.0**3 / full**3 == pytest.approx(0.64)


def test_spheres_appear_in_three_to_five_days():
    """As the account of the cultures says: clusters of tens of cells, 40 to 60 micrometres."""
    one = assay()
    days = {day: one.sizes(NICHE.process, Modifiers.none(0.0, 5.0), PLATED, day=day) for day in (3.0, 5.0)}
    assert 8.0 < days[3.0].mean < days[5.0].mean < 80.0
    with pytest.raises(InputError, match="look later"):
        one.sizes(NICHE.process, Modifiers.none(0.0, 5.0), PLATED, day=0.1)


def test_slower_division_makes_smaller_spheres():
    plain, slow = (
        assay().sizes(NICHE.process, Modifiers.none(0.0, 5.0).scaled(f), PLATED, day=5.0)
        for f in ({}, {"division": 0.7})
    )
    assert slow.mean < 0.7 * plain.mean


def test_the_density_of_diameters_integrates_to_one(five_days):
    one = assay(diameter_cv=0.1)
    total, _ = integrate.quad(
        lambda d: math.exp(one.log_prob(np.array([d]), five_days)), 5.0, 200.0, limit=400, epsabs=1e-7
    )
    assert total == pytest.approx(1.0, abs=1e-4)


def transforms(one: SphereAssay, sizes: SphereSizes, diameters: np.ndarray) -> np.ndarray:
    """Return the probability integral transforms of diameters, from the density alone."""
    grid = np.linspace(4.0, 160.0, 2001)
    density = np.array([math.exp(one.log_prob(np.array([g]), sizes)) for g in grid])
    cumulative = integrate.cumulative_trapezoid(density, grid, initial=0.0)
    return np.interp(diameters, grid, cumulative)


@pytest.mark.parametrize(
    ("wrong", "agrees"),
    [
        ({}, True),
        ({"diameter_cv": 0.2}, False),
        ({"cell_diameter_um": 14.4}, False),
        ({"packing": 0.7}, False),
    ],
)
def test_what_is_drawn_is_what_is_scored(five_days, wrong, agrees):
    scored = assay(diameter_cv=0.1)
    drawn = replace(scored, **wrong)
    diameters = drawn.sample(five_days, np.random.default_rng(8), spheres=4000)
    u = np.clip(transforms(scored, five_days, diameters), 1e-9, 1.0 - 1e-9)
    p = float(stats.kstest(u, "uniform").pvalue)
    assert (p > 1e-3) is agrees


def test_scores_add_up_over_blocks_and_prefer_the_truth(five_days):
    one = assay(diameter_cv=0.1)
    diameters = one.sample(five_days, np.random.default_rng(2), spheres=300)
    parts = sum(one.log_prob(np.array([d]), five_days) for d in diameters)
    assert one.log_prob(diameters, five_days) == pytest.approx(parts, rel=1e-12)
    slow = assay(least_cells=1).sizes(
        NICHE.process, Modifiers.none(0.0, 5.0).scaled({"division": 0.8}), PLATED, day=5.0
    )
    assert one.log_prob(diameters, five_days) > one.log_prob(diameters, slow) + 5.0
    with pytest.raises(InputError, match="above 0"):
        one.log_prob(np.array([40.0, -1.0]), five_days)


def test_spheres_of_a_well_are_binomial_in_the_plated_cells():
    spheres = sphere_number(
        readout(packaged(), "culture", "sphere_forming"),
        readout(packaged(), "culture", "cells"),
        plated_cells=2000,
        efficiency=0.2,
        wells=3,
    )
    weights = np.array([r.weights(NICHE.process) for r in spheres.readouts])
    cells = weights @ PLATED
    share = cells[0] / cells.sum()
    words = np.random.default_rng(4).integers(0, 2**64, size=(2000, 4), dtype=np.uint64)
    drawn = spheres.draw(np.tile(cells, (2000, 1)), words)
    assert np.all(drawn.sum(axis=2) == 2000.0)
    number = drawn[:, :, 0].ravel()
    expected = 2000.0 * share * 0.2
    assert number.mean() == pytest.approx(expected, rel=0.01)
    assert number.var() == pytest.approx(expected * (1.0 - share * 0.2), rel=0.06)
    none = np.zeros((2, 2))
    score = spheres.log_prob(drawn[0], mean_cells=cells, relative_covariance=none)[0]
    assert score == pytest.approx(stats.binom.logpmf(drawn[0, :, 0], 2000, share * 0.2).sum(), abs=1e-8)


def test_the_number_of_spheres_does_not_depend_on_the_size_of_the_culture():
    spheres = sphere_number(
        readout(packaged(), "culture", "sphere_forming"), readout(packaged(), "culture", "cells"),
        plated_cells=500, efficiency=0.3, wells=1,
    )  # fmt: skip
    small = spheres.shares(np.array([100.0, 900.0]))
    assert small == pytest.approx(spheres.shares(np.array([1e6, 9e6])))
    assert small[0] == pytest.approx(0.03)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"founders": ()}, "found a sphere"),
        ({"packing": 1.2}, "packing"),
        ({"least_cells": 0}, "least_cells"),
        ({"diameter_cv": 0.0}, "diameter_cv"),
    ],
)
def test_assays_that_cannot_be_are_refused(changes, says):
    with pytest.raises(ModelError, match=says):
        assay(**changes)


def test_an_efficiency_out_of_range_is_refused():
    cells = readout(packaged(), "culture", "cells")
    with pytest.raises(ModelError, match="efficiency"):
        sphere_number(cells, cells, plated_cells=10, efficiency=0.0, wells=1)
