"""Cells that remember: labels against closed forms and the moments engine, snapshots against trees."""

from __future__ import annotations

import numpy as np
import pytest
from engine_models import birth_death, cell, dies, divides, immigration_death, moves
from random_models import random_case, random_lineage
from scipy import stats
from scipy.linalg import expm
from scipy.special import gammainc

from soleus.engines import (
    Pulse,
    Start,
    follow_cells,
    grow_trees,
    readout_moments,
    simulate_cells,
    stable_growth,
)
from soleus.errors import InputError, ModelError, NumericalError, UnknownNameError, UnsupportedError
from soleus.lineage import CellType, Fate, Jump, Lineage, Phase, Process, Transition, compile_lineage
from soleus.movement import Modifiers

LIMIT = 4.5  # of at most some 50 z values a test; the seeds are pinned


def worst_z(runs: np.ndarray, mean: np.ndarray, covariance: np.ndarray) -> tuple[float, float]:
    """Return the largest |z| of the means and of the covariances (each against its own spread)."""
    varied = np.diag(covariance) > 1e-9
    runs, mean, covariance = runs[:, varied], mean[varied], covariance[np.ix_(varied, varied)]
    off = runs - mean
    z_mean = off.mean(axis=0) / (runs.std(axis=0) / np.sqrt(len(runs)))
    products = off[:, :, None] * off[:, None, :]
    z_cov = (products.mean(axis=0) - covariance) / (products.std(axis=0) / np.sqrt(len(runs)))
    return float(np.abs(z_mean).max()), float(np.abs(z_cov).max())


def z_of_mean(runs: np.ndarray, expected) -> float:
    """Return the largest |z| of the means of replicates, shape (replicates, ...)."""
    runs = np.asarray(runs, dtype=float)
    spread = runs.std(axis=0) / np.sqrt(len(runs))
    return float(np.max(np.abs(runs.mean(axis=0) - expected) / spread))


def yule(rate: float) -> Process:
    return compile_lineage(Lineage("yule", (cell("s", "S"),), (divides("s", rate),)))


def cycle(
    means: dict[str, float], *, stages: int = 1, self_renewal: float = 1.0, whole_waits: bool = False
) -> Process:
    """Return cells that pass G1, S and G2M; of two daughters the second leaves with some probability."""
    phases = tuple(means)
    entries = {f"c.{p}": f"c.{q}" for p, q in zip(phases, phases[1:], strict=False)}
    waits = [
        Transition(
            f"{p} ends", "division", p, (Fate("on", 1.0, {q: 1}),), mean_days=means[p[2:]], stages=stages
        )
        for p, q in entries.items()
    ]
    fates = (Fate("both", self_renewal, {"c": 2}), Fate("one", 1.0 - self_renewal, {"c": 1, "out": 1}))
    fates = tuple(f for f in fates if f.probability > 0.0)
    waits.append(
        Transition(
            "mitosis", "division", f"c.{phases[-1]}", fates, mean_days=means[phases[-1]], stages=stages
        )
    )
    types = (CellType("c", "cycling", tuple(Phase(p, cycling=True) for p in phases)),)
    if self_renewal < 1.0:
        types += (cell("out"),)
    return compile_lineage(Lineage("cycle", types, tuple(waits)), whole_waits=whole_waits)


# --- numbers of cells -------------------------------------------------------------------------------


def per_type(process: Process) -> np.ndarray:
    names = dict.fromkeys(m.type for m in process.microstates if m.type != "outside")
    return np.array([process.count(k) for k in names])


def counted(follow, case, weights: np.ndarray, replicates: int, seed: int) -> np.ndarray:
    process, modifiers, start, days = case
    rng = np.random.default_rng(seed)
    found = [follow(process, modifiers, start, days=days, rng=rng) for _ in range(replicates)]
    return np.array([(f @ weights.T).ravel() for f in found], dtype=float)


def by_snapshot(process, modifiers, start, *, days, rng):
    return follow_cells(process, modifiers, start, days=days, rng=rng).counts()


def by_trees(process, modifiers, start, *, days, rng):
    trees = grow_trees(process, modifiers, start, until=days[-1], rng=rng)
    return np.array([trees.counts(d) for d in days])


