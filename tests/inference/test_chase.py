"""Phase lengths from an EdU pulse and chase: the model against a twin, known lengths found, real data."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent))  # chase_twin.py, shared by the tests of this folder

from chase_twin import twin

from soleus.engines import Start, mean_cells
from soleus.errors import InputError, UnknownNameError
from soleus.inference.chase import _Surface, fit_chase
from soleus.inference.chase_data import ChaseData
from soleus.inference.chase_model import ChaseModel, gate_weights
from soleus.inference.chase_posterior import ChasePosterior, Interval
from soleus.inference.chase_priors import RANGES, Range, merged_ranges
from soleus.lineage import Label, compile_lineage, cross, embed
from soleus.lineage.cycling import cycling_lineage, growth_rate_per_day, growth_shares
from soleus.movement import Modifiers

ROOT = Path(__file__).resolve().parents[2]
REAL = ROOT.parent / "shared" / "data" / "edu-chase"
STORED = ROOT / "benchmarks" / "chase.json"

HOURS = [3.0, 4.0, 5.0, 8.0, 14.0, 18.0]
STAGES = (12, 15, 15)
TRUE = {
    "g1_hours": 6.5,
    "s_hours": 7.0,
    "g2m_hours": 5.0,
    "fading_hours": 2.9,
    "rest_probability": 0.03,
    "early": 0.12,
    "late": 0.1,
}
NO_ERROR = TRUE | {"early": 0.0, "late": 0.0}
LENGTHS = ("g1_hours", "s_hours", "g2m_hours")


@pytest.fixture(scope="module")
def model() -> ChaseModel:
    return ChaseModel.of(HOURS, stages=STAGES)


def fading(t: float) -> float:
    return float(np.exp(-t / TRUE["fading_hours"]))


def test_the_model_equals_a_dense_twin(model):
    expected, growth, share = twin(NO_ERROR, STAGES, HOURS, fading)
    labelled, steady = model.fractions(NO_ERROR)
    np.testing.assert_allclose(labelled, expected, rtol=0.0, atol=1e-6)
    assert model.growth(NO_ERROR)[0] / 24.0 == pytest.approx(growth, rel=1e-9)
    np.testing.assert_allclose(model.growth(NO_ERROR)[1], share, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(steady, [share[:12].sum() + share[-1], share[12:27].sum(), share[27:42].sum()])


def crossed_fractions(theta: dict, label: Label, hours: list) -> np.ndarray:
    days = tuple(theta[name] / 24.0 for name in LENGTHS)
    numbers = {"phase_days": days, "stages": STAGES, "rest_probability": theta["rest_probability"]}
    crossed = cross(compile_lineage(cycling_lineage("cell", **numbers)), [label])
    share = growth_shares(growth_rate_per_day(**numbers), **numbers)
    start = Start(embed(crossed, share), poisson=True)
    at = [h / 24.0 for h in hours]
    cells = mean_cells(crossed, Modifiers.none(0.0, at[-1]), start, days=at)
    labelled = crossed.level(label.name) > 0
    gates = gate_weights(crossed, early=0.0, late=0.0)
    return (cells * labelled) @ gates.T / cells.sum(axis=1)[:, None]


def test_the_crossed_process_equals_the_twin_and_the_model(model):
    """A label that fades, crossed with the lineage: the same pieces of availability in both."""
    tau = TRUE["fading_hours"] / 24.0
    label = Label("EdU", ((0.0, 0.0),), detectable_divisions=2, uptake_per_day=120.0, clearance_days=tau)
    found = crossed_fractions(NO_ERROR, label, HOURS)
    there = label.availability("uptake")
    exact, _, _ = twin(
        NO_ERROR, STAGES, HOURS, lambda t: float(there.at(np.array(t / 24.0))), stops=there.edges * 24.0
    )
    np.testing.assert_allclose(found, exact, rtol=0.0, atol=1e-6)
    # The label's pieces are coarser than the model's grid.
    np.testing.assert_allclose(found, model.fractions(NO_ERROR)[0], rtol=0.0, atol=2e-3)


def test_gates_take_all_cells_and_cut_a_stage_in_parts(model):
    gates = gate_weights(model.process, early=0.1, late=0.3)
    np.testing.assert_allclose(gates.sum(axis=0), 1.0)
    s = gates[:, 12:27]
    np.testing.assert_allclose(s.sum(axis=1), [1.5, 9.0, 4.5])
    np.testing.assert_allclose(s[0, :3], [1.0, 0.5, 0.0])
    np.testing.assert_allclose(s[2, -6:], [0.0, 0.5, 1.0, 1.0, 1.0, 1.0])


def virtual(seed: int, *, scale: float = 1.0, theta: dict | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a table like the published one from known lengths; errors are ``scale`` times as large."""
    rng = np.random.default_rng(seed)
    labelled, steady = ChaseModel.of(HOURS, stages=STAGES).fractions(theta or TRUE)
    error, off = 0.033 * scale, np.array([0.0124, 0.0188]) * scale
    noisy = labelled + error * rng.standard_normal(labelled.shape)
    table = {"time_point": HOURS} | {f"mean_{g}": noisy[:, i] for i, g in enumerate(("G1", "S", "G2"))}
    table |= {f"err_{g}": error for g in ("G1", "S", "G2")}
    share = steady[1:] + off * rng.standard_normal(2)
    return pd.DataFrame(table), pd.DataFrame({"phase": ["S", "G2"], "mean": share, "error": off})


