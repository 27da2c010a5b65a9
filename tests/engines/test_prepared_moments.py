"""Prepared moments: the stated error holds, batches are their animals, derivatives, and what is refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from engine_models import (
    birth_death,
    cell,
    dies,
    divides,
    erlang_chain,
    immigration_death,
    moves,
    readouts,
    renewal,
    svz_like,
    svz_start,
)
from random_models import Case, random_case

from soleus.engines import Start, readout_moments
from soleus.engines.moments import PreparedMoments, plan_steps, prepare_moments, rational
from soleus.engines.moments import prepared as prepared_module
from soleus.engines.moments.result import ReadoutMoments
from soleus.errors import InputError, ModelError, NumericalError, UnknownNameError
from soleus.lineage import Jump, Lineage, Transition, compile_lineage
from soleus.movement import Modifiers

FEWEST = 1e-3  # cells: a standard deviation below that counts as that


def prepare(case: Case, tolerance: float) -> PreparedMoments:
    return prepare_moments(
        case.process, case.modifiers, case.start, weights=case.weights, days=case.days, tolerance=tolerance
    )


def reference(case: Case, *, poisson: bool | None = None) -> ReadoutMoments:
    """Return the same by the other way through the engine, a series, to 1e-12."""
    start = case.start if poisson is None else replace(case.start, poisson=poisson)
    return readout_moments(
        case.process, case.modifiers, start, weights=case.weights, days=case.days, tolerance=1e-12
    )


def misses(found: ReadoutMoments, case: Case) -> tuple[float, float]:
    """Return the errors of mean and covariance, relative as the tolerance is stated."""
    wanted = reference(case)
    sd = np.sqrt(np.diag(reference(case, poisson=True).flat_covariance))
    sd = np.maximum(sd, FEWEST * np.tile(np.abs(case.weights).max(axis=1), len(case.days)))
    of_mean = np.abs(found.mean - wanted.mean).ravel() / np.maximum(np.abs(wanted.mean).ravel(), sd)
    of_covariance = np.abs(found.flat_covariance - wanted.flat_covariance) / np.outer(sd, sd)
    return float(of_mean.max()), float(of_covariance.max())


# The stated error


@pytest.mark.parametrize("tolerance", [1e-3, 1e-5, 1e-8, 1e-10])
def test_the_stated_error_holds(tolerance):
    """Sources, jumps, several days, negative weights, Poisson and given starts: 65 random processes.

    Seeds 123, 188, 214, 365 and 482 once missed it by up to a quarter.
    """
    met = set()
    for seed in [*range(60), 123, 188, 214, 365, 482]:
        case = random_case(seed)
        prepared = prepare(case, tolerance)
        met.add((case.start.poisson, case.process.has_outside))
        assert max(misses(prepared.solve(), case)) < tolerance, seed
        assert prepared.error() <= tolerance
    assert len(met) == 4


def test_too_large_an_error_is_seen():
    """Planted: the steps of a looser tolerance."""
    seen = [max(misses(prepare(random_case(seed), 1e-2).solve(), random_case(seed))) for seed in range(20)]
    assert np.median(seen) > 1e-5


def test_the_covariance_of_a_given_start_is_that_of_its_cells():
    """A single day's variance of a read-out that counts every cell once, against its formula."""
    process = erlang_chain(2.0, 5, 0.3)
    start = Start.given(process, {"x": 40})
    weights = np.array([process.count("x"), process.count("y")])
    prepared = prepare_moments(
        process, Modifiers.none(0, 3), start, weights=weights, days=[1.0, 3.0], tolerance=1e-9
    )
    found = prepared.solve()
    chance = found.mean / 40.0
    np.testing.assert_allclose(
        np.einsum("arar->ar", found.covariance), 40.0 * chance * (1.0 - chance), rtol=1e-7
    )
    np.testing.assert_allclose(found.covariance[1, 0, 1, 1], -40.0 * chance[1, 0] * chance[1, 1], rtol=1e-6)


