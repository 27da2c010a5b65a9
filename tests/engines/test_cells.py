"""The exact engine against the moments engine and against its slow twin, in both directions."""

from __future__ import annotations

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
    renewal,
)
from gillespie_twin import gillespie

from soleus.engines import Start, readout_moments, simulate_cells
from soleus.engines.cells.solve import prepare_cells
from soleus.errors import NumericalError
from soleus.lineage import Fate, Jump, Lineage, Process, Source, Transition, compile_lineage
from soleus.movement import Modifiers

DAYS = [1.0, 3.0]
LIMIT = 4.5  # of about 20 z values a test; chance of a false alarm below 2e-4, and the seeds are pinned


def small(name: str, faster: float = 1.0) -> tuple[Process, Modifiers, Start]:
    """Return a small model; ``faster`` plants an error in one of its rates."""
    if name == "birth-death":
        process = birth_death(0.9 * faster, 0.4)
        modifiers = Modifiers(
            np.array([0.0, 0.7, 2.2, 3.0]), ("division", "death"), np.array([[1, 0.5, 1.2], [1, 2, 0.3]])
        )
        return process, modifiers, Start.given(process, {"s": 20}, poisson=True)
    if name == "erlang":
        process = erlang_chain(1.5 / faster, 4, 0.3)
        modifiers = Modifiers(np.array([0.0, 1.4, 3.0]), ("maturation",), np.array([[1.0, 0.6]]))
        return process, modifiers, Start.given(process, {"x": 30})
    if name == "source":
        process = immigration_death(9.0 * faster, 0.5)
        modifiers = Modifiers(np.array([0.0, 0.5, 3.0]), ("entry",), np.array([[2.0, 0.7]]))
        return process, modifiers, Start.given(process, {"s": 4})
    fates = (
        Fate("two", 0.6, {"a": 2}, role="fate.two"),
        Fate("one", 0.3, {"a": 1, "b": 1}),
        Fate("out", 0.1, {"b": 3}),
    )
    clock = Transition("clock", "division", "a", fates, mean_days=1.2 / faster, stages=3)
    process = compile_lineage(
        Lineage(
            "all",
            (cell("a"), cell("b"), cell("l")),
            (clock, dies("b", 0.4), dies("l", 0.1), moves("b", "a", 0.2, "return")),
            sources=(Source("enter", "entry", "b", 3.0),),
            jumps=(Jump("pulse", 1.7, {"b": {"l": 0.5, None: 0.2}}),),
            founders=("a",),
        )
    )
    modifiers = Modifiers(
        np.array([0.0, 0.9, 3.0]), ("fate.two", "division"), np.array([[1.0, 0.2], [0.8, 1.3]])
    )
    return process, modifiers, Start.given(process, {"a": 12}, poisson=True)


NAMES = ["birth-death", "erlang", "source", "all"]


def sample(simulate, model, replicates: int, seed: int) -> np.ndarray:
    """Return cells per type, shape (replicates, days * types)."""
    process, modifiers, start = model
    types = dict.fromkeys(m.type for m in process.microstates if m.type != "outside")
    weights = np.array([process.count(k) for k in types])
    rng = np.random.default_rng(seed)
    if simulate is simulate_cells:
        animal = prepare_cells(process, modifiers, start, days=DAYS)  # its tables serve all replicates
        runs = [animal.run(rng) for _ in range(replicates)]
    else:
        runs = [simulate(process, modifiers, start, days=DAYS, rng=rng) for _ in range(replicates)]
    return np.array([(r @ weights.T).ravel() for r in runs], dtype=float)


def exact(model) -> tuple[np.ndarray, np.ndarray]:
    process, modifiers, start = model
    types = dict.fromkeys(m.type for m in process.microstates if m.type != "outside")
    weights = np.array([process.count(k) for k in types])
    found = readout_moments(process, modifiers, start, weights=weights, days=DAYS)
    return found.mean.ravel(), found.flat_covariance


def worst_z(runs: np.ndarray, mean: np.ndarray, covariance: np.ndarray) -> tuple[float, float]:
    """Return the largest |z| of the means and of the covariances (each against its own spread)."""
    varied = np.diag(covariance) > 1e-9  # a number that cannot vary has no z
    runs, mean, covariance = runs[:, varied], mean[varied], covariance[np.ix_(varied, varied)]
    off = runs - mean
    z_mean = off.mean(axis=0) / (runs.std(axis=0) / np.sqrt(len(runs)))
    products = off[:, :, None] * off[:, None, :]
    z_cov = (products.mean(axis=0) - covariance) / (products.std(axis=0) / np.sqrt(len(runs)))
    return float(np.abs(z_mean).max()), float(np.abs(z_cov).max())


@pytest.mark.parametrize("name", NAMES)
def test_cells_have_the_exact_moments(name):
    runs = sample(simulate_cells, small(name), 4000, seed=20)
    z_mean, z_cov = worst_z(runs, *exact(small(name)))
    assert z_mean < LIMIT
    assert z_cov < LIMIT


