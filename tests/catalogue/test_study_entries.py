"""Study files: arms of studies, labelled cells, silenced groups, housing, cultures; and each of them runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from soleus.answers.run.build import run_study
from soleus.api import packaged
from soleus.assays import Readout, weight_matrix
from soleus.catalogue import Catalogue
from soleus.catalogue.folder import load_yaml
from soleus.catalogue.lineages import niche
from soleus.catalogue.studies import load_study
from soleus.catalogue.study_entries import StudyEntry, arms_of, study_entry, study_names
from soleus.conduct import RunOptions
from soleus.engines import mean_cells
from soleus.errors import CatalogueError, UnknownNameError
from soleus.study import bind, simulate

PLAIN = load_yaml(packaged(), "studies/clark-2010.yaml")
FINDING = PLAIN["findings"]["early"]


class Files:
    """Study files made up by a test beside those of the catalogue."""

    def __init__(self, make: Callable[[Mapping[str, object]], Catalogue]) -> None:
        self.make, self.catalogue = make, packaged()

    def __call__(self, **made: dict[str, Any]) -> None:
        self.catalogue = self.make({f"studies/{name}.yaml": content for name, content in made.items()})

    def entry(self, name: str) -> StudyEntry:
        return study_entry(self.catalogue, name)


@pytest.fixture
def files(catalogue_with) -> Files:
    return Files(catalogue_with)


# Arms.


def test_an_arm_takes_over_what_it_does_not_state(files) -> None:
    files(arm={"extends": "clark-2010", "part_of": "clark-2010", "age_days": 400, "findings": {}})
    arm, base = files.entry("arm"), study_entry(packaged(), "clark-2010")
    assert (arm.name, arm.whole, arm.age_days, arm.findings) == ("arm", "clark-2010", 400, {})
    same = ("title", "citation", "groups", "sampling_days", "assays", "lineage")
    assert all(getattr(arm, field) == getattr(base, field) for field in same)
    assert base.age_days == 60 and base.whole == "clark-2010"


def test_an_arm_of_an_arm_takes_over_from_both(files) -> None:
    files(
        first={"extends": "clark-2010", "age_days": 400, "sex": "female"},
        second={"extends": "first", "age_days": 500},
    )
    second = files.entry("second")
    assert (second.age_days, second.sex, second.citation) == (500, "female", "clark-2010")


@pytest.mark.parametrize("through", [("one",), ("one", "two"), ("one", "two", "three")])
def test_a_circle_of_files_is_refused(files, through: tuple[str, ...]) -> None:
    files(**{n: {"extends": through[(k + 1) % len(through)]} for k, n in enumerate(through)})
    with pytest.raises(CatalogueError, match=r"studies/.*extends itself by way of"):
        files.entry("one")


def test_an_unknown_base_or_whole_is_refused_with_the_nearest(files) -> None:
    files(one={"extends": "clark-2001"}, two={**PLAIN, "part_of": "clark-2001"})
    for name in ("one", "two"):
        with pytest.raises(CatalogueError, match=rf"studies/{name}.*Did you mean 'clark-2010'"):
            files.entry(name)


def test_the_arms_of_the_catalogue_name_their_study() -> None:
    assert arms_of(packaged(), "adami-2018") == (
        "adami-2018",
        "adami-2018-culture",
        "adami-2018-differentiation",
    )
    assert arms_of(packaged(), "gros-2024")[0] == "gros-2024" and len(arms_of(packaged(), "gros-2024")) == 4
    for name in study_names(packaged()):
        whole = study_entry(packaged(), study_entry(packaged(), name).whole)
        assert whole.part_of is None
        assert study_entry(packaged(), name).species == whole.species
        assert study_entry(packaged(), name).citation == whole.citation


# What a file must agree with.


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"species": "rat"}, "need modelled_as"),
        ({"other_age": True}, "need modelled_as"),
        ({"findings": {"x": {**FINDING, "group": "runers"}}}, "Did you mean 'runner'"),
        ({"findings": {"x": {**FINDING, "against": "nobody"}}}, "unknown group 'nobody'"),
        ({"findings": {"x": {**FINDING, "day": 6}}}, "day 6 is no sampling day"),
        ({"findings": {"x": {**FINDING, "log_ratio": -0.2}}}, "'up' contradicts log_ratio -0.2"),
        ({"findings": {"x": {**FINDING, "log_ratio": 0.0}}}, "'up' contradicts log_ratio 0"),
        ({"findings": {"x": {**FINDING, "direction": "down", "log_ratio": 0.2}}}, "'down' contradicts"),
        ({"findings": {"x": {**FINDING, "se": 0.2}}}, "an se needs its log_ratio"),
        ({"findings": {"x": {**FINDING, "direction": "more"}}}, "direction"),
        ({"findings": {"x": {**FINDING, "cv": 3.0}}}, "cv"),
        ({"findings": {"x": {**FINDING, "n": 0}}}, "greater than 0"),
        ({"findings": {"x": {**FINDING, "citation": "clark-2001"}}}, "unknown citation 'clark-2001'"),
        ({"findings": {"x": {**FINDING, "citation": "press-frontiers-2018"}}}, "the press never counts"),
        ({"citation": "clark-2001"}, "unknown citation"),
        ({"assays": ["ki76-sections"]}, "Did you mean 'ki67-sections'"),
        ({"labelled": {"y": {"label": "y", "analogue": "EdU", "types": ["NB"]}}}, "unknown label 'EdU'"),
        ({"plated_fraction": 0.0}, "plated_fraction"),
        ({"mood": "good"}, "mood"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(files, change: dict[str, Any], said: str) -> None:
    files(broken={**PLAIN, **change})
    with pytest.raises(CatalogueError) as refused:
        files.entry("broken")
    assert said in str(refused.value)
    assert "broken" in str(refused.value)


@pytest.mark.parametrize(
    "finding",
    [
        {**FINDING, "log_ratio": 0.2, "se": 0.1},
        {**FINDING, "direction": "none", "log_ratio": -0.1},
        {**FINDING, "direction": "down", "log_ratio": -0.3, "n": 4, "cv": 0.2},
    ],
)
def test_a_finding_that_agrees_is_accepted(files, finding: dict[str, Any]) -> None:
    files(whole={**PLAIN, "species": "rat", "modelled_as": "Mice of 60 days.", "findings": {"x": finding}})
    assert files.entry("whole").findings["x"].log_ratio == finding["log_ratio"]


def test_a_labelled_readout_may_not_take_the_name_of_another(files) -> None:
    labels = load_yaml(packaged(), "studies/van-praag-1999.yaml")["labels"]
    taken = {"label": "BrdU+", "analogue": "BrdU", "types": ["NB"]}
    files(broken={**PLAIN, "labels": labels, "labelled": {"dcx_cells": taken}, "citation": "van-praag-1999"})
    with pytest.raises(CatalogueError, match="'dcx_cells' is there already"):
        load_study(files.catalogue, "broken")


# What the studies mean.


def log_ratio(
    study: str,
    readout: str,
    group: str,
    against: str,
    day: float,
    *,
    within: Catalogue | None = None,
    **gains: float,
) -> float:
    """True log-ratio, read-outs that an assay counts."""
    experiment = bind(load_study(within or packaged(), study, with_off=True))
    column = [r.name for r in experiment.readouts].index(readout)
    means = [experiment.true_means(g, days=(day,), gains=gains)[0, column] for g in (group, against)]
    return float(np.log(means[0] / means[1]))


def test_labelled_cells_are_those_that_were_born_under_the_label() -> None:
    """BrdU over the last four days: fewer than all such cells, and none before."""
    experiment = bind(load_study(packaged(), "yasuhara-2007"))
    column = [r.name for r in experiment.readouts].index("brdu_dcx")
    before, after = experiment.true_means("control", days=(9.5, 14.0), gains={})[:, column]
    assert before == 0.0
    types = study_entry(packaged(), "yasuhara-2007").labelled["brdu_dcx"].types
    assert set(types) <= {t.name for t in niche(packaged(), "svz").lineage.types}
    cells = mean_cells(experiment.process, experiment.modifiers("control", {}), experiment.start, days=[14.0])
    every = (weight_matrix([Readout("all", "all", types)], experiment.process) @ cells[0])[0]
    assert 0.0 < after < every


def test_a_knock_out_does_not_feel_lactate_and_a_wild_type_does() -> None:
    gain = {"lactate-activation": 2.0}
    arguments = ("lambertus-2020", "ki67_density")
    assert abs(log_ratio(*arguments, "lactate", "control", 49.0, **gain)) > 0.001
    assert log_ratio(*arguments, "knockout-lactate", "knockout", 49.0, **gain) == 0.0
    assert log_ratio(*arguments, "knockout", "control", 49.0, **gain) == pytest.approx(0.0, abs=1e-12)
    # It is deaf to lactate alone.
    other = {"afferent-activation": 2.0}
    assert log_ratio(*arguments, "knockout-intervals", "knockout", 49.0, **other) == pytest.approx(
        log_ratio(*arguments, "intervals", "control", 49.0, **other), rel=1e-12
    )


def test_housing_tells_groups_apart_only_where_it_differs(files) -> None:
    groups = PLAIN["groups"]
    mixed = {**groups, "runner": {**groups["runner"], "housing": "group"}}
    files(single=PLAIN, mixed={**PLAIN, "groups": mixed})
    gain = {"isolation-activation": 1.0}
    assert (
        log_ratio("single", "ki67_density", "runner", "control", 21.0, within=files.catalogue, **gain) == 0.0
    )
    # The runner now lives in company and the control alone, which keeps its cells at rest.
    assert (
        log_ratio("mixed", "ki67_density", "runner", "control", 21.0, within=files.catalogue, **gain) > 0.01
    )


def test_a_culture_is_passaged_as_its_file_says() -> None:
    study = load_study(packaged(), "adami-2018-culture")
    assert study.longitudinal and study.niche.in_culture
    assert [p.day for p in study.niche.passages] == [7.0, 14.0, 21.0, 28.0]
    assert {p.plated_fraction for p in study.niche.passages} == {0.1}
    assert study.niche.reference_age_days == study.age_days
    assert study.variation.bound_sd == 2.5
    kept = load_study(packaged(), "adami-2018-differentiation")
    assert not kept.niche.passages and not kept.longitudinal


@pytest.mark.parametrize("name", study_names(packaged()))
def test_every_study_binds_and_runs(name: str) -> None:
    """Two animals of each group: counts in every group, on every day, of every read-out."""
    study = load_study(packaged(), name).with_animals(2)
    frame = simulate(bind(study), 7).frame
    niche_rows = frame[~frame["assay"].isin([a.name for a in study.body])]
    assert set(niche_rows["group"]) == {g.name for g in study.groups}
    assert set(niche_rows["readout"]) == {r.name for r in study.readouts()}
    expected = set(study.sampling_days) if study.longitudinal else set(study.sampling_days[:2])
    assert set(niche_rows["day"]) == expected
    values = frame["value"].to_numpy(dtype=float)
    assert np.all(np.isfinite(values)) and np.all(values >= 0.0)
    assert niche_rows["value"].sum() > 0.0


@pytest.mark.parametrize("name", study_names(packaged()))
@pytest.mark.slow
def test_every_study_has_a_result(name: str) -> None:
    outcome = run_study(packaged(), name, RunOptions(seed=3, animals=2), workers=2)
    assert outcome.result.design.study == name
    assert len(outcome.observations) > 0


def test_an_unknown_study_gets_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'nokia-2016'"):
        load_study(packaged(), "nokia2016")