def test_readouts_that_vanish_ask_for_no_further_steps():
    """Founders that are gone to the last 1e-15 once made every tolerance impossible."""
    process = compile_lineage(
        Lineage(
            "gone",
            (cell("x"), cell("y")),
            (
                Transition("wait", "w", "x", moves("x", "y", 1.0).fates, mean_days=0.2, stages=4),
                dies("y", 0.3),
            ),
        )
    )
    start = Start.given(process, {"x": 100.0}, poisson=True)
    weights = np.array([process.count("x"), process.count("y")])
    none = Modifiers(np.array([0.0, 0.7, 1.1, 4.0]), ("w",), np.array([[1.0, 1.7, 0.4]]))
    for days, tolerance in (([4.0], 1e-8), ([1.0, 4.0], 1e-6), ([1.0, 2.0, 4.0], 1e-10)):
        case = Case(process, none, start, weights, days)
        prepared = prepare(case, tolerance)
        assert prepared.steps < 60
        assert reference(case).mean[-1, 0] < 1e-6
        assert max(misses(prepared.solve(), case)) < tolerance


def test_a_realistic_lineage_on_an_hourly_grid():
    process = svz_like()
    start, edges = svz_start(process), np.linspace(0.0, 14.0, 337)
    modifiers = Modifiers(edges, ("division",), (0.3 + 0.7 * np.exp(-edges[:-1] / 2.0))[None])
    case = Case(process, modifiers, start, readouts(process), [7.0, 14.0])
    prepared = prepare(case, 1e-10)
    assert prepared.steps < 500
    assert max(misses(prepared.solve(), case)) < 1e-10


def stiff() -> Case:
    """Return rates of 1e3 beside 1e-3 per day: x turns to y at once, y divides and dies over years."""
    process = compile_lineage(
        Lineage(
            "stiff",
            (cell("x"), cell("y"), cell("z")),
            (
                moves("x", "y", 1e3),
                divides("y", 2e-3),
                dies("y", 1e-3),
                moves("y", "z", 0.5, "turn"),
                dies("z", 1e3),
            ),
            founders=("x",),
        )
    )
    start = Start.given(process, {"x": 60, "y": 20})
    return Case(process, Modifiers.none(0.0, 12.0), start, np.eye(3), [0.01, 3.0, 12.0])


@pytest.mark.parametrize("tolerance", [1e-5, 1e-8])
def test_stiff_rates_cost_no_steps_of_their_own(tolerance):
    case = stiff()
    prepared = prepare(case, tolerance)
    found = prepared.solve()
    assert max(misses(found, case)) < tolerance
    assert prepared.steps < 60  # following the fastest rate would take thousands
    # The closed form of y, which x feeds at once.
    g, fast, t = 2e-3 - 1e-3 - 0.5, 1e3, np.array(case.days)
    y = 20.0 * np.exp(g * t) + 60.0 * fast / (fast + g) * (np.exp(g * t) - np.exp(-fast * t))
    np.testing.assert_allclose(found.mean[:, 1], y, rtol=2 * tolerance)
    # z is fed at 0.5 and gone at 1000 per day: in balance with y after the first hours.
    np.testing.assert_allclose(found.mean[1:, 2], 0.5 * y[1:] / (fast + g), rtol=2 * tolerance)


@pytest.mark.parametrize(("birth", "death"), [(0.9, 0.4), (0.7, 0.7), (1.0, 1.5), (1.0, 30.0), (20.0, 25.0)])
@pytest.mark.parametrize("poisson", [False, True])
def test_birth_and_death(birth, death, poisson):
    process, n, t, g = birth_death(birth, death), 100.0, 4.0, birth - death
    start = Start.given(process, {"s": n}, poisson=poisson)
    prepared = prepare_moments(
        process, Modifiers.none(0, t), start, weights=np.ones((1, 1)), days=[0.1, t], tolerance=1e-9
    )
    found = prepared.solve()
    for day, s in enumerate((0.1, t)):
        grow = np.exp(g * s)
        own = n * (2.0 * birth * s if g == 0.0 else (birth + death) / g * grow * np.expm1(g * s))
        scale = max(own + n * grow**2, FEWEST**2)
        np.testing.assert_allclose(found.mean[day, 0], n * grow, rtol=2e-9, atol=2e-9 * FEWEST)
        np.testing.assert_allclose(
            found.covariance[day, 0, day, 0], own + poisson * n * grow**2, rtol=0.0, atol=2e-9 * scale
        )


