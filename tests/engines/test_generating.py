"""Generating functions: closed forms, a slow twin, the other engines, order of convergence, refusals."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest
from engine_models import birth_death, cell, divides, erlang_chain, immigration_death, moves, renewal
from random_models import random_lineage
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from soleus.engines import Start, follow_cells, mean_cells, readout_moments
from soleus.engines import generating as solver
from soleus.engines.generating import generating_function
from soleus.engines.generator import dense_generator
from soleus.engines.schedule import build_schedule
from soleus.errors import InputError, NumericalError, UnsupportedError
from soleus.lineage import Fate, Jump, Label, Lineage, Process, Transition, compile_lineage, cross
from soleus.movement import Modifiers

CIRCLE = np.exp(2j * np.pi * np.arange(40) / 40)
REAL = np.array([0.0, 0.3, 0.9, 1.0 - 1e-6, 1.0, -0.5])


class Case(NamedTuple):
    process: Process
    modifiers: Modifiers


def case(seed: int, *, factor: float = 1.0) -> Case:
    """Return a random process without sources, with Erlang waits, up to 3 daughters and a jump on day 1.3."""
    rng = np.random.default_rng(seed)
    process = compile_lineage(replace(random_lineage(rng), sources=()))
    edges = np.array([0.0, 0.7, 1.6, 3.0])
    values = rng.uniform(0.2, 2.0, (len(process.roles), 3))
    values[[r.startswith("division") for r in process.roles]] *= factor
    return Case(process, Modifiers(edges, process.roles, values))


def one_type(process: Process, s: np.ndarray, days: list[float], tolerance: float = 1e-10) -> np.ndarray:
    plain = Modifiers.none(0.0, days[-1])
    found = generating_function(process, plain, s[:, None], label_day=0.0, days=days, tolerance=tolerance)
    return found[:, :, 0]


def kendall(s: np.ndarray, birth: float, death: float, days: float) -> np.ndarray:
    if birth == death:
        return 1.0 - (1.0 - s) / (1.0 + birth * days * (1.0 - s))
    fallen = (death - birth * s) * math.exp(-(birth - death) * days)
    return (death * (1.0 - s) - fallen) / (birth * (1.0 - s) - fallen)


@pytest.mark.parametrize("s", [REAL, CIRCLE], ids=["real", "complex"])
@pytest.mark.parametrize(
    ("birth", "death"),
    [(1.0, 0.0), (1.3, 0.4), (0.4, 1.3), (0.9, 0.9)],
    ids=["yule", "up", "down", "critical"],
)
def test_birth_and_death(birth, death, s):
    days = [0.001, 1.0, 6.0]
    found = one_type(birth_death(birth, death), s, days)
    expected = np.array([kendall(s, birth, death, d) for d in days])
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-10)
    assert found.dtype == s.dtype


def test_yule_sizes_are_geometric():
    s = 0.9 * CIRCLE
    p = math.exp(-0.8)
    sizes = np.fft.fft(one_type(birth_death(0.8, 0.0), s, [1.0])[0]).real / 40 / 0.9 ** np.arange(40)
    k = np.arange(1, 20)
    np.testing.assert_allclose(sizes[1:20], p * (1 - p) ** (k - 1), rtol=0, atol=1e-9)


def test_three_daughters():
    fates = (Fate("three", 1.0, {"s": 3}),)
    process = compile_lineage(
        Lineage("three", (cell("s"),), (Transition("d", "division", "s", fates, rate_per_day=0.7),))
    )
    shrunk = math.exp(-0.7 * 2.0)
    expected = CIRCLE * shrunk / np.sqrt(1.0 - (1.0 - shrunk**2) * CIRCLE**2)
    np.testing.assert_allclose(one_type(process, CIRCLE, [2.0])[0], expected, rtol=0, atol=1e-9)


def test_modifiers_act_in_their_order_and_on_fates():
    process = renewal(1.5, 0.6)
    modifiers = Modifiers(
        np.array([0.0, 1.0, 2.5]), ("division", "fate.two"), np.array([[1.0, 0.4], [1.0, 3.0]])
    )
    found = generating_function(process, modifiers, CIRCLE[:, None], label_day=0.0, days=[2.5])[0, :, 0]
    later = 0.6 * 3.0 / (0.6 * 3.0 + 0.4)
    inner = kendall(CIRCLE, 0.6 * later, 0.6 * (1.0 - later), 1.5)
    expected = kendall(inner, 0.9, 0.6, 1.0)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-8)
    assert (
        np.max(np.abs(kendall(kendall(CIRCLE, 0.9, 0.6, 1.0), 0.6 * later, 0.6 * (1 - later), 1.5) - found))
        > 0.01
    )


def test_fates_with_the_same_daughters_add_up():
    kinds = (divides("s", 0.5), replace(divides("s", 0.8), name="again"))
    process = compile_lineage(Lineage("twice", (cell("s"),), kinds))
    np.testing.assert_allclose(
        one_type(process, CIRCLE, [1.5])[0], kendall(CIRCLE, 1.3, 0.0, 1.5), rtol=0, atol=1e-9
    )


def test_moves_alone_are_linear():
    process = erlang_chain(2.0, 4, 0.3)
    s = np.random.default_rng(1).uniform(-1.0, 1.0, (3, process.n_states))
    found = generating_function(process, Modifiers.none(0.0, 3.0), s, label_day=0.0, days=[3.0])[0]
    stay = expm(3.0 * dense_generator(process, np.ones(len(process.roles))))
    np.testing.assert_allclose(found, s @ stay.T + 1.0 - stay.sum(axis=1), rtol=0, atol=1e-8)


def test_a_jump_acts_after_a_look_and_before_a_label_of_its_day():
    jump = Jump("half", 1.0, {"a": {"b": 0.25, None: 0.5}})
    lineage = Lineage("two", (cell("a"), cell("b")), (moves("a", "b", 0.0),), jumps=(jump,))
    process, plain = compile_lineage(lineage), Modifiers.none(0.0, 2.0)
    s = np.array([[0.3, 0.7]])

    def found(label_day: float, day: float) -> float:
        return float(generating_function(process, plain, s, label_day=label_day, days=[day])[0, 0, 0])

    jumped = 0.25 * 0.3 + 0.25 * 0.7 + 0.5
    assert found(0.0, 1.0) == pytest.approx(0.3, abs=1e-12)
    assert found(0.0, 1.01) == pytest.approx(jumped, abs=1e-12)
    assert found(1.0, 2.0) == pytest.approx(0.3, abs=1e-12)
    assert found(0.99, 2.0) == pytest.approx(jumped, abs=1e-12)


def twin(one: Case, s: np.ndarray, *, label_day: float, day: float) -> np.ndarray:
    """Solve the backward equation for one point, fate by fate and exit by exit, shape (n,)."""
    process, modifiers = one
    a, roles = process.arrays, modifiers.on_roles(process.roles)

    def slope(days_to_go: float, f: np.ndarray, piece: int) -> np.ndarray:
        change = np.zeros_like(f)
        for e, i in enumerate(a.exit_source):
            hazard = a.exit_rate[e] * roles[a.exit_role[e], piece]
            fates = range(a.exit_fates[e], a.exit_fates[e + 1])
            weight = np.array(
                [
                    a.fate_probability[k] * (1.0 if a.fate_role[k] < 0 else roles[a.fate_role[k], piece])
                    for k in fates
                ]
            )
            for k, p in zip(fates, weight / weight.sum(), strict=True):
                product = np.prod(f[a.daughters[a.fate_daughters[k] : a.fate_daughters[k + 1]]])
                change[i] += hazard * p * product
            change[i] -= hazard * f[i]
        return change

    cuts = {label_day, day} | {float(c) for c in modifiers.edges} | {j.day for j in process.jumps}
    times = sorted(c for c in cuts if label_day <= c <= day)
    f = s.astype(complex)
    for start, end in zip(times[-2::-1], times[:0:-1], strict=True):
        piece = int(np.searchsorted(modifiers.edges, start, side="right")) - 1
        f = solve_ivp(slope, (0.0, end - start), f, args=(piece,), method="DOP853", rtol=1e-9, atol=1e-11).y[
            :, -1
        ]
        for jump in process.jumps:
            if jump.day == start and start > label_day:
                f = jump.matrix @ f + 1.0 - jump.matrix.sum(axis=1)
    return f


@pytest.mark.parametrize("seed", [0, 2, 5])
def test_equals_the_slow_twin(seed):
    one = case(seed)
    rng = np.random.default_rng(seed)
    n = one.process.n_states
    s = rng.uniform(0.0, 1.0, n) * np.exp(2j * np.pi * rng.random(n))
    found = generating_function(*one, s[None], label_day=0.4, days=[1.1, 2.6], tolerance=1e-9)
    for d, day in enumerate([1.1, 2.6]):
        np.testing.assert_allclose(found[d, 0], twin(one, s, label_day=0.4, day=day), rtol=0, atol=3e-9)


@pytest.mark.parametrize("seed", range(6))
def test_first_and_second_derivatives_are_the_moments(seed):
    process, modifiers = case(seed)
    n = process.n_states
    weights = np.random.default_rng(seed).integers(0, 3, n).astype(float)
    angles = np.array([1e-3, 2e-3])
    s = np.exp(1j * angles[:, None] * weights)
    f = generating_function(process, modifiers, s, label_day=0.0, days=[3.0], tolerance=1e-12)[0]
    # Im F = angle m1 - angle^3 m3 / 6, 1 - Re F = angle^2 m2 / 2 - angle^4 m4 / 24; one step of Richardson.
    first, second = f.imag / angles[:, None], 2.0 * (1.0 - f.real) / angles[:, None] ** 2
    first, second = (4.0 * first[0] - first[1]) / 3.0, (4.0 * second[0] - second[1]) / 3.0
    for i in range(0, n, 3):
        start = Start(np.eye(n)[i], poisson=False)
        # The engines let the jump of the first day act; there is none here.
        mean = mean_cells(process, modifiers, start, days=[3.0])[0] @ weights
        moments = readout_moments(process, modifiers, start, weights=weights[None], days=[3.0])
        square = float(moments.covariance.ravel()[0]) + mean**2
        assert first[i] == pytest.approx(mean, rel=1e-6, abs=1e-9)
        assert second[i] == pytest.approx(square, rel=1e-4, abs=1e-5)


def follow(one: Case, *, founders: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return cells on day 2.5 by clone and type, (C, types), and founders, (C,); label on day 0.9."""
    process, modifiers = one
    names = sorted({m.type for m in process.microstates})
    start = Start.given(process, dict.fromkeys(names, founders))
    rng = np.random.default_rng(seed)
    found = follow_cells(process, modifiers, start, days=[2.5], rng=rng, label_clones_on=0.9)
    sizes = np.stack([found.clone_sizes(process.count(k))[0] for k in names], axis=1)
    return sizes, found.founder_microstate


