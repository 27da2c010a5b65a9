"""Marks of causes: computed as by hand, with the strengths that were asked for."""

from __future__ import annotations

import functools
from dataclasses import replace

import numpy as np
import pytest

from soleus.api import packaged
from soleus.catalogue import Catalogue
from soleus.catalogue.causes import causes
from soleus.catalogue.panels import load_panel
from soleus.catalogue.studies import load_study
from soleus.engines import mean_cells
from soleus.errors import InputError, UnknownNameError
from soleus.evidence import fingerprint as module
from soleus.movement import Modifiers
from soleus.study import bind

KEPT = ("Ki67+", "EdU+", "GFAP+Sox2+", "DCX+", "DNA content")


def few(catalogue: Catalogue, name: str, *, end_day: float):
    panel = load_panel(catalogue, name, end_day=end_day)
    return replace(panel, assays=tuple(a for a in panel.assays if a.name in KEPT))


@functools.cache
def small():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "load_panel", few)
        return module.fingerprint(packaged(), "svz", animals=8)


def by_hand(cause: str, assay: str, factor: float) -> np.ndarray:
    """Return log means of an assay's read-outs, changed over unchanged, by the other solver."""
    fingerprint = small()
    study = replace(
        load_study(packaged(), "leg-day"),
        sampling_days=(28.0,),
        assays=tuple(a for a in fingerprint.panel.assays if a.name == assay),
        reported=None,
        derived=(),
    )
    experiment = bind(replace(study, groups=(study.control,)))
    plain = experiment.modifiers(study.control.name)
    known = causes(packaged(), "svz")[cause]
    strength = module.cause_factor(known, study.niche.lineage, factor)
    split = plain.split_at([0.0])
    step = np.where(split.edges[:-1] < 0.0, 1.0, strength)
    changed = Modifiers(split.edges, (*split.roles, known.role), np.vstack([split.values, step]))
    means = [
        experiment.weights @ mean_cells(experiment.process, m, experiment.start, days=[28.0])[0]
        for m in (changed, plain)
    ]
    return np.log(means[0] / means[1])


@pytest.mark.parametrize(
    ("cause", "assay"),
    [("tap_cycle", "Ki67+"), ("divisions", "DCX+"), ("return", "EdU+"), ("stem_death", "GFAP+Sox2+")],
)
def test_marks_are_those_of_the_lineage_solved_by_hand(cause, assay):
    assert small().change(cause, assay) == pytest.approx(by_hand(cause, assay, 1.5)[0], rel=1e-4, abs=1e-7)


def test_even_the_strongest_change_is_solved_well():
    fingerprint = small()
    for cause in ("return", "neuroblast_death", "stem_death"):
        place = fingerprint.responses.place(cause)
        widest = causes(packaged(), "svz")[cause].widest
        column = fingerprint.responses.statistics.index("DCX+")
        found = fingerprint.responses.curves[place][-1, column]
        step = (len(fingerprint.responses.curves[place]) - 1) // 2
        largest = np.exp(np.log(1.5) / round(np.log(1.5) / module._STEP) * step)
        assert largest <= widest
        assert found == pytest.approx(by_hand(cause, "DCX+", largest)[0], rel=1e-3)


def test_signs_that_follow_from_the_lineage():
    found = small()
    # A longer cycle of stem cells, more rest, less activation, more death: fewer cycling cells.
    for cause in ("stem_cycle", "return", "activation", "tap_death", "neuroblast_death", "divisions"):
        assert found.change(cause, "Ki67+") < 0.0
    # A longer cycle of cells that are given a number of divisions leaves more of them standing.
    assert found.change("neuroblast_cycle", "Ki67+") > 0.0
    # More rest and less activation spare resting stem cells.
    assert found.change("return", "GFAP+Sox2+") > 0.0
    assert found.change("activation", "GFAP+Sox2+") > 0.0


def test_causes_are_told_apart_where_they_lower_ki67_alike():
    found = small()
    for (factor, change), cause in zip(found.strengths, found.causes, strict=True):
        column = found.responses.statistics.index("Ki67+")
        assert found.responses.at_reference(cause.name)[column] == change
        curve = found.responses.curves[found.responses.place(cause.name)][:, column]
        # One step of the strength before, it was not so low; who cannot fall so far is at its lowest.
        assert change <= np.log(0.7) or change == curve.min(), factor
        assert change > np.log(0.55)
    assert sum(change <= np.log(0.7) for _, change in found.strengths) >= 8
    by_name = dict(zip((c.name for c in found.causes), found.strengths, strict=True))
    # Neuroblasts must be quicker, not slower, for fewer cycling cells.
    assert by_name["neuroblast_cycle"][0] < 1.0 < by_name["tap_cycle"][0]


def test_every_pair_has_an_answer_and_more_animals_never_need_a_larger_panel():
    found = small()
    assert len(found.separations) == 9 * 8 // 2
    for one in found.separations:
        assert (one.panel is None) == (one.animals > found.animals)
    apart = [s for s in found.separations if s.panel is not None]
    assert 10 < len(apart) < 36


def test_the_number_of_divisions_is_changed_by_the_factor_asked():
    lineage = load_study(packaged(), "leg-day").niche.lineage
    cause = causes(packaged(), "svz")["divisions"]
    number = module._divisions(lineage, cause.role)
    assert number(1.0) == pytest.approx(1.0 + 0.9 + 0.81)
    strength = module.cause_factor(cause, lineage, 1.5)
    assert number(strength) == pytest.approx(number(1.0) / 1.5, rel=1e-9)
    assert module.cause_factor(cause, lineage, 3.0) is None
    assert module.cause_factor(causes(packaged(), "svz")["tap_cycle"], lineage, 2.0) == 0.5
    assert module.cause_factor(causes(packaged(), "svz")["return"], lineage, 2.0) == 2.0


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"factor": 1.0}, "factor"),
        ({"fall": 1.0}, "fall"),
        ({"day": 5.0}, "later day"),
        ({"day": 99.0}, "at most"),
    ],
)
def test_numbers_out_of_range_are_refused(given, words):
    with pytest.raises(InputError, match=words):
        module.fingerprint(packaged(), "svz", **given)


def test_unknown_names_are_refused():
    with pytest.raises(UnknownNameError, match="panel"):
        module.fingerprint(packaged(), "svs")
    with pytest.raises(UnknownNameError, match="statistic"):
        small().change("return", "Ki68+")