@pytest.mark.parametrize("follow", [by_snapshot, by_trees])
@pytest.mark.parametrize("seed", [0, 3, 11])
def test_counts_have_the_exact_moments(seed, follow):
    """A sampling day of these models is the day of their jump."""
    case = random_case(seed)
    weights = per_type(case.process)
    exact = readout_moments(case.process, case.modifiers, case.start, weights=weights, days=case.days)
    runs = counted(follow, (case.process, case.modifiers, case.start, case.days), weights, 1500, seed=seed)
    assert max(worst_z(runs, exact.mean.ravel(), exact.flat_covariance)) < LIMIT
    wrong = random_case(seed, faster=1.25)
    runs = counted(
        follow, (wrong.process, wrong.modifiers, wrong.start, wrong.days), weights, 1500, seed=seed
    )
    assert worst_z(runs, exact.mean.ravel(), exact.flat_covariance)[0] > LIMIT


@pytest.mark.parametrize("seed", [2, 7])
def test_gamma_clocks_have_the_moments_of_their_stages(seed):
    """A gamma clock of whole shape is an Erlang wait, over jumps and competing exits too."""
    case = random_case(seed)
    lineage = random_lineage(np.random.default_rng(seed))
    whole = compile_lineage(lineage, whole_waits=True)
    assert whole.gamma_transitions
    cells = {m.type: float(n) for m, n in zip(case.process.microstates, case.start.mean, strict=True) if n}
    cells.pop("outside", None)
    start = Start.given(whole, cells, poisson=case.start.poisson)
    weights = per_type(case.process)
    exact = readout_moments(case.process, case.modifiers, case.start, weights=weights, days=case.days)
    runs = counted(by_snapshot, (whole, case.modifiers, start, case.days), per_type(whole), 3000, seed=seed)
    assert max(worst_z(runs, exact.mean.ravel(), exact.flat_covariance)) < LIMIT


def test_a_jump_keeps_what_is_left_of_a_gamma_clock():
    """Each of n cells on its own: probabilities of the four places in closed form, any shape."""
    mean, shape, p, n = 2.0, 2.6, 0.4, 4000
    names = ("x", "y", "xl", "yl")
    waits = tuple(
        Transition(f"wait {a}", "maturation", a, (Fate("on", 1.0, {b: 1}),), mean_days=mean, shape=shape)
        for a, b in (("x", "y"), ("xl", "yl"))
    )
    jump = Jump("pulse", 1.0, {"x": {"xl": p, None: 0.1}})
    process = compile_lineage(Lineage("label", tuple(map(cell, names)), waits, jumps=(jump,)))
    found = follow_cells(
        process,
        Modifiers.none(0.0, 3.0),
        Start.given(process, {"x": n}),
        days=[3.0],
        rng=np.random.default_rng(0),
    )
    y1, y3 = (gammainc(shape, shape / mean * t) for t in (1.0, 3.0))
    q = np.array([(0.9 - p) * (1 - y3), y1 + (0.9 - p) * (y3 - y1), p * (1 - y3), p * (y3 - y1)])
    assert np.all(np.abs(found.counts()[0] - n * q) < LIMIT * np.sqrt(n * q * (1 - q)))


def test_no_time_gives_the_start():
    process = immigration_death(4.0, 0.3)
    start, none = Start.given(process, {"s": 30}, poisson=True), Modifiers.none(0.0, 1.0)
    found = follow_cells(process, none, start, days=[0.0], rng=np.random.default_rng(2))
    counts = simulate_cells(process, none, start, days=[0.0], rng=np.random.default_rng(2))
    np.testing.assert_array_equal(found.counts(), counts)
    later = follow_cells(process, none, start, days=[0.0, 1.0], rng=np.random.default_rng(2))
    np.testing.assert_array_equal(later.counts()[0], counts[0])
    np.testing.assert_array_equal(later.founder[later.day == 0], found.founder)


def test_the_same_stream_gives_the_same_cells_whatever_is_remembered():
    case = random_case(5)
    places = [Pulse("a", 0.4, 1.6, phases=("p",)), Pulse("b", 1.0, 1.0, phases=("p",), types=("c0",))]

    def run(seed, **asked):
        return follow_cells(
            case.process, case.modifiers, case.start, days=case.days, rng=np.random.default_rng(seed), **asked
        )

    one, two = run(3, pulses=places), run(3, pulses=places)
    np.testing.assert_array_equal(one.microstate, two.microstate)
    np.testing.assert_array_equal(one.generation, two.generation)
    plain = run(3, label_clones_on=0.5)
    np.testing.assert_array_equal(one.microstate, plain.microstate)
    np.testing.assert_array_equal(one.born, plain.born)
    assert not np.array_equal(one.born, run(4).born)


