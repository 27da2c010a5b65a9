"""Weights from findings: against hand calculations, and what is left out leaves no trace."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from evidence_models import evidence_of, finding, responses
from scipy import stats

from soleus.api import packaged
from soleus.evidence.findings import findings
from soleus.evidence.posterior import posterior, used_findings, weights_without

FOUND = (
    finding("a", "down", study="first-2000"),
    finding("b", "none", study="second-2001", citation="press-2001"),
    finding("c", "up", study="third-2002"),
)
BOTH = responses("both", (-1.5, -1.5, -0.2))
ONLY = responses("only-a", (-1.5, 0.0, 0.0))
SETS = (BOTH, ONLY)
NAMES = ("both", "only-a")


def test_without_findings_the_posterior_is_the_prior() -> None:
    found = posterior(SETS, (), excluded=(), carrying=NAMES)
    assert found.set_probability == {"both": 0.5, "only-a": 0.5}
    assert found.used == ()
    for weights in found.weights.values():
        np.testing.assert_allclose(weights, 1.0 / 40, rtol=1e-12)
    for weights in found.joint.values():
        np.testing.assert_allclose(weights, 1.0 / 80, rtol=1e-12)


def test_weights_add_to_one_and_are_those_of_bayes() -> None:
    found = posterior(SETS, FOUND, excluded=(), carrying=NAMES)
    for one in SETS:
        y = one.log_ratios
        edge = 1.96 * 0.2
        down = stats.norm.cdf((-edge - y[0]) / 0.3)
        none = stats.norm.cdf((edge - y[1]) / 0.3) - stats.norm.cdf((-edge - y[1]) / 0.3)
        up = stats.norm.sf((edge - y[2]) / 0.3)
        by_hand = down * none * up
        np.testing.assert_allclose(found.joint[one.name], by_hand / by_hand.sum(), rtol=1e-9)
        assert found.joint[one.name].sum() == pytest.approx(1.0, rel=1e-12)
        # Headrooms are summed out, headroom by headroom.
        folded = found.joint[one.name].reshape(2, 40).sum(axis=0)
        np.testing.assert_allclose(found.weights[one.name], folded, rtol=1e-12)
        assert found.weights[one.name].sum() == pytest.approx(1.0, rel=1e-12)


def test_a_finding_that_depends_on_headroom_tells_headrooms_apart() -> None:
    split = replace(BOTH, log_ratios=BOTH.log_ratios * np.repeat([1.0, 0.0], 40))
    found = posterior((split,), FOUND[:1], excluded=(), carrying=("both",))
    first, second = found.joint["both"].reshape(2, 40).sum(axis=1)
    assert first > 5.0 * second


def test_sets_are_compared_by_their_mean_likelihood() -> None:
    found = posterior(SETS, FOUND, excluded=(), carrying=NAMES).set_probability
    both, only = (evidence_of(one, FOUND) for one in SETS)
    assert found["both"] == pytest.approx(both / (both + only), rel=1e-9)
    assert sum(found.values()) == pytest.approx(1.0, rel=1e-12)


def test_only_sets_that_carry_the_prior_are_compared() -> None:
    found = posterior(SETS, FOUND, excluded=(), carrying=("only-a",))
    assert found.set_probability == {"only-a": 1.0}
    assert set(found.weights) == set(NAMES)
    assert posterior(SETS, FOUND, excluded=(), carrying=()).set_probability == {}


@pytest.mark.parametrize(
    ("excluded", "left"),
    [
        ((), [0, 1, 2]),
        (("first-2000",), [1, 2]),
        (("second-2001",), [0, 2]),  # by study
        (("press-2001",), [0, 2]),  # by the work that tells of it
        (("first-2000", "third-2002", "nobody-1999"), [1]),
        (("first-2000", "press-2001", "third-2002"), []),
    ],
)
def test_what_is_left_out_leaves_no_trace(excluded: tuple[str, ...], left: list[int]) -> None:
    assert used_findings(FOUND, excluded) == left
    found = posterior(SETS, FOUND, excluded=excluded, carrying=NAMES)
    kept = [FOUND[i] for i in left]
    alone = posterior([one.only(left) for one in SETS], kept, excluded=(), carrying=NAMES)
    assert found.used == alone.used == tuple(kept)
    assert found.set_probability == pytest.approx(alone.set_probability, rel=1e-12)
    turned = [f if i in left else replace(f, direction="up", log_ratio=2.0) for i, f in enumerate(FOUND)]
    again = posterior(SETS, turned, excluded=excluded, carrying=NAMES)
    for one in SETS:
        np.testing.assert_allclose(found.joint[one.name], alone.joint[one.name], rtol=1e-12)
        np.testing.assert_array_equal(found.joint[one.name], again.joint[one.name])
        np.testing.assert_allclose(weights_without(one, FOUND, excluded), found.joint[one.name], rtol=1e-12)


def test_no_change_moves_mass_to_small_sizes_and_a_fall_away_from_them() -> None:
    prior = float(BOTH.strengths.mean())
    means = {}
    for direction in ("down", "none", "up"):
        found = posterior((BOTH.only([0]),), [finding("a", direction)], excluded=(), carrying=())
        means[direction] = float(found.weights["both"] @ BOTH.strengths)
    assert means["up"] < means["none"] < prior < means["down"]


def test_another_laboratory_says_less() -> None:
    def mean(spread: float) -> float:
        one = finding("a", "down", spread=spread)
        found = posterior((BOTH.only([0]),), [one], excluded=(), carrying=())
        return float(found.weights["both"] @ BOTH.strengths)

    assert mean(0.25) > mean(0.6) > mean(2.0) > float(BOTH.strengths.mean())


def test_a_hundred_findings_do_not_underflow() -> None:
    many = [finding(str(k), "up", spread=0.05) for k in range(200)]
    hard = responses("hard", [-3.0] * 200)
    found = posterior((hard,), many, excluded=(), carrying=("hard",))
    assert found.weights["hard"].sum() == pytest.approx(1.0, rel=1e-12)
    assert math.isfinite(found.set_probability["hard"])


def test_the_shipped_findings_weigh_every_set(shipped_responses) -> None:
    found = posterior(
        shipped_responses, findings(packaged()), excluded=(), carrying=[r.name for r in shipped_responses]
    )
    assert found.used == findings(packaged())
    assert sum(found.set_probability.values()) == pytest.approx(1.0, rel=1e-9)
    for one in shipped_responses:
        shape = (len(findings(packaged())), len(found.joint[one.name]))
        assert one.log_ratios.shape == one.flipped.shape == shape
        assert found.weights[one.name].sum() == pytest.approx(1.0, rel=1e-9)
        assert np.all(found.weights[one.name] >= 0.0)