def test_known_lengths_come_back_from_precise_data():
    found = fit_chase(*virtual(3, scale=0.05), seed=5, g1_stages=(12,), draws=300)
    for name in LENGTHS:
        interval = found.intervals[name]
        assert interval.low < TRUE[name] < interval.high, name
        assert interval.high / interval.low < 1.25, name
        assert interval.median == pytest.approx(TRUE[name], rel=0.06), name
    assert found.reliable and found.k_hat < 0.7 and found.effective > 100
    assert 0.001 < found.fit_probability < 0.999
    cycle = found.intervals["cycle_hours"]
    assert cycle.low < 18.5 < cycle.high


@pytest.fixture(scope="module")
def fitted() -> ChasePosterior:
    return fit_chase(*virtual(3, scale=0.3), seed=7, g1_stages=(12,), draws=150)


def test_the_same_seed_gives_the_same_numbers_and_another_others(fitted):
    again, other = (
        fit_chase(*virtual(3, scale=0.3), seed=seed, g1_stages=(12,), draws=150) for seed in (7, 8)
    )
    assert fitted.intervals == again.intervals and fitted.k_hat == again.k_hat
    np.testing.assert_array_equal(fitted.weights, again.weights)
    one, two = fitted.intervals["g1_hours"], other.intervals["g1_hours"]
    assert one != two
    assert one.median == pytest.approx(two.median, rel=0.05)


def test_the_right_stages_of_g1_are_preferred():
    found = fit_chase(*virtual(3, scale=0.03), seed=5, g1_stages=(3, 12), draws=200)
    assert found.g1_stages[12] > 0.95
    assert sum(found.g1_stages.values()) == pytest.approx(1.0)
    assert found.draws["g1_stages"] @ found.weights == pytest.approx(12.0, abs=0.5)


def test_other_priors_reweight_the_draws(fitted):
    number = len(fitted.weights)
    same = fitted.reweighted(np.full(number, 3.0))
    for name, interval in fitted.intervals.items():
        assert same[name].median == pytest.approx(interval.median, rel=1e-9), name
    middle = fitted.intervals["g1_hours"].median
    upper = fitted.reweighted((fitted.draws["g1_hours"] > middle).astype(float))["g1_hours"]
    assert middle <= upper.low < upper.median < upper.high
    for wrong in (np.zeros(number), np.ones(3), -np.ones(number)):
        with pytest.raises(InputError, match="not all of them 0"):
            fitted.reweighted(wrong)


