"""A study with labels, gates, shares, observers and losses: simulated and scored by the same model."""

from __future__ import annotations

import functools
import math
from dataclasses import replace

import numpy as np
import pytest
from study_models import CYCLING, SECTIONS, counting, toy_study

from soleus.assays import FractionAssay, Gate, Marker, Readout
from soleus.errors import InputError, ModelError, UnsupportedError
from soleus.lineage import Label, Window
from soleus.observations import Observations
from soleus.study import Losses, bind, log_prob, simulate

EDU = Marker("EdU", "EdU", sensitivity=0.9, analogue=Label("EdU", ((11.0, 11.2),), detectable_divisions=2))
RESTING = Marker("p27", "p27", (Window(cycling=False),), sensitivity=0.8, false_positive=0.05)
LABELLED = Gate("EdU+p27+", "labelled resting cells", (EDU, RESTING))
SHARES = FractionAssay(
    "flow",
    "young and old neurons by flow",
    (Readout("young_share", "young neurons", ("N",)), Readout("old_share", "old neurons", ("O",))),
    events=400,
    units=2,
    unit_level="well",
    confusion=((0.95, 0.05), (0.1, 0.9)),
    concentration=80.0,
)
ASSAYS = (
    replace(SECTIONS, observer_cv=0.2),
    counting("labelled", LABELLED, units=3, observer_cv=0.1),
    SHARES,
)


def study(animals: int = 4, **changes):
    return toy_study(animals, assays=ASSAYS, observers=("Ada", "Ben"), **changes)


@functools.cache
def experiment():
    return bind(study(), gains={"wake": 2.0})


@functools.cache
def table(seed: int) -> Observations:
    return simulate(experiment(), seed)


def test_each_unit_and_category_is_a_row():
    frame = table(0).frame
    assert len(frame) == 8 * (2 + 3 + 2 * 2)
    flow = frame[frame["assay"] == "flow"]
    assert set(flow["unit_level"]) == {"well"}
    assert set(flow["unit_id"]) == {"w1", "w2"}
    assert set(flow["denominator"]) == {400.0}
    assert flow.groupby(["animal", "unit_id"])["value"].sum().eq(400.0).all()
    assert frame[frame["assay"] != "flow"]["denominator"].isna().all()
    assert set(frame[frame["assay"] == "labelled"]["unit_id"]) == {"s1", "s2", "s3"}


def test_each_observer_counts_half_of_each_group_and_its_leniency_stays():
    frame = table(0).frame
    per = frame.drop_duplicates("animal").groupby(["group", "observer"]).size()
    assert per.tolist() == [2, 2, 2, 2]
    many = replace(study(300), losses=Losses())
    counts = simulate(bind(many), 3).frame
    counts = counts[counts["readout"] == CYCLING.name]
    means = [
        counts[counts["observer"] == who].groupby("animal")["value"].sum().mean() for who in ("Ada", "Ben")
    ]
    alone = simulate(bind(replace(many, observers=())), 3).frame
    alone = alone[alone["readout"] == CYCLING.name].groupby("animal")["value"].sum().mean()
    # With one observer of average leniency the mean lies elsewhere; the two differ by their own factors.
    assert abs(math.log(means[0] / means[1])) > 0.1
    assert alone > 0.0


def test_the_same_numbers_for_any_number_of_workers():
    again = simulate(experiment(), 0, workers=2)
    assert again == table(0)


def test_the_true_cells_are_those_of_the_plain_process():
    plain = bind(toy_study(4), gains={"wake": 2.0})
    index = [r.name for r in plain.readouts].index(CYCLING.name)
    here = [r.name for r in experiment().readouts].index(CYCLING.name)
    assert experiment().process.n_states > plain.process.n_states
    for group in ("free", "unloaded"):
        found = experiment().true_means(group)[:, here]
        np.testing.assert_allclose(found, plain.true_means(group)[:, index], rtol=1e-9)


def test_losses_are_excluded_rows_with_their_reason_and_do_not_count():
    lossy = bind(study(40, losses=Losses(animal=0.1, unit=0.15)), gains={"wake": 2.0})
    found = simulate(lossy, 5)
    frame = found.frame
    gone = frame[frame["excluded"].astype(bool)]
    assert set(gone["exclusion_reason"]) == {"animal lost", "section lost", "well lost"}
    assert gone["value"].isna().all()
    whole = frame.groupby("animal")["excluded"].all()
    assert 1 <= whole.sum() <= 20
    assert 0.1 < (gone["exclusion_reason"] != "animal lost").sum() / len(frame) < 0.2
    # All categories of a tube go together; what is left is what the same animals gave without losses.
    tubes = frame[frame["assay"] == "flow"].groupby(["animal", "unit_id"])["excluded"].nunique()
    assert tubes.eq(1).all()
    complete = simulate(bind(study(40), gains={"wake": 2.0}), 5).frame
    there = ~frame["excluded"].astype(bool)
    assert frame.loc[there, "value"].tolist() == complete.loc[there, "value"].tolist()