def rounded(size: float, seed: int):
    """Return rational steps whose weights are off, as linear algebra of another machine leaves them."""

    def steps(stages: int) -> rational.Rational:
        rng, right = np.random.default_rng([seed, stages]), rational.rational_steps(stages)
        off = 1.0 + size * rng.uniform(-1.0, 1.0, right.forward.shape[1:])
        return right._replace(
            forward=right.forward * off,
            backward=right.backward * off[::-1],
            end_re=right.end_re * off[-1],
            end_im=right.end_im * off[-1],
        )

    return steps


def fast_births() -> Case:
    process = birth_death(20.0, 25.0)
    start = Start.given(process, {"s": 100.0}, poisson=False)
    return Case(process, Modifiers.none(0, 4), start, np.ones((1, 1)), [0.1, 4.0])


@pytest.mark.parametrize("seed", range(12))
def test_steps_do_not_follow_rounding(seed, monkeypatch):
    """What no step shows is no reason to divide the one that rounding makes look worst: 20,000 steps once."""
    steps = prepare(fast_births(), 1e-9).steps
    monkeypatch.setattr(prepared_module, "rational_steps", rounded(1e-13, seed))
    prepared = prepare(fast_births(), 1e-9)
    assert prepared.steps <= 2 * steps < 100
    assert max(misses(prepared.solve(), fast_births())) < 1e-9


def test_what_rounding_forbids_is_told_at_once(monkeypatch):
    """Planted: coefficients so far off that no number of steps gives nine digits."""
    monkeypatch.setattr(prepared_module, "rational_steps", rounded(1e-9, 0))
    tried, judge = [], plan_steps.route_error

    def counted(problem, route):
        tried.append(len(route.piece))
        return judge(problem, route)

    monkeypatch.setattr(plan_steps, "route_error", counted)
    with pytest.raises(NumericalError, match="rounding leaves .* however short the steps"):
        prepare(fast_births(), 1e-9)
    assert max(tried) < 2000


def test_no_time_and_no_exit():
    process = birth_death(1.0, 0.5)
    for poisson in (False, True):
        start = Start.given(process, {"s": 8}, poisson=poisson)
        at_once = prepare_moments(process, Modifiers.none(0, 1), start, weights=np.ones((1, 1)), days=[0.0])
        assert at_once.steps == 0
        assert at_once.error() == 0.0
        assert at_once.solve().mean.item() == 8.0
        assert at_once.solve().covariance.item() == 8.0 * poisson
    inert = compile_lineage(Lineage("inert", (cell("s"),), ()))
    start = Start.given(inert, {"s": 11})
    still = prepare_moments(inert, Modifiers.none(0, 2), start, weights=np.ones((1, 1)), days=[2.0])
    np.testing.assert_allclose(still.solve().mean.item(), 11.0, rtol=1e-13)
    np.testing.assert_allclose(still.solve().covariance.item(), 0.0, atol=1e-11)


# Batches


