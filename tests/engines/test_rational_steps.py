"""The rational steps: poles, weights, factorisation with cycles, order of convergence and limit."""

from __future__ import annotations

import math

import numpy as np
import pytest
from engine_models import birth_death, cell
from numpy.polynomial import Polynomial
from random_models import random_case
from scipy.interpolate import pade
from scripts.rational_table import coefficients

from soleus.engines import Start, readout_moments
from soleus.engines.generator import dense_generator
from soleus.engines.moments.plan_steps import Problem, _route
from soleus.engines.moments.rational import Rational, rational_steps
from soleus.engines.moments.rational_table import COEFFICIENTS
from soleus.engines.moments.steps import Path, Route, run_batch
from soleus.engines.moments.structure import structure_of
from soleus.engines.schedule import build_schedule
from soleus.lineage import Fate, Lineage, Process, Transition, compile_lineage
from soleus.movement import Modifiers

STAGES = [2, 4, 6]


def sum_over_poles(r: Rational, z, re, im):
    """Return a sum of ``weight / (pole - z)`` over the poles and their conjugates."""
    z = np.asarray(z, dtype=complex)[..., None]
    pole, weight = r.pole_re + 1j * r.pole_im, re + 1j * im
    return (weight / (pole - z) + weight.conj() / (pole.conj() - z)).sum(axis=-1)


def end(r: Rational, z):
    return sum_over_poles(r, z, r.end_re, r.end_im)


def forward(r: Rational, node: int, z):
    return sum_over_poles(r, z, r.forward[0, node], r.forward[1, node])


def backward(r: Rational, node: int, z):
    return sum_over_poles(r, z, r.backward[0, node], r.backward[1, node])


def order_of(errors, factor: float) -> float:
    return float(np.log(errors[0] / errors[1]) / np.log(factor))


def run(problem: Problem, route: Route, *, fixed: np.ndarray) -> tuple[np.ndarray, np.ndarray, Path]:
    """Return mean, lower covariance and path of one animal, the last day's read-outs first."""
    mean, lower, path = run_batch(
        problem.structure,
        problem.rational,
        route,
        problem.schedule.role_values,
        problem.own[None],
        problem.start[None],
        fixed,
        problem.weights,
        True,
    )
    return mean[0], lower[0], path


# Coefficients


@pytest.mark.parametrize("stages", STAGES)
def test_a_step_is_the_pade_value(stages):
    r = rational_steps(stages)
    top, bottom = pade([1.0 / math.factorial(k) for k in range(2 * stages)], stages, stages - 1)
    z = np.array([0.7, -0.3, -2.0, -11.0, 1.5 + 2.0j, -4.0 + 3.0j, -1.0j])
    np.testing.assert_allclose(end(r, z), top(z) / bottom(z), rtol=1e-10)
    assert np.abs(end(r, z) - np.exp(z)).max() > 0.0
    # Planted: one weight 1e-6 off.
    wrong = r._replace(end_re=r.end_re * np.where(np.arange(len(r.end_re)) == 0, 1.0 + 1e-6, 1.0))
    assert np.abs(end(wrong, z) / (top(z) / bottom(z)) - 1.0).max() > 1e-8


@pytest.mark.parametrize("stages", STAGES)
def test_poles_are_the_roots_of_its_denominator(stages):
    r = rational_steps(stages)
    _, bottom = pade([1.0 / math.factorial(k) for k in range(2 * stages)], stages, stages - 1)
    assert len(r.pole_re) == stages // 2
    assert np.all(r.pole_im > 0.0)
    wanted = bottom.roots[bottom.roots.imag > 0.0]
    wanted = wanted[np.argsort(wanted.imag)]
    np.testing.assert_allclose(r.pole_re + 1j * r.pole_im, wanted, rtol=1e-8)


