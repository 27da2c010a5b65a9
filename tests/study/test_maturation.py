"""Cells born since a day: against closed forms, against cells followed one by one, and in the SVZ."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import study_models as models

from soleus.api import packaged
from soleus.catalogue.maturation import cell_line, cell_lines
from soleus.catalogue.movement import mechanisms
from soleus.catalogue.studies import load_study
from soleus.engines import mean_cells, prepare_cells
from soleus.errors import InputError, ModelError, UnknownNameError
from soleus.lineage import Jump, compile_lineage
from soleus.study import bind
from soleus.study.maturation import (
    CellLine,
    LineStage,
    born_since,
    lasting,
    mature_shares,
    stages_by_age,
)

LINE = CellLine(
    "neuron",
    "neurons",
    (LineStage("young", "young", ("N",)), LineStage("old", "old", ("O",), mature=True)),
)
GAINS = {"wake": 2.0, "amplify": 1.5}


@pytest.fixture(scope="module")
def toy():
    return bind(models.toy_study(), gains=GAINS, grid_error=0.02)


@pytest.fixture(scope="module")
def svz():
    return bind(lasting(load_study(packaged(), "leg-day"), 45.0))


def by_jump(experiment, group, day=0.0):
    """The same process with all cells of the line removed on a day, by a jump that the lineage declares."""
    lineage = experiment.study.niche.lineage
    gone = Jump("remove", day, {"N": {None: 1.0}, "O": {None: 1.0}})
    process = compile_lineage(replace(lineage, jumps=(gone,)))
    return process, experiment.modifiers(group), experiment.study.niche.start_at_reference()


@pytest.mark.parametrize("group", ["free", "unloaded"])
@pytest.mark.parametrize("since", [0.0, 2.5])
def test_born_since_is_what_is_left_after_removal(toy, group, since):
    days = [since + 0.5, 6.0, 14.0]
    process, modifiers, start = by_jump(toy, group, since)
    means = mean_cells(process, modifiers, start, days=days) @ LINE.weights(process).T
    found = born_since(toy, group, LINE, days=days, since=since)
    np.testing.assert_allclose(found.cells, means, rtol=1e-8)
    np.testing.assert_allclose(found.mature_share, means[:, 1] / means.sum(axis=1), rtol=1e-8)


def test_all_cells_are_those_there_and_those_born(toy):
    """The process is linear: what is born since day 0 is all, less what became of those there on day 0."""
    process, modifiers = toy.study.niche.process, toy.modifiers("unloaded")
    start = toy.study.niche.start_at_reference()
    weights = LINE.weights(process)
    everything = mean_cells(process, modifiers, start, days=[0.0, 5.0, 14.0])
    there = replace(start, mean=everything[0] * (weights.sum(axis=0) > 0.0))
    rest = mean_cells(process, modifiers.after(0.0), there, days=[5.0, 14.0])
    found = born_since(toy, "unloaded", LINE, days=[5.0, 14.0])
    np.testing.assert_allclose(found.cells, (everything[1:] - rest) @ weights.T, rtol=1e-7)


@pytest.mark.parametrize("group", ["free", "unloaded"])
def test_against_cells_followed_one_by_one(toy, group):
    days = [3.0, 8.0, 14.0]
    process, modifiers, start = by_jump(toy, group)
    simulator = prepare_cells(process, modifiers, start, days=days)
    rng = np.random.default_rng(20180336)
    animals = 500
    weights = LINE.weights(process)
    cells = np.array([simulator.run(rng) @ weights.T for _ in range(animals)])
    found = born_since(toy, group, LINE, days=days).cells
    z = (cells.mean(axis=0) - found) / (cells.std(axis=0, ddof=1) / np.sqrt(animals))
    # Six numbers in each of two groups: a false alarm once in about 5000 runs at this bound.
    assert np.all(np.abs(z) < 4.1), z
    assert np.all(cells.mean(axis=0) > 5.0)


def test_a_cohort_by_age_in_closed_form(toy):
    """Resting group: young cells die at 0.3 and ripen in two stages at 0.5 a day; old ones die at 0.1."""
    ages = np.array([0.5, 1.0, 2.0, 4.0, 8.0, 12.0])
    found = stages_by_age(toy, "free", LINE, ages=ages, window_days=0.02)
    leaves, ripens, ends = 0.8, 0.5, 0.1
    young = np.exp(-leaves * ages) * (1.0 + ripens * ages)
    lag = leaves - ends
    old = ripens**2 * (np.exp(-ends * ages) / lag**2 - np.exp(-leaves * ages) * (ages / lag + 1.0 / lag**2))
    np.testing.assert_allclose(found.mature_share, old / (young + old), rtol=2e-4)
    np.testing.assert_allclose(found.cells[:, 0] / found.cells[0, 0], young / young[0], rtol=2e-4)
    np.testing.assert_allclose(found.shares.sum(axis=1), 1.0, rtol=1e-12)


def test_cohorts_of_all_days_are_all_that_were_born(toy):
    whole = born_since(toy, "unloaded", LINE, days=[6.0]).cells[0]
    parts = [
        stages_by_age(toy, "unloaded", LINE, ages=[6.0 - b - 0.5], born_on=float(b)).cells[0]
        for b in range(6)
    ]
    np.testing.assert_allclose(np.sum(parts, axis=0), whole, rtol=1e-8)


def test_nothing_is_born_at_once(toy):
    found = born_since(toy, "free", LINE, days=[0.0, 1.0])
    assert found.cells[0].sum() == 0.0 and np.isnan(found.mature_share[0])
    assert found.cells[1].sum() > 0.0


def test_groups_and_days_of_mature_shares(toy):
    rows = mature_shares(toy, LINE, days=[7.0, 14.0])
    assert [(r.group, r.day) for r in rows] == [
        ("free", 7.0), ("free", 14.0), ("unloaded", 7.0), ("unloaded", 14.0)
    ]  # fmt: skip
    born = {(r.group, r.day): r.born for r in rows}
    assert born["unloaded", 14.0] < born["free", 14.0]
    none = mature_shares(toy, LINE, days=[14.0], gains={})
    assert none[0].mature_share == pytest.approx(none[1].mature_share, rel=1e-9)


def test_what_cannot_be_dated_is_refused(toy):
    with pytest.raises(InputError, match="lasting makes a study last longer"):
        born_since(toy, "free", LINE, days=[28.0])
    with pytest.raises(InputError, match="days must lie between"):
        born_since(toy, "free", LINE, days=[1.0], since=2.0)
    with pytest.raises(InputError, match="must increase"):
        born_since(toy, "free", LINE, days=[3.0, 2.0])
    with pytest.raises(InputError, match="can be dated"):
        born_since(toy, "free", LINE, days=[3.0], since=-900.0)
    with pytest.raises(InputError, match="days must lie between"):
        stages_by_age(toy, "free", LINE, ages=[0.2])
    with pytest.raises(InputError, match="window_days"):
        stages_by_age(toy, "free", LINE, ages=[2.0], window_days=0.0)
    with pytest.raises(UnknownNameError, match="group of study"):
        born_since(toy, "hanging", LINE, days=[3.0])
    with pytest.raises(InputError, match="cannot last until"):
        lasting(toy.study, 7.0)
    with pytest.raises(ModelError, match="one that is not"):
        replace(LINE, stages=LINE.stages[:1])
    with pytest.raises(ModelError, match="one stage only"):
        replace(LINE, stages=(LINE.stages[0], replace(LINE.stages[1], types=("N",))))


def test_lines_of_the_catalogue():
    assert set(cell_lines(packaged(), "svz")) == {"neuron", "oligodendrocyte"}
    assert [t for s in cell_line(packaged(), "svz", "neuron").stages for t in s.types] == [
        "NBm",
        "NBs",
        "iOBN",
        "mOBN",
    ]
    assert "neuron" in cell_lines(packaged(), "dg")
    for lineage in ("svz", "dg"):
        for line in cell_lines(packaged(), lineage).values():
            assert [s.mature for s in line.stages] == [False] * (len(line.stages) - 1) + [True]
    with pytest.raises(UnknownNameError, match="cell line of lineage 'svz'"):
        cell_line(packaged(), "svz", "astrocyte")


def test_bulb_neurons_mature_when_petreanu_says(svz):
    """Petreanu and Alvarez-Buylla 2002: migration on days 2 to 7, mature cells from day 15 to 30."""
    ages = np.array([2.0, 4.0, 7.0, 9.0, 14.0, 15.0, 21.0, 30.0, 40.0])
    found = stages_by_age(svz, "control", cell_line(packaged(), "svz", "neuron"), ages=ages)
    on_the_way = dict(zip(ages, found.shares[:, :2].sum(axis=1), strict=True))
    assert on_the_way[2.0] > 0.95 and on_the_way[7.0] < 0.35 and on_the_way[9.0] < 0.12
    mature = dict(zip(ages, found.mature_share, strict=True))
    assert mature[9.0] < 0.02 and 0.05 < mature[15.0] < 0.3
    assert 0.4 < mature[21.0] < 0.6 and mature[30.0] > 0.8 and mature[40.0] > 0.95
    assert np.all(np.diff(found.cells.sum(axis=1)) < 0.0)


def test_premyelinating_cells_stay_two_to_three_days(svz):
    line = cell_line(packaged(), "svz", "oligodendrocyte")
    ages = np.arange(0.01, 20.0, 0.05)
    found = stages_by_age(svz, "control", line, ages=ages, window_days=0.01)
    there = found.cells[:, 0] / found.cells[0, 0]
    # Mean stay is the area under the curve of survival in the stage.
    assert 2.0 < float(np.trapezoid(there, ages)) < 3.0


def test_fourteen_days_are_too_few_for_a_neuron_and_twenty_eight_are_not(svz):
    line = cell_line(packaged(), "svz", "neuron")
    rows = {r.day: r for r in mature_shares(svz, line, days=[14.0, 28.0, 45.0], groups=["control"])}
    assert rows[14.0].mature_share < 0.05
    assert 0.15 < rows[28.0].mature_share < 0.4 < rows[45.0].mature_share < 0.7
    # Oligodendrocytes are quicker: most of those alive are mature by then.
    glia = mature_shares(
        svz, cell_line(packaged(), "svz", "oligodendrocyte"), days=[14.0], groups=["control"]
    )
    assert glia[0].mature_share > 0.4


def test_fewer_births_raise_the_mature_share_and_slower_maturation_lowers_it(svz):
    bound = {name: m.max_log_gain for name, m in mechanisms(packaged()).items()}
    line = cell_line(packaged(), "svz", "neuron")

    def share(**gains):
        rows = mature_shares(svz, line, days=[28.0], gains=gains)
        return {r.group: r.mature_share for r in rows}

    births = share(**{"afferent-activation": 0.2 * bound["afferent-activation"]})
    slower = share(**{"intrinsic-neuron-maturation": 0.2 * bound["intrinsic-neuron-maturation"]})
    assert births["control"] == pytest.approx(slower["control"], rel=1e-9)
    assert births["unloaded"] > 1.05 * births["control"]
    assert slower["unloaded"] < 0.95 * slower["control"]
