from __future__ import annotations

import numpy as np
import pytest
from benchmarks.cases import Case, bench_case, expected_events, law_modifiers, network_of
from benchmarks.models import (
    BENCH,
    BENCH_DAYS,
    BENCH_EVENTS,
    CYCLES,
    MOVEMENT,
    MOVEMENT_EVENTS,
    cycles_lineage,
    with_rate,
)

from soleus.lineage import compile_lineage


def moments(case: Case) -> tuple[np.ndarray, np.ndarray]:
    from soleus.engines import readout_moments

    found = readout_moments(
        case.process, case.modifiers, case.start, weights=case.weights, days=[28.0], tolerance=1e-9
    )
    return found.mean[0], found.covariance[0, :, 0, :]


@pytest.mark.parametrize(("network", "events"), [(BENCH, BENCH_EVENTS), (MOVEMENT, MOVEMENT_EVENTS)])
def test_the_stated_numbers_of_events_are_those_of_the_exact_means(network, events):
    case = bench_case(network, "exact", BENCH_DAYS)
    assert expected_events(case, 28.0) == pytest.approx(events, rel=1e-5)


def test_events_of_a_changed_model_are_not_the_stated_ones():
    case = bench_case(with_rate(BENCH, "activate", 1.02), "exact", BENCH_DAYS)
    assert abs(expected_events(case, 28.0) / BENCH_EVENTS - 1.0) > 0.005


def test_stages_of_erlang_waits_are_not_counted_as_events():
    one = expected_events(bench_case(BENCH, "erlang:1", BENCH_DAYS), 28.0)
    four = expected_events(bench_case(BENCH, "erlang:4", BENCH_DAYS), 28.0)
    assert one == pytest.approx(BENCH_EVENTS, rel=1e-5)
    # Sharper cycles lose a few per cent of the divisions to competing exits; stages would add 150 %.
    assert 0.93 * one < four < one


def test_the_networks_survive_the_way_to_a_peer():
    assert network_of(MOVEMENT.plain()) == MOVEMENT
    assert network_of(BENCH.plain()) == BENCH


def test_the_grid_of_the_movement_law_leaves_less_than_the_stated_error():
    mean, covariance = moments(bench_case(MOVEMENT, "exact", BENCH_DAYS))
    exact_mean, exact = moments(bench_case(MOVEMENT, "exact", BENCH_DAYS, intervals=1500))
    sd = np.sqrt(np.diag(exact))
    assert np.max(np.abs(mean / exact_mean - 1.0)) < 1e-5
    assert np.max(np.abs(covariance - exact) / np.outer(sd, sd)) < 1e-5
    coarse, _ = moments(bench_case(MOVEMENT, "exact", BENCH_DAYS, intervals=6))
    assert np.max(np.abs(coarse / exact_mean - 1.0)) > 1e-5


def test_the_cumulated_law_is_right_at_the_end():
    modifiers = law_modifiers(MOVEMENT.law, BENCH_DAYS)
    total = float(np.sum(np.diff(modifiers.edges) * modifiers.values[0]))
    assert total == pytest.approx(0.3 * 28.0 + 0.7 * 2.0 * (1.0 - np.exp(-14.0)), rel=2e-6)


def test_cycles_keep_the_mean_waits_and_the_shares_of_the_fates():
    lineage = cycles_lineage(BENCH, stages=4)
    clocks = {t.source: t for t in lineage.transitions if t.stages == 4}
    assert set(clocks) == set(CYCLES)
    assert clocks["A"].mean_days == pytest.approx(1.0)
    assert {f.name: f.probability for f in clocks["A"].fates} == pytest.approx(
        {"renew": 0.25, "commit": 0.75}
    )
    assert clocks["T2"].mean_days == pytest.approx(1.0 / 1.1)
    assert compile_lineage(lineage).n_states == 12 + 3 * len(CYCLES)


def test_an_unknown_rate_cannot_be_changed():
    with pytest.raises(ValueError, match="no reaction 'nothing'"):
        with_rate(BENCH, "nothing", 2.0)