@pytest.mark.parametrize("stages", STAGES)
def test_a_step_fades_what_is_fast_and_never_amplifies_decay(stages):
    r = rational_steps(stages)
    assert abs(end(r, -1e6)) < 2e-5 * stages
    assert abs(end(r, -1e9)) < 2e-8 * stages
    edge = np.concatenate([1j * np.logspace(-2, 4, 400), -np.logspace(-3, 6, 400)])
    assert np.abs(end(r, edge)).max() <= 1.0 + 1e-9


@pytest.mark.parametrize("stages", STAGES)
def test_quadrature_is_exact_to_its_degree_and_no_further(stages):
    r = rational_steps(stages)
    assert r.node[-1] == 1.0
    assert np.all(np.diff(r.node) > 0.0)
    assert r.node[0] > 0.0
    assert np.all(r.weight > 0.0)
    for power in range(2 * stages - 1):
        np.testing.assert_allclose(r.weight @ r.node**power, 1.0 / (power + 1), rtol=1e-12)
    # What it misses of the next power is the integral of the square of its nodes' polynomial.
    product = Polynomial.fromroots(r.node[:-1])
    missed = (product**2 * Polynomial([1.0, -1.0])).integ()(1.0)
    found = r.weight @ r.node ** (2 * stages - 1) - 1.0 / (2 * stages)
    assert found > 0.0
    np.testing.assert_allclose(found, missed, rtol=1e-2)


@pytest.mark.parametrize("stages", STAGES)
def test_stages_lie_at_the_nodes(stages):
    """Forward stages are the exponential up to a node, backward stages that from it on."""
    r = rational_steps(stages)
    for node, c in enumerate(r.node):
        for stage, wanted, least in (
            (forward, lambda z, c=c: np.exp(c * z), stages + 1),
            (backward, lambda z, c=c: np.exp((1.0 - c) * z), stages),
        ):
            near, far = (abs(stage(r, node, z) - wanted(z)) for z in (-0.25, -1.0))
            assert far < 0.15
            assert near < 1e-10 or order_of((far, near), 4.0) > least - 0.6
    np.testing.assert_allclose(forward(r, stages - 1, -0.7), end(r, -0.7), rtol=1e-10)


def missed(r: Rational, h: float) -> float:
    """Return the error of a step's integral of forward times backward times backward."""
    a, b, c = -0.9 * h, 0.4 * h, -1.7 * h
    terms = [w * forward(r, m, a) * backward(r, m, b) * backward(r, m, c) for m, w in enumerate(r.weight)]
    exact = np.exp(b + c) * np.expm1(a - b - c) / (a - b - c)
    return float(abs(sum(terms) - exact))


@pytest.mark.parametrize("stages", [2, 4])
def test_products_of_stages_integrate_at_full_order(stages):
    """What the covariance needs: its integrand is known at the nodes only as well as single stages are."""
    r = rational_steps(stages)
    assert abs(order_of((missed(r, 0.2), missed(r, 0.1)), 2.0) - (2 * stages - 1)) < 0.35
    wrong = r._replace(backward=r.backward[:, ::-1])  # planted: stages listed from the wrong end
    assert order_of((missed(wrong, 0.2), missed(wrong, 0.1)), 2.0) < 2.0


@pytest.mark.parametrize("stages", STAGES)
def test_nothing_changes_where_nothing_happens(stages):
    """Rounding of the weights must not add up over thousands of steps."""
    r = rational_steps(stages)
    assert abs(end(r, 0.0) - 1.0) < 2e-14
    for node in range(stages):
        assert abs(forward(r, node, 0.0) - 1.0) < 2e-14
        assert abs(backward(r, node, 0.0) - 1.0) < 2e-14


# Factorisation


POLES = [complex(a, b) for s in (4, 6) for a, b in zip(*rational_steps(s)[:2], strict=True)]


