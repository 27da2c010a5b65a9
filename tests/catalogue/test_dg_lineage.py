"""The dentate lineage, unfitted: its resting behaviour meets the published outcomes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from soleus.api import packaged
from soleus.assays import Flux, Readout, Share
from soleus.catalogue.causes import causes
from soleus.catalogue.lineages import lineage_entry, niche
from soleus.catalogue.readouts import readout, readouts
from soleus.catalogue.store import citations
from soleus.engines import Start, mean_cells, readout_moments
from soleus.evidence.newborn import newborn_course
from soleus.movement import ModifierGrid, Modifiers
from soleus.movement.modifiers import matches
from soleus.study import Niche
from soleus.study.flows import type_flows

ENTRY = lineage_entry(packaged(), "dg")
AGES = (60.0, 180.0, 365.0, 540.0, 700.0)
ROLES = (
    "activation", "return", "division.stem", "division.amplifying", "division.neuroblast", "fate.amplify",
    "fate.consume", "death.quiescent", "death.amplifying", "death.neuroblast", "death.neuron",
    "maturation.neuron",
)  # fmt: skip
STEM = ("qRGL", "rRGL", "aRGL")
NEURONAL = ("NB", "NBp", "iGC", "yGC", "lGC", "mGC")


@pytest.fixture(scope="module")
def here() -> Niche:
    return niche(packaged(), "dg")


@pytest.fixture(scope="module")
def course(here):
    return newborn_course(here, days=np.arange(0.0, 70.5, 0.5).tolist())


def life(n: Niche, ages=AGES):
    """Cells at each age, (A, n), and the multipliers of the roles there, (A, R)."""
    # One interval of the modifiers holds each age.
    edges = np.unique([n.reference_age_days, *ages, *[a + 1e-3 for a in ages]])
    grid = ModifierGrid.build(n.age_terms(0.0), edges).modifiers({})
    cells = mean_cells(n.process, grid, n.start_at_reference(), days=list(ages))
    at = np.searchsorted(grid.edges, np.array(ages), side="right") - 1
    return cells, grid.on_roles(n.process.roles)[:, at].T


def flow(n: Niche, cells, roles, *, transition=None, target=None) -> float:
    flows = type_flows(n.process, cells=cells, role_values=roles)
    return sum(
        f.cells_per_day
        for f in flows
        if (transition is None or f.transition == transition) and (f.target == target if target else f.target)
    )


def count(n: Niche, cells, *types) -> float:
    return float(sum(cells @ n.process.count(t) for t in types))


def on_day(course, values, day) -> float:
    return float(values[int(np.flatnonzero(course.days == day)[0])])


def halfway(course, done: tuple[str, ...], of: tuple[str, ...]) -> float:
    """First day at which half of some cells have reached a later stage."""
    later = course.days > 3.0
    share = course.of(*done)[later] / course.of(*of)[later]
    return float(course.days[later][np.argmax(share >= 0.5)])


# ---- the file -------------------------------------------------------------------------------------------


def test_every_number_says_where_it_comes_from() -> None:
    assert len(ENTRY.parameters) >= 25
    for p in ENTRY.parameters.values():
        assert p.citation is not None or p.status == "provisional", p.name
        assert p.citation is None or p.citation in citations(packaged()), p.name
        assert p.low is not None and p.high is not None and p.low < p.high, p.name
        assert not p.free, "nothing is fitted here"


def test_what_is_recalled_is_provisional_and_wide() -> None:
    """Only the window of enhanced plasticity was seen as a number; all else keeps a wide range."""
    assert [p.name for p in ENTRY.parameters.values() if p.status != "provisional"] == ["plastic_stay"]
    for p in ENTRY.parameters.values():
        if p.status == "provisional" and p.kind in ("rate", "count", "time"):
            assert p.low <= 0.75 * p.value and p.high >= 1.1 * p.value, p.name


def test_it_is_small_enough_to_be_quick(here) -> None:
    assert here.process.n_states <= 60


def test_the_shared_roles_are_there(here) -> None:
    for role in ROLES:
        assert any(matches(known, role) for known in here.process.roles), role
    for cause in causes(packaged(), "dg").values():
        assert any(matches(known, cause.role) for known in here.process.roles), cause.name


def test_variants_move_what_they_name_and_build() -> None:
    plain = niche(packaged(), "dg").parameters
    assert {"disposable-encinas", "return-harris", "depletion-ziebell", "cycle-mandyam"} <= set(
        ENTRY.variants
    )
    for name, variant in ENTRY.variants.items():
        changed = niche(packaged(), "dg", variants=(name,))
        assert {k for k in plain if plain[k] != changed.parameters[k]} == {*variant.set, *variant.scale}
        assert np.all(changed.start_at_reference().mean >= 0.0)
        assert variant.citation in citations(packaged())
        for key, value in variant.set.items():
            assert ENTRY.parameters[key].low <= value <= ENTRY.parameters[key].high, (name, key)


def test_slaved_types_start_in_balance(here) -> None:
    start = here.start_at_reference()
    _, roles = life(here, (60.0,))
    hold = Modifiers(np.array([0.0, 1e-3]), here.process.roles, roles.T)
    later = mean_cells(here.process, hold, start, days=[1e-3])[0]
    for cell_type in ENTRY.start.slaved:
        weight = here.process.count(cell_type)
        assert start.mean @ weight > 0.0
        assert later @ weight == pytest.approx(start.mean @ weight, rel=1e-6), cell_type


# ---- resting behaviour against the facts ----------------------------------------------------------------


def test_one_to_three_per_cent_of_stem_cells_are_active(here) -> None:
    (cells,), _ = life(here, (60.0,))
    assert 0.01 <= count(here, cells, "aRGL") / count(here, cells, *STEM) <= 0.03


@pytest.mark.parametrize("variants", [(), ("disposable-encinas",)])
def test_an_activated_stem_cell_divides_two_and_a_half_times(variants) -> None:
    """Over its life; a cell that returns to rest goes on later, so return leaves the number as it is."""
    n = niche(packaged(), "dg", variants=variants)
    _, roles = life(n, (60.0,))
    end = 4000.0
    one = Start.given(n.process, {"aRGL": 1})
    hold = Modifiers(np.array([0.0, end]), n.process.roles, roles.T)
    quiet = hold.scaled({"division.amplifying": 0.0, "death.amplifying": 0.0, "death.quiescent": 0.0})
    cells = mean_cells(n.process, quiet, one, days=[end])[0]
    p = n.parameters
    # Every division but the astrocytic one leaves a progenitor, all of which are kept here.
    divisions = count(n, cells, "IP1") / (1.0 - p["astrocyte_probability"])
    assert divisions == pytest.approx(2.4, rel=0.03)
    assert 1.0 < divisions < 5.0


def test_early_loss_is_half_or_more(course) -> None:
    """Of all cells of the cohort made by day 4, 50 to 60 per cent have died."""
    assert 0.5 <= on_day(course, course.lost_share, 4.0) <= 0.6


def test_the_other_reading_of_early_loss_gives(course) -> None:
    """The labelled count cannot halve from day 1 to 4 while it is 30 to 50 per cent after four weeks."""
    assert on_day(course, course.living, 4.0) > on_day(course, course.living, 28.0) / 0.5


def test_net_survival_to_four_weeks(course) -> None:
    assert 0.3 <= on_day(course, course.living, 28.0) / 100.0 <= 0.5


def test_more_than_forty_per_cent_of_new_neurons_die_from_week_one_to_four(course) -> None:
    neurons = course.of(*NEURONAL)
    assert 0.4 <= on_day(course, neurons, 28.0) / on_day(course, neurons, 7.0) <= 0.6


def test_numbers_are_stable_after_four_weeks(course) -> None:
    assert on_day(course, course.living, 70.0) / on_day(course, course.living, 35.0) > 0.95


def test_maturation_times(course) -> None:
    neurons = NEURONAL[1:]
    assert 21.0 <= halfway(course, ("yGC", "lGC", "mGC"), NEURONAL) <= 28.0  # end of DCX
    assert 35.0 <= halfway(course, ("lGC", "mGC"), neurons) <= 43.0  # end of enhanced plasticity
    assert 49.0 <= halfway(course, ("mGC",), neurons) <= 56.0  # mature
    plastic = course.of("yGC") / np.maximum(course.of(*neurons), 1e-9)
    assert 28.0 <= course.days[int(np.argmax(np.where(course.days > 3.0, plastic, 0.0)))] <= 38.0


def test_death_peaks_at_the_neuroblast(here) -> None:
    """Not before it and not after it: cells that die there in a day, of those that are there."""
    p = here.parameters
    assert p["neuroblast_death_rate"] > p["progenitor_death_rate"]
    assert p["neuroblast_death_rate"] > p["immature_death_rate"] > p["neuron_death_rate"]


@pytest.mark.parametrize("age", [540.0, 700.0])
def test_stem_cells_fall_many_fold_by_18_to_24_months(here, age) -> None:
    cells, _ = life(here, (60.0, age))
    young, old = (count(here, row, *STEM) for row in cells)
    assert 4.0 <= young / old <= 50.0


def test_newborn_neurons_fall_sharply_and_astrocytes_more_slowly(here) -> None:
    cells, roles = life(here, (60.0, 365.0))
    neurons = [flow(here, c, r, transition="settle") for c, r in zip(cells, roles, strict=True)]
    astrocytes = [flow(here, c, r, target="AST") for c, r in zip(cells, roles, strict=True)]
    assert 5.0 <= neurons[0] / neurons[1] <= 30.0
    assert np.log(astrocytes[0] / astrocytes[1]) < 0.8 * np.log(neurons[0] / neurons[1])


def test_the_fall_of_neurons_follows_proliferating_progenitors(here) -> None:
    cells, roles = life(here, (60.0, 365.0))
    progenitors = [count(here, c, "IP1", "IP2") for c in cells]
    neurons = [flow(here, c, r, transition="settle") for c, r in zip(cells, roles, strict=True)]
    assert np.log(neurons[0] / neurons[1]) == pytest.approx(np.log(progenitors[0] / progenitors[1]), rel=0.05)


def test_the_niche_is_neurogenic_when_young_and_mixed_when_old(here) -> None:
    """Young neurons made for each astrocyte made."""
    cells, roles = life(here, (60.0, 365.0))
    young, old = (
        flow(here, c, r, transition="settle") / flow(here, c, r, target="AST")
        for c, r in zip(cells, roles, strict=True)
    )
    assert young > 3.0
    assert old < 0.75 * young


def test_old_stem_cells_rest_deeper_and_return_more(here) -> None:
    cells, roles = life(here, (60.0, 365.0))
    activation, back = (here.process.roles.index(r) for r in ("activation", "return"))
    assert roles[1][activation] < 0.6 < 1.5 < roles[1][back]
    share = [count(here, c, "rRGL") / count(here, c, *STEM) for c in cells]
    assert share[1] > 2.0 * share[0]


def test_cycle_variant_shortens_the_cycle_and_leaves_stem_cells(here) -> None:
    fast = niche(packaged(), "dg", variants=("cycle-mandyam",))
    (a,), _ = life(here, (60.0,))
    (b,), _ = life(fast, (60.0,))
    assert count(fast, b, *STEM) == pytest.approx(count(here, a, *STEM), rel=1e-9)
    assert count(fast, b, "IP1", "IP2", "NB") < 0.75 * count(here, a, "IP1", "IP2", "NB")


def test_return_variant_keeps_stem_cells_and_depletion_loses_more(here) -> None:
    def left(*variants: str) -> float:
        n = niche(packaged(), "dg", variants=variants)
        cells, _ = life(n, (60.0, 540.0))
        return count(n, cells[1], *STEM) / count(n, cells[0], *STEM)

    assert left("return-harris") > 1.3 * left() > 1.3 * 1.3 * left("depletion-ziebell")


# ---- roles ----------------------------------------------------------------------------------------------

COUNTED = ("ki67_density", "stem_cells", "active_stem_cells", "proliferating_progenitors", "dcx_cells",
           "new_neurons", "plastic_neurons", "mature_neurons", "astrocytes")  # fmt: skip


def means(n: Niche, factors: dict[str, float], days: float) -> dict[str, float]:
    _, roles = life(n, (60.0,))
    hold = Modifiers(np.array([0.0, days]), n.process.roles, roles.T).scaled(factors)
    mean = mean_cells(n.process, hold, n.start_at_reference(), days=[days])[0]
    return {name: float(mean @ readout(packaged(), "dg", name).weights(n.process)) for name in COUNTED}


@pytest.mark.parametrize(
    ("role", "factor", "falls", "stays"),
    [
        ("activation", 0.2, ["ki67_density", "active_stem_cells", "dcx_cells", "astrocytes"], []),
        ("return", 8.0, ["active_stem_cells", "ki67_density", "dcx_cells"], []),
        ("division.stem", 0.3, ["ki67_density", "dcx_cells", "astrocytes"], []),
        ("fate.amplify", 0.1, ["ki67_density", "dcx_cells"], ["stem_cells", "astrocytes"]),
        ("fate.consume", 0.2, ["astrocytes"], []),
        ("death.quiescent", 2000.0, ["stem_cells", "active_stem_cells", "ki67_density"], []),
        ("death.amplifying", 10.0, ["proliferating_progenitors", "dcx_cells"], ["stem_cells"]),
        ("death.neuroblast", 2.0, ["dcx_cells", "new_neurons"], ["proliferating_progenitors", "stem_cells"]),
        ("death.neuron", 3.0, ["new_neurons", "dcx_cells"], ["ki67_density", "stem_cells"]),
        ("maturation.neuron", 0.3, ["mature_neurons"], ["ki67_density", "stem_cells"]),
    ],
)
def test_a_role_moves_what_it_should(here, role, factor, falls, stays) -> None:
    before, after = means(here, {}, 21.0), means(here, {role: factor}, 21.0)
    for name in falls:
        assert after[name] < 0.97 * before[name], name
    for name in stays:
        assert after[name] == pytest.approx(before[name], rel=1e-9), name


@pytest.mark.parametrize("role", ["fate.consume", "fate.astrocyte", "return", "division.stem", "activation"])
def test_what_stem_cells_do_leaves_their_progeny_alone(here, role) -> None:
    _, roles = life(here, (60.0,))
    hold = Modifiers(np.array([0.0, 5.0]), here.process.roles, roles.T)
    one = Start.given(here.process, {"IP1": 1})
    plain, moved = (mean_cells(here.process, m, one, days=[5.0])[0] for m in (hold, hold.scaled({role: 0.1})))
    assert moved == pytest.approx(plain, rel=1e-12)


def test_neurons_of_enhanced_plasticity_answer_a_change_of_birth_weeks_later(here) -> None:
    """Why an index on them hardly moves within two weeks of fewer activations."""
    early = means(here, {"activation": 0.2}, 14.0)["plastic_neurons"]
    late = means(here, {"activation": 0.2}, 56.0)["plastic_neurons"]
    assert early / means(here, {}, 14.0)["plastic_neurons"] > 0.95
    assert late / means(here, {}, 56.0)["plastic_neurons"] < 0.6


# ---- read-outs and engine -------------------------------------------------------------------------------


def test_readouts_mean_what_they_say(here) -> None:
    known = readouts(packaged(), "dg")
    assert set(COUNTED) <= set(known)
    assert known["ki67_density"].label == "Ki67+ cells"
    assert known["ki67_density"].cycling
    assert not any(isinstance(r, Flux) for r in known.values())
    types = {t.name for t in here.lineage.types}
    for r in known.values():
        for part in [r.part, r.whole] if isinstance(r, Share) else [r]:
            assert isinstance(part, Readout)
            assert set(part.types) <= types
    start = here.start_at_reference().mean
    cycling = sum(start[i] for i, m in enumerate(here.process.microstates) if m.cycling)
    assert start @ known["ki67_density"].weights(here.process) == pytest.approx(cycling, rel=1e-12)
    quiet, active, all_of_them = (
        start @ known[name].weights(here.process)
        for name in ("quiescent_stem_cells", "active_stem_cells", "stem_cells")
    )
    assert quiet + active == pytest.approx(all_of_them, rel=1e-12)


def test_dcx_and_plastic_neurons_are_apart() -> None:
    known = readouts(packaged(), "dg")
    for a, b in itertools.combinations(("dcx_cells", "plastic_neurons", "mature_neurons"), 2):
        assert not set(known[a].types) & set(known[b].types)
    assert set(known["plastic_neurons"].types) < set(known["new_neurons"].types)


def test_the_moments_engine_runs_it_over_a_life(here) -> None:
    grid = ModifierGrid.build(here.age_terms(60.0), np.array([0.0, 640.0])).modifiers({})
    weights = np.array([readout(packaged(), "dg", name).weights(here.process) for name in COUNTED])
    found = readout_moments(
        here.process, grid, here.start_at_reference(), weights=weights, days=[28.0, 640.0]
    )
    mean = mean_cells(here.process, grid, here.start_at_reference(), days=[28.0, 640.0]) @ weights.T
    assert found.mean == pytest.approx(mean, rel=1e-8)
    assert np.all(np.isfinite(found.covariance))
    assert np.all(np.diagonal(found.covariance[1, :, 1, :]) > 0.0)