def cohort(case: Case, animals: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return factors on roles and starts of animals."""
    rng = np.random.default_rng(seed)
    own = np.exp(rng.normal(0.0, 0.3, (animals, len(case.process.roles))))
    starts = case.start.mean * rng.integers(1, 4, (animals, 1))
    if case.process.has_outside:
        starts[:, -1] = 1.0
    return own, starts


@pytest.mark.parametrize("seed", [0, 3, 7, 10])
def test_a_batch_is_its_animals_bit_for_bit(seed):
    """Whatever the chunks and threads, and whichever animal came before in the same memory."""
    case = random_case(seed)
    prepared = prepare(case, 1e-5)
    own, starts = cohort(case, 23, seed)
    whole = prepared.batch(own=own, starts=starts)
    single = [prepared.solve(own=own[k], start=replace(case.start, mean=starts[k])) for k in range(23)]
    np.testing.assert_array_equal(whole.mean, [s.mean for s in single])
    np.testing.assert_array_equal(whole.covariance, [s.covariance for s in single])
    assert len({s.mean.tobytes() for s in single}) == 23

    def part(chunk):
        return prepared.batch(own=own[chunk], starts=starts[chunk])

    chunks = [slice(0, 1), slice(1, 9), slice(9, 10), slice(10, 23)]
    with ThreadPoolExecutor(4) as pool:
        for parts in (list(map(part, chunks)), list(pool.map(part, chunks))):
            np.testing.assert_array_equal(np.concatenate([p.mean for p in parts]), whole.mean)
            np.testing.assert_array_equal(np.concatenate([p.covariance for p in parts]), whole.covariance)
    backward = prepared.batch(own=own[::-1], starts=starts[::-1])
    np.testing.assert_array_equal(backward.mean[::-1], whole.mean)
    np.testing.assert_array_equal(backward.covariance[::-1], whole.covariance)


def test_one_start_serves_all_and_the_prepared_one_by_default():
    case = random_case(3)
    prepared = prepare(case, 1e-5)
    own, _ = cohort(case, 5, 1)
    default = prepared.batch(own=own)
    given = prepared.batch(own=own, starts=case.start.mean[None])
    each = prepared.batch(own=own, starts=np.tile(case.start.mean, (5, 1)))
    for other in (given, each):
        np.testing.assert_array_equal(default.mean, other.mean)
        np.testing.assert_array_equal(default.covariance, other.covariance)
    alone = prepared.batch(starts=np.tile(case.start.mean, (3, 1)))
    np.testing.assert_array_equal(alone.mean[2], prepared.solve().mean)
    assert default.animal(4).mean.shape == (3, 3)
    assert default.animal(4).covariance.shape == (3, 3, 3, 3)


def test_batches_have_symmetric_covariances():
    case = random_case(10)
    flat = prepare(case, 1e-6).batch(own=cohort(case, 6, 2)[0]).covariance.reshape(6, 9, 9)
    np.testing.assert_array_equal(flat, np.swapaxes(flat, 1, 2))


@pytest.mark.parametrize("seed", [1, 6, 13])
def test_own_factors_are_modifiers(seed):
    """An animal's factors do what constant modifiers of those roles do."""
    case = random_case(seed)
    prepared = prepare(case, 1e-7)
    roles = {role: 1.0 + 0.1 * k for k, role in enumerate(case.process.roles)}
    own = prepared.factors(roles)
    np.testing.assert_array_equal(own, list(roles.values()))
    scaled = case._replace(modifiers=case.modifiers.scaled(roles))
    assert max(misses(prepared.solve(own=own), scaled)) < 10.0 * max(1e-7, prepared.error(own=own))
    assert max(misses(prepared.solve(), scaled)) > 1e-3


def test_factors_by_prefix_multiply():
    case = random_case(0)
    prepared = prepare(case, 1e-4)
    own = prepared.factors({"division": 2.0, "division.c1": 3.0})
    by_role = dict(zip(case.process.roles, own.tolist(), strict=True))
    assert by_role["division.c0"] == 2.0
    assert by_role["division.c1"] == 6.0
    assert by_role["death"] == 1.0
    with pytest.raises((ModelError, UnknownNameError), match="divison"):
        prepared.factors({"divison": 2.0})


# Other numbers on the same steps


@pytest.mark.parametrize("seed", [0, 2, 9, 20])
def test_other_rates_on_the_same_steps(seed):
    case, other = random_case(seed), random_case(seed, faster=1.15)
    modifiers = replace(case.modifiers, values=case.modifiers.values * 0.9)
    start = replace(case.start, mean=case.start.mean + (np.arange(case.process.n_states) == 0) * 3.0)
    changed = Case(other.process, modifiers, start, case.weights, case.days)
    moved = prepare(case, 1e-6).at(other.process, modifiers, start)
    fresh = prepare(changed, 1e-6)
    assert moved.process is other.process
    assert moved.start is start
    assert moved.steps == prepare(case, 1e-6).steps
    assert max(misses(moved.solve(), changed)) < 2e-6
    assert max(misses(fresh.solve(), changed)) < 1e-6
    assert max(misses(prepare(case, 1e-6).solve(), changed)) > 1e-3  # it is another process
    assert moved.error() < 4e-6


def test_a_start_of_the_other_kind_is_taken_by_at():
    """``solve`` refuses it, ``at`` takes it: given cells in place of Poisson ones."""
    case = random_case(1)
    assert case.start.poisson
    given = replace(case.start, mean=np.round(case.start.mean), poisson=False)
    prepared = prepare(case, 1e-6)
    with pytest.raises(InputError, match="cannot take the place of a Poisson start"):
        prepared.solve(start=given)
    changed = case._replace(start=given)
    assert max(misses(prepared.at(case.process, case.modifiers, given).solve(), changed)) < 1e-6


def test_other_lineages_and_other_edges_are_refused():
    process = renewal(1.0, 0.6)
    start, none = Start.given(process, {"s": 10}), Modifiers.none(0.0, 3.0)
    prepared = prepare_moments(process, none, start, weights=np.ones((1, 1)), days=[1.0, 3.0])
    assert prepared.at(renewal(2.0, 0.3), none, start).solve().mean.shape == (2, 1)
    others = {
        "other fates": birth_death(1.0, 0.5),
        "another size": erlang_chain(1.0, 2, 0.1),
        "a source": immigration_death(1.0, 0.5),
    }
    for other in others.values():
        with pytest.raises(InputError, match="with other numbers; prepare it anew"):
            prepared.at(other, none, Start.given(other, {}))
    for edges in ([0.0, 2.0, 3.0], [0.5, 3.0]):
        wrong = Modifiers(np.array(edges), (), np.zeros((0, len(edges) - 1)))
        with pytest.raises(InputError, match="other edges"):
            prepared.at(process, wrong, start)
    with pytest.raises(InputError, match="start has 2 microstates"):
        prepared.at(process, none, replace(start, mean=np.ones(2)))
    with pytest.raises(InputError, match="sampling days must lie in"):
        prepared.at(process, Modifiers.none(0.0, 2.0), start)


def test_a_jump_with_other_numbers_is_taken_and_one_on_another_day_refused():
    def process(day, probability):
        return renewal(1.0, 0.6, jumps=(Jump("cull", day, {"s": {None: probability}}),))

    first = process(1.0, 0.2)
    start, none = Start.given(first, {"s": 50}), Modifiers.none(0.0, 3.0)
    prepared = prepare_moments(first, none, start, weights=np.ones((1, 1)), days=[3.0], tolerance=1e-8)
    for share in (0.2, 0.7):
        case = Case(process(1.0, share), none, start, np.ones((1, 1)), [3.0])
        moved = prepared.at(case.process, none, start).solve()
        np.testing.assert_allclose(moved.mean.item(), 50.0 * (1.0 - share) * np.exp(0.6), rtol=1e-7)
        assert max(misses(moved, case)) < 1e-7
    with pytest.raises(InputError, match="other edges"):
        prepared.at(process(2.0, 0.2), none, start)


# Derivatives


@pytest.mark.parametrize("poisson", [False, True])
def test_derivatives_by_their_closed_forms(poisson):
    """Of mean and variance of a birth-death process by the logarithms of birth and death."""
    birth, death, n, t = 0.9, 0.4, 80.0, 3.0
    process = birth_death(birth, death)
    start = Start.given(process, {"s": n}, poisson=poisson)
    prepared = prepare_moments(
        process, Modifiers.none(0, t), start, weights=np.array([[1.0]]), days=[t], tolerance=1e-9
    )
    found = prepared.derivatives(["division", "death"])
    g, total = birth - death, birth + death
    grow = np.exp(g * t)
    mean = n * grow
    np.testing.assert_allclose(found.mean.ravel(), [birth * t * mean, -death * t * mean], rtol=1e-7)
    # Variance n total / g (grow^2 - grow), and n grow^2 more from a Poisson start.
    spread = grow**2 - grow
    by_g = t * (2.0 * grow**2 - grow)
    by_birth = n * (spread / g - total * spread / g**2 + total / g * by_g) + poisson * 2.0 * t * n * grow**2
    by_death = n * (spread / g + total * spread / g**2 - total / g * by_g) - poisson * 2.0 * t * n * grow**2
    np.testing.assert_allclose(found.covariance.ravel(), [birth * by_birth, death * by_death], rtol=1e-7)


def test_derivatives_at_an_animals_own_rates():
    birth, death, n, t = 0.9, 0.4, 80.0, 3.0
    process = birth_death(birth, death)
    prepared = prepare_moments(
        process,
        Modifiers.none(0, t),
        Start.given(process, {"s": n}),
        weights=np.array([[1.0]]),
        days=[t],
        tolerance=1e-9,
    )
    own = prepared.factors({"division": 0.7, "death": 1.2})
    found = prepared.derivatives(["division", "death"], own=own)
    mean = n * np.exp((0.7 * birth - 1.2 * death) * t)
    np.testing.assert_allclose(found.mean.ravel(), [0.63 * t * mean, -0.48 * t * mean], rtol=1e-7)


@pytest.mark.parametrize("seed", [0, 2, 13])
def test_derivatives_are_differences_of_the_other_way(seed):
    """Roles together by a prefix, weights of fates, sources: against the series at rates a little off."""
    case = random_case(seed)
    roles = [*{r.split(".")[0] for r in case.process.roles}, case.process.roles[-1]]
    found = prepare(case, 1e-9).derivatives(roles)
    sd = np.sqrt(np.diag(reference(case, poisson=True).flat_covariance))
    for k, role in enumerate(roles):
        moved = [
            reference(case._replace(modifiers=case.modifiers.scaled({role: np.exp(h)})))
            for h in (2e-3, -2e-3, 1e-3, -1e-3)
        ]

        def slope(values):
            up, down, near_up, near_down = values
            return (4.0 * (near_up - near_down) / 2e-3 - (up - down) / 4e-3) / 3.0

        by_mean = slope([m.mean for m in moved])
        by_covariance = slope([m.flat_covariance for m in moved])
        assert np.abs(found.mean[k] - by_mean).max() < 1e-7 * sd.max()
        off = np.abs(found.covariance[k].reshape(by_covariance.shape) - by_covariance)
        assert np.all(off < 1e-6 * sd.max() ** 2)
    assert np.abs(found.mean).max() > 0.1 * sd.max()


# How well the steps hold for another animal


@pytest.mark.parametrize("seed", [3, 5, 12])
def test_error_tells_when_the_steps_do_not_hold(seed):
    case = random_case(seed)
    prepared = prepare(case, 1e-6)
    assert prepared.error() <= 1e-6
    alike = np.full(len(case.process.roles), 1.1)
    assert prepared.error(own=alike) < 1e-5
    unlike = np.full(len(case.process.roles), 30.0)
    told = prepared.error(own=unlike)
    assert told > 1e-4
    roles = dict.fromkeys(case.process.roles, 30.0)
    scaled = case._replace(modifiers=case.modifiers.scaled(roles))
    true = max(misses(prepared.solve(own=unlike), scaled))
    assert true > 1e-4
    assert 0.3 < told / true < 3.0


# Refusals


def simple() -> tuple:
    process = immigration_death(3.0, 0.5)
    return process, Modifiers.none(0.0, 3.0), Start.given(process, {"s": 10}, poisson=True)


WEIGHTS = np.array([[1.0, 0.0]])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"weights": np.ones((1, 3))}, r"\(read-outs, 2 microstates\), got \(1, 3\)"),
        ({"weights": np.array([[1.0, 1.0]])}, "outside world, must be 0"),
        ({"weights": np.array([[np.nan, 0.0]])}, "weights must be finite"),
        ({"weights": np.array([[np.inf, 0.0]])}, "weights must be finite"),
        ({"days": []}, "sampling days must be a non-empty increasing list"),
        ({"days": [2.0, 1.0]}, "sampling days must be a non-empty increasing list"),
        ({"days": [1.0, 4.0]}, r"sampling days must lie in \[0, 3\]"),
        ({"days": [np.nan]}, "sampling days"),
        ({"tolerance": 0.0}, "tolerance must lie in"),
        ({"tolerance": 1e-11}, r"tolerance must lie in \[1e-10, 0.1\], got 1e-11"),
        ({"tolerance": 0.2}, "tolerance must lie in"),
        ({"tolerance": np.nan}, "tolerance must lie in"),
    ],
)
def test_what_cannot_be_prepared(changes, message):
    process, none, start = simple()
    given = {"weights": WEIGHTS, "days": [1.0], **changes}
    with pytest.raises(InputError, match=message):
        prepare_moments(process, none, start, **given)


