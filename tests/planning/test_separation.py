"""Which statistics tell two causes apart: closed forms, and a study that is simulated and tested."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from soleus.errors import InputError, UnknownNameError
from soleus.planning import (
    NONCENTRALITY,
    Responses,
    noncentrality,
    smallest_panel,
    tell_apart,
)

STRENGTHS = np.linspace(-2.0, 2.0, 81)
REFERENCE = 60  # strength 1
NAMES = ("x", "y", "z")


def lines(*directions, bend: float = 0.0) -> Responses:
    """Return causes that move the statistics along straight lines, or parabolas."""
    curves = tuple(np.outer(STRENGTHS, d) + bend * np.outer(STRENGTHS**2, np.roll(d, 1)) for d in directions)
    names = tuple("ABCD"[: len(directions)])
    return Responses(names, NAMES[: len(directions[0])], curves, (REFERENCE,) * len(directions))


def test_the_noncentrality_is_the_squared_distance_from_the_other_line():
    angle = 0.4
    found = noncentrality(
        lines([1.0, 0.0], [np.cos(angle), np.sin(angle)]), ("A", "B"), chosen=(0, 1), covariance=np.eye(2)
    )
    # Two groups of one animal: the difference has variance 2.
    assert found == pytest.approx(np.sin(angle) ** 2 / 2.0, rel=1e-12)


def test_correlated_noise_is_whitened():
    covariance = np.array([[1.0, 0.8], [0.8, 1.0]])
    a, b = np.array([1.0, 0.0]), np.array([1.0, 1.0])
    inverse = np.linalg.inv(2.0 * covariance)
    rest = a - b * (a @ inverse @ b) / (b @ inverse @ b)
    other = b - a * (a @ inverse @ b) / (a @ inverse @ a)
    found = noncentrality(lines(a, b), ("A", "B"), chosen=(0, 1), covariance=covariance)
    assert found == pytest.approx(min(rest @ inverse @ rest, other @ inverse @ other), rel=1e-12)


def test_a_curve_that_ends_short_is_a_distance_from_its_end():
    short = Responses(("A", "B"), ("x",), (np.array([[0.0], [3.0]]), np.array([[0.0], [1.0]])), (1, 1))
    # B reaches 1 at most; A at its reference is at 3. The other way round A passes through B's point.
    assert noncentrality(short, ("A", "B"), chosen=(0,), covariance=np.eye(1)) == 0.0


def test_one_direction_cannot_be_told_from_itself_however_many_animals():
    (found,) = tell_apart(lines([1.0, 2.0], [2.0, 4.0]), covariance=np.eye(2), animals=1000)
    assert found.panel is None
    assert found.words == "cannot be told apart"


def test_the_smallest_panel_is_found_and_says_how_many_animals_it_needs():
    responses = lines([1.0, 0.5, 0.1], [1.0, -0.5, 0.11])
    found = smallest_panel(responses, ("A", "B"), covariance=0.3 * np.eye(3), animals=8)
    # The third hardly differs; the first two make the angle.
    assert found.panel == ("x", "y")
    a, b = np.array([1.0, 0.5]), np.array([1.0, -0.5])
    exact = (a @ a - (a @ b) ** 2 / (b @ b)) / 0.6
    assert found.animals == pytest.approx(NONCENTRALITY / exact, rel=1e-9)
    few = smallest_panel(responses, ("A", "B"), covariance=0.3 * np.eye(3), animals=3)
    assert few.panel is None
    assert 3.0 < few.animals < found.animals
    assert f"would need {np.ceil(few.animals):.0f} a group" in few.words


def test_larger_panels_grow_from_the_best_of_three():
    a = np.ones(6)
    b = a + 0.5 * np.array([1.0, -0.9, 0.8, -0.7, 0.6, -0.5])
    curves = tuple(np.outer(STRENGTHS, d) for d in (a, b))
    responses = Responses(("A", "B"), tuple("uvwxyz"), curves, (REFERENCE, REFERENCE))
    per_panel = [
        smallest_panel(responses, ("A", "B"), covariance=0.5 * np.eye(6), animals=n) for n in range(2, 60)
    ]
    sizes = [len(s.panel) for s in per_panel if s.panel is not None]
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) >= 3
    assert all(s.animals <= n for n, s in enumerate(per_panel, start=2) if s.panel is not None)


def test_at_that_noncentrality_the_test_has_its_stated_power():
    critical = stats.chi2.ppf(0.95, 1)
    assert stats.ncx2.sf(critical, 1, NONCENTRALITY) == pytest.approx(0.80, abs=2e-4)
    # By simulation: B's line fitted to data that A made, with the animals that the panel asks for.
    responses = lines([1.0, 0.3], [1.0, -0.3], bend=0.05)
    found = smallest_panel(responses, ("A", "B"), covariance=0.2 * np.eye(2), animals=50)
    error = np.sqrt(2.0 * 0.2 / found.animals)
    rng = np.random.default_rng(9)
    truth, other = responses.at_reference("A"), responses.curves[1]
    other = np.array([np.interp(np.linspace(-2, 2, 4001), STRENGTHS, c) for c in other.T]).T
    rejected = 0
    for _ in range(2000):
        seen = truth + error * rng.standard_normal(2)
        rejected += np.min(np.sum((seen - other) ** 2, axis=1)) / error**2 > critical
    # A's other way round is a little easier, so the power is at least the stated one.
    assert 0.77 < rejected / 2000 < 0.86


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(InputError, match="at least 2"):
        smallest_panel(lines([1.0, 0.0], [0.0, 1.0]), ("A", "B"), covariance=np.eye(2), animals=1)
    with pytest.raises(UnknownNameError, match="cause"):
        lines([1.0, 0.0]).at_reference("Z")
    with pytest.raises(InputError, match="finite changes"):
        Responses(("A",), ("x", "y"), (np.zeros((3, 1)),), (0,))
    with pytest.raises(InputError, match="one reference"):
        Responses(("A",), ("x",), (np.zeros((3, 1)),), ())