# --- labels -----------------------------------------------------------------------------------------


def share_in_growth(means: dict[str, float], stages: int, growth: float) -> float:
    """Return the share of cells in S in exponential growth, 2 L_G1 (1 - L_S).

    L is the Laplace transform of a phase's length at the growth rate: cells that were born an age ago
    are fewer by exp(-growth * age). 2 L_G1 L_S L_G2M = 1 fixes the growth rate.
    """

    def laplace(phase):
        return (1.0 + growth * means[phase] / stages) ** -stages

    return 2.0 * laplace("G1") * (1.0 - laplace("S"))


@pytest.mark.parametrize("stages", [1, 6])
def test_a_short_pulse_labels_the_share_in_s_of_a_growing_culture(stages):
    """The age distribution of exponential growth, with phases of any spread."""
    means = {"G1": 0.5, "S": 0.4, "G2M": 0.2}
    process = cycle(means, stages=stages)
    start = stable_growth(process, 60.0, role_values=np.ones(len(process.roles)))
    low, high = 0.0, 5.0
    for _ in range(80):
        middle = 0.5 * (low + high)
        product = 2.0 * np.prod([(1.0 + middle * m / stages) ** -stages for m in means.values()])
        low, high = (middle, high) if product > 1.0 else (low, middle)
    day = 1.0
    rng = np.random.default_rng(1)
    runs = []
    for _ in range(600):
        found = follow_cells(
            process,
            Modifiers.none(0.0, day + 1e-6),
            start,
            days=[day + 1e-6],
            rng=rng,
            pulses=[Pulse("EdU", day, day)],
        )
        labelled = found.generations("EdU") >= 0
        runs.append([labelled.sum() - share_in_growth(means, stages, low) * len(labelled), len(labelled)])
    runs = np.array(runs)
    assert z_of_mean(runs[:, 0], 0.0) < LIMIT
    # A share 5 % off is seen.
    assert z_of_mean(runs[:, 0] - 0.05 * share_in_growth(means, stages, low) * runs[:, 1], 0.0) > LIMIT


@pytest.mark.parametrize("whole_waits", [False, True])
def test_cumulative_labelling_in_steady_renewal(whole_waits):
    """The share Ts / Tc at once, then all that reach S in the window (doi 10.1007/BF01190834).

    With one daughter leaving at each division, a cell is labelled unless it was outside S and stayed
    so: exactly, by the generator of the phases other than S.
    """
    means = {"G1": 0.6, "S": 0.3, "G2M": 0.2}
    stages = 1 if not whole_waits else 3
    process = cycle(means, stages=stages, self_renewal=0.0, whole_waits=whole_waits)
    total, number, window = sum(means.values()), 50.0, 0.35
    if whole_waits:
        # A clock has just begun at the start, so renewal must be let settle; 12 cycles do.
        begin, start = 12.0 * total, Start.given(process, {"c": number}, poisson=True)
    else:
        begin = 0.5
        mean = np.zeros(process.n_states)
        for phase, tau in means.items():
            mean[process.entry(f"c.{phase}")] = number * tau / total
        start = Start(mean, poisson=True)
    unlabelled = outside_s(means, stages, window)
    rng = np.random.default_rng(3)
    at_once, after = [], []
    for _ in range(500):
        found = follow_cells(
            process,
            Modifiers.none(0.0, begin + window),
            start,
            days=[begin + window],
            rng=rng,
            pulses=[Pulse("instant", begin, begin), Pulse("window", begin, begin + window)],
        )
        cycling = process.count("c")[found.microstate] > 0
        at_once.append((found.generations("instant")[cycling] >= 0).sum() - 0.3 / total * cycling.sum())
        after.append((found.generations("window")[cycling] >= 0).sum() - (1 - unlabelled) * cycling.sum())
    assert z_of_mean(at_once, 0.0) < LIMIT
    assert z_of_mean(after, 0.0) < LIMIT
    assert z_of_mean(np.array(after) + 0.05 * number, 0.0) > LIMIT


def outside_s(means: dict[str, float], stages: int, window: float) -> float:
    """Return the chance that a cell in steady renewal is outside S and stays so for a window."""
    steps = [("G2M", means["G2M"])] * stages + [("G1", means["G1"])] * stages
    generator = np.zeros((2 * stages, 2 * stages))
    for k, (_, tau) in enumerate(steps):
        generator[k, k] = -stages / tau
        if k + 1 < len(steps):
            generator[k, k + 1] = stages / tau
    present = np.array([tau / stages for _, tau in steps]) / sum(means.values())
    return float((present @ expm(generator * window)).sum())


