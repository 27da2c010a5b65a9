"""The SVZ lineage: data that interpret to a model with the right signs, balances and numbers."""

from __future__ import annotations

import copy
import math

import numpy as np
import pytest

from soleus.api import packaged
from soleus.catalogue import store
from soleus.catalogue.folder import load_yaml
from soleus.catalogue.lineages import lineage_entry, lineage_names, niche
from soleus.catalogue.readouts import readout, readouts
from soleus.engines import mean_cells
from soleus.errors import CatalogueError, InputError, UnknownNameError
from soleus.movement import Modifiers
from soleus.units import to_internal

ENTRY = lineage_entry(packaged(), "svz")


def test_lineages_are_listed_and_unknown_ones_refused():
    assert {"svz", "culture", "differentiation"} <= set(lineage_names(packaged()))
    with pytest.raises(UnknownNameError, match="'svz'"):
        lineage_entry(packaged(), "svzz")


def test_every_number_says_where_it_comes_from():
    assert len(ENTRY.parameters) >= 35
    for p in ENTRY.parameters.values():
        assert p.unit
        assert len(p.reason) >= 10
        assert p.citation is not None or p.status == "provisional", p.name
        assert p.low is not None and p.low <= p.value <= p.high, p.name


def test_units_are_taken_at_the_border():
    values = niche(packaged(), "svz").parameters
    assert values["stem_cycle"] == pytest.approx(17.5 / 24.0, rel=1e-12)
    assert values["activation_rate"] == 0.1245
    assert values["tap_death_age_scale"] == 120.0


def test_free_parameters_have_a_prior_and_only_they():
    for p in ENTRY.parameters.values():
        assert p.free == (p.log_sd is not None), p.name


@pytest.mark.parametrize("name", ["", *ENTRY.variants])
def test_every_variant_builds_and_is_in_balance_at_the_start(name):
    """Slaved types stay as they are at the reference age, up to what their feeders move."""
    here = niche(packaged(), "svz", variants=(name,) if name else ())
    start = here.start_at_reference()
    values = _roles_at(here, here.reference_age_days)
    modifiers = Modifiers(np.array([0.0, 1e-3]), here.process.roles, values[:, None])
    later = mean_cells(here.process, modifiers, start, days=[1e-3])[0]
    for cell_type in ENTRY.start.slaved:
        weight = here.process.count(cell_type)
        before, after = start.mean @ weight, later @ weight
        assert before > 0.0
        assert after == pytest.approx(before, rel=1e-6), cell_type


def _roles_at(here, age: float) -> np.ndarray:
    values = np.ones(len(here.process.roles))
    for law in here.laws(here.parameters):
        hit = [i for i, r in enumerate(here.process.roles) if r == law.role or r.startswith(law.role + ".")]
        values[hit] *= math.exp(float(law(np.array(age))))
    return values


def test_variants_change_what_they_name_and_cite_their_source():
    plain = niche(packaged(), "svz").parameters
    for name, variant in ENTRY.variants.items():
        changed = niche(packaged(), "svz", variants=(name,)).parameters
        assert {k for k in plain if plain[k] != changed[k]} == {*variant.set, *variant.scale}, name
        assert variant.citation in store.citations(packaged())
    assert {"activation-basak", "activation-carvajal", "division-obernier", "output-lois"} <= set(
        ENTRY.variants
    )


def test_the_carvajal_variant_meets_the_published_law():
    """0.979 exp(-0.00216 age): 0.86 at 60 days. The parameter holds at 75 days."""
    rate = niche(packaged(), "svz", variants=("activation-carvajal",)).parameters["activation_rate"]
    assert rate == pytest.approx(0.979 * math.exp(-0.00216 * 75.0), rel=2e-3)
    assert rate * math.exp(0.00216 * 15.0) == pytest.approx(0.86, abs=0.005)


def test_a_variant_overrides_the_fit():
    here = niche(
        packaged(), "svz", variants=("activation-basak",), fitted={"activation_rate": 0.3, "niche_stay": 5.0}
    )
    assert here.parameters["activation_rate"] == 0.05
    assert here.parameters["niche_stay"] == 5.0


def test_a_scaling_variant_acts_on_the_fit():
    plain = niche(packaged(), "svz", fitted={"dormant_at_60": 5000.0}).parameters["dormant_at_60"]
    scaled = niche(packaged(), "svz", fitted={"dormant_at_60": 5000.0}, variants=("output-lois",))
    factor = ENTRY.variants["output-lois"].scale["dormant_at_60"]
    assert scaled.parameters["dormant_at_60"] == pytest.approx(factor * plain, rel=1e-12)


def test_two_variants_of_one_number_are_refused():
    with pytest.raises(InputError, match="'activation-basak' and 'activation-carvajal' both move"):
        niche(packaged(), "svz", variants=("activation-basak", "activation-carvajal"))


def test_unknown_variants_are_refused():
    with pytest.raises(UnknownNameError, match="activation-basak"):
        niche(packaged(), "svz", variants=("activation-bask",))


@pytest.mark.parametrize(
    ("role", "sign"),
    [("activation", -1), ("return", -1), ("fate.consume", -1), ("division.opc", -1), ("death.amplifying", 1)],
)
def test_ages_act_in_the_stated_direction(role, sign):
    here = niche(packaged(), "svz")
    roles = here.process.roles
    young, old = _roles_at(here, 90.0), _roles_at(here, 600.0)
    hit = [i for i, r in enumerate(roles) if r == role or r.startswith(role + ".")]
    assert hit
    assert np.all(np.sign(old[hit] - young[hit]) == sign)