@pytest.mark.parametrize("name", NAMES)
def test_a_rate_5_percent_off_is_seen(name):
    """The same test, the same replicates: 4000 runs see 5 % on one rate in every model."""
    runs = sample(simulate_cells, small(name, faster=1.05), 4000, seed=20)
    z_mean, _ = worst_z(runs, *exact(small(name)))
    assert z_mean > LIMIT


def test_a_covariance_10_percent_off_is_seen():
    runs = sample(simulate_cells, small("birth-death"), 9000, seed=20)
    mean, covariance = exact(small("birth-death"))
    for factor in (0.88, 1.12):
        assert worst_z(runs, mean, covariance * factor)[1] > LIMIT


def two_sample_z(a: np.ndarray, b: np.ndarray) -> float:
    """Return the largest |z| between two samples' means and variances."""
    found = []
    for x, y in ((a, b), ((a - a.mean(axis=0)) ** 2, (b - b.mean(axis=0)) ** 2)):
        spread = np.sqrt(x.var(axis=0) / len(x) + y.var(axis=0) / len(y))
        keep = spread > 0.0
        found.append(np.abs(x.mean(axis=0) - y.mean(axis=0))[keep] / spread[keep])
    return float(np.concatenate(found).max())


@pytest.mark.parametrize("name", ["birth-death", "erlang", "all"])
def test_cells_agree_with_the_twin(name):
    twin = sample(gillespie, small(name), 800, seed=3)
    assert two_sample_z(sample(simulate_cells, small(name), 4000, seed=4), twin) < LIMIT
    wrong = sample(simulate_cells, small(name, faster=1.3), 4000, seed=4)
    assert two_sample_z(wrong, twin) > LIMIT


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_cells_agree_with_the_twin_closely(name):
    twin = sample(gillespie, small(name), 3000, seed=5)
    assert two_sample_z(sample(simulate_cells, small(name), 20000, seed=6), twin) < LIMIT
    assert max(worst_z(twin, *exact(small(name)))) < LIMIT
    wrong = sample(simulate_cells, small(name, faster=1.05), 20000, seed=6)
    assert two_sample_z(wrong, twin) > LIMIT


@pytest.mark.parametrize("name", NAMES)
def test_a_prepared_animal_is_a_simulated_one(name):
    process, modifiers, start = small(name)
    animal = prepare_cells(process, modifiers, start, days=DAYS)
    one, other = np.random.default_rng(3), np.random.default_rng(3)
    for _ in range(20):
        wanted = simulate_cells(process, modifiers, start, days=DAYS, rng=one)
        np.testing.assert_array_equal(animal.run(other), wanted)


def test_the_same_stream_gives_the_same_cells():
    process, modifiers, start = small("all")

    def run(seed):
        return simulate_cells(process, modifiers, start, days=DAYS, rng=np.random.default_rng(seed))

    np.testing.assert_array_equal(run(7), run(7))
    assert not np.array_equal(run(7), run(8))


def test_a_fate_with_very_many_daughters_fits():
    burst = Transition("burst", "division", "s", (Fate("many", 1.0, {"t": 3000}),), rate_per_day=50.0)
    process = compile_lineage(Lineage("burst", (cell("s"), cell("t")), (burst, dies("t", 0.5))))
    start, none = Start.given(process, {"s": 5}), Modifiers.none(0.0, 4.0)
    found = simulate_cells(process, none, start, days=[2.0, 4.0], rng=np.random.default_rng(1))
    expected = readout_moments(process, none, start, weights=np.eye(2), days=[2.0, 4.0])
    assert found[0, 0] == 0
    sd = np.sqrt(np.diag(expected.flat_covariance))[[1, 3]]
    assert np.all(np.abs(found[:, 1] - expected.mean[:, 1]) < 4.5 * sd)


def test_unbounded_growth_is_stopped_by_name():
    process = compile_lineage(Lineage("yule", (cell("s"),), (divides("s", 5.0),)))
    with pytest.raises(NumericalError, match="more than 10000 events"):
        simulate_cells(
            process,
            Modifiers.none(0.0, 30.0),
            Start.given(process, {"s": 1}),
            days=[30.0],
            rng=np.random.default_rng(0),
            max_events=10_000,
        )


def test_rates_of_zero_leave_every_cell_where_it_is():
    process = renewal(1.0, 0.5)
    still = Modifiers(np.array([0.0, 5.0]), ("division",), np.zeros((1, 1)))
    start = Start.given(process, {"s": 11})
    found = simulate_cells(process, still, start, days=[0.0, 5.0], rng=np.random.default_rng(0))
    np.testing.assert_array_equal(found, [[11], [11]])


def test_a_process_without_any_exit():
    process = compile_lineage(Lineage("inert", (cell("s"),), ()))
    start, none = Start.given(process, {"s": 11}), Modifiers.none(0.0, 2.0)
    found = simulate_cells(process, none, start, days=[2.0], rng=np.random.default_rng(0))
    assert found.item() == 11
    moments = readout_moments(process, none, start, weights=np.ones((1, 1)), days=[2.0])
    assert moments.mean.item() == 11.0
    assert moments.covariance.item() == 0.0
