"""Bootstrap intervals for drawing: only above ten animals, and those of SciPy."""

from __future__ import annotations

import numpy as np
import pytest

from soleus.analysis.answers import Undetermined
from soleus.analysis.display import DisplayInterval, display_interval


def test_ten_animals_have_none() -> None:
    found = display_interval(np.arange(10.0), seed=1)
    assert isinstance(found, Undetermined) and "more than 10" in found.note
    assert isinstance(display_interval(np.arange(11.0), seed=1), DisplayInterval)
    assert isinstance(display_interval(np.ones(20), seed=1), Undetermined)


def test_it_is_near_the_t_interval_of_many_normal_animals() -> None:
    values = np.random.default_rng(3).normal(10.0, 2.0, 60)
    found = display_interval(values, seed=1)
    assert isinstance(found, DisplayInterval)
    half = 2.0 * values.std(ddof=1) / np.sqrt(60)
    assert found.mean == pytest.approx(values.mean())
    assert found.mean - found.low == pytest.approx(half, rel=0.12)
    assert found.high - found.mean == pytest.approx(half, rel=0.12)
    assert "display only" in found.label
    assert display_interval(values, seed=1) == found