def test_each_division_halves():
    """Yule cells, all labelled on day 0: cells of generation g are exp(-bt) (2bt)^g / g! on average."""
    rate, day = 1.1, 1.5
    process, founders = yule(rate), 40
    rng = np.random.default_rng(8)
    runs = []
    for _ in range(800):
        found = follow_cells(
            process,
            Modifiers.none(0.0, day),
            Start.given(process, {"s": founders}),
            days=[day],
            rng=rng,
            pulses=[Pulse("BrdU", 0.0, 0.0)],
        )
        runs.append(np.bincount(found.generations("BrdU"), minlength=40)[:8])
        assert found.levels("BrdU").sum() == founders  # no label is lost
    g = np.arange(8)
    expected = founders * np.exp(rate * day) * stats.poisson.pmf(g, 2.0 * rate * day)
    assert z_of_mean(runs, expected) < LIMIT
    assert z_of_mean(runs, np.roll(expected, 1)) > LIMIT


def test_a_new_exposure_sets_the_label_back_to_full():
    process = yule(2.0)
    found = follow_cells(
        process,
        Modifiers.none(0.0, 2.0),
        Start.given(process, {"s": 20}),
        days=[1.0, 2.0],
        rng=np.random.default_rng(0),
        pulses=[Pulse("always", 0.0, 2.0), Pulse("twice", 0.0, 0.0), Pulse("later", 1.0, 1.0)],
    )
    np.testing.assert_array_equal(found.levels("always"), np.ones(len(found.day)))
    first = found.day == 0
    assert np.all(found.levels("later")[first] == 0.0)  # a sample on the day of a pulse is taken before it
    assert np.all(found.generations("later")[~first] >= 0)
    assert found.generations("twice")[~first].max() > found.generations("later")[~first].max()


def tagged_cycle(day: float) -> tuple[Process, Process]:
    """Return a dividing lineage, and the same crossed with a tag that cells in S get on a day."""
    phases = ("G1", "S")

    def own(tag):
        return (
            Transition(
                f"g1{tag}",
                "cycle",
                f"c{tag}.G1",
                (Fate("on", 1.0, {f"c{tag}.S": 1}),),
                mean_days=0.7,
                stages=2,
            ),
            Transition(
                f"m{tag}",
                "cycle",
                f"c{tag}.S",
                (Fate("two", 0.6, {f"c{tag}": 2}, role="fate.two"), Fate("one", 0.4, {f"n{tag}": 1})),
                mean_days=0.5,
                stages=3,
            ),
            dies(f"c{tag}.S", 0.2),
            moves(f"n{tag}", f"c{tag}", 0.3, "return"),
            dies(f"n{tag}", 0.15),
        )

    plain = Lineage("plain", (cell("c", *phases), cell("n")), own(""), founders=("c",))
    both = Lineage(
        "tagged",
        (cell("c", *phases), cell("n"), cell("c+", *phases), cell("n+")),
        own("") + own("+"),
        jumps=(Jump("pulse", day, {"c.S": {"c+.S": 1.0}}),),
        founders=("c",),
    )
    return compile_lineage(plain), compile_lineage(both)


def test_labelled_cells_have_the_moments_of_a_tagged_process():
    day, days = 0.9, [0.9, 1.4, 3.0]
    plain, tagged = tagged_cycle(day)
    modifiers = Modifiers(
        np.array([0.0, 1.1, 3.0]), ("cycle", "fate.two"), np.array([[1.0, 1.5], [1.0, 0.4]])
    )
    weights = np.array([tagged.count("c"), tagged.count("n"), tagged.count("c+"), tagged.count("n+")])
    exact = readout_moments(tagged, modifiers, Start.given(tagged, {"c": 15}), weights=weights, days=days)
    runs = {"in S": [], "in G1": []}
    rng = np.random.default_rng(4)
    in_c = plain.count("c")
    for _ in range(2500):
        found = follow_cells(
            plain,
            modifiers,
            Start.given(plain, {"c": 15}),
            days=days,
            rng=rng,
            pulses=[Pulse("in S", day, day), Pulse("in G1", day, day, phases=("G1",))],
        )
        for name, kept in runs.items():
            kind = (1.0 - in_c[found.microstate]) + 2 * (found.generations(name) >= 0)
            flat = np.bincount(found.day * 4 + kind.astype(int), minlength=12)
            kept.append(flat)
    mean, covariance = exact.mean.ravel(), exact.flat_covariance
    assert max(worst_z(np.array(runs["in S"], dtype=float), mean, covariance)) < LIMIT
    assert worst_z(np.array(runs["in G1"], dtype=float), mean, covariance)[0] > LIMIT


