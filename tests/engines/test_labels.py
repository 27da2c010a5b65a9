"""Labels on crossed processes: both engines, the engine that follows cells, and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from soleus.engines import (
    Pulse,
    Start,
    follow_cells,
    mean_cells,
    prepare_moments,
    readout_moments,
    simulate_cells,
)
from soleus.errors import InputError
from soleus.lineage import (
    CellType,
    Fate,
    Label,
    Lineage,
    Persistence,
    Phase,
    Transition,
    Window,
    compile_lineage,
    cross,
    embed,
)
from soleus.movement import Modifiers

CYCLING = Window(cycling=True)
DAYS = (0.6, 1.5, 3.0)
MODIFIERS = Modifiers(np.array([-1.0, 0.3, 3.0]), ("division",), np.array([[1.0, 0.7]]))


def cycle():
    kind = CellType("A", "A", (Phase("G1", True), Phase("S", True), Phase("G2M", True)))
    rest = CellType("N", "N", (Phase("G0"),))
    exits = (
        Transition("start_s", "division.s", "A.G1", (Fate("go", 1.0, {"A.S": 1}),), mean_days=0.4, stages=2),
        Transition("end_s", "division.e", "A.S", (Fate("go", 1.0, {"A.G2M": 1}),), mean_days=0.5, stages=3),
        Transition(
            "divide",
            "division.m",
            "A.G2M",
            (Fate("two", 0.5, {"A": 2}), Fate("one", 0.2, {"A": 1, "N": 1}), Fate("none", 0.3, {"N": 2})),
            mean_days=0.2,
        ),
        Transition("die", "death", "N", (Fate("gone", 1.0, {}),), rate_per_day=0.3),
    )
    return compile_lineage(Lineage("cycle", (kind, rest), exits, founders=("A",)))


def begin(crossed, plain, cells=40.0):
    return Start(embed(crossed, Start.given(plain, {"A.G1": cells}, poisson=True).mean), poisson=True)


@pytest.mark.parametrize("pulse", [(0.0, 0.0), (0.0, 0.5), (-0.5, 0.1)])
def test_levels_are_those_of_cells_followed_one_by_one(pulse):
    plain, depth = cycle(), 3
    crossed = cross(plain, [Label("EdU", (pulse,), detectable_divisions=depth)])
    levels = crossed.level("EdU")
    weights = np.array([levels == g for g in range(1, depth + 2)], dtype=float)
    expected = readout_moments(crossed, MODIFIERS, begin(crossed, plain), weights=weights, days=DAYS)
    # The other engine starts from the plain process and lets each cell count its divisions since label.
    animals, found = 400, []
    start = Start.given(plain, {"A.G1": 40}, poisson=True)
    for k in range(animals):
        cells = follow_cells(
            plain,
            MODIFIERS,
            start,
            days=DAYS,
            rng=np.random.default_rng([7, k]),
            pulses=[Pulse("EdU", *pulse)],
        )
        g = cells.generations("EdU")
        found.append(
            [[np.sum((cells.day == d) & (g == level)) for level in range(depth + 1)] for d in range(3)]
        )
    z = _z(np.array(found, dtype=float), expected, animals)
    assert np.abs(z).max() < 4.0
    assert stats.chi2.sf(float(np.sum(z**2)), z.size) > 1e-4


def _z(found, expected, animals):
    """Return the deviation of each mean in standard errors, where the variance is not 0."""
    variance = np.einsum("drdr->dr", expected.covariance)
    some = variance > 1e-9
    error = np.sqrt(variance[some] / animals)
    assert np.all(found.mean(axis=0)[~some] == 0.0)
    return (found.mean(axis=0)[some] - expected.mean[some]) / error


@pytest.mark.parametrize(
    "tags",
    [
        [Label("EdU", ((0.0, 0.3), (0.8, 0.8)), detectable_divisions=2, reuse=0.1)],
        [Label("EdU", ((0.0, 0.0),), uptake_per_day=30.0, clearance_days=0.05, toxicity={"die": 0.5})],
        [Persistence("Ki67", (CYCLING,), 0.7), Label("BrdU", ((0.2, 0.6),), detectable_divisions=1)],
    ],
    ids=["repeated, re-used", "at a rate, toxic", "marker and label"],
)  # fmt: skip
def test_both_engines_agree_on_a_crossed_process(tags):
    plain = cycle()
    crossed = cross(plain, tags)
    levels = np.array([m.levels for m in crossed.microstates])
    weights = np.array([np.all(levels == row, axis=1) for row in np.unique(levels, axis=0)], dtype=float)
    start = begin(crossed, plain)
    series = readout_moments(crossed, MODIFIERS, start, weights=weights, days=DAYS)
    steps = prepare_moments(crossed, MODIFIERS, start, weights=weights, days=DAYS).solve()
    np.testing.assert_allclose(steps.mean, series.mean, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(steps.covariance, series.covariance, rtol=1e-4, atol=1e-4)
    animals = 400
    found = [
        simulate_cells(crossed, MODIFIERS, start, days=DAYS, rng=np.random.default_rng([3, k])) @ weights.T
        for k in range(animals)
    ]
    z = _z(np.array(found, dtype=float), series, animals)
    assert np.abs(z).max() < 4.2
    assert stats.chi2.sf(float(np.sum(z**2)), z.size) > 1e-4


def _still(*extra: Transition):
    """Cells that stay in S for ever, but for what is asked."""
    types = (CellType("A", "A", (Phase("S", True),)), CellType("N", "N", (Phase("G0"),)))
    return compile_lineage(Lineage("still", types, extra, founders=("A", "N")))


def _share(process, tag, day, *, kind="A"):
    crossed = cross(process, [tag])
    start = Start(embed(crossed, Start.given(process, {"A": 1}, poisson=True).mean), poisson=True)
    cells = mean_cells(crossed, Modifiers.none(-1.0, 9.0), start, days=[day])[0]
    here = np.array([m.type == kind for m in crossed.microstates])
    return cells[here & (crossed.level(tag.name) > 0)].sum() / cells[here].sum()


def test_uptake_at_a_rate_is_one_minus_the_exponential_of_the_dose():
    still = _still(Transition("idle", "idle", "A", (Fate("same", 1.0, {"A": 1}),), rate_per_day=0.1))
    window = Label("EdU", ((0.0, 0.25),), uptake_per_day=4.0)
    assert _share(still, window, 2.0) == pytest.approx(1.0 - np.exp(-1.0), rel=1e-9)
    cleared = Label("EdU", ((0.0, 0.0),), uptake_per_day=4.0, clearance_days=0.25)
    # All but exp(-9) of the dose is given.
    assert _share(still, cleared, 8.0) == pytest.approx(1.0 - np.exp(-1.0), rel=1e-4)
    assert _share(still, cleared, 0.25) == pytest.approx(1.0 - np.exp(-1.0 + np.exp(-1.0)), rel=5e-3)


def test_a_marker_fades_as_two_rates_in_a_row():
    rate, mean, day = 0.6, 1.5, 2.0
    leaving = _still(Transition("leave", "leave", "A", (Fate("out", 1.0, {"N": 1}),), rate_per_day=rate))
    fades = Persistence("Ki67", (CYCLING,), mean)
    still_seen = _share(leaving, fades, day, kind="N")
    # The process starts one day before day 0.
    kept = rate / (1.0 / mean - rate) * (np.exp(-rate * 3.0) - np.exp(-3.0 / mean))
    assert still_seen == pytest.approx(kept / (1.0 - np.exp(-rate * 3.0)), rel=1e-9)


def test_a_label_before_the_start_is_refused():
    plain = cycle()
    for tag in (Label("EdU", ((-2.0, -1.5),), uptake_per_day=9.0), Label("EdU", ((-2.0, -2.0),))):
        crossed = cross(plain, [tag])
        with pytest.raises(InputError, match="starts"):
            mean_cells(crossed, MODIFIERS, begin(crossed, plain), days=[1.0])
