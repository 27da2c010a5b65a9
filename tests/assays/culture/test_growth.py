"""Growth over passages: rate and doubling time, counts whose exposure cumulates them, one hinge."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from soleus.analysis.growth import growth_slopes
from soleus.api import packaged
from soleus.assays.culture import (
    cumulated,
    doubling_days,
    growth_assay,
    growth_course,
    phase_assay,
    share_assay,
    stable_growth_rate,
)
from soleus.catalogue.lineages import niche
from soleus.catalogue.readouts import readout, readouts
from soleus.engines import mean_cells
from soleus.errors import InputError, ModelError
from soleus.lineage import compile_lineage, cycling_lineage
from soleus.lineage.cycling import growth_rate_per_day
from soleus.movement import Activity, Mechanism, Modifiers, Regimen, Signal
from soleus.study import GroupPlan, Study, Variation, bind, log_prob, simulate

PASSAGES = (6.0, 12.0, 18.0, 24.0)
DAYS = (6.0, 12.0, 18.0, 24.0, 30.0)
ACTIVITIES = {"free": Activity("free", "free", {}), "tied": Activity("tied", "tied", {"load": 0.0})}
FLASK = 0.2


def study(cultures: int = 5, **changes) -> Study:
    here = niche(packaged(), "culture").at_plating(122.0).with_passages(PASSAGES, plated_fraction=FLASK)
    shares = readouts(packaged(), "culture")
    groups = tuple(
        GroupPlan(
            name,
            name,
            name == "free",
            cultures,
            Regimen.of(name, [(name, 0.0, 30.0)], activities=ACTIVITIES, resting="free"),
            {"Hindlimb Unloading": name},
        )
        for name in ("free", "tied")
    )
    known = Study(
        name="cultures",
        title="cultures",
        summary="",
        strain="C57BL/6",
        sex="male",
        age_days=122.0,
        groups=groups,
        niche=here,
        signals={"intrinsic": Signal("intrinsic", "intrinsic", "load", 1.0, 0.1)},
        mechanisms=(Mechanism("rest", "more rest", "intrinsic", "activation", ("culture",), 1, 4.0),),
        assays=(
            growth_assay(
                readout(packaged(), "culture", "cells"),
                counted_fraction=1e-3,
                flask_cv=0.1,
                count_cv=0.05,
            ),
            share_assay(shares["ki67_share"], events=200, wells=2, concentration=200.0),
            phase_assay(
                "dna",
                "DNA content",
                [shares[f"{p}_share"] for p in ("g0g1", "s", "g2m")],
                events=5000,
                concentration=500.0,
            ),
        ),
        sampling_days=DAYS,
        variation=Variation(0.1, {"division": 0.05}),
        derived=tuple(shares.values()),
    )
    return replace(known, **changes)


def test_the_growth_rate_is_that_of_the_euler_lotka_equation():
    numbers = {"phase_days": (0.3, 0.35, 0.15), "stages": (4, 4, 2), "rest_probability": 0.1}
    process = compile_lineage(cycling_lineage(**numbers, death_rate_per_day=0.05))
    rate = stable_growth_rate(process)
    assert rate == pytest.approx(growth_rate_per_day(**numbers, death_rate_per_day=0.05), rel=1e-9)
    assert doubling_days(rate) == pytest.approx(math.log(2.0) / rate)
    slower = np.where([r.startswith("division") for r in process.roles], 0.5, 1.0)
    assert stable_growth_rate(process, slower) < 0.55 * rate


def test_what_does_not_grow_has_no_doubling_time():
    assert doubling_days(0.0) == math.inf
    assert doubling_days(-0.3) == math.inf


def test_a_lineage_with_sources_has_no_growth_of_its_own():
    from soleus.lineage import Source

    fed = cycling_lineage(phase_days=(0.3, 0.35, 0.15))
    fed = replace(fed, sources=(Source("in", "birth", "cell.G1", 1.0),))
    with pytest.raises(ModelError, match="sources"):
        stable_growth_rate(compile_lineage(fed))


def test_passages_before_and_after_a_change_of_growth_are_not_the_same():
    """Losses commute with growth only in stable composition; the order of events shows otherwise."""
    here = niche(packaged(), "culture").with_passages([3.0], survival={"SC": 0.2, "qSC": 0.2})
    later = niche(packaged(), "culture").with_passages([9.0], survival={"SC": 0.2, "qSC": 0.2})
    means = [
        mean_cells(n.process, Modifiers.none(0.0, 9.5), n.start_at_reference(), days=[9.5]).sum()
        for n in (here, later)
    ]
    # Stem cells lost early found no progenitors for six days; lost late, their progeny is there.
    assert means[0] < 0.6 * means[1]


def test_counts_over_their_exposure_are_the_cumulated_number():
    experiment = bind(study(cultures=10))
    frame = simulate(experiment, 3).frame
    rows = frame[frame["assay"] == "growth curve"]
    rate = stable_growth_rate(experiment.study.niche.process)
    survival = experiment.study.niche.parameters["dissociation_survival"]
    for k, day in enumerate(DAYS):
        here = rows[rows["day"] == day]
        assert len(here) == 4
        exposure = 1e-3 * FLASK**k
        assert here["exposure"].to_numpy() == pytest.approx(exposure)
        assert set(here["passage"]) == {f"P{k}"}
        expected = 1e5 * math.exp(rate * day) * survival**k
        found = cumulated(here["value"].to_numpy(), here["exposure"].to_numpy())
        # Four cultures; niche size, division, the flask and the count differ: one in 10,000 lies beyond.
        assert abs(np.log(found / expected).mean()) < 0.6
    assert set(rows["culture"]) == {"c1"}
    assert set(rows["unit_level"]) == {"culture"}


def test_the_slope_of_the_table_is_growth_less_the_losses():
    """The table's exposures do it: raw counts of a flask go up and down."""
    experiment = bind(study(cultures=10, variation=Variation()))
    frame = simulate(experiment, 5).frame
    rows = frame[(frame["assay"] == "growth curve") & (frame["group"] == "free")].copy()
    # The animals of a study are looked at once each; here they stand for one culture in time.
    rows["animal"] = "M001"
    rows["unit_id"] = "c1"
    slope = growth_slopes(rows, ["free"], by="day")["free"]
    rate = stable_growth_rate(experiment.study.niche.process)
    lost = -math.log(experiment.study.niche.parameters["dissociation_survival"]) / 6.0
    assert float(slope.value[0]) == pytest.approx(rate - lost, abs=0.02)
    rows["exposure"] = 1e-3
    raw = growth_slopes(rows, ["free"], by="day")["free"]
    assert float(raw.value[0]) == pytest.approx(rate - lost + math.log(FLASK) / 6.0, abs=0.02)