def test_days_in_s_phase():
    """Each cell's own account agrees with where it is, when it was born and when it was labelled."""
    means = {"G1": 0.5, "S": 0.4, "G2M": 0.2}
    process = cycle(means, stages=2, self_renewal=0.6)
    day = 2.0
    pulse = Pulse("EdU", 1.2, 1.5)
    found = follow_cells(
        process,
        Modifiers.none(0.0, day),
        Start.given(process, {"c.G1": 150, "c.S": 100}),
        days=[day],
        rng=np.random.default_rng(6),
        pulses=[pulse],
    )
    begin, end = found.synthesis_from, found.synthesis_to
    in_s = process.weights(lambda m: m.phase == "S")[found.microstate] > 0
    assert in_s.any()
    np.testing.assert_array_equal(in_s, ~np.isnan(begin) & np.isnan(end))
    done = ~np.isnan(end)
    assert np.all(begin[done] < end[done])
    assert np.all(end[done] <= day)
    # Cells that have not divided since were in S after their birth.
    in_g2 = process.weights(lambda m: m.phase == "G2M")[found.microstate] > 0
    assert np.all(begin[in_g2] >= found.born[in_g2])
    in_g1 = process.weights(lambda m: m.phase == "G1")[found.microstate] > 0
    assert np.all(end[in_g1 & done] < found.born[in_g1 & done])
    # Whose last S phase met the pulse and lay in this life is labelled fully.
    met = (begin < pulse.end_day) & ~(end <= pulse.start_day)
    assert met.any()
    own = met & (begin >= found.born)
    assert np.all(found.generations("EdU")[own] == 0)
    inherited = met & (begin < found.born) & in_g1
    assert np.all(found.generations("EdU")[inherited] == 1)
    assert np.all(found.generations("EdU")[~met] != 0)
    # Of those whose last S phase came before the pulse none is labelled.
    before = end <= pulse.start_day
    assert before.any()
    assert np.all(found.generations("EdU")[before] == -1)


def test_an_s_phase_ends_at_division():
    """Where cells divide straight into S, each has its own S phase, from its birth on."""
    process = yule(1.0)
    found = follow_cells(
        process,
        Modifiers.none(0.0, 2.0),
        Start.given(process, {"s": 20}),
        days=[2.0],
        rng=np.random.default_rng(0),
    )
    assert found.born.max() > 0.0
    np.testing.assert_array_equal(found.synthesis_from, found.born)
    leaving = Transition("out", "division", "s", (Fate("two", 1.0, {"n": 2}),), rate_per_day=1.0)
    process = compile_lineage(Lineage("out", (cell("s", "S"), cell("n", "G0")), (leaving,)))
    found = follow_cells(
        process,
        Modifiers.none(0.0, 2.0),
        Start.given(process, {"s": 20}),
        days=[2.0],
        rng=np.random.default_rng(0),
    )
    left = found.microstate == 1
    np.testing.assert_array_equal(found.synthesis_to[left], found.born[left])
    assert np.all(found.synthesis_from == 0.0)


# --- clones and trees -------------------------------------------------------------------------------


def geometric_p(sizes: np.ndarray, rate: float, day: float) -> float:
    """Return the chi-square p value of clone sizes in a Yule process, P(k) = p (1 - p)^(k - 1)."""
    top = 12
    p = np.exp(-rate * day)
    expected = p * (1.0 - p) ** np.arange(top - 1)
    expected = np.append(expected, 1.0 - expected.sum()) * len(sizes)
    observed = np.bincount(np.minimum(sizes.astype(int), top), minlength=top + 1)[1:]
    return float(stats.chisquare(observed, expected).pvalue)


