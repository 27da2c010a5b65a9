"""Named alternatives do what they say, and two that contradict each other are refused."""

from __future__ import annotations

import numpy as np
import pytest

from soleus.api import packaged
from soleus.catalogue.calibrations import resting_calibration
from soleus.catalogue.lineages import lineage_entry, niche
from soleus.engines import mean_cells
from soleus.errors import InputError
from soleus.movement import ModifierGrid
from soleus.study import Niche
from soleus.study.flows import type_flows


def fitted(*variants: str) -> Niche:
    stored = resting_calibration(packaged(), "svz-resting").theta
    known = {k: v for k, v in stored.items() if k in lineage_entry(packaged(), "svz").parameters}
    return niche(packaged(), "svz", variants=variants, fitted=known)


def leaving_per_day(here: Niche) -> float:
    """Return the neuroblasts that leave the niche per day at the reference age."""
    grid = ModifierGrid.build(here.age_terms(0.0), np.array([60.0, 61.0])).modifiers({})
    cells = mean_cells(here.process, grid, here.start_at_reference(), days=[60.0])[0]
    flows = type_flows(here.process, cells=cells, role_values=grid.on_roles(here.process.roles)[:, 0])
    return sum(f.cells_per_day for f in flows if f.transition == "leave_niche")


def test_the_output_variant_meets_its_headline() -> None:
    assert leaving_per_day(fitted("output-lois")) == pytest.approx(10_000.0, rel=0.1)
    assert 1_300.0 < leaving_per_day(fitted()) < 6_000.0


def test_two_variants_of_one_number_are_refused() -> None:
    with pytest.raises(InputError, match="both move 'activation_rate'"):
        fitted("activation-basak", "activation-carvajal")
    with pytest.raises(InputError, match="both move"):
        fitted("activation-basak", "activation-basak")


@pytest.mark.parametrize("name", sorted(lineage_entry(packaged(), "svz").variants))
def test_every_variant_moves_what_it_names(name: str) -> None:
    variant = lineage_entry(packaged(), "svz").variants[name]
    changed, plain = fitted(name).parameters, fitted().parameters
    moved = {key for key in plain if changed[key] != plain[key]}
    assert moved == {*variant.set, *variant.scale}