def test_data_that_the_model_cannot_make_are_said_to_misfit():
    chase, steady = virtual(3)
    wrong = chase.assign(mean_G1=chase["mean_G1"].to_numpy()[::-1])
    found = fit_chase(wrong, steady, seed=1, g1_stages=(12,), draws=150)
    assert found.fit_probability < 1e-3


def test_missing_values_are_normal_input(model):
    chase, steady = virtual(3)
    whole = ChaseData.of(chase, steady)
    chase.loc[2, ["mean_S", "err_S"]] = np.nan
    data = ChaseData.of(chase, steady.iloc[:1])
    assert (whole.number, data.number) == (20, 18)
    x = np.zeros(len(RANGES))
    full, less = (_Surface(d, model, RANGES).residuals(x) for d in (whole, data))
    # All but the fraction in S at the third time and the steady G2M; then the prior's.
    np.testing.assert_array_equal(less, np.delete(full, [7, 19]))
    assert len(less) == 18 + len(RANGES)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mean_G1": [0.9] * 6}, "of all cells, not of the cells of each gate"),
        ({"mean_G1": [40.0] * 6}, "per cent"),
        ({"mean_G1": [-0.3] * 6}, "got -0.3"),
        ({"err_S": [0.0] * 6}, "standard error above 0"),
        ({"time_point": [3, 4, 5, 5, 14, 18]}, "increase"),
        ({"time_point": [0, 4, 5, 8, 14, 18]}, "above 0"),
    ],
)
def test_tables_that_cannot_be_right_are_refused(change, message):
    chase, steady = virtual(3)
    with pytest.raises(InputError, match=message):
        ChaseData.of(chase.assign(**change), steady)


def test_names_that_are_not_known_are_answered_with_those_that_are():
    chase, steady = virtual(3)
    with pytest.raises(UnknownNameError, match="mean_S"):
        ChaseData.of(chase.drop(columns="mean_S"), steady)
    with pytest.raises(InputError, match="time_point"):
        ChaseData.of(chase.drop(columns="time_point"), steady)
    with pytest.raises(UnknownNameError, match="G2M"):
        ChaseData.of(chase, steady.assign(phase=["S", "M"]))
    with pytest.raises(UnknownNameError, match="g1_hours"):
        fit_chase(chase, steady, ranges={"g1": Range(1.0, 2.0)})
    with pytest.raises(UnknownNameError, match="rate"):
        Range(1.0, 2.0, "rates")
    with pytest.raises(InputError, match="increasing whole numbers"):
        fit_chase(chase, steady, g1_stages=(5, 3))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rest_probability": Range(0.0, 0.7)}, "0.5"),
        ({"early": Range(0.0, 0.7)}, "add to at most 1"),
        ({"fading_hours": Range(0.0, 5.0)}, "above 0"),
    ],
)
def test_priors_that_cannot_be_right_are_refused(change, message):
    with pytest.raises(InputError, match=message):
        merged_ranges(change)


@pytest.mark.parametrize("flat_in", ["value", "log", "rate"])
def test_a_range_is_flat_in_what_it_says(flat_in):
    prior = Range(2.0, 8.0, flat_in)
    change = {"value": lambda v: v, "log": np.log, "rate": lambda v: 1.0 / v}[flat_in]
    # A quarter of the standard normal lies below -0.6745.
    low, high, quarter = change(2.0), change(8.0), change(prior.value(-0.6744897501960817))
    assert quarter == pytest.approx(low + 0.25 * (high - low), rel=1e-9)
    assert prior.value(-40.0) == pytest.approx(2.0) and prior.value(40.0) == pytest.approx(8.0)


