"""The mode of a potential whose mode is known; what is not converged says so."""

from __future__ import annotations

import math

import numpy as np
import pytest

from soleus.errors import InputError, NumericalError
from soleus.inference import FreeParameter, Potential, maximise


class Toy(Potential):
    """A correlated normal in standardised coordinates, with its mode where we put it."""

    mode = np.array([0.7, -1.2, 2.0])
    precision = np.array([[4.0, 1.5, 0.0], [1.5, 3.0, -0.5], [0.0, -0.5, 60.0]])

    def __call__(self, x):
        d = x - self.mode
        return 3.25 - 0.5 * float(d @ self.precision @ d)


class Hole(Toy):
    """The same, and impossible beyond a wall next to the mode."""

    def __call__(self, x):
        return super().__call__(x) if x[0] < 0.9 else -math.inf


class Far(Toy):
    mode = np.array([0.0, 0.0, 9.0])


class Impossible(Toy):
    def __call__(self, x):
        return -math.inf


PARAMETERS = tuple(FreeParameter(n, c, s) for n, c, s in (("a", 2.0, 0.5), ("b", 10.0, 1.0), ("c", 0.3, 0.2)))


def toy(kind=Toy) -> Potential:
    return kind(None, None, PARAMETERS)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [Toy, Hole])
def test_the_known_mode_is_found(kind):
    potential = toy(kind)
    found = maximise(potential)
    np.testing.assert_allclose(potential.coordinates(found.theta), Toy.mode, atol=1e-3)
    assert found.theta["a"] == pytest.approx(2.0 * math.exp(0.5 * 0.7), rel=1e-3)
    assert found.log_posterior == pytest.approx(3.25, abs=1e-5)
    assert found.gradient_norm < 0.05
    assert found.converged
    assert found.evaluations > 0


def test_it_is_found_from_elsewhere():
    found = maximise(toy(), start=np.array([-4.0, 4.0, -4.0]))
    np.testing.assert_allclose(toy().coordinates(found.theta), Toy.mode, atol=1e-3)


def test_too_few_iterations_are_flagged():
    found = maximise(toy(), start=np.array([-4.0, 4.0, -4.0]), max_iterations=1)
    assert not found.converged
    assert found.gradient_norm > 0.05


def test_a_mode_beyond_the_bounds_is_flagged():
    found = maximise(toy(Far))
    assert 3.0 < toy().coordinates(found.theta)[2] < 7.0
    assert not found.converged


def test_iterations_are_told():
    told: list[tuple[int, float]] = []
    maximise(toy(), tell=lambda k, v: told.append((k, v)))
    assert [k for k, _ in told] == list(range(1, len(told) + 1))
    assert told[-1][1] == pytest.approx(3.25, abs=1e-4)


def test_an_impossible_start_is_refused():
    with pytest.raises(NumericalError, match="not finite at the start"):
        maximise(toy(Impossible))


@pytest.mark.parametrize(("centre", "sd"), [(0.0, 1.0), (-1.0, 1.0), (1.0, 0.0), (math.nan, 1.0)])
def test_a_parameter_without_a_prior_is_refused(centre, sd):
    with pytest.raises(InputError, match="above 0"):
        FreeParameter("a", centre, sd)