def test_a_start_of_another_process_is_refused():
    process, none, start = simple()
    with pytest.raises(InputError, match="start has 3 microstates"):
        prepare_moments(process, none, replace(start, mean=np.ones(3)), weights=WEIGHTS, days=[1.0])


@pytest.mark.parametrize(
    ("own", "starts", "message"),
    [
        (np.ones((2, 3)), None, r"own must have shape \(animals, 2 roles\), got \(2, 3\)"),
        (np.ones(2), None, r"own must have shape \(animals, 2 roles\), got \(2,\)"),
        (np.array([[1.0, np.nan]]), None, "own must hold finite numbers of at least 0"),
        (np.array([[1.0, np.inf]]), None, "own must hold finite numbers of at least 0"),
        (np.array([[1.0, -1.0]]), None, "own must hold finite numbers of at least 0"),
        (None, np.ones((2, 3)), r"starts must have shape \(2 or 1 animals, 2 microstates\), got \(2, 3\)"),
        (np.ones((3, 2)), np.ones((2, 2)), r"starts must have shape \(3 or 1 animals, 2 microstates\)"),
        (None, np.array([[np.nan, 1.0]]), "starts must hold finite numbers of at least 0"),
        (None, np.array([[-1.0, 1.0]]), "starts must hold finite numbers of at least 0"),
    ],
)
def test_what_cannot_be_solved(own, starts, message):
    process, none, start = simple()
    prepared = prepare_moments(process, none, start, weights=WEIGHTS, days=[1.0])
    with pytest.raises(InputError, match=message):
        prepared.batch(own=own, starts=starts)


