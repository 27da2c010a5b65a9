"""Mean and covariance against formulas on paper, to 1e-8 relative and no absolute tolerance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from engine_models import birth_death, cell, decay, divides, erlang_chain, immigration_death, renewal
from scipy.special import gammainc, gammaincc

from soleus.engines import Start, mean_cells, readout_moments
from soleus.errors import InputError, ModelError
from soleus.lineage import Fate, Jump, Lineage, Process, Transition, compile_lineage
from soleus.movement import LogTerm, ModifierGrid, Modifiers, refine

REL = 1e-8
TIGHT = 1e-11


def moments(process, modifiers, start, *, days, weights=None, tolerance=TIGHT):
    weights = (
        np.eye(process.n_states)[: process.n_states - process.has_outside] if weights is None else weights
    )
    return readout_moments(process, modifiers, start, weights=weights, days=days, tolerance=tolerance)


def near(given, wanted, rel=REL):
    np.testing.assert_allclose(
        np.asarray(given, dtype=float), np.asarray(wanted, dtype=float), rtol=rel, atol=0.0
    )


def pieces(edges, **rows):
    return Modifiers(np.array(edges, dtype=float), tuple(rows), np.array(list(rows.values()), dtype=float))


def birth_death_variance(n, birth, death, t):
    g = birth - death
    if g == 0.0:
        return 2.0 * birth * n * t
    return n * (birth + death) / g * np.exp(g * t) * np.expm1(g * t)


# Growing, shrinking, stiffly shrinking, balanced: the last three once hid a quadrature error.
RATES = [
    (0.9, 0.4, 3.0),
    (1.0, 1.5, 4.0),
    (1.0, 5.0, 10.0),
    (20.0, 25.0, 4.0),
    (1.0, 30.0, 10.0),
    (0.7, 0.7, 5.0),
]


@pytest.mark.parametrize(("birth", "death", "t"), RATES)
@pytest.mark.parametrize("poisson", [False, True])
def test_birth_death(birth, death, t, poisson):
    process, n, g = birth_death(birth, death), 100.0, birth - death
    start = Start.given(process, {"s": n}, poisson=poisson)
    found = moments(process, Modifiers.none(0.0, t), start, days=[0.4 * t, t])
    variance = [
        birth_death_variance(n, birth, death, s) + poisson * n * np.exp(2 * g * s) for s in (0.4 * t, t)
    ]
    near(found.mean[:, 0], n * np.exp(g * np.array([0.4 * t, t])))
    near(found.covariance[[0, 1], 0, [0, 1], 0], variance)
    near(found.covariance[0, 0, 1, 0], variance[0] * np.exp(g * 0.6 * t))
    near(found.covariance[1, 0, 0, 0], variance[0] * np.exp(g * 0.6 * t))


@pytest.mark.parametrize(("birth", "death", "t"), RATES)
@pytest.mark.parametrize("tolerance", [1e-4, 1e-6, 1e-8])
def test_the_stated_tolerance_is_kept(birth, death, t, tolerance):
    process = birth_death(birth, death)
    start = Start.given(process, {"s": 100})
    found = moments(process, Modifiers.none(0.0, t), start, days=[t], tolerance=tolerance)
    near(found.covariance.item(), birth_death_variance(100.0, birth, death, t), rel=tolerance)


@pytest.mark.parametrize("poisson", [False, True])
def test_immigration_death(poisson):
    source, death, n = 7.0, 0.6, 30.0
    process = immigration_death(source, death)
    found = moments(
        process, Modifiers.none(2.0, 9.0), Start.given(process, {"s": n}, poisson=poisson), days=[4.0, 9.0]
    )
    stay = np.exp(-death * np.array([2.0, 7.0]))
    entered = source / death * (1.0 - stay)
    variance = entered + (n * stay if poisson else n * stay * (1.0 - stay))
    near(found.mean[:, 0], n * stay + entered)
    near(found.covariance[[0, 1], 0, [0, 1], 0], variance)
    near(found.covariance[0, 0, 1, 0], variance[0] * np.exp(-death * 5.0))


def test_yule():
    process = compile_lineage(Lineage("yule", (cell("s"),), (divides("s", 0.8),)))
    found = moments(process, Modifiers.none(0.0, 6.0), Start.given(process, {"s": 3}), days=[6.0])
    near(found.mean.item(), 3.0 * np.exp(4.8))
    near(found.covariance.item(), 3.0 * np.exp(4.8) * np.expm1(4.8))


def chain_probabilities(mean, stages, death, t):
    """Return the probabilities of still waiting and of having completed, from one fresh cell."""
    a = stages / mean
    waiting = np.exp(-death * t) * gammaincc(stages, a * t)
    return waiting, (a / (a + death)) ** stages * gammainc(stages, (a + death) * t)


@pytest.mark.parametrize(("mean", "stages", "death"), [(2.0, 5, 0.3), (0.5, 14, 1.2), (3.0, 1, 0.4)])
def test_erlang_wait_with_competing_death(mean, stages, death):
    process, n, days = erlang_chain(mean, stages, death), 50.0, [0.7 * mean, 1.6 * mean]
    weights = np.array([process.count("x"), process.count("y")])
    found = moments(
        process, Modifiers.none(0.0, 2.0 * mean), Start.given(process, {"x": n}), days=days, weights=weights
    )
    (x1, y1), (x2, y2) = (chain_probabilities(mean, stages, death, t) for t in days)
    near(found.mean, [[n * x1, n * y1], [n * x2, n * y2]])
    for day, (x, y) in enumerate([(x1, y1), (x2, y2)]):
        near(found.covariance[day, :, day, :], n * np.array([[x * (1 - x), -x * y], [-x * y, y * (1 - y)]]))
    # Whoever is y on the first day stays y: the joint probability of (x, then y) is y2 - y1.
    near(found.covariance[0, :, 1, 1], n * np.array([(y2 - y1) - x1 * y2, y1 - y1 * y2]))


def test_pulse_jump_labels_a_fraction():
    birth, death, n, p, day, t = 0.9, 0.5, 40.0, 0.3, 2.0, 5.0
    u, l = cell("u"), cell("l")  # noqa: E741
    own = [divides(k, birth) for k in "ul"]
    own += [Transition(f"{k} dies", "death", k, (Fate("gone", 1.0),), rate_per_day=death) for k in "ul"]
    process = compile_lineage(
        Lineage("label", (u, l), tuple(own), jumps=(Jump("pulse", day, {"u": {"l": p}}),))
    )
    found = moments(process, Modifiers.none(0.0, t), Start.given(process, {"u": n}), days=[day, t])
    g, rest = birth - death, t - day
    at_day = n * np.exp(g * day)
    spread = birth_death_variance(n, birth, death, day)
    grow, own_variance = np.exp(g * rest), birth_death_variance(1.0, birth, death, rest)

    def variance(share):
        return share * at_day * own_variance + grow**2 * (share**2 * spread + share * (1 - share) * at_day)

    near(found.mean[0, 0], at_day)
    assert found.mean[0, 1] == 0.0  # a sample on the day of a jump is taken before it
    near(found.mean[1], [(1 - p) * at_day * grow, p * at_day * grow])
    near(np.diag(found.covariance[1, :, 1, :]), [variance(1 - p), variance(p)])
    near(found.covariance[1, 0, 1, 1], grow**2 * p * (1 - p) * (spread - at_day))


def test_pulse_jump_keeps_the_stage_of_a_wait():
    mean, stages, p, n = 2.0, 6, 0.4, 25.0
    names = ("x", "y", "xl", "yl")
    waits = [
        Transition(f"wait {a}", "maturation", a, (Fate("on", 1.0, {b: 1}),), mean_days=mean, stages=stages)
        for a, b in (("x", "y"), ("xl", "yl"))
    ]
    jump = Jump("pulse", 1.0, {"x": {"xl": p, None: 0.1}})
    process = compile_lineage(Lineage("label", tuple(map(cell, names)), tuple(waits), jumps=(jump,)))
    weights = np.array([process.count(k) for k in names])
    found = moments(
        process, Modifiers.none(0.0, 3.0), Start.given(process, {"x": n}), days=[3.0], weights=weights
    )
    y1, y3 = (gammainc(stages, stages / mean * t) for t in (1.0, 3.0))
    q = np.array([(1 - p - 0.1) * (1 - y3), y1 + (1 - p - 0.1) * (y3 - y1), p * (1 - y3), p * (y3 - y1)])
    near(found.mean[0], n * q)
    near(found.covariance[0, :, 0, :], n * (np.diag(q) - np.outer(q, q)))


def test_fate_weight_that_changes_with_time():
    rate, p, n = 1.1, 0.5, 60.0
    weights, edges = [1.6, 0.7, 0.0, 2.5], [0.0, 1.5, 3.0, 3.4, 6.0]
    process = renewal(rate, p)
    found = moments(
        process, pieces(edges, **{"fate.two": weights}), Start.given(process, {"s": n}), days=[edges[-1]]
    )
    mean, variance = n, 0.0
    for w, span in zip(weights, np.diff(edges), strict=True):
        two = p * w / (p * w + 1.0 - p)
        g = rate * (2.0 * two - 1.0)
        grow = np.exp(g * span)
        variance = variance * grow**2 + rate * mean * grow * np.expm1(g * span) / g
        mean *= grow
    near(found.mean.item(), mean)
    near(found.covariance.item(), variance)


def test_all_fates_without_weight_are_refused():
    fates = (Fate("two", 0.5, {"s": 2}, role="fate.two"), Fate("none", 0.5, role="fate.none"))
    transition = Transition("divide", "division", "s", fates, rate_per_day=1.0)
    process = compile_lineage(Lineage("dead", (cell("s"),), (transition,)))
    modifiers = pieces([0, 1], **{"fate.two": [0.0], "fate.none": [0.0]})
    with pytest.raises(ModelError, match="'divide': the weights of all its fates are 0"):
        mean_cells(process, modifiers, Start.given(process, {"s": 1}), days=[1.0])


def test_source_with_modifiers():
    source, death, n = 5.0, 0.8, 12.0
    edges, enter, leave = [0.0, 1.0, 2.5, 4.0], [1.0, 0.2, 3.0], [1.0, 2.0, 0.5]
    process = immigration_death(source, death)
    found = moments(
        process, pieces(edges, entry=enter, death=leave), Start.given(process, {"s": n}), days=[4.0]
    )
    mean, stay = 0.0, 1.0
    for a, b, span in zip(enter, leave, np.diff(edges), strict=True):
        keep = np.exp(-death * b * span)
        mean = mean * keep + source * a / (death * b) * (1.0 - keep)
        stay *= keep
    near(found.mean.item(), mean + n * stay)
    near(found.covariance.item(), mean + n * stay * (1.0 - stay))


def test_rate_that_steps():
    process = decay(0.0005)
    found = mean_cells(
        process, pieces([0, 5, 7], death=[1.0, 2000.0]), Start.given(process, {"x": 20}), days=[7]
    )
    near(found.item(), 20.0 * np.exp(-(0.0005 * 5 + 1.0 * 2)))


@pytest.mark.parametrize("error", [0.3, 0.03])
def test_rate_that_rises_steeply_is_exact_at_edges(error):
    k0 = 0.0005
    term = LogTerm("rise", "death", lambda t: np.log((k0 + (t / 10.0) ** 8) / k0))
    edges = refine([term], edges=[0.0, 10.0], scales={}, error=error)
    modifiers = ModifierGrid.build([term], edges).modifiers({})
    process = decay(k0)
    found = mean_cells(process, modifiers, Start.given(process, {"x": 20}), days=[5.0, 10.0])
    near(found[1].item(), 20.0 * np.exp(-(k0 * 10.0 + 10.0 / 9.0)))
    assert round(found[1].item(), 3) == 6.551


def test_what_a_wrong_rate_would_do_is_seen():
    found = moments(
        birth_death(0.9, 0.4 * 1.01),
        Modifiers.none(0.0, 3.0),
        Start.given(birth_death(1, 1), {"s": 100}),
        days=[3.0],
    )
    assert abs(found.mean.item() / (100.0 * np.exp(1.5)) - 1.0) > 1e5 * REL
    assert abs(found.covariance.item() / birth_death_variance(100.0, 0.9, 0.4, 3.0) - 1.0) > 1e5 * REL


def test_readouts_are_linear():
    process = birth_death(0.9, 0.4)
    start = Start.given(process, {"s": 10})
    one = moments(process, Modifiers.none(0.0, 3.0), start, days=[1.0, 3.0])
    many = moments(
        process, Modifiers.none(0.0, 3.0), start, days=[1.0, 3.0], weights=np.array([[1.0], [-2.0], [0.0]])
    )
    scale = np.array([1.0, -2.0, 0.0])
    near(many.mean, one.mean * scale)
    near(many.covariance, one.covariance * scale[:, None, None] * scale)


def test_mean_by_both_ways_is_the_same():
    process = erlang_chain(1.0, 8, 0.2)
    start = Start.given(process, {"x": 9})
    modifiers = pieces([0, 1, 4], maturation=[1.0, 0.4], death=[2.0, 1.0])
    days = [0.5, 1.0, 4.0]
    near(moments(process, modifiers, start, days=days).mean, mean_cells(process, modifiers, start, days=days))


def test_sampling_at_the_start_gives_the_start():
    process = birth_death(1.0, 0.5)
    for poisson in (True, False):
        start = Start.given(process, {"s": 8}, poisson=poisson)
        found = moments(process, Modifiers.none(0.0, 1.0), start, days=[0.0])
        assert found.mean.item() == 8.0
        assert found.covariance.item() == (8.0 if poisson else 0.0)
        assert mean_cells(process, Modifiers.none(0.0, 1.0), start, days=[0.0]).item() == 8.0


BAD_DAYS = [[], [2.0, 1.0], [1.0, 1.0], [-0.1], [3.1], [float("nan")], [1.0, float("nan")], [[1.0]]]


@pytest.mark.parametrize("days", BAD_DAYS)
def test_bad_days_are_refused(days):
    process = birth_death(1.0, 0.5)
    with pytest.raises(InputError, match="sampling days"):
        mean_cells(process, Modifiers.none(0.0, 3.0), Start.given(process, {"s": 1}), days=days)


def test_bad_weights_and_tolerances_are_refused():
    process = immigration_death(1.0, 0.5)
    start, none = Start.given(process, {"s": 1}), Modifiers.none(0.0, 3.0)
    with pytest.raises(InputError, match=r"\(read-outs, 2 microstates\)"):
        moments(process, none, start, days=[1.0], weights=np.ones((1, 3)))
    with pytest.raises(InputError, match="outside"):
        moments(process, none, start, days=[1.0], weights=np.ones((1, 2)))
    with pytest.raises(InputError, match="finite"):
        moments(process, none, start, days=[1.0], weights=np.array([[np.nan, 0.0]]))
    with pytest.raises(InputError, match="tolerance"):
        moments(process, none, start, days=[1.0], tolerance=0.0)
    with pytest.raises(InputError, match="start has 1 microstates"):
        mean_cells(process, none, replace(start, mean=np.ones(1)), days=[1.0])


def test_two_jumps_on_one_day_are_refused():
    jumps = tuple(Jump(k, 1.0, {"s": {None: 0.1}}) for k in "ab")
    process: Process = renewal(1.0, 0.5, jumps=jumps)
    with pytest.raises(InputError, match="two jumps on one day"):
        mean_cells(process, Modifiers.none(0.0, 3.0), Start.given(process, {"s": 1}), days=[2.0])


def test_overflow_is_an_error_not_an_infinity():
    from soleus.errors import NumericalError

    process = birth_death(10.0, 0.0)
    start, none = Start.given(process, {"s": 1}), Modifiers.none(0.0, 100.0)
    with pytest.raises(NumericalError, match="overflow"):
        mean_cells(process, none, start, days=[100.0])
    with pytest.raises(NumericalError, match="overflow"):
        moments(process, none, start, days=[100.0])
