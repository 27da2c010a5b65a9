"""Strengths from sizes, curves by strength, and what is solved for a finding."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from soleus.api import packaged
from soleus.catalogue.effect_model import effect_model
from soleus.catalogue.movement import movement_entries
from soleus.catalogue.studies import load_study
from soleus.evidence.finding_responses import (
    MAGNITUDES,
    SetCurves,
    prior_sizes,
    respond,
    solve,
    strengths_of_size,
)
from soleus.evidence.findings import Finding, findings
from soleus.evidence.sets import sets_that_are_on
from soleus.study import bind
from soleus.study.response import MechanismSet

NODES = np.linspace(0.0, 1.0, 101)
SIZES = np.array([0.0, 0.1, 0.5, 0.8, 2.0])
HEADROOMS = effect_model(packaged()).matrix.headrooms


def test_the_prior_of_sizes_is_the_stated_one_without_its_sign() -> None:
    sizes = prior_sizes(packaged())
    assert sizes.shape == (MAGNITUDES,)
    assert np.all(sizes >= 0.0)
    assert np.median(sizes) == pytest.approx(0.5, abs=0.02)
    assert np.quantile(sizes, 0.95) == pytest.approx(1.39, abs=0.05)
    # The 5 per cent above no change are no rise: they count as no effect.
    assert np.mean(sizes == 0.0) == pytest.approx(0.05, abs=0.011)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_strengths_give_the_sizes_whatever_the_sign(sign: float) -> None:
    found = strengths_of_size(SIZES[:4], NODES, sign * 2.0 * NODES)
    np.testing.assert_allclose(found, SIZES[:4] / 2.0, rtol=1e-9, atol=1e-12)


def test_what_cannot_be_reached_gets_the_weakest_strength_that_comes_nearest() -> None:
    saturating = -0.6 * np.minimum(NODES / 0.5, 1.0)
    found = strengths_of_size(SIZES, NODES, saturating)
    # Just short of the plateau, whose strengths all reach the same size.
    top = 0.5 * (1.0 - 0.005 / 0.6)
    np.testing.assert_allclose(found, [0.0, 0.5 / 6.0, 2.5 / 6.0, top, top], rtol=1e-6, atol=1e-9)


def test_a_set_that_moves_nothing_gets_all_strengths_evenly() -> None:
    found = strengths_of_size(SIZES, NODES, 0.019 * NODES)
    np.testing.assert_allclose(found, [0.1, 0.3, 0.5, 0.7, 0.9], rtol=1e-12)
    moved = strengths_of_size(SIZES, NODES, 0.021 * NODES)
    assert moved[0] == 0.0
    np.testing.assert_allclose(moved[1:], 1.0 - 0.005 / 0.021, rtol=1e-9)


def test_where_a_curve_turns_the_first_crossing_counts() -> None:
    peak = np.where(NODES <= 0.5, 1.6 * NODES, 1.6 * (1.0 - NODES))  # 0.8 in the middle, back to 0
    found = strengths_of_size(SIZES, NODES, peak)
    top = 0.5 - 0.005 / 1.6
    np.testing.assert_allclose(found, [0.0, 0.0625, 0.3125, top, top], rtol=1e-9, atol=1e-12)
    # A rise of 0.1 before a deep fall: its size is reached first on the way up.
    crossing = np.where(NODES <= 0.2, 0.5 * NODES, 0.1 - 2.0 * (NODES - 0.2))
    first = strengths_of_size(np.array([0.05, 0.5]), NODES, crossing)
    np.testing.assert_allclose(first, [0.1, 0.5], rtol=1e-9)


# Curves.

GRID = np.array([-0.8, -0.2, 0.0, 0.1, 0.4, 1.0])


def curves_of(declared: np.ndarray, flipped: np.ndarray) -> SetCurves:
    rng = np.random.default_rng(5)
    values = rng.normal(size=(2, 3, len(GRID)))
    values[:, :, 2] = 0.0
    return SetCurves("s", "s", ("m",), GRID, declared, flipped, 1.0, values)


def test_interpolation_is_exact_at_the_nodes_headroom_by_headroom() -> None:
    curves = curves_of(GRID[2:], GRID[:3])
    found = curves.responses()
    assert found.log_ratios.shape == (3, 2 * 4)
    assert found.flipped.shape == (3, 2 * 3)
    for h in range(2):
        np.testing.assert_allclose(
            found.log_ratios[:, 4 * h : 4 * h + 4], curves.curves[h][:, 2:], rtol=1e-12, atol=1e-15
        )
        np.testing.assert_allclose(
            found.flipped[:, 3 * h : 3 * h + 3], curves.curves[h][:, :3], rtol=1e-12, atol=1e-15
        )


def test_the_median_is_that_of_the_declared_strengths() -> None:
    curves = curves_of(np.array([0.4, 0.0, 1.0]), GRID[:3])
    found = curves.responses()
    np.testing.assert_allclose(found.at_median, curves.curves[:, :, 4].T, rtol=1e-12)


def test_between_nodes_a_monotone_curve_stays_monotone() -> None:
    steep = replace(
        curves_of(np.linspace(0.0, 1.0, 200), np.linspace(-0.8, 0.0, 50)),
        curves=np.tile(np.array([2.0, 1.9, 0.0, -0.01, -1.0, -1.01]), (1, 1, 1)),
    ).responses()
    assert np.all(np.diff(steep.log_ratios[0]) <= 1e-12)
    assert steep.log_ratios.min() >= -1.01 - 1e-12


def test_only_keeps_the_asked_comparisons_in_order() -> None:
    found = curves_of(GRID[2:], GRID[:3]).responses()
    part = found.only([2, 0])
    for name in ("log_ratios", "flipped", "at_median"):
        np.testing.assert_array_equal(getattr(part, name), getattr(found, name)[[2, 0]])
    np.testing.assert_array_equal(part.strengths, found.strengths)
    assert found.only([]).log_ratios.shape == (0, 8)


# What is solved.


@pytest.fixture(scope="module")
def known() -> dict[str, Finding]:
    return {f.id: f for f in findings(packaged())}


@pytest.fixture(scope="module")
def sets() -> dict[str, MechanismSet]:
    return sets_that_are_on(packaged(), bind(load_study(packaged(), "adami-2018", with_off=True)))


def test_the_reference_finding_has_the_prior_as_its_prediction(
    known: dict[str, Finding], sets: dict[str, MechanismSet]
) -> None:
    """Ki67 after 14 days of unloading, solved as any other finding, falls as the prior says."""
    name = "afferent-activation"
    (found,) = respond(packaged(), [known["adami-2018/ki67"]], sets={name: sets[name]})
    sizes = prior_sizes(packaged())
    assert found.reach > sizes.max()
    for h in range(len(HEADROOMS)):
        here = found.log_ratios[0, h * MAGNITUDES : (h + 1) * MAGNITUDES]
        np.testing.assert_allclose(here, -sizes, atol=0.03)
    # The other way it rises as far as it can: resting cells that are woken are used up.
    rise = found.flipped[0, :MAGNITUDES]
    np.testing.assert_allclose(rise, np.minimum(sizes, rise.max()), atol=0.03)
    assert 0.2 < rise.max() < found.reach
    assert found.at_median[0] == pytest.approx([-0.5] * len(HEADROOMS), abs=0.03)


def test_headroom_matters_where_legs_do_more_and_not_where_they_do_less(
    known: dict[str, Finding], sets: dict[str, MechanismSet]
) -> None:
    name = "afferent-activation"
    both = [known["clark-2010/early"], known["adami-2018/ki67"]]
    (found,) = respond(packaged(), both, sets={name: sets[name]})
    runner, unloaded = found.at_median
    assert runner[0] > 0.0
    assert np.all(np.diff(runner) > 0.005), "more headroom, more of a rise"
    assert np.ptp(unloaded) < 1e-12


def test_a_group_without_the_receptor_does_not_answer(
    known: dict[str, Finding], sets: dict[str, MechanismSet]
) -> None:
    name = "lactate-activation"
    both = [known["lambertus-2020/lactate"], known["lambertus-2020/knockout-lactate"]]
    (found,) = solve(packaged(), both, sets={name: sets[name]})
    wild_type, silenced = np.abs(found.curves).max(axis=(0, 2))
    assert wild_type > 0.01
    assert silenced == 0.0


def test_a_set_that_does_not_act_in_a_niche_leaves_it_alone(
    known: dict[str, Finding], sets: dict[str, MechanismSet]
) -> None:
    assert "dg" not in movement_entries(packaged()).mechanisms["lactate-activation"].niches
    (found,) = solve(
        packaged(), [known["lambertus-2020-dg/intervals"]], sets={k: sets[k] for k in ["lactate-activation"]}
    )
    np.testing.assert_array_equal(found.curves, 0.0)


def test_the_order_of_findings_does_not_matter(
    known: dict[str, Finding], sets: dict[str, MechanismSet]
) -> None:
    """Findings of two arms with several days, asked for in another order, keep their own curves."""
    names = ["gros-2024/week", "clark-2010/late", "gros-2024/six-hours", "clark-2010/early"]
    chosen = {"afferent-activation": sets["afferent-activation"]}
    (there,) = solve(packaged(), [known[n] for n in names], sets=chosen)
    (back,) = solve(packaged(), [known[n] for n in reversed(names)], sets=chosen)
    np.testing.assert_array_equal(there.curves, back.curves[:, ::-1])
    # Six hours move less than a week, and a runner rises where an unloaded animal falls.
    week, _, hours, early = there.curves[0, :, -1]
    assert week < hours < 0.0 < early