def test_a_table_of_cultures_is_likelier_under_what_made_it():
    """The hinge holds in culture: gains and survival are found in the simulated table."""
    experiment = bind(study(cultures=10, variation=Variation(0.1, {"division": 0.02})), gains={"rest": 2.0})
    table = simulate(experiment, 11)

    def score(**theta: float) -> float:
        return log_prob(experiment, table, {k.replace("__", ":"): v for k, v in theta.items()})

    true = score()
    assert true > score(dissociation_survival=0.6) + 3.0
    assert true > score(dissociation_survival=0.8) + 3.0
    assert true > score(gain__rest=0.0) + 3.0
    assert true > score(gain__rest=-2.0) + 3.0
    # Once hardly any resting cell wakes, a stronger gain changes little more.
    assert abs(true - score(gain__rest=4.0)) < abs(true - score(gain__rest=0.0))


@pytest.mark.parametrize("slower", [{}, {"fate.consume": 1.5}])
def test_replating_at_a_density_makes_a_saw_tooth_and_leaves_the_cumulated_number(slower):
    here = niche(packaged(), "culture").with_passages(PASSAGES)
    modifiers, start = Modifiers.none(0.0, 30.0).scaled(slower), here.start_at_reference()
    cells = readout(packaged(), "culture", "cells")
    course = growth_course(here.process, modifiers, start, cells, days=[0.0, 3.0, 30.0], plated_cells=1e5)
    assert course.days.tolist() == [0.0, 3.0, 6.0, 6.0, 12.0, 12.0, 18.0, 18.0, 24.0, 24.0, 30.0]
    assert course.flask[[0, 3, 5, 7, 9]] == pytest.approx(1e5)
    assert np.all(course.flask[[2, 4, 6, 8, 10]] > 1.5e5)
    means = mean_cells(here.process, modifiers, start, days=list(DAYS)).sum(axis=1)
    assert course.cumulated[[2, 4, 6, 8, 10]] == pytest.approx(means, rel=1e-9)
    # Each passage keeps 70 per cent of the cumulated number; what the flask loses besides was not plated.
    assert course.cumulated[3] / course.cumulated[2] == pytest.approx(0.7)
    grown = course.flask[[4, 6, 8, 10]] / course.flask[[3, 5, 7, 9]]
    assert grown == pytest.approx(course.cumulated[[4, 6, 8, 10]] / course.cumulated[[3, 5, 7, 9]])


def test_a_culture_that_shrinks_plates_what_it_has():
    here = niche(packaged(), "culture").with_passages(PASSAGES, survival=0.02)
    start = here.start_at_reference()
    course = growth_course(
        here.process,
        Modifiers.none(0.0, 30.0),
        start,
        readout(packaged(), "culture", "cells"),
        days=[30.0],
        plated_cells=1e5,
    )
    assert course.flask == pytest.approx(course.cumulated)
    with pytest.raises(InputError, match="plated_cells"):
        growth_course(
            here.process,
            Modifiers.none(0.0, 30.0),
            start,
            readout(packaged(), "culture", "cells"),
            days=[30.0],
            plated_cells=0.0,
        )


def test_exposures_out_of_range_are_refused():
    with pytest.raises(InputError, match="exposures"):
        cumulated(np.array([10.0]), np.array([0.0]))


def test_a_share_of_another_whole_is_refused():
    shares = readouts(packaged(), "culture")
    other = readouts(packaged(), "differentiation")
    with pytest.raises(ModelError, match="different wholes"):
        phase_assay("dna", "DNA", [shares["s_share"], other["ki67_share"]], events=10)
    wrong = replace(shares["ki67_share"], whole=readout(packaged(), "culture", "quiescent_sphere_forming"))
    assay = share_assay(wrong, events=10)
    with pytest.raises(ModelError, match="counts cells that"):
        assay.categories[1].weights(niche(packaged(), "culture").process)


def test_a_donors_past_does_not_grow_in_the_flask():
    """What the donor did before plating sets the signals; the culture itself begins on day 0."""
    known = study(variation=Variation())
    past = tuple(
        replace(
            group,
            regimen=Regimen.of(
                group.name,
                [(group.name, -14.0, 0.0), ("free", 0.0, 30.0)],
                activities=ACTIVITIES,
                resting="free",
            ),
        )
        for group in known.groups
    )
    with_past = bind(replace(known, groups=past))
    assert with_past.edges[0] == 0.0
    assert with_past.true_means("free") == pytest.approx(bind(known).true_means("free"), rel=1e-9)
    # The signal is still off when the cells are plated, and fades with a tenth of a day.
    rested = with_past.true_means("tied", gains={"rest": 2.0})[-1][0]
    assert 0.9 < rested / with_past.true_means("free")[-1][0] < 0.9999
