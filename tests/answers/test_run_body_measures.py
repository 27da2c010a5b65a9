"""What a run says of the body and of shares: truth, effect, equivalence and odds, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from soleus.analysis.compare import compare
from soleus.analysis.nesting import Sample
from soleus.analysis.wording import Settings
from soleus.answers.run.parts.body import _equivalence, body_info
from soleus.answers.run.parts.readouts import counted
from soleus.answers.run.parts.shares import _true_odds_ratio
from soleus.api import packaged
from soleus.catalogue.studies import load_study
from soleus.study import bind, simulate


@pytest.fixture(scope="module")
def measures():
    """The body of sixty animals a group; nothing of the niche is counted."""
    study = replace(load_study(packaged(), "leg-day").with_animals(60), assays=(), reported=None)
    observations = simulate(bind(study), seed=5)
    days = {name: observations.days(name) for name in observations.readouts}
    found = body_info(packaged(), study, counted(observations, study, seed=1), days)
    return {(m.readout, m.day): m for m in found.measures if m.effect}


def test_the_true_ratio_is_treated_over_control(measures):
    assert len(measures) >= 10
    assert measures["soleus_mass", 28.0].true_ratio < 0.7
    assert measures["corticosterone", 1.0].true_ratio > 1.5
    for key, one in measures.items():
        log_se = np.log(one.effect.ratio.high / one.effect.ratio.low) / 3.9
        assert abs(np.log(one.effect.ratio.value / one.true_ratio)) < 4.0 * log_se, key


def effect(*values):
    groups = [Sample(n, tuple("abcdef"), v, np.ones(6), ()) for n, v in zip("tc", values, strict=True)]
    return compare(groups, (1.0, -1.0), what="mean", method="default", settings=Settings(), kind="mass")


@pytest.mark.parametrize(
    ("ratio", "spread", "verdict"),
    [
        (1.0, 0.02, "equivalent"),
        (1.03, 0.02, "equivalent"),
        (0.5, 0.02, "beyond the margin"),
        (2.0, 0.02, "beyond the margin"),
        (1.0, 0.5, "not shown"),
        (0.88, 0.1, "not shown"),
    ],
)
def test_equivalence_is_told_on_both_sides(ratio, spread, verdict):
    """Margin 1.15: from 0.87 to 1.15."""
    pattern = np.exp(spread * np.array([-1.2, -0.5, 0.0, 0.4, 1.3, 0.1]))
    found, words = _equivalence(effect(100.0 * ratio * pattern, 100.0 * pattern[::-1]), 1.15)
    assert found == verdict
    assert ("0.87 to 1.15" in words) == (verdict != "not shown")


def test_one_animal_tells_nothing():
    found, words = _equivalence(None, 1.2)
    assert found is None
    assert "cannot be told" in words


def test_the_true_effect_on_a_share_is_the_ratio_of_odds():
    assert _true_odds_ratio(0.2, 0.5) == pytest.approx(0.25)
    assert _true_odds_ratio(0.5, 0.2) == pytest.approx(4.0)
    for none in ((0.0, 0.5), (0.5, 1.0), (1.0, 0.5), (0.5, 0.0)):
        assert _true_odds_ratio(*none) is None
