"""Do new bulb neurons die? It depends on whether the label kills them: the same counts either way."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from soleus.api import packaged
from soleus.catalogue.studies import load_study
from soleus.engines import Start, mean_cells
from soleus.lineage import Label, cross, embed
from soleus.movement import ModifierGrid
from soleus.study import Niche

DAYS = (15.0, 45.0)
EXTRA = 0.0231  # half of them in 30 days


@functools.cache
def resting() -> Niche:
    return load_study(packaged(), "leg-day").niche


def neurons(niche: Niche, **label) -> tuple[float, float]:
    """Return labelled and unlabelled bulb neurons on day 45 over day 15 after a pulse at 60 days of age."""
    process = niche.process
    crossed = cross(process, [Label("BrdU", ((0.5, 0.75),), detectable_divisions=6, **label)])
    start = niche.start_at_reference()
    edges = np.linspace(0.0, 46.0, 24)
    modifiers = ModifierGrid.build(niche.age_terms(60.0), edges).modifiers({})
    begin = Start(embed(crossed, start.mean), True, start.has_outside)
    cells = mean_cells(crossed, modifiers, begin, days=[0.5 + d for d in DAYS])
    bulb = crossed.count("iOBN", "mOBN")
    marked = crossed.level("BrdU") > 0
    ratios = [cells[1] @ (bulb * which) / (cells[0] @ (bulb * which)) for which in (marked, ~marked)]
    return ratios[0], ratios[1]


def test_without_toxicity_labelled_neurons_stay():
    labelled, _ = neurons(resting())
    assert labelled == pytest.approx(np.exp(-0.002 * 30.0), abs=0.03)


def test_a_toxic_label_loses_half_of_them_and_leaves_the_others_alone():
    toxic = {"death_immature": EXTRA, "death_mature": EXTRA}
    labelled, others = neurons(resting(), toxicity=toxic)
    assert labelled == pytest.approx(0.5 * neurons(resting())[0], rel=0.03)
    assert others == pytest.approx(neurons(resting())[1], rel=2e-3)


def test_the_classical_reading_gives_the_same_labelled_counts():
    """Death of all new neurons, and death by the label alone: labelled cells cannot tell the two apart."""
    toxic, _ = neurons(resting(), toxicity={"death_immature": EXTRA, "death_mature": EXTRA})
    dying = resting().with_parameters({"neuron_death_rate": 0.002 + EXTRA})
    labelled, others = neurons(dying)
    assert labelled == pytest.approx(toxic, rel=1e-3)
    # The neurons that were not labelled can.
    assert others < 0.9 * neurons(resting())[1]