def test_excluded_rows_are_left_out_of_the_score():
    lossy = bind(study(3, losses=Losses(animal=0.2, unit=0.2)), gains={"wake": 2.0})
    found = simulate(lossy, 8)
    kept = found.frame[~found.frame["excluded"].astype(bool)].reset_index(drop=True)
    assert 0 < len(kept) < len(found.frame)
    left = Observations(kept, found.factors)
    assert log_prob(lossy, found) == log_prob(lossy, left)
    assert log_prob(lossy, found) != log_prob(lossy, simulate(lossy, 9))


TRUTH = {"gain:wake": 2.0, "activation": 0.2, "death": 0.3}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "step"), [("gain:wake", 0.05), ("activation", 0.005), ("death", 0.01)])
def test_the_score_is_zero_on_average_at_the_truth(name, step):
    up = [log_prob(experiment(), table(s), {name: TRUTH[name] + step}) for s in range(60)]
    down = [log_prob(experiment(), table(s), {name: TRUTH[name] - step}) for s in range(60)]
    slopes = (np.array(up) - np.array(down)) / (2.0 * step)
    assert abs(slopes.mean()) < 3.5 * slopes.std(ddof=1) / math.sqrt(len(slopes))


@pytest.mark.parametrize(("name", "value"), [("gain:wake", 1.0), ("activation", 0.13), ("death", 0.45)])
def test_the_truth_is_scored_best_on_average(name, value):
    better = [
        log_prob(experiment(), table(s)) - log_prob(experiment(), table(s), {name: value}) for s in range(6)
    ]
    assert np.mean(better) > 0.0  # fmt: skip


def test_an_observer_with_many_animals_is_one_error_not_many():
    # All counts of Ada 30 % up: an error shared by her animals is likelier than eight separate ones.
    shared = experiment()
    apart = bind(replace(study(), assays=tuple(replace(a, observer_cv=0.0) if a is not SHARES else a for a in ASSAYS)), gains={"wake": 2.0})  # fmt: skip  # noqa: E501
    frame = table(1).frame.copy()
    hers = (frame["observer"] == "Ada") & (frame["assay"] != "flow")
    frame.loc[hers, "value"] = (frame.loc[hers, "value"] * 1.5).round()
    moved = Observations(frame, table(1).factors)
    lost_shared = log_prob(shared, table(1)) - log_prob(shared, moved)
    lost_apart = log_prob(apart, table(1)) - log_prob(apart, moved)
    assert lost_shared < lost_apart


def _edited(edit):
    frame = table(2).frame.copy()
    edit(frame)
    return Observations(frame, table(2).factors)


def test_what_cannot_be_scored_is_refused():
    def two(frame):
        first = frame["animal"] == frame["animal"].iloc[0]
        frame.loc[first & (frame["assay"] == "labelled"), "observer"] = "Cay"

    with pytest.raises(UnsupportedError, match="one observer an animal"):
        log_prob(experiment(), _edited(two))
    half = table(2).frame
    half = half[~((half["readout"] == "old_share") & (half["unit_id"] == "w2"))].reset_index(drop=True)
    with pytest.raises(InputError, match="lacks the category 'old_share'"):
        log_prob(experiment(), Observations(half, table(2).factors))


def test_two_read_outs_or_tags_of_one_name_are_refused():
    other = counting("again", replace(CYCLING, types=("N",)))
    with pytest.raises(ModelError, match="two different read-outs"):
        toy_study(2, assays=(SECTIONS, other))
    late = replace(EDU, analogue=replace(EDU.analogue, pulses=((12.0, 12.0),)))
    other_label = replace(LABELLED, name="b", positive=(late,))
    with pytest.raises(ModelError, match="two different tags"):
        toy_study(2, assays=(counting("a", LABELLED), counting("b", other_label)))
    with pytest.raises(ModelError, match="observers"):
        toy_study(2, observers=("Ada", "Ada"))
    with pytest.raises(ModelError, match="share"):
        Losses(animal=1.0)
