"""`--effect off` over many seeds: the nominal rate; a planted effect: the power that theory gives."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from study_models import NICHE, SECTIONS, toy_study

from soleus.analysis import AnalysisPlan, analyse
from soleus.analysis.contrasts import welch
from soleus.analysis.nesting import samples
from soleus.api import packaged
from soleus.assays import log_variance
from soleus.catalogue.studies import load_study
from soleus.evidence.predictions import predict
from soleus.study import Variation, bind, simulate
from soleus.study.response import MechanismSet, Responder

SEEDS = 10
STUDIES = 20
ANIMALS = 5


def p_values(experiment, *, readout: str, day: float) -> np.ndarray:
    """p values of SEEDS x STUDIES studies: each seed draws the animals of STUDIES of them at once.

    Animals of one draw are independent, and building one large table costs far less than many small.
    """
    treated, control = experiment.study.treated[0].name, experiment.study.control.name
    many = replace(experiment, study=experiment.study.with_animals(ANIMALS * STUDIES))
    found = []
    for seed in range(SEEDS):
        by_group = samples(simulate(many, seed).rows(readout, day), [treated, control])
        logs = [np.log(by_group[g].value).reshape(STUDIES, ANIMALS) for g in (treated, control)]
        found += welch(logs, (1.0, -1.0)).p_value.tolist()
    return np.array(found)


def p_values_by_seed(experiment, seeds, *, readout: str, day: float) -> np.ndarray:
    """p values of one study for each seed, as a user would run them."""
    plan = AnalysisPlan(
        experiment.study.control.name, treated=(experiment.study.treated[0].name,), readouts=(readout,),
        days=(day,), correction="none", unit="animal", extras=False, seed=1,
    )  # fmt: skip
    effects = [analyse(simulate(experiment, s), plan).comparisons[0].effect for s in seeds]
    return np.array([e.p_value for e in effects])


def within(rejections: int, trials: int, rate: float) -> bool:
    """Whether a number of rejections fits a rate, by an exact test in both directions."""
    return stats.binomtest(rejections, trials, rate).pvalue > 1e-3


def test_groups_without_effect_differ_at_the_nominal_rate():
    # One read-out, so that an animal costs little.
    found = p_values(bind(toy_study(assays=(SECTIONS,), derived=())), readout="cycling", day=14.0)
    trials = SEEDS * STUDIES
    assert len(found) == trials
    for rate in (0.05, 0.2):
        assert within(int((found < rate).sum()), trials, rate)
    # A rate four times too high, as a test on sections has and worse, would show.
    assert not within(4 * int((found < 0.05).sum()), trials, 0.05)


def expected_power(log_ratio: float, sd: float, n: int) -> float:
    """Power of a two-sided t test at 5 % on log animal means, ``n`` a group."""
    df = 2 * n - 2
    shift = log_ratio / (sd * math.sqrt(2.0 / n))
    edge = stats.t.ppf(0.975, df)
    return float(stats.nct.sf(edge, df, shift) + stats.nct.cdf(-edge, df, shift))


def test_a_planted_effect_is_seen_with_the_expected_power():
    """A true ratio of 0.30, in animals that differ so much that a quarter of the studies miss it."""
    # A large niche, so that counting adds next to nothing to the spread that the formula takes.
    large = NICHE.with_parameters({"quiescent": 6000.0})
    noisy = toy_study(assays=(SECTIONS,), derived=(), variation=Variation(0.75), niche=large)
    plain = bind(noisy)
    responder = Responder(plain, "unloaded", (14.0,))
    chosen = MechanismSet("wake", "wake", {"wake": 1.0})
    strength = responder.strength_of(
        responder.table(chosen), readout="cycling", day=14.0, log_ratio=math.log(0.3)
    )
    assert strength is not None
    experiment = replace(plain, gains=responder.gains(chosen, strength))
    sd = math.sqrt(
        log_variance(0.75)
        + log_variance(SECTIONS.position_cv)
        + log_variance(SECTIONS.unit_cv) / SECTIONS.units
    )
    power = expected_power(math.log(0.3), sd, ANIMALS)
    assert 0.5 < power < 0.95
    found = p_values(experiment, readout="cycling", day=14.0)
    seen = int((found < 0.05).sum())
    assert abs(seen / len(found) - power) < 0.1
    assert not within(seen, len(found), 0.05)


@pytest.mark.slow
@pytest.mark.parametrize("effect", ["off", "reported"])
def test_rates_of_the_leg_day_study(effect):
    study = load_study(packaged(), "leg-day").with_animals(ANIMALS)
    experiment = bind(replace(study, assays=study.assays[:1], derived=()))
    rate = 0.05
    if effect == "reported":
        predictions = predict(packaged(), bind(study), workers=2)
        strength = predictions.reported_strength["afferent-activation"]
        gains = predictions.responder.gains(predictions.tables["afferent-activation"].set, strength)
        experiment = replace(experiment, gains=gains)
        assay = study.assays[0]
        # Few cells a section: what counting adds, on average over the two groups.
        means = [experiment.true_means(g.name)[0, 0] * assay.fraction for g in study.groups]
        counting = sum(1.0 / m for m in means) / len(means)
        sd = math.sqrt(
            log_variance(study.variation.niche_size_cv)
            + log_variance(assay.position_cv)
            + (log_variance(assay.unit_cv) + counting) / assay.units
            + log_variance(study.variation.role_cv["activation"])
        )
        ratio = predictions.reported("ki67_density", 28.0)["afferent-activation"]
        rate = expected_power(math.log(ratio), sd, ANIMALS)
    seeds = range(400 if effect == "off" else 100)
    found = p_values_by_seed(experiment, seeds, readout="ki67_density", day=28.0)
    seen = int((found < 0.05).sum())
    if effect == "off":
        assert within(seen, len(seeds), rate)
    else:
        assert abs(seen / len(seeds) - rate) < 0.09