def test_clone_sizes_of_a_yule_process_are_geometric():
    rate, day, founders = 0.9, 1.6, 20_000
    process, none = yule(rate), Modifiers.none(0.0, 1.6)
    start = Start.given(process, {"s": founders})
    snapshot = follow_cells(process, none, start, days=[day], rng=np.random.default_rng(1))
    trees = grow_trees(process, none, start, until=day, rng=np.random.default_rng(2))
    for sizes in (snapshot.clone_sizes()[0], trees.clone_sizes(day)):
        assert len(sizes) == founders
        assert sizes.min() == 1
        assert 1e-3 < geometric_p(sizes, rate, day) < 1.0 - 1e-3
        assert geometric_p(sizes, 1.04 * rate, day) < 1e-3
    half = geometric_p(trees.clone_sizes(0.8), rate, 0.8)
    assert 1e-3 < half < 1.0 - 1e-3


def test_founders_lie_in_order_of_microstate_and_arrivals_follow():
    process = compile_lineage(
        Lineage(
            "two",
            (cell("a"), cell("b")),
            (divides("a", 1.0), moves("b", "a", 0.5), dies("a", 0.2)),
            founders=("a", "b"),
        )
    )
    found = follow_cells(
        process,
        Modifiers.none(0.0, 1.0),
        Start.given(process, {"a": 3, "b": 4}),
        days=[0.0, 1.0],
        rng=np.random.default_rng(0),
    )
    np.testing.assert_array_equal(found.founder_microstate, [0, 0, 0, 1, 1, 1, 1])
    first = found.day == 0
    np.testing.assert_array_equal(found.founder[first], np.arange(7))
    np.testing.assert_array_equal(found.microstate[first], found.founder_microstate)
    np.testing.assert_array_equal(found.clone_sizes()[0], np.ones(7))
    np.testing.assert_array_equal(found.clone_sizes(process.count("b"))[0], [0, 0, 0, 1, 1, 1, 1])

    entering = immigration_death(30.0, 0.5)
    found = follow_cells(
        entering,
        Modifiers.none(0.0, 2.0),
        Start.given(entering, {"s": 5}),
        days=[2.0],
        rng=np.random.default_rng(0),
    )
    assert len(found.founder_day) > 5
    np.testing.assert_array_equal(found.founder_day[:5], np.zeros(5))
    assert np.all(np.diff(found.founder_day[5:]) > 0.0)
    # Nothing divides here, so a cell is its own clone, born when its founder came.
    assert len(np.unique(found.founder)) == len(found.founder)
    np.testing.assert_array_equal(found.born, found.founder_day[found.founder])


def test_clones_labelled_on_a_day():
    process = birth_death(1.4, 0.3)
    start, none = Start.given(process, {"s": 40}), Modifiers.none(0.0, 3.0)

    def run(**asked):
        return follow_cells(process, none, start, days=[1.0, 2.0, 3.0], rng=np.random.default_rng(4), **asked)

    whole, found = run(), run(label_clones_on=1.0)
    assert np.all(found.founder[found.day == 0] == -1)
    assert len(found.founder_microstate) == whole.counts()[0, 0]
    assert np.all(found.founder_day == 1.0)
    assert np.all(found.founder[found.day > 0] >= 0)
    np.testing.assert_array_equal(found.clone_sizes().sum(axis=1)[1:], whole.counts()[1:, 0])
    # A labelled clone lies in one whole clone: it is a part of it.
    later = found.day > 0
    pairs = np.unique(np.stack([found.founder[later], whole.founder[later]]), axis=1)
    assert len(np.unique(pairs[0])) == pairs.shape[1]


def test_clones_labelled_at_the_start_are_those_of_the_founders():
    process = birth_death(1.4, 0.3)
    start, none = Start.given(process, {"s": 40}), Modifiers.none(0.0, 3.0)
    asked = [{}, {"label_clones_on": 0.0}]
    one, two = (
        follow_cells(process, none, start, days=[3.0], rng=np.random.default_rng(4), **a) for a in asked
    )
    np.testing.assert_array_equal(one.founder, two.founder)
    np.testing.assert_array_equal(one.founder_day, two.founder_day)


def test_clones_labelled_on_a_day_are_numbered_by_microstate_and_leave_out_later_arrivals():
    process = compile_lineage(
        Lineage("two", (cell("a"), cell("b")), (moves("a", "b", 1.0), moves("b", "a", 1.0)))
    )
    found = follow_cells(
        process,
        Modifiers.none(0.0, 1.0),
        Start.given(process, {"a": 20, "b": 20}),
        days=[1.0],
        rng=np.random.default_rng(4),
        label_clones_on=0.7,
    )
    assert np.all(np.diff(found.founder_microstate) >= 0)
    assert set(found.founder_microstate) == {0, 1}
    assert sorted(found.founder) == list(range(40))
    entering = immigration_death(40.0, 0.1)
    found = follow_cells(
        entering,
        Modifiers.none(0.0, 1.0),
        Start.given(entering, {"s": 10}),
        days=[1.0],
        rng=np.random.default_rng(4),
        label_clones_on=0.5,
    )
    np.testing.assert_array_equal(found.founder == -1, found.born > 0.5)
    assert (found.founder == -1).any()