def z_scores(one: Case, sizes: np.ndarray, founder: np.ndarray) -> np.ndarray:
    """Return how far means of prod s^cells over followed clones lie from the generating function."""
    process, modifiers = one
    names = sorted({m.type for m in process.microstates})
    by_type = np.random.default_rng(7).uniform(0.0, 1.0, (6, len(names)))
    by_type[:2] = np.array([[0.0] * len(names), [0.0] + [1.0] * (len(names) - 1)])
    s = by_type @ np.array([process.count(k) for k in names])
    expected = generating_function(process, modifiers, s, label_day=0.9, days=[2.5])[0][:, founder]
    observed = np.prod(by_type[:, None, :] ** sizes[None], axis=2)
    centred = observed - expected
    return centred.sum(axis=1) / np.sqrt((observed.var(axis=1) + 1e-9) * len(founder))


@pytest.mark.parametrize("seed", [1, 4])
def test_equals_clones_followed_cell_by_cell(seed):
    sizes, founder = follow(case(seed), founders=4000, seed=seed)
    assert len(founder) > 3000
    assert np.max(np.abs(z_scores(case(seed), sizes, founder))) < 4.0
    # It would see divisions 10 % faster.
    assert np.max(np.abs(z_scores(case(seed, factor=1.1), sizes, founder))) > 4.0


