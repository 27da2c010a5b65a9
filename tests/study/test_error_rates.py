"""`--effect off` over many seeds: the nominal rate; a planted effect: the power that theory gives."""

from __future__ import annotations

import functools
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from study_models import SECTIONS, toy_study

from soleus.analysis import ratio_effect
from soleus.assays import log_variance
from soleus.catalogue.studies import load_study
from soleus.evidence.predictions import predict
from soleus.study import Variation, bind, simulate
from soleus.study.response import MechanismSet, Responder

SEEDS = 400
ANIMALS = 5


@functools.cache
def toy():
    # One read-out, so that an animal costs a millisecond or two.
    return bind(toy_study(ANIMALS, assays=(SECTIONS,), derived=()))


def p_values(experiment, seeds, readout: str, day: float) -> np.ndarray:
    treated, control = experiment.study.treated[0].name, experiment.study.control.name
    found = []
    for seed in seeds:
        effect = ratio_effect(
            simulate(experiment, seed), readout=readout, day=day, treated=treated, control=control
        )
        found.append(effect.p_value)
    return np.array(found)


def within(rejections: int, trials: int, rate: float) -> bool:
    """Whether a number of rejections fits a rate, by an exact test in both directions."""
    return stats.binomtest(rejections, trials, rate).pvalue > 1e-3


def test_groups_without_effect_differ_at_the_nominal_rate():
    found = p_values(toy(), range(SEEDS), "cycling", 14.0)
    assert within(int((found < 0.05).sum()), SEEDS, 0.05)
    assert within(int((found < 0.2).sum()), SEEDS, 0.2)
    # The rate would not pass if it were doubled, as it is for a test on sections.
    assert not within(int(2.5 * (found < 0.05).sum()), SEEDS, 0.05)


def expected_power(log_ratio: float, sd: float, n: int) -> float:
    """Power of a two-sided t test at 5 % on log animal means, ``n`` a group."""
    df = 2 * n - 2
    shift = log_ratio / (sd * math.sqrt(2.0 / n))
    edge = stats.t.ppf(0.975, df)
    return float(stats.nct.sf(edge, df, shift) + stats.nct.cdf(-edge, df, shift))


def test_a_planted_effect_is_seen_with_the_expected_power():
    """A true ratio of 0.30, in animals that differ so much that a quarter of the studies miss it."""
    noisy = toy_study(ANIMALS, assays=(SECTIONS,), derived=(), variation=Variation(0.75))
    plain = bind(noisy)
    responder = Responder(plain, "unloaded", (14.0,))
    chosen = MechanismSet("wake", "wake", {"wake": 1.0})
    strength = responder.strength_of(
        responder.table(chosen), readout="cycling", day=14.0, log_ratio=math.log(0.3)
    )
    assert strength is not None
    experiment = replace(plain, gains=responder.gains(chosen, strength))
    mean = experiment.true_means("free")[0, 0] * SECTIONS.fraction
    sd = math.sqrt(
        log_variance(0.75)
        + log_variance(SECTIONS.position_cv)
        + (log_variance(SECTIONS.unit_cv) + 1.0 / mean) / SECTIONS.units
    )
    power = expected_power(math.log(0.3), sd, ANIMALS)
    assert 0.5 < power < 0.95
    seen = int((p_values(experiment, range(SEEDS // 2), "cycling", 14.0) < 0.05).sum())
    assert abs(seen / (SEEDS // 2) - power) < 0.09
    assert not within(seen, SEEDS // 2, 0.05)


@pytest.mark.slow
@pytest.mark.parametrize("effect", ["off", "reported"])
def test_rates_of_the_leg_day_study(effect):
    study = load_study("leg-day").with_animals(ANIMALS)
    experiment = bind(replace(study, assays=study.assays[:1], derived=()))
    rate = 0.05
    if effect == "reported":
        predictions = predict(bind(study), workers=2)
        strength = predictions.reported_strength["afferent-activation"]
        gains = predictions.responder.gains(predictions.tables["afferent-activation"].set, strength)
        experiment = replace(experiment, gains=gains)
        assay = study.assays[0]
        sd = math.sqrt(
            log_variance(study.variation.niche_size_cv)
            + log_variance(assay.position_cv)
            + log_variance(assay.unit_cv) / assay.units
            + log_variance(study.variation.role_cv["activation"])
        )
        ratio = predictions.reported("ki67_density", 28.0)["afferent-activation"]
        rate = expected_power(math.log(ratio), sd, ANIMALS)
    seeds = range(SEEDS if effect == "off" else SEEDS // 4)
    seen = int((p_values(experiment, seeds, "ki67_density", 28.0) < 0.05).sum())
    if effect == "off":
        assert within(seen, len(seeds), rate)
    else:
        assert abs(seen / len(seeds) - rate) < 0.09