@pytest.mark.parametrize("seed", [0, 3, 11])
def test_trees_hold_together(seed):
    case = random_case(seed)
    process = case.process
    trees = grow_trees(process, case.modifiers, case.start, until=3.0, rng=np.random.default_rng(seed))
    cells, first, number = np.unique(trees.cell, return_index=True, return_counts=True)
    assert len(cells) > 20
    same = trees.cell[1:] == trees.cell[:-1]
    assert same.sum() == len(trees.cell) - len(cells)  # rows of a cell follow each other
    np.testing.assert_array_equal(trees.enters[1:][same], trees.leaves[:-1][same])  # its stays abut
    assert np.all(trees.leaves >= trees.enters)
    # What ends a stay leads to the next one.
    a = process.arrays
    born = np.append(np.diff(a.fate_daughters), [1, 1])[trees.ending]
    np.testing.assert_array_equal(born[:-1][same] == 1, np.ones(same.sum(), dtype=bool))
    last = first + number - 1
    assert set(trees.ending[last][trees.ending[last] >= 0]) <= set(
        np.flatnonzero(np.diff(a.fate_daughters) != 1)
    )
    np.testing.assert_array_equal(trees.leaves[trees.ending == -1], 3.0)
    np.testing.assert_array_equal(trees.leaves[trees.ending == -2], 1.3)
    # Every division has its daughters, in their microstates, when the mother leaves.
    mothers = last[born[last] > 1]
    for row in mothers:
        fate = trees.ending[row]
        daughters = first[trees.mother[first] == trees.cell[row]]
        expected = a.daughters[a.fate_daughters[fate] : a.fate_daughters[fate + 1]]
        np.testing.assert_array_equal(np.sort(trees.microstate[daughters]), np.sort(expected))
        np.testing.assert_array_equal(trees.enters[daughters], trees.leaves[row])
        np.testing.assert_array_equal(trees.founder[daughters], trees.founder[row])
        source = a.exit_source[np.searchsorted(a.exit_fates, fate, side="right") - 1]
        assert source == trees.microstate[row]
    assert np.sum(trees.mother[first] >= 0) == born[mothers].sum()
    # Founders and arrivals have no mother and are where the founders are said to be.
    roots = first[trees.mother[first] < 0]
    np.testing.assert_array_equal(trees.founder_microstate[trees.founder[roots]], trees.microstate[roots])
    np.testing.assert_array_equal(trees.founder_day[trees.founder[roots]], trees.enters[roots])
    np.testing.assert_array_equal(np.sort(trees.founder[roots]), np.arange(len(trees.founder_day)))
    transitions = trees.transitions()
    np.testing.assert_array_equal(transitions < 0, trees.ending < 0)
    names = {process.transitions[t].split()[0] for t in np.unique(transitions[transitions >= 0])}
    assert names <= {m.type for m in process.microstates}


@pytest.mark.parametrize("seed", [0, 3, 11])
def test_trees_and_snapshots_of_one_stream_are_the_same_cells(seed):
    case = random_case(seed)
    days = [0.0, *case.days]
    trees = grow_trees(case.process, case.modifiers, case.start, until=3.0, rng=np.random.default_rng(seed))
    found = follow_cells(case.process, case.modifiers, case.start, days=days, rng=np.random.default_rng(seed))
    np.testing.assert_array_equal(found.counts(), [trees.counts(d) for d in days])
    np.testing.assert_array_equal(found.clone_sizes(), [trees.clone_sizes(d) for d in days])
    np.testing.assert_allclose(found.founder_day, trees.founder_day, rtol=1e-12)  # more cuts round otherwise
    np.testing.assert_array_equal(found.microstate[found.day == 3], trees.microstate[trees.alive(3.0)])


