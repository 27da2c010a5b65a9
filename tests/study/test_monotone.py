"""The monotone cubic against SciPy's, and what it must never do."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.interpolate import PchipInterpolator

from soleus.study import monotone
from soleus.study.monotone import monotone_cubic, monotone_slopes


def curve(x: np.ndarray, y: np.ndarray, at: np.ndarray) -> np.ndarray:
    return monotone_cubic(at, x, y, monotone_slopes(x, y))


@pytest.mark.parametrize("seed", range(20))
def test_same_curve_as_scipy(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = np.sort(rng.random(9))
    y = np.cumsum(rng.standard_normal((9, 2, 3)), axis=0)
    at = np.linspace(x[0], x[-1], 60)
    np.testing.assert_allclose(curve(x, y, at), PchipInterpolator(x, y, axis=0)(at), rtol=0, atol=1e-11)


def test_a_wrong_end_slope_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monotone, "_end", lambda h0, h1, first, second: np.zeros_like(first))
    x = np.array([0.0, 1.0, 2.0])
    y = np.array([0.0, 1.0, 4.0])
    at = np.linspace(0.0, 2.0, 11)
    assert np.abs(curve(x, y, at) - PchipInterpolator(x, y)(at)).max() > 1e-3


def test_no_bump_between_monotone_points() -> None:
    x = np.array([0.0, 0.1, 0.5, 1.0])
    y = np.array([0.0, -2.0, -2.01, -2.02])
    assert np.all(np.diff(curve(x, y, np.linspace(0.0, 1.0, 500))) <= 1e-12)
