"""Stored responses: the same as computed ones, used only for the inputs that they were made from."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from soleus.api import packaged
from soleus.catalogue.calibrations import EffectCalibration, effect_calibration
from soleus.catalogue.effect_model import effect_model
from soleus.catalogue.studies import load_study, study_entry, study_names
from soleus.evidence import predictions
from soleus.evidence.calibrate_effects import calibrate, difference
from soleus.evidence.finding_responses import prior_sizes
from soleus.evidence.findings import findings
from soleus.evidence.predictions import predict
from soleus.movement.regimen import RegimenInterval
from soleus.study import bind

REPORTED = [n for n in study_names(packaged()) if study_entry(packaged(), n).reported is not None]
STORED = [n for n in REPORTED if study_entry(packaged(), n).citation is not None]


@pytest.fixture(scope="module")
def made() -> EffectCalibration:
    return calibrate(packaged(), "adami-2018")


@pytest.mark.parametrize("study", STORED)
def test_a_run_finds_its_stored_responses(study: str) -> None:
    stored = effect_calibration(packaged(), study)
    assert stored is not None
    key = predict(packaged(), bind(load_study(packaged(), study)), workers=1).key
    assert key == stored.key, "run: python -m soleus.evidence.calibrate_effects"


def test_stored_equals_computed(made: EffectCalibration) -> None:
    assert difference(made, effect_calibration(packaged(), "adami-2018")) < 1e-6


def test_a_planted_error_in_the_store_is_seen(made: EffectCalibration) -> None:
    name = next(iter(made.sets))
    wrong = np.array(made.sets[name].log_ratios) * 1.01
    changed = made.sets[name].model_copy(update={"log_ratios": wrong.tolist()})
    stored = made.model_copy(update={"sets": {**made.sets, name: changed}})
    assert difference(made, stored) > 1e-4


def test_other_inputs_have_another_key_and_are_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    study = load_study(packaged(), "adami-2018")
    base = predict(packaged(), bind(study), workers=1)
    older = dataclasses.replace(study, age_days=study.age_days + 30.0)
    computed: list[int] = []
    real = predictions._computed

    def counted(*arguments: object) -> object:
        computed.append(1)
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(predictions, "_computed", counted)
    changed = predict(packaged(), bind(older), workers=2)
    assert changed.key != base.key
    assert computed == [1]
    name = base.carrying[0]
    assert not np.allclose(changed.tables[name].log_ratios, base.tables[name].log_ratios, atol=1e-4)


def test_the_reported_ratio_is_met_by_every_set_that_reaches_it() -> None:
    assert {"adami-2018", "leg-day"} <= set(STORED)
    for study in REPORTED:
        found = predict(packaged(), bind(load_study(packaged(), study)), workers=2)
        reported = found.responder.experiment.study.reported
        assert reported is not None
        ratios = found.reported(reported.readout, reported.day)
        assert len(ratios) >= 4
        for ratio in ratios.values():
            assert math.isclose(ratio, reported.ratio, rel_tol=1e-6)
        unable = set(found.tables) - set(ratios)
        assert "amplification" in unable
        for name in unable:
            assert math.exp(found.tables[name].strongest(reported.readout, reported.day)) > reported.ratio


def test_a_study_that_is_not_like_the_reference_takes_its_scale_from_it() -> None:
    """The prior is about unloading and the SVZ: a wheel study has the strengths of the reference."""
    reference = predict(packaged(), bind(load_study(packaged(), "adami-2018")), workers=2)
    wheel = predict(packaged(), bind(load_study(packaged(), "mastrorilli-2017")), workers=2)
    assert wheel.carrying == reference.carrying
    for name in wheel.tables:
        np.testing.assert_array_equal(wheel.strengths[name], reference.strengths[name])
        np.testing.assert_array_equal(wheel.scale.declared[name], reference.scale.declared[name])
    # The account's study is one of unloading: its own scale, by the same Ki67 ratios on day 14.
    account = predict(packaged(), bind(load_study(packaged(), "leg-day")), workers=2)
    for name in reference.carrying:
        np.testing.assert_allclose(account.strengths[name], reference.strengths[name], atol=2e-3)


def test_strengths_of_the_prior_and_of_findings_are_the_same_scale() -> None:
    """At the strengths that findings weigh, a carrying set's Ki67 falls by the sizes of the prior."""
    found = predict(packaged(), bind(load_study(packaged(), "adami-2018")), workers=2)
    for name in found.carrying:
        logs = found.tables[name].at(found.scale.declared[name], "ki67_density", 14.0)
        np.testing.assert_allclose(np.abs(logs), prior_sizes(packaged()), atol=5e-3, err_msg=name)


def test_weights_belong_to_the_declared_strengths() -> None:
    found = predict(packaged(), bind(load_study(packaged(), "adami-2018")), workers=2)
    given = found.given(exclude=())
    for name in found.tables:
        assert given.weights[name].shape == found.scale.declared[name].shape
    assert given.used == findings(packaged())
    without = found.given(exclude=["gros-2024", "adami-2018"])
    assert {f.study for f in given.used} - {f.study for f in without.used} == {"gros-2024", "adami-2018"}


# Studies such as the prior is about.


def unloaded(*spans: tuple[str, float, float], niche: str = "svz", days: tuple[float, ...] = (28.0,)):
    """Return the account's study with other spans of its treated group: activity, first and last day."""
    study = load_study(packaged(), "leg-day")
    treated = study.treated[0]
    own = {i.activity.name: i.activity for i in treated.regimen.intervals}
    own[treated.regimen.resting.name] = treated.regimen.resting
    intervals = tuple(RegimenInterval(own[name], start, end) for name, start, end in spans)
    changed = dataclasses.replace(
        treated, regimen=dataclasses.replace(treated.regimen, intervals=intervals), n_animals=4
    )
    groups = tuple(changed if g is treated else g for g in study.groups)
    return dataclasses.replace(
        study,
        groups=groups,
        sampling_days=days,
        reported=None,
        niche=dataclasses.replace(study.niche, name=niche),
    )


def test_a_study_is_like_the_reference_from_its_first_to_the_priors_day() -> None:
    first = load_study(packaged(), "leg-day").treated[0].regimen.intervals[0]
    down, up = first.activity.name, load_study(packaged(), "leg-day").treated[0].regimen.resting.name
    until = effect_model(packaged()).prior.day
    assert predictions.like_reference(packaged(), unloaded((down, 0.0, 28.0)))
    assert predictions.like_reference(packaged(), unloaded((down, 0.0, until), (up, until, 28.0)))
    for other in (
        unloaded((down, 0.0, until - 1.0), (up, until - 1.0, 28.0)),  # back on its feet before that day
        unloaded((up, 0.0, 28.0)),
        unloaded((up, 0.0, 2.0), (down, 2.0, 28.0)),
        unloaded((down, 0.0, 28.0), days=(until - 1.0,)),
        unloaded((down, 0.0, 28.0), niche="dg"),
    ):
        assert not predictions.like_reference(packaged(), other)