def cyclic(rng: np.random.Generator) -> Process:
    """Return 3 to 9 places with stages, whose exits lead anywhere: cycles within cycles."""
    names = [f"c{k}" for k in range(int(rng.integers(3, 10)))]
    exits = []
    for name in names:
        to = {
            str(k): int(rng.integers(1, 3)) for k in rng.choice(names, int(rng.integers(1, 4)), replace=False)
        }
        stages = int(rng.integers(1, 4))
        exits.append(
            Transition(f"{name} clock", name, name, (Fate("on", 1.0, to),), mean_days=1.0, stages=stages)
        )
        if rng.random() < 0.6:
            other = Fate("off", 1.0, {str(rng.choice(names)): 1})
            rate = float(10.0 ** rng.uniform(-3, 3))
            exits.append(Transition(f"{name} turns", f"turn.{name}", name, (other,), rate_per_day=rate))
    types = tuple(cell(k) for k in names)
    return compile_lineage(Lineage("cyclic", types, tuple(exits), founders=tuple(names)))


def one_pole(pole: complex, *, imaginary: bool) -> Rational:
    """Return a step that gives real or imaginary part of ``(pole - z)^-1``."""
    part = np.array([0.5 * (not imaginary)]), np.array([-0.5 * imaginary])
    nothing = np.zeros((2, 1, 1))
    re, im = np.array([pole.real]), np.array([pole.imag])
    return Rational(re, im, *part, nothing, nothing, np.ones(1), np.ones(1))


def solved(process: Process, pole: complex, h: float, own: np.ndarray, y: np.ndarray, weights: np.ndarray):
    """Return ``y (pole - h A)^-1`` and ``(pole - h A)^-1 w`` from the kernels, in the lineage's order."""
    structure = structure_of(process)
    schedule = build_schedule(process, Modifiers.none(0.0, h), [h])
    rows, columns = 0.0, 0.0
    for imaginary in (False, True):
        rational = one_pole(pole, imaginary=imaginary)
        start, given = y[structure.order], np.ascontiguousarray(weights[:, structure.order])
        first = np.array([0, len(weights)])
        problem = Problem(structure, rational, schedule, own, start, given, first)
        _, _, path = run(problem, _route(problem, [np.array([h])]), fixed=np.zeros(len(y)))
        unit = 1j if imaginary else 1.0
        rows = rows + unit * path.mu[1]
        columns = columns + unit * path.u[0]
    back = np.argsort(structure.order)
    return rows[back], columns[back]


def fill(process: Process) -> int:
    """Return how many places of the factors are not in the generator."""
    a = dense_generator(process, np.ones(len(process.roles)))
    np.fill_diagonal(a, 0.0)
    return len(structure_of(process).column) - int(np.count_nonzero(a))


def test_factors_of_cyclic_generators_solve_as_dense_ones_do():
    filled = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        process = cyclic(rng) if seed % 4 else random_case(seed).process
        filled += fill(process) > 0
        own = 10.0 ** rng.uniform(-1.0, 1.0, len(process.roles))
        y, weights = rng.uniform(0.0, 5.0, process.n_states), rng.normal(size=(3, process.n_states))
        a = dense_generator(process, own)
        # Steps follow the growth of a process, not its fastest rate.
        h = min(10.0 ** rng.uniform(-2.0, 0.0), 3.0 / max(np.linalg.eigvals(a).real.max(), 1e-9))
        for pole in POLES:
            matrix = pole * np.eye(process.n_states) - h * a
            row, column = solved(process, pole, h, own, y, weights)
            np.testing.assert_allclose(row, np.linalg.solve(matrix.T, y), rtol=1e-12)
            wanted = np.linalg.solve(matrix, weights.T)
            np.testing.assert_allclose(column, wanted, rtol=1e-12, atol=1e-13 * np.abs(wanted).max())
    assert filled > 20