def test_ages_act_by_the_stated_amount():
    here, p = niche(packaged(), "svz"), niche(packaged(), "svz").parameters
    i = here.process.roles.index("activation")
    expected = math.exp(-p["activation_age_decline"] * (360.0 - 75.0))
    assert _roles_at(here, 360.0)[i] == pytest.approx(expected, rel=1e-12)
    j = here.process.roles.index("division.opc")
    expected = math.exp(-p["opc_cycle_age_gain"] * (1.0 - math.exp(-180.0 / p["opc_cycle_age_scale"])))
    assert _roles_at(here, 240.0)[j] == pytest.approx(expected, rel=1e-12)
    # So that the published cycles of 10 days at P60 and 36 at P240 are met.
    assert 10.0 / expected == pytest.approx(36.0, rel=0.1)


def means_at(here, values: np.ndarray, days: float) -> dict[str, float]:
    modifiers = Modifiers(np.array([0.0, days]), here.process.roles, values[:, None])
    mean = mean_cells(here.process, modifiers, here.start_at_reference(), days=[days])[0]
    return {name: float(mean @ readout(packaged(), "svz", name).weights(here.process)) for name in COUNTED}


COUNTED = ("ki67_density", "stem_cells", "active_stem_cells", "transit_amplifying", "neuroblasts", "opc")


@pytest.mark.parametrize(
    ("role", "factor", "falls", "stays"),
    [
        ("activation", 0.2, ["ki67_density", "active_stem_cells", "neuroblasts"], []),
        ("return", 5.0, ["ki67_density", "active_stem_cells", "neuroblasts"], []),
        ("fate.amplify", 0.1, ["ki67_density", "neuroblasts"], ["stem_cells", "active_stem_cells", "opc"]),
        ("death.amplifying", 5.0, ["ki67_density", "transit_amplifying"], ["stem_cells", "opc"]),
        ("death.quiescent", 2000.0, ["stem_cells", "active_stem_cells", "ki67_density"], []),
        ("division.stem", 0.3, ["ki67_density", "neuroblasts"], []),
    ],
)
def test_a_role_moves_what_it_should(role, factor, falls, stays):
    here = niche(packaged(), "svz")
    plain = _roles_at(here, 60.0)
    moved = plain.copy()
    hit = [i for i, r in enumerate(here.process.roles) if r == role or r.startswith(role + ".")]
    moved[hit] *= factor
    before, after = means_at(here, plain, 14.0), means_at(here, moved, 14.0)
    for name in falls:
        assert after[name] < 0.97 * before[name], name
    for name in stays:
        assert after[name] == pytest.approx(before[name], rel=1e-9), name


def test_ki67_is_not_stem_cells():
    """At two months active stem cells are a small part of the cycling cells."""
    here = niche(packaged(), "svz")
    found = means_at(here, _roles_at(here, 60.0), 1.0)
    assert 0.02 < found["active_stem_cells"] / found["ki67_density"] < 0.2


def test_readouts_are_parsed_as_declared():
    known = readouts(packaged(), "svz")
    assert len(known) >= 16
    assert known["ki67_density"].cycling
    assert "OPC" not in known["ki67_density"].types
    assert known["mature_neuron_share"].part.types == ("mOBN",)
    assert known["mature_neuron_share"].whole.types == ("iOBN", "mOBN")
    assert known["new_stem_cells_per_day"].transitions == ("divide_stem",)
    with pytest.raises(UnknownNameError, match="counting read-out"):
        readout(packaged(), "svz", "mature_neuron_share")
    with pytest.raises(UnknownNameError, match="svz"):
        readouts(packaged(), "svzz")


@pytest.fixture
def changed(catalogue_with):
    """Read the lineage file with one change."""

    def read(change):
        content = copy.deepcopy(load_yaml(packaged(), "lineages/svz.yaml"))
        change(content)
        return niche(catalogue_with({"lineages/svz.yaml": content}), "svz")

    return read


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda c: c["parameters"]["g2m"].update(unit="days/cell"), "g2m"),
        (lambda c: c["parameters"]["g2m"].update(citation="nobody-1900"), "nobody-1900"),
        (lambda c: c["parameters"]["g2m"].pop("unit"), "unit"),
        (lambda c: c.update(colour="red"), "colour"),
        (lambda c: c["transitions"][0].update(rate="wake_rate"), "wake_rate"),
        (lambda c: c["parameters"]["renew_probability"].update(value=0.9, high=0.95), "divide_stem"),
    ],
)
def test_a_lineage_that_cannot_be_right_names_the_place(changed, change, says):
    from soleus.errors import SoleusError

    with pytest.raises(SoleusError, match=says):
        changed(change).process  # noqa: B018


def test_a_correct_change_is_taken(changed):
    def slower(content):
        content["parameters"]["activation_rate"].update(value=0.06)

    assert changed(slower).parameters["activation_rate"] == 0.06


def test_rates_and_times_cannot_be_mixed_up():
    with pytest.raises(Exception, match="day"):
        to_internal(0.1245, "day", quantity="rate")
    assert issubclass(CatalogueError, Exception)
