"""An analysis as records: sentences, animals as drawn, ARRIVE, and what cannot be told."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))  # analysis_tables.py

from analysis_tables import result, table

from soleus.analysis.declaration import AnalysisPlan
from soleus.analysis.plan import analyse
from soleus.observations import Observations
from soleus.results.sentence import sentence
from soleus.schema.analysis import AnalysisResult
from soleus.schema.check import checked_json


def test_it_fits_the_shipped_schema_and_survives_a_round_trip():
    found = result()
    assert AnalysisResult.model_validate_json(checked_json(found)) == found
    assert [(g.name, g.control, g.n_animals) for g in found.groups] == [
        ("control", True, 5),
        ("unloaded", False, 4),
    ]


def test_an_animal_is_its_total_over_its_exposure_and_its_sections_stand_behind_it():
    drawn = result().animals
    first = drawn[0]
    assert (first.animal, first.group, first.readout) == ("m0", "control", "Ki67")
    assert first.value == pytest.approx((40 + 42) / (0.5 + 0.75))
    assert first.parts == pytest.approx((40 / 0.5, 42 / 0.75))
    mass = next(a for a in drawn if a.readout == "mass")
    assert (mass.value, mass.parts) == (25.0, ())


def test_the_effect_is_that_of_log_animal_densities():
    found = next(c for c in result().comparisons if c.readout == "Ki67")
    values = {g: [a.value for a in result().animals if a.readout == "Ki67" and a.group == g]
              for g in ("control", "unloaded")}  # fmt: skip
    expected = np.exp(np.mean(np.log(values["unloaded"])) - np.mean(np.log(values["control"])))
    assert found.effect is not None
    assert found.effect.estimate == pytest.approx(expected, rel=1e-12)
    assert found.effect.n == {"unloaded": 4, "control": 5}
    assert found.wrong is not None
    assert sum(found.wrong.n.values()) == 18
    assert found.shown_in == "cells/mm2"


def test_the_sentence_says_what_the_numbers_say():
    found = result()
    ki67 = next(c for c in found.comparisons if c.readout == "Ki67")
    assert ki67.effect is not None
    size = f"was {100 * (1 - ki67.effect.estimate):.0f} % lower in unloaded than in control"
    interval = f"95 % CI {ki67.effect.low:.2f} to {ki67.effect.high:.2f}"
    means = "geometric means " + " and ".join(f"{g.centre:#.3g}" for g in ki67.groups)
    for words in ("Ki67 (svz) on day 28 was", size, interval, "4 animals in unloaded", "Welch", means):
        assert words in ki67.sentence
    mass = next(c for c in found.comparisons if c.readout == "mass")
    assert mass.equivalence is not None
    assert mass.equivalence.margin == 1.2
    assert mass.equivalence.statement in mass.sentence


def test_a_comparison_that_cannot_be_told_says_why():
    one = table()
    few = one.frame[(one.frame["group"] == "control") | (one.frame["animal"] == "m5")].reset_index(drop=True)
    found = result(Observations(few))
    for comparison in found.comparisons:
        assert comparison.effect is None
        assert comparison.cannot is not None
        assert comparison.cannot.startswith("cannot be told from these data, because")
        assert comparison.cannot in comparison.sentence
    assert found.warnings[0] == "2 of 2 comparisons cannot be told from these data"


def test_adjusted_p_is_said_only_where_it_differs():
    wide = AnalysisPlan("control", families={"all": ("Ki67", "mass")}, seed=1)
    observations = table()
    found = analyse(observations, wide).comparisons
    smallest = min(found, key=lambda c: c.effect.p_value)
    assert "after Holm's correction, which the interval does not include" in sentence(smallest)
    same = smallest.model_copy(update={"p_adjusted": smallest.effect.p_value})
    assert "after Holm" not in sentence(same)


def test_arrive_is_filled_as_far_as_the_table_goes():
    found = {item.title: item for item in result().arrive}
    assert [item.number for item in found.values()] == list(range(1, 11))
    assert found["Sample size"].filled == "control: 5 animals; unloaded: 4 animals."
    assert found["Blinding"].filled == "100 % of the values are marked as counted blind."
    assert found["Experimental animals"].filled == "strain: C57BL/6; sex: male."
    assert found["Randomisation"].filled is None
    assert "seed 1" in (found["Statistical methods"].filled or "")
    silent = table(blinded=None)
    assert {i.title: i.filled for i in result(silent).arrive}["Blinding"] is None


def test_virtual_animals_stand_beside_the_real_ones():
    found = result(virtual=table(), against="leg-day")
    assert found.against == "leg-day"
    assert [a.value for a in found.virtual] == [a.value for a in found.animals]
    assert result().virtual == []
