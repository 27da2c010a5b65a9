"""One cycling population: its lineage, and its growth in closed form against the engine's."""

from __future__ import annotations

import math

import numpy as np
import pytest

from soleus.engines import Start, mean_cells, stable_growth
from soleus.engines.generator import dense_generator
from soleus.errors import ModelError, NumericalError
from soleus.lineage import compile_lineage
from soleus.lineage.cycling import cycling_lineage, growth_rate_per_day, growth_shares
from soleus.movement import Modifiers

PHASES = (0.27, 0.29, 0.21)
CASES = [
    {"stages": (4, 6, 3)},
    {"stages": (4, 6, 3), "rest_probability": 0.2},
    {"stages": (1, 1, 1), "death_rate_per_day": 0.3},
    {"stages": (12, 15, 15), "rest_probability": 0.1, "death_rate_per_day": 0.15},
]


@pytest.mark.parametrize("case", CASES)
def test_growth_and_composition_are_those_of_the_engine(case):
    process = compile_lineage(cycling_lineage("cell", phase_days=PHASES, **case))
    ones = np.ones(len(process.roles))
    start = stable_growth(process, 1.0, role_values=ones)
    rate = growth_rate_per_day(phase_days=PHASES, **case)
    assert rate == pytest.approx(float((start.mean @ dense_generator(process, ones)).sum()), rel=1e-9)
    share = growth_shares(rate, phase_days=PHASES, **case)
    np.testing.assert_allclose(share, start.mean, rtol=1e-8)
    later = mean_cells(process, Modifiers.none(0.0, 2.0), Start(share, poisson=True), days=[2.0])[0]
    np.testing.assert_allclose(later, share * math.exp(2.0 * rate), rtol=1e-8)


def test_death_alike_in_all_phases_changes_no_fraction():
    living = {"phase_days": PHASES, "stages": (4, 6, 3), "rest_probability": 0.2}
    dying = living | {"death_rate_per_day": 0.4}
    rate, less = growth_rate_per_day(**living), growth_rate_per_day(**dying)
    assert less == pytest.approx(rate - 0.4, rel=1e-12)
    np.testing.assert_allclose(growth_shares(less, **dying), growth_shares(rate, **living), rtol=1e-12)


def test_one_stage_of_one_phase_is_the_yule_process():
    """Two phases next to nothing: the rate is that of an exponential cycle."""
    rate = growth_rate_per_day(phase_days=(0.5, 1e-9, 1e-9), stages=(1, 1, 1))
    assert rate == pytest.approx(2.0, rel=1e-6)
    exact = growth_rate_per_day(phase_days=(0.5, 1e-9, 1e-9), stages=(5000, 1, 1))
    assert exact == pytest.approx(math.log(2.0) / 0.5, rel=1e-3)


def test_each_daughter_rests_on_its_own():
    lineage = cycling_lineage("stem", phase_days=PHASES, rest_probability=0.3)
    fates = {f.name: f for t in lineage.transitions for f in t.fates if f.role}
    assert {n: round(f.probability, 12) for n, f in fates.items()} == {
        "none_rests": 0.49,
        "one_rests": 0.42,
        "both_rest": 0.09,
    }
    resting = sum(f.probability * f.daughters.get("stem.G0", 0) for f in fates.values())
    assert resting == pytest.approx(2 * 0.3)
    assert sum(sum(f.daughters.values()) == 2 for f in fates.values()) == 3


def test_roles_and_places_are_those_that_it_states():
    plain = cycling_lineage("stem", phase_days=PHASES)
    assert plain.places() == ("stem.G1", "stem.S", "stem.G2M")
    assert plain.roles == ("division.stem.G1", "division.stem.S", "division.stem.G2M")
    full = cycling_lineage("stem", phase_days=PHASES, rest_probability=0.1, death_rate_per_day=0.2)
    assert full.places()[-1] == "stem.G0"
    assert {"death.stem", "fate.stem.one_rests"} < set(full.roles)
    process = compile_lineage(full)
    assert [m.cycling for m in process.microstates] == [True] * 40 + [False]
    # One factor on the whole clock.
    assert len(process.roles) == 7
    Modifiers(np.array([0.0, 1.0]), ("division.stem",), np.array([[2.0]])).on_roles(process.roles)


def test_what_does_not_grow_is_refused():
    with pytest.raises(ModelError, match="rest_probability must lie in"):
        cycling_lineage(phase_days=PHASES, rest_probability=1.0)
    with pytest.raises(NumericalError, match="below 0.5"):
        growth_rate_per_day(phase_days=PHASES, stages=(1, 1, 1), rest_probability=0.5)
    with pytest.raises(ModelError, match="phase_days must be above 0"):
        growth_rate_per_day(phase_days=(0.1, 0.0, 0.1), stages=(1, 1, 1))
    with pytest.raises(ModelError, match="mean_days"):
        cycling_lineage(phase_days=(0.1, -1.0, 0.1))
