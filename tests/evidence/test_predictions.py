"""Stored responses: the same as computed ones, used only for the inputs that they were made from."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from soleus.catalogue.calibrations import EffectCalibration, effect_calibration
from soleus.catalogue.studies import load_study, study_names
from soleus.evidence import predictions
from soleus.evidence.calibrate_effects import calibrate, difference
from soleus.evidence.predictions import predict
from soleus.study import bind


@pytest.fixture(scope="module")
def made() -> EffectCalibration:
    return calibrate("adami-2018")


@pytest.mark.parametrize("study", study_names())
def test_a_run_finds_its_stored_responses(study: str) -> None:
    stored = effect_calibration(study)
    assert stored is not None
    key = predict(bind(load_study(study)), workers=1).key
    assert key == stored.key, "run: python -m soleus.evidence.calibrate_effects"


def test_stored_equals_computed(made: EffectCalibration) -> None:
    assert difference(made, effect_calibration("adami-2018")) < 1e-6


def test_a_planted_error_in_the_store_is_seen(made: EffectCalibration) -> None:
    name = next(iter(made.sets))
    wrong = np.array(made.sets[name].log_ratios) * 1.01
    changed = made.sets[name].model_copy(update={"log_ratios": wrong.tolist()})
    stored = made.model_copy(update={"sets": {**made.sets, name: changed}})
    assert difference(made, stored) > 1e-4


def test_other_inputs_have_another_key_and_are_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    study = load_study("adami-2018")
    base = predict(bind(study), workers=1)
    older = dataclasses.replace(study, age_days=study.age_days + 30.0)
    computed: list[int] = []
    real = predictions._computed

    def counted(*arguments: object) -> object:
        computed.append(1)
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(predictions, "_computed", counted)
    changed = predict(bind(older), workers=2)
    assert changed.key != base.key
    assert computed == [1]
    name = base.carrying[0]
    assert not np.allclose(changed.tables[name].log_ratios, base.tables[name].log_ratios, atol=1e-4)


def test_the_reported_ratio_is_met_by_every_set_that_reaches_it() -> None:
    for study in study_names():
        found = predict(bind(load_study(study)), workers=1)
        reported = found.responder.experiment.study.reported
        assert reported is not None
        ratios = found.reported(reported.readout, reported.day)
        assert len(ratios) >= 4
        for ratio in ratios.values():
            assert math.isclose(ratio, reported.ratio, rel_tol=1e-6)
        unable = set(found.tables) - set(ratios)
        assert unable
        for name in unable:
            assert math.exp(found.tables[name].strongest(reported.readout, reported.day)) > reported.ratio
