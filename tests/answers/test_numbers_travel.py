"""Where a number is from travels with it: a source never stands beside another number."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest

import soleus
from soleus.answers.numbers.sources import assumptions, stands_on
from soleus.api import load_study, packaged
from soleus.catalogue import folder, store
from soleus.catalogue.lineages import lineage_entry
from soleus.catalogue.studies import agreed_entry, build_study
from soleus.catalogue.study_entries import study_names
from soleus.errors import CatalogueError, InputError, ModelError
from soleus.study import Study
from soleus.study.niche import ModelNumber
from soleus.units import to_internal
from soleus.values import by_status, cited, numbers_in


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study("leg-day")


@pytest.mark.parametrize("name", study_names(packaged()))
def test_each_study_agrees_with_its_entry_and_names_its_sources(name: str) -> None:
    found = load_study(name)
    assert agreed_entry(packaged(), found) is found.entry
    assert agreed_entry(packaged(), load_study(name, with_off=True).with_animals(3)) == found.entry
    rows, walked = assumptions(packaged(), found), list(numbers_in(stands_on(packaged(), found)))
    assert [row.name for row in rows] == [one.name for one in walked]
    assert {row.citation for row in rows} - {None} == set(cited(walked))
    assert sum(row.status == "provisional" for row in rows) == by_status(walked)["provisional"]
    assert set(cited(walked)) <= set(store.citations(packaged()))
    assert all(row.source == "our estimate" for row, one in zip(rows, walked, strict=True) if one.ours)


@pytest.mark.parametrize(
    ("planted", "said"),
    [
        (lambda s: replace(s, age_days=s.age_days + 1.0), "age days"),
        (lambda s: replace(s, strain="CD1"), "strain"),
        (lambda s: replace(s, variation=replace(s.variation, niche_size_cv=0.3)), "variation"),
        (lambda s: replace(s, assays=(replace(s.assays[0], unit_cv=0.5), *s.assays[1:])), "assays"),
        (lambda s: replace(s, reported=replace(s.reported, ratio=0.5)), "reported"),
        (lambda s: replace(s, mechanisms=(replace(s.mechanisms[0], max_log_gain=9.0),)), "mechanisms"),
        (lambda s: replace(s, groups=tuple(replace(g, n_animals=99) for g in s.groups)), "groups"),
        (lambda s: replace(s, niche=s.niche.with_parameters({"return_rate": 0.5})), "lineage"),
        (lambda s: replace(s, entry=s.entry.model_copy(update={"age_days": 99.0})), "age days"),
        (lambda s: replace(s, entry=None), "carries no entry"),
    ],
)
def test_a_study_that_left_its_entry_gets_no_sources(study: Study, planted: Any, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        stands_on(packaged(), planted(study))


def test_a_parameter_cannot_stand_beside_the_source_of_another(study: Study) -> None:
    niche = study.niche
    with pytest.raises(ModelError, match="'return_rate' is 0.5, but its source is that of"):
        replace(niche, parameters={**niche.parameters, "return_rate": 0.5})
    wrong = ModelNumber(0.5, niche.numbers["return_rate"].number)
    with pytest.raises(ModelError, match="its source is that of 0.5"):
        replace(niche, numbers={**niche.numbers, "return_rate": wrong})
    freed = niche.with_parameters({"return_rate": 0.5})
    assert "return_rate" not in freed.numbers and len(freed.numbers) == len(niche.numbers) - 1


@pytest.mark.parametrize("variants", [(), ("activation-basak",)])
def test_the_number_that_is_shown_is_the_one_that_is_computed_with(variants: tuple[str, ...]) -> None:
    here = load_study("leg-day", variants=variants).niche
    for name, entry in lineage_entry(packaged(), "svz").parameters.items():
        shown = here.numbers[name].number
        assert to_internal(shown.value, shown.unit, quantity=entry.kind) == pytest.approx(
            here.parameters[name], rel=1e-5
        )


def test_fitted_and_set_by_a_variant_are_told_by_how_the_number_came_about() -> None:
    plain, other = (load_study("leg-day", variants=v).niche.numbers for v in ((), ("activation-basak",)))
    fitted = {name for name, one in plain.items() if one.number.status == "fitted"}
    assert fitted, "the lineage has a stored calibration"
    moved = set(lineage_entry(packaged(), "svz").variants["activation-basak"].set)
    moved |= set(lineage_entry(packaged(), "svz").variants["activation-basak"].scale)
    for name, one in other.items():
        assert (one.number.status == "fitted") == (name in fitted - moved)
        assert one.number.reason.startswith("Set by a variant") == (name in moved)


@pytest.mark.parametrize(
    ("update", "said"),
    [
        ({"status": "fitted"}, "calls itself fitted; only a stored calibration says so"),
        ({"status": "checked", "citation": None}, "a checked number needs a citation"),
        ({"citation": "nobody-1900"}, "unknown citation 'nobody-1900'"),
    ],
)
def test_a_planted_status_or_source_in_a_file_is_refused(catalogue_with, update, said: str) -> None:
    file = "lineages/svz.yaml"
    content = copy.deepcopy(folder.load_yaml(packaged(), file))
    content["parameters"]["return_rate"].update(update)
    with pytest.raises(CatalogueError, match=said):
        lineage_entry(catalogue_with({file: content}), "svz")


def test_a_study_of_ones_own_runs_as_the_named_one_does(study: Study) -> None:
    named = soleus.run("leg-day", seed=1, animals=2)
    given = soleus.run(study, seed=1, animals=2)
    assert given.result.run_id == named.result.run_id
    assert given.result == named.result
    asked = soleus.run(study.with_animals(2), seed=1)
    assert asked.result.run_id != soleus.run(study.with_animals(3), seed=1).result.run_id
    with pytest.raises(InputError, match="give variants and with_off to load_study"):
        soleus.run(study, seed=1, with_off=True)
    with pytest.raises(ModelError, match="age days is not what its entry says"):
        soleus.run(replace(study, age_days=100.0), seed=1)


def test_an_entry_of_ones_own_is_built_and_carried(study: Study) -> None:
    assert study.entry is not None
    own = build_study(packaged(), study.entry.model_copy(update={"name": "mine", "age_days": 90.0}))
    assert (own.name, own.age_days) == ("mine", 90.0)
    ages = [row.value for row in assumptions(packaged(), own) if row.name == "animals.age"]
    assert ages == [90.0]