def test_a_jump_on_the_first_day():
    process = compile_lineage(
        Lineage(
            "passage",
            (cell("a", "S"), cell("b", "S")),
            (dies("a", 0.1), dies("b", 0.1)),
            jumps=(Jump("passage", 0.0, {"a": {"b": 0.5, None: 0.3}}),),
        )
    )
    start, none = Start.given(process, {"a": 4000}), Modifiers.none(0.0, 1e-6)
    pulses = [Pulse("before", 0.0, 0.0, types=("a",)), Pulse("after", 0.0, 0.0, types=("b",))]
    found = follow_cells(process, none, start, days=[0.0, 1e-6], rng=np.random.default_rng(0), pulses=pulses)
    np.testing.assert_array_equal(found.counts()[0], [4000, 0])
    later = found.counts()[1]
    assert np.all(np.abs(later - [800, 2000]) < 4.5 * np.sqrt([640, 1000]))
    # A pulse finds cells where a jump of that day puts them; a sample is taken before both.
    assert np.all(found.generation[found.day == 0] == -1)
    in_b = found.microstate[found.day == 1] == 1
    np.testing.assert_array_equal(found.generations("after")[found.day == 1] == 0, in_b)
    np.testing.assert_array_equal(found.generations("before")[found.day == 1] == 0, ~in_b)
    trees = grow_trees(process, none, start, until=1e-6, rng=np.random.default_rng(0))
    np.testing.assert_array_equal(trees.counts(0.0), [4000, 0])
    np.testing.assert_array_equal(trees.counts(1e-6), later)


# --- refusals ---------------------------------------------------------------------------------------


def refused(error, match, **asked):
    process = yule(1.0)
    asked = {"days": [1.0], "rng": np.random.default_rng(0)} | asked
    with pytest.raises(error, match=match):
        follow_cells(process, Modifiers.none(0.0, 2.0), Start.given(process, {"s": 5}), **asked)


def test_what_is_not_offered_is_refused_by_name():
    refused(UnsupportedError, "before day 0, where the process starts", pulses=[Pulse("EdU", -1.0, 0.5)])
    refused(UnsupportedError, "partial uptake", pulses=[Pulse("EdU", 0, 1, weights=np.array([0.5]))])
    refused(InputError, r"shape \(1,\)", pulses=[Pulse("EdU", 0, 1, weights=np.ones(3))])
    refused(ModelError, "taken up nowhere", pulses=[Pulse("EdU", 0, 1, weights=np.zeros(1))])
    refused(UnknownNameError, "unknown phase 'M'", pulses=[Pulse("EdU", 0, 1, phases=("M",))])
    refused(UnknownNameError, "unknown cell type 'x'", pulses=[Pulse("EdU", 0, 1, types=("x",))])
    refused(UnknownNameError, "unknown phase 'G0'", synthesis=("G0",))
    refused(InputError, "same name", pulses=[Pulse("EdU", 0, 1), Pulse("EdU", 1, 2)])
    refused(InputError, r"\[0, 1\)", label_clones_on=1.0)
    refused(NumericalError, "more than 3 living cells", max_cells=3)
    refused(NumericalError, "more than 2 events", max_events=2)
    with pytest.raises(ModelError, match="before it starts"):
        Pulse("EdU", 2.0, 1.0)
    with pytest.raises(ModelError, match="finite"):
        Pulse("EdU", 0.0, np.inf)


def test_trees_that_grow_without_bound_are_refused():
    process = yule(5.0)
    start, rng = Start.given(process, {"s": 1}), np.random.default_rng(0)
    with pytest.raises(NumericalError, match="more than 10000 stays"):
        grow_trees(process, Modifiers.none(0.0, 30.0), start, until=30.0, rng=rng, max_stays=10_000)
    with pytest.raises(InputError, match="later than day 0"):
        grow_trees(process, Modifiers.none(0.0, 30.0), start, until=0.0, rng=rng)
    trees = grow_trees(process, Modifiers.none(0.0, 30.0), start, until=0.5, rng=rng)
    with pytest.raises(InputError, match=r"\[0, 0.5\]"):
        trees.alive(0.7)


def test_an_unknown_pulse_is_named():
    process = yule(1.0)
    found = follow_cells(
        process,
        Modifiers.none(0.0, 1.0),
        Start.given(process, {"s": 1}),
        days=[1.0],
        rng=np.random.default_rng(0),
        pulses=[Pulse("EdU", 0.0, 0.5)],
    )
    with pytest.raises(UnknownNameError, match="unknown pulse 'EDU'. Did you mean 'EdU'"):
        found.levels("EDU")
