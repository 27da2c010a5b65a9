"""The classical cumulative-labelling formula: right where it may be used, biased where cells flow in."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from soleus.api import packaged
from soleus.evidence.cumulative import HOURS, isolated_population, svz_populations

# Published cycles and S phases of stem cells, transit-amplifying cells and neuroblasts, hours.
PUBLISHED = [(17.0, 4.0), (18.0, 4.0), (18.0, 14.0), (25.0, 17.0), (18.0, 9.0)]


@pytest.mark.parametrize(("cycle", "s_phase"), PUBLISHED)
def test_a_population_by_itself_gives_back_what_went_in(cycle, s_phase):
    found = isolated_population(cycle_hours=cycle, s_hours=s_phase, stages=60)
    # Cells differ by 8 % in their phases, which rounds the corner of the line.
    assert found.cycle_bias == pytest.approx(1.0, abs=0.04)
    assert found.s_hours < found.fit.s_hours.estimate < 1.05 * found.s_hours
    assert found.fit.growth_fraction.estimate > 0.99


def test_the_less_cells_differ_the_closer_it_comes():
    biases = [isolated_population(cycle_hours=18, s_hours=9, stages=k).cycle_bias - 1.0 for k in (6, 20, 60)]
    assert biases[0] > biases[1] > biases[2] > 0.0
    assert biases[2] < 0.01


def test_the_labelled_share_starts_at_the_share_in_s_and_never_falls():
    found = isolated_population(cycle_hours=18, s_hours=9, stages=60)
    assert found.shares[0] == pytest.approx((9.0 + HOURS[0]) / 18.0, rel=1e-3)
    assert np.all(np.diff(found.shares) > -1e-9)
    early = np.array(HOURS) < 8.0
    np.testing.assert_allclose(found.shares[early], (np.array(HOURS)[early] + 9.0) / 18.0, rtol=5e-3)


@functools.cache
def svz():
    return {one.population: one for one in svz_populations(packaged())}


def test_in_the_svz_the_formula_is_biased_upwards_in_every_population():
    assert len(svz()) == 3
    for one in svz().values():
        assert 1.05 < one.cycle_bias < 1.4
        assert 1.1 < one.s_bias < 1.5


def test_some_cycling_stem_cells_escape_the_label_for_two_days():
    # Cells come back from rest unlabelled, so the plateau of stem cells stays below all of them.
    assert svz()["active stem cells"].shares[-1] < 0.95
    assert svz()["dividing neuroblasts"].shares[-1] > 0.999