def test_a_lost_place_of_the_fill_is_seen(monkeypatch):
    """Planted: eliminations into one place that fills in are left out."""
    rng = np.random.default_rng(3)
    process = next(p for p in (cyclic(rng) for _ in range(50)) if fill(p) > 2)
    structure = structure_of(process)
    a = dense_generator(process, np.ones(len(process.roles)))[structure.order][:, structure.order]
    rows = np.repeat(np.arange(structure.size), np.diff(structure.row))
    extra = np.flatnonzero(a[rows, structure.column] == 0.0)
    hit = np.flatnonzero(np.isin(structure.op_to, extra))[0]
    changed = structure.op_to.copy()
    changed[hit] = structure.op_from[hit]
    from soleus.engines.moments import structure as module

    monkeypatch.setitem(module._STRUCTURES, process, structure._replace(op_to=changed))
    own, y, weights = np.ones(len(process.roles)), np.ones(process.n_states), np.eye(process.n_states)
    row, _ = solved(process, 3.0 + 2.0j, 0.5, own, y, weights)
    matrix = (3.0 + 2.0j) * np.eye(process.n_states) - 0.5 * dense_generator(process, own)
    assert np.abs(row - np.linalg.solve(matrix.T, y)).max() > 1e-6


@pytest.mark.parametrize("seed", range(6))
def test_one_step_is_the_rational_function_of_the_generator(seed):
    process, rng = cyclic(np.random.default_rng(seed)), np.random.default_rng(seed)
    r, n = rational_steps(4), process.n_states
    structure = structure_of(process)
    y, h = rng.uniform(0.0, 5.0, n), 0.05
    schedule = build_schedule(process, Modifiers.none(0.0, h), [h])
    own, start, given = np.ones(len(process.roles)), y[structure.order], np.eye(n)[:, structure.order]
    problem = Problem(structure, r, schedule, own, start, np.ascontiguousarray(given), np.array([0, n]))
    mean, _, path = run(problem, _route(problem, [np.array([h])]), fixed=np.zeros(n))
    a, wanted = dense_generator(process, own), np.zeros(n)
    for pole_re, pole_im, re, im in zip(r.pole_re, r.pole_im, r.end_re, r.end_im, strict=True):
        solution = np.linalg.solve((complex(pole_re, pole_im) * np.eye(n) - h * a).T, y)
        wanted += 2.0 * (complex(re, im) * solution).real
    np.testing.assert_allclose(mean, wanted, rtol=1e-11)
    np.testing.assert_allclose(path.mu[1][np.argsort(structure.order)], wanted, rtol=1e-11)


# Order and limit


def errors(case, stages: int, steps: int, reference) -> tuple[float, float]:
    """Return the errors of mean and covariance with equal steps in each piece of time."""
    process, modifiers, start, weights, days = case
    structure, r = structure_of(process), rational_steps(stages)
    schedule = build_schedule(process, modifiers, days)
    first = np.arange(len(days) + 1) * len(weights)
    given = np.ascontiguousarray(np.tile(weights[:, structure.order], (len(days), 1)))
    begin = start.mean[structure.order].astype(float)
    problem = Problem(structure, r, schedule, np.ones(len(process.roles)), begin, given, first)
    route = _route(problem, [np.full(steps, span / steps) for span in np.diff(schedule.times)])
    fixed = np.full(structure.size, 0.0 if start.poisson else 1.0)
    fixed[structure.order == process.n_states - 1] *= not process.has_outside
    mean, lower, _ = run(problem, route, fixed=fixed)
    back = problem.back
    wanted_mean, wanted = reference.mean.ravel()[back], reference.flat_covariance[np.ix_(back, back)]
    scale = np.sqrt(np.diag(wanted))
    of_covariance = np.tril(lower - wanted) / np.outer(scale, scale)
    return float(np.abs((mean - wanted_mean) / scale).max()), float(np.abs(of_covariance).max())


def growth():
    """Return a birth-death process that grows, long enough for the error to be seen."""
    process = birth_death(1.4, 0.5)
    weights = np.ones((1, 1))
    return (
        process,
        Modifiers.none(0.0, 6.0),
        Start.given(process, {"s": 50}, poisson=True),
        weights,
        [2.0, 6.0],
    )