@pytest.mark.parametrize("order", [2, 3, 4, 6])
def test_order_of_convergence_and_limit(order):
    process = birth_death(1.3, 0.4)
    schedule = build_schedule(process, Modifiers.none(0.0, 2.0), [0.0, 2.0])
    terms = solver._terms(process, schedule)
    s = np.array([[0.2], [0.7]])
    exact = kendall(s, 1.3, 0.4, 2.0)

    def error(number: int) -> float:
        # The step is held by the hazard alone; its sum over the steps of a piece is the piece.
        found = solver._run(
            terms, schedule, s, span=(0, 1), error=math.inf, order=order, reach=1.7 * 2.0 / number
        )
        return float(np.max(np.abs(found - exact)))

    errors = np.array([error(k) for k in (8, 16, 32)])
    seen = np.log2(errors[:-1] / errors[1:])
    assert np.all(errors > 1e-14)
    np.testing.assert_allclose(seen, order, atol=0.35)
    assert error(4000) < 3.0 * errors[-1] * (32 / 4000) ** order + 1e-13


@pytest.mark.parametrize("tolerance", [1e-3, 1e-6, 1e-9, 1e-12])
def test_the_tolerance_is_kept_at_large_growth(tolerance):
    s = np.concatenate([np.exp(1j * np.geomspace(1e-6, 1.0, 20)), REAL])
    found = one_type(birth_death(1.0, 0.0), s, [6.0], tolerance)[0]
    assert np.max(np.abs(found - kendall(s, 1.0, 0.0, 6.0))) <= tolerance


def test_a_tolerance_beyond_double_precision_is_refused():
    s = np.exp(1j * np.geomspace(1e-8, 1e-6, 20))
    with pytest.raises(NumericalError, match="allow a larger one"):
        one_type(birth_death(1.0, 0.0), s, [16.0], 1e-13)