def test_a_start_that_scales_the_outside_is_refused():
    """The source would silently be scaled with it."""
    process, none, start = simple()
    prepared = prepare_moments(process, none, start, weights=WEIGHTS, days=[1.0])
    with pytest.raises(InputError, match="outside"):
        prepared.batch(starts=2.0 * start.mean[None])


def test_factors_that_leave_no_fate_are_refused():
    from soleus.lineage import Fate

    fates = (Fate("two", 0.5, {"s": 2}, role="fate.two"), Fate("none", 0.5, role="fate.none"))
    transition = Transition("divide", "division", "s", fates, rate_per_day=1.0)
    process = compile_lineage(Lineage("dead", (cell("s"),), (transition,)))
    prepared = prepare_moments(
        process, Modifiers.none(0, 2), Start.given(process, {"s": 5}), weights=np.ones((1, 1)), days=[2.0]
    )
    one = prepared.solve(own=prepared.factors({"fate.two": 0.0}))
    np.testing.assert_allclose(one.mean.item(), 5.0 * np.exp(-2.0), rtol=1e-3)
    with pytest.raises((InputError, NumericalError), match="fate"):
        prepared.solve(own=prepared.factors({"fate": 0.0}))


def test_overflow_is_an_error_not_an_infinity():
    process = birth_death(10.0, 0.0)
    start = Start.given(process, {"s": 1})
    with pytest.raises(NumericalError, match="overflow|not reached"):
        prepare_moments(process, Modifiers.none(0, 100), start, weights=np.ones((1, 1)), days=[100.0])
    prepared = prepare_moments(process, Modifiers.none(0, 10), start, weights=np.ones((1, 1)), days=[10.0])
    with pytest.raises(NumericalError, match="overflow"):
        prepared.solve(own=np.array([1e308, 1.0]))