def convergence(case, stages: int, counts: list[int]) -> tuple[np.ndarray, np.ndarray]:
    process, modifiers, start, weights, days = case
    reference = readout_moments(process, modifiers, start, weights=weights, days=days, tolerance=1e-14)
    found = np.array([errors(case, stages, n, reference) for n in counts])
    return found[:, 0], found[:, 1]


CASES = ["growth", "random 4", "random 2"]


def named(name: str):
    return growth() if name == "growth" else random_case(int(name.split()[1]))


def rounding(case, stages: int, steps: int) -> float:
    """Return what double precision may leave of the errors with equal steps in each piece of time.

    A stage is a sum over poles whose terms are larger than the sum, so that each step loses that many units
    of round-off; what is lost of the means counts in standard deviations. No processor does worse.
    """
    process, modifiers, start, weights, days = case
    r = rational_steps(stages)
    pole = np.tile(r.pole_re + 1j * r.pole_im, (2, stages, 1))
    weight = np.array([r.forward[0] + 1j * r.forward[1], r.backward[0] + 1j * r.backward[1]])
    cancelled = (2.0 * np.abs(weight / pole)).sum(axis=-1).max()
    pieces = len(build_schedule(process, modifiers, days).times) - 1
    found = readout_moments(process, modifiers, start, weights=weights, days=days)
    in_sd = np.abs(found.mean.ravel()) / np.sqrt(np.diag(found.flat_covariance))
    return float(0.5 * np.finfo(float).eps * cancelled * steps * pieces * max(1.0, in_sd.max()))


# Six stages leave so little with three steps that rounding is a part of it, but for the longest case.
@pytest.mark.parametrize(
    ("name", "stages", "counts", "within"),
    [(name, 4, [4, 8], 0.6) for name in CASES]
    + [("growth", 6, [2, 3], 0.6), ("random 4", 6, [1, 2], 1.0), ("random 2", 6, [1, 2], 1.0)],
)
def test_order_of_convergence_of_mean_and_covariance(name, stages, counts, within):
    case = named(name)
    for found in convergence(case, stages, counts):
        assert found[1] > 10.0 * rounding(case, stages, counts[1])
        assert abs(order_of(found, counts[1] / counts[0]) - (2 * stages - 1)) < within


@pytest.mark.parametrize("stages", [4, 6])
@pytest.mark.parametrize("name", CASES)
def test_the_limit_is_the_exact_answer(name, stages):
    case = named(name)
    for found in convergence(case, stages, [40]):
        assert found[0] < rounding(case, stages, 40) < 1e-10


@pytest.mark.parametrize("stages", [4, 6])
def test_a_weight_that_is_slightly_off_changes_the_limit(stages, monkeypatch):
    """Planted: the largest weight 1e-11 off, as linear algebra in double precision may leave it."""
    right = rational_steps(stages)
    wrong = right._replace(end_re=right.end_re * (1.0 + 1e-11 * (np.arange(stages // 2) == 0)))
    bound = rounding(growth(), stages, 40)
    monkeypatch.setitem(globals(), "rational_steps", lambda stages: wrong)
    assert convergence(growth(), stages, [40])[0][0] > bound


def test_coefficients_are_those_of_sixty_digits():
    """Each stored number is the double next to its value, whatever linear algebra this machine has."""
    for stages in STAGES:
        assert COEFFICIENTS[stages] == coefficients(stages)


def test_swapped_backward_stages_lose_the_order(monkeypatch):
    """Planted: backward stages taken at the nodes in the wrong order; the covariance alone suffers."""
    right = rational_steps(4)
    wrong = right._replace(backward=np.ascontiguousarray(right.backward[:, ::-1]))
    monkeypatch.setitem(globals(), "rational_steps", lambda stages: wrong)
    of_mean, of_covariance = convergence(growth(), 4, [4, 8])
    assert order_of(of_mean, 2.0) > 6.0
    assert order_of(of_covariance, 2.0) < 3.0
