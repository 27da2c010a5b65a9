"""The course of newborn cells: bookkeeping against closed forms, and bad input refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

from soleus.api import packaged
from soleus.catalogue.lineages import niche
from soleus.errors import InputError
from soleus.evidence.newborn import newborn_course
from soleus.lineage import CellType, Fate, Lineage, Phase, Transition
from soleus.study import AgeLaw, Niche, StartRule


@pytest.fixture(scope="module")
def dentate():
    return niche(packaged(), "dg")


def test_it_is_counted_from_day_1(dentate) -> None:
    course = newborn_course(dentate, days=[0.0, 1.0, 10.0])
    assert course.living[1] == pytest.approx(100.0, rel=1e-12)
    assert course.died[0] == 0.0
    assert course.of("aRGL", "IP1", "IP2", "NB")[0] == pytest.approx(course.living[0], rel=1e-12)


def test_days_asked_do_not_change_the_course(dentate) -> None:
    fine = newborn_course(dentate, days=np.arange(0.0, 29.0, 1.0).tolist())
    one = newborn_course(dentate, days=[28.0])
    assert one.cells[0] == pytest.approx(fine.cells[28], rel=1e-9, abs=1e-12)
    assert one.died[0] == pytest.approx(fine.died[28], rel=1e-9)


def test_without_death_nothing_is_lost(dentate) -> None:
    names = [k for k in dentate.parameters if k.endswith("death_rate")]
    immortal = dentate.with_parameters(dict.fromkeys(names, 0.0))
    course = newborn_course(immortal, days=[1.0, 4.0, 28.0])
    assert course.died.tolist() == [0.0, 0.0, 0.0]
    assert course.living[2] > course.living[0]


def test_deaths_are_counted_as_they_happen(dentate) -> None:
    """When all that live have stopped dividing, what is lost from the living is added to the dead."""
    course = newborn_course(dentate, days=[40.0, 50.0])
    still = course.living - course.of("aRGL", "rRGL", "IP1", "IP2", "NB")
    assert still[0] / course.living[0] > 0.99
    held = dentate.with_parameters({"return_rate": 0.0, "neuron_death_rate": 0.02})
    course = newborn_course(held, days=[40.0, 50.0])
    gone = course.living[0] - course.living[1]
    assert course.died[1] - course.died[0] == pytest.approx(gone, rel=0.02)


def test_mature_cells_die_at_the_stated_rate(dentate) -> None:
    dying = dentate.with_parameters({"neuron_death_rate": 0.01, "return_rate": 0.0})
    course = newborn_course(dying, days=[150.0, 170.0])
    mature = course.of("mGC")
    assert mature[1] / mature[0] == pytest.approx(math.exp(-0.01 * 20.0), rel=5e-3)


def two_fates(values) -> Lineage:
    """Seeds that become cells in S phase, which die or stay; equally often but for the weight of age."""
    seed = CellType("seed", "seed", (Phase("G0"),))
    cell = CellType("cell", "cell", (Phase("S", cycling=True),))
    done = CellType("done", "done cell", (Phase("G0"),))
    enter = Transition("enter", "activation", "seed", (Fate("go", 1.0, {"cell": 1}),), rate_per_day=0.1)
    fates = (Fate("die", 0.5, {}, "fate.die"), Fate("stay", 0.5, {"done": 1}))
    leave = Transition("leave", "export", "cell", fates, rate_per_day=values["leave"])
    return Lineage("two", (seed, cell, done), (enter, leave))


@pytest.mark.parametrize(("gain", "share"), [(0.0, 0.5), (math.log(3.0), 0.75)])
def test_a_fate_of_death_is_weighed_as_the_engine_weighs_it(gain: float, share: float) -> None:
    """Half the cells die at the reference age; where age triples that weight, three in four do."""
    here = Niche(
        name="two",
        label="two fates",
        niche="svz",
        species="mouse",
        reference_age_days=60.0,
        parameters={"leave": 2.0},
        build=two_fates,
        laws=lambda values: (AgeLaw("fate.die", 60.0, offset=gain),),
        start=lambda values: StartRule({"seed": 100.0}, ("cell",)),
    )
    course = newborn_course(here, days=[1.0, 10.0])
    assert course.lost_share[1] == pytest.approx(share, rel=2e-3)


def test_older_mice_have_other_cohorts(dentate) -> None:
    young, old = (newborn_course(dentate, days=[28.0], age_days=age) for age in (60.0, 365.0))
    assert old.age_days == 365.0
    share = [float((c.of("AST") / c.living)[0]) for c in (young, old)]
    assert share[1] > 1.3 * share[0]


def test_the_other_lineage_can_be_followed() -> None:
    course = newborn_course(niche(packaged(), "svz"), days=[1.0, 14.0])
    assert course.niche == "svz"
    assert course.living[0] == pytest.approx(100.0, rel=1e-12)


@pytest.mark.parametrize("days", [[], [3.0, 2.0], [1.0, 1.0], [-1.0, 2.0]])
def test_days_that_do_not_increase_are_refused(dentate, days) -> None:
    with pytest.raises(InputError, match="days since birth"):
        newborn_course(dentate, days=days)


def test_mice_too_young_are_refused(dentate) -> None:
    with pytest.raises(InputError, match="starts at 60"):
        newborn_course(dentate, days=[1.0], age_days=30.0)