@pytest.mark.slow
def test_intervals_hold_the_truth_as_often_as_they_say():
    """95 % intervals of 60 data sets whose lengths are drawn from the priors.

    Fewer than 51 hits of 60 at 95 % have a probability below 1e-4. Ranks of the truth are uniform: mean
    0.5 (sd 0.037), and 12 times their variance, averaged over the lengths, is 1 (sd at most 0.115; of
    independent lengths 0.066). Errors taken 2.5 times too large give 0.57, half as large too few hits.
    """
    ranges = {
        "g1_hours": Range(4.0, 12.0, "log"),
        "s_hours": Range(4.0, 12.0, "log"),
        "g2m_hours": Range(3.0, 8.0, "log"),
        "rest_probability": Range(0.0, 0.2),
        "early": Range(0.08, 0.16),
        "late": Range(0.08, 0.16),
    }
    full = RANGES | ranges
    hits = dict.fromkeys(LENGTHS, 0)
    ranks: dict[str, list[float]] = {name: [] for name in LENGTHS}
    for number in range(60):
        rng = np.random.default_rng([11, number])
        theta = {name: r.value(float(rng.standard_normal())) for name, r in full.items()}
        table = virtual(11_000 + number, theta=theta, scale=0.4)
        found = fit_chase(*table, seed=number, ranges=ranges, g1_stages=(12,), draws=400)
        assert found.reliable
        for name in LENGTHS:
            interval = found.intervals[name]
            hits[name] += interval.low < theta[name] < interval.high
            ranks[name].append(float(found.weights @ (found.draws[name] < theta[name])))
    assert min(hits.values()) >= 51, hits
    for name in LENGTHS:
        assert abs(np.mean(ranks[name]) - 0.5) < 4 * 0.037, name
    assert abs(12.0 * np.mean([np.var(r) for r in ranks.values()]) - 1.0) < 0.3


def stored(kind: str) -> dict[str, Interval]:
    found = json.loads(STORED.read_text(encoding="utf-8"))[kind]["posterior"]
    return {name: Interval(v["median"], v["low"], v["high"]) for name, v in found.items()}


def test_stored_intervals_of_both_methods_overlap():
    theirs, ours = stored("cycleflow"), stored("soleus")
    for name in (*LENGTHS, "cycle_hours", "doubling_hours", "g0_share"):
        assert ours[name].overlaps(theirs[name]), name
        assert theirs[name].low < ours[name].median < theirs[name].high, name


@pytest.mark.slow
def test_real_lengths_overlap_those_of_the_published_method():
    """Tet21N cells of Jolly et al. 2022 against what their method gave on the same table."""
    if not REAL.is_dir():
        pytest.skip(f"the measurements are not at {REAL}")
    chase = pd.read_csv(REAL / "edu_positive_fractions.csv", skipinitialspace=True)
    steady = pd.read_csv(REAL / "steady_state.csv", skipinitialspace=True)
    found = fit_chase(chase, steady, seed=1)
    assert found.reliable
    assert found.fit_probability > 0.05
    theirs = stored("cycleflow")
    for name in LENGTHS:
        interval = found.intervals[name]
        assert interval.overlaps(theirs[name]), name
        # Closer than to overlap: each median lies in the other's interval.
        assert theirs[name].low < interval.median < theirs[name].high, name
        assert interval.low < theirs[name].median < interval.high, name


def test_the_real_table_is_of_all_cells():
    """What the published table must mean: no gate holds more labelled cells than cells."""
    if not REAL.is_dir():
        pytest.skip(f"the measurements are not at {REAL}")
    chase = pd.read_csv(REAL / "edu_positive_fractions.csv", skipinitialspace=True)
    data = ChaseData.of(chase, pd.read_csv(REAL / "steady_state.csv", skipinitialspace=True))
    room = np.array([1.0 - data.steady[1:].sum(), *data.steady[1:]])
    assert np.all(data.labelled <= room + 3.0 * data.labelled_error)
    # As fractions of the gate they could not be: nearly every S cell is labelled just after the pulse.
    assert data.labelled[0, 1] < 0.3