def test_points_do_not_depend_on_their_neighbours():
    one = case(3)
    n = one.process.n_states
    rng = np.random.default_rng(0)
    s = rng.uniform(-1.0, 1.0, (75, n))
    asked = {"label_day": 0.2, "days": [2.0, 3.0]}
    together = generating_function(*one, s, **asked)
    kept = s.copy()
    for k in (0, 31, 32, 74):
        alone = generating_function(*one, s[k : k + 1], **asked)
        np.testing.assert_allclose(together[:, k], alone[:, 0], rtol=0, atol=2e-8)
    turned = generating_function(*one, s.astype(complex), **asked)
    np.testing.assert_allclose(turned, together, rtol=0, atol=2e-8)
    np.testing.assert_array_equal(s, kept)


def test_nothing_has_happened_on_the_day_of_the_label():
    one = case(3)
    s = np.random.default_rng(0).uniform(-1.0, 1.0, (3, one.process.n_states))
    found = generating_function(*one, s, label_day=1.3, days=[1.3, 2.0])
    np.testing.assert_array_equal(found[0], s)
    assert np.all(found[1] != s)


def test_a_label_changes_no_clone():
    fates = (Fate("two", 0.4, {"a": 2}), Fate("out", 0.6, {"a": 1, "b": 1}))
    turns = (
        moves("a.G1", "a.S", 3.0),
        Transition("d", "division", "a.S", fates, mean_days=0.3, stages=2),
        moves("b", "a", 0.2),
    )
    process = compile_lineage(Lineage("tagged", (cell("a", "G1", "S"), cell("b")), turns))
    tagged = cross(process, [Label("EdU", ((0.5, 0.6), (1.1, 1.4)))])
    plain = Modifiers.none(0.0, 3.0)
    s = np.random.default_rng(2).uniform(0.0, 1.0, (4, process.n_states))
    asked = {"label_day": 0.2, "days": [2.5]}
    bare = generating_function(process, plain, s, **asked)[0]
    full = generating_function(tagged, plain, s[:, tagged.untagged], **asked)[0]
    assert tagged.n_states > 2 * process.n_states
    np.testing.assert_allclose(full, bare[:, tagged.untagged], rtol=0, atol=1e-8)
    # Labels are seen: chance of a clone without label.
    clear = generating_function(tagged, plain, (tagged.level("EdU") == 0.0)[None].astype(float), **asked)[
        0, 0
    ]
    assert 0.01 < clear[tagged.entry("a")] < 0.6


def test_refusals():
    process, plain = birth_death(1.0, 0.5), Modifiers.none(0.0, 2.0)
    s = np.array([[0.5]])
    with pytest.raises(UnsupportedError, match="sources"):
        generating_function(
            immigration_death(1.0, 0.5), plain, np.array([[0.5, 1.0]]), label_day=0.0, days=[1.0]
        )
    wait = Transition("clock", "division", "s", (Fate("two", 1.0, {"s": 2}),), mean_days=1.0, shape=2.5)
    gamma = compile_lineage(Lineage("gamma", (cell("s"),), (wait,)))
    with pytest.raises(UnsupportedError, match=r"\['clock'\] have gamma waits, whose generating functions"):
        generating_function(gamma, plain, s, label_day=0.0, days=[1.0])
    for points, message in (
        (np.array([0.5]), "shape"),
        (np.array([[0.5, 0.5]]), "shape"),
        (np.zeros((0, 1)), "at least one row"),
        (np.array([[1.1]]), "modulus"),
        (np.array([[np.nan]]), "modulus"),
    ):
        with pytest.raises(InputError, match=message):
            generating_function(process, plain, points, label_day=0.0, days=[1.0])
    for label_day, days in ((1.0, [0.5]), (0.0, []), (0.0, [1.5, 1.0]), (0.0, [3.0]), (-1.0, [1.0])):
        with pytest.raises(InputError):
            generating_function(process, plain, s, label_day=label_day, days=days)
    for tolerance in (0.0, 1e-15, 0.1, math.nan):
        with pytest.raises(InputError, match="tolerance"):
            generating_function(process, plain, s, label_day=0.0, days=[1.0], tolerance=tolerance)


def test_extreme_scales():
    slow = birth_death(1e-9, 1e-9)
    fast = compile_lineage(Lineage("fast", (cell("s"),), (divides("s", 0.5),)))
    s = np.array([0.5])
    np.testing.assert_allclose(one_type(slow, s, [10.0])[0], 0.5 + 10.0 * 1e-9 * 0.25, rtol=1e-12)
    np.testing.assert_allclose(one_type(fast, s, [1e-9])[0], 0.5 - 0.5e-9 * 0.25, rtol=1e-12)
    assert one_type(fast, s, [200.0])[0] == pytest.approx(0.0, abs=1e-10)
