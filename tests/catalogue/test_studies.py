"""The studies, activities, mechanisms and the stored fit: content that means what it says."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from soleus.api import packaged
from soleus.assays import PublishedMean
from soleus.catalogue import store
from soleus.catalogue.calibrations import resting_calibration, write_calibration
from soleus.catalogue.datasets import resting_series, resting_study
from soleus.catalogue.lineages import lineage_entry, niche
from soleus.catalogue.movement import activities, mechanism_sets, mechanisms, movement_entries, signals
from soleus.catalogue.studies import load_study, study_entry, study_names
from soleus.errors import UnknownNameError
from soleus.study import bind, log_prob, pointwise_published

STORED = resting_calibration(packaged())
SERIES = resting_series(packaged())


def test_both_studies_are_there_and_unknown_ones_get_the_nearest():
    assert {"adami-2018", "leg-day"} <= set(study_names(packaged()))
    with pytest.raises(UnknownNameError, match=r"Did you mean 'leg-day'\? Known: adami-2018, "):
        load_study(packaged(), "legday")


def test_the_account_and_the_paper_differ_where_they_should():
    account, paper = load_study(packaged(), "leg-day"), load_study(packaged(), "adami-2018")
    assert account.sampling_days == (28.0,)
    assert paper.sampling_days == (14.0,)
    for study in (account, paper):
        assert (study.sex, study.strain, study.housing) == ("male", "C57BL/6", "single")
        assert 115.0 <= study.age_days <= 130.0
        assert (study.reported.readout, study.reported.day, study.reported.ratio) == (
            "ki67_density",
            14.0,
            0.30,
        )
        assert [g.factors["Hindlimb Unloading"] for g in study.groups] == [
            "Normally Loaded Control",
            "Hindlimb Unloaded",
        ]
        ki67 = study.assays[0]
        assert (ki67.readout.name, ki67.units, ki67.exposure, ki67.exposure_unit) == (
            "ki67_density",
            2,
            0.5,
            "mm2",
        )
        for assay in study.assays[1:]:
            # A stereological count states the sampled fraction as its exposure.
            assert assay.exposure == assay.fraction


def test_a_study_stands_on_the_fitted_lineage():
    study = load_study(packaged(), "leg-day")
    for name, value in STORED.theta.items():
        if name in study.niche.parameters:
            assert study.niche.parameters[name] == value
    changed = load_study(packaged(), "leg-day", variants=("activation-basak",))
    assert changed.niche.parameters["activation_rate"] == 0.05


def test_every_study_names_a_known_set():
    for name in study_names(packaged()):
        assert study_entry(packaged(), name).set in mechanism_sets(packaged())


def test_with_off_switches_all_mechanisms_on():
    off = {m.name for m in load_study(packaged(), "leg-day").mechanisms if not m.on}
    assert off == {"oxygen-activation", "hypoxia-activation"}
    assert all(m.on for m in load_study(packaged(), "leg-day", with_off=True).mechanisms)


def test_every_mechanism_has_a_set_of_its_own():
    """Else switching it on would change nothing that is predicted."""
    alone = {next(iter(members)) for members in mechanism_sets(packaged()).values() if len(members) == 1}
    # Maturation moves no Ki67, which every set is scaled by: it comes with another intrinsic state only.
    maturing = {
        n for n, m in movement_entries(packaged()).mechanisms.items() if m.role.startswith("maturation")
    }
    assert alone == set(mechanisms(packaged())) - maturing
    assert maturing <= {m for members in mechanism_sets(packaged()).values() for m in members}
    for shares in mechanism_sets(packaged()).values():
        assert all(0.0 < share <= 1.0 for share in shares.values())


def test_unknown_sets_are_refused():
    assert mechanism_sets(packaged(), "amplification") == {"amplification": {"amplification": 1.0}}
    with pytest.raises(UnknownNameError, match="amplification"):
        mechanism_sets(packaged(), "amplifcation")


def test_unloading_unloads():
    known, normal = activities(packaged()), signals(packaged())
    rest = known["free_ambulation"]
    assert rest.drives == {}
    unloaded = known["hindlimb_unloading"].drives
    assert unloaded["load"] == 0.0
    assert unloaded["muscle_activity"] < 1.0
    assert unloaded["suspension"] == 1.0
    # The control that tells unloading from hanging: as suspended, and fully loaded.
    hanging = known["suspended_loaded"].drives
    assert (hanging["load"], hanging["suspension"]) == (1.0, 1.0)
    assert known["partial_weight_bearing"].drives["load"] == 0.4
    for name, signal in normal.items():
        assert signal.normal == (0.0 if signal.drive in ("suspension", "isolation") else 1.0), name


def test_every_mechanism_lowers_proliferation_or_says_otherwise():
    """Directions by hand: what less load does to the role of each mechanism in the SVZ."""
    expected = {
        "afferent-activation": -1,
        "recovering-afferent-activation": -1,
        "return-to-rest": 1,
        "stem-cycle": -1,
        "fading-stem-cycle": -1,
        "intrinsic-consumption": 1,
        "intrinsic-return": 1,
        "intrinsic-neuron-maturation": -1,
        "intrinsic-oligodendrocyte-maturation": -1,
        "lactate-activation": -1,
        "growth-factor-activation": -1,
        "neuroblast-survival": 1,
        "isolation-activation": -1,
        "hypoxia-activation": 1,  # the other sign of the oxygen story
        "amplification": -1,
        "amplifying-cycle": -1,
        "amplifying-death": 1,
        "stem-death": 1,
        "glucocorticoid-activation": -1,
        "oxygen-activation": -1,
    }
    study = load_study(packaged(), "leg-day")
    regimen = study.group("unloaded").regimen
    found = {}
    for name, mechanism in mechanisms(packaged()).items():
        deviation = signals(packaged())[mechanism.signal].course(regimen).deviation(np.array([2.0]))
        found[name] = int(np.sign(mechanism.response(deviation)[0]))
    assert found == expected


def test_citations_of_movement_exist():
    entries = movement_entries(packaged())
    for section in (entries.activities, entries.signals, entries.mechanisms):
        for entry in section.values():
            assert entry.citation is None or entry.citation in store.citations(packaged())


# The resting series and the fit to it.


def test_the_series_is_the_published_one():
    frame = SERIES.observations.frame
    assert len(frame) == 30
    shook = frame[frame["assay"] == "shook-stem"]
    assert shook["value"].tolist() == [6200.0, 5805.0, 4607.0, 1617.0, 607.0]
    assert shook["se"].tolist() == [200.0, 519.5, 369.0, 170.1, 109.6]
    assert shook["age_days"].tolist() == [60.0, 90.0, 180.0, 360.0, 720.0]
    assert (frame["day"] == frame["age_days"] - 60.0).all()
    assert {a.scale_name for a in SERIES.assays} == set(SERIES.scales)
    assert [k for k, s in SERIES.scales.items() if not s.free] == ["scale_shook"]
    assert set(SERIES.citations) <= set(store.citations(packaged()))


def test_the_stored_names_are_those_of_the_model():
    free = {k for k, p in lineage_entry(packaged(), "svz").parameters.items() if p.free}
    scales = {f"scale:{k}" for k, s in SERIES.scales.items() if s.free}
    assert set(STORED.theta) == free | scales | {"discrepancy_cv"}
    assert STORED.n_free == len(STORED.theta)
    assert STORED.n_points == len(STORED.points) == len(SERIES.observations)
    assert STORED.n_free < STORED.n_points
    assert all(v > 0.0 for v in STORED.theta.values())
    assert STORED.made_by == "python -m soleus.evidence.calibrate_resting"
    assert "soleus" in STORED.versions


@pytest.fixture(scope="module")
def fitted():
    plain = bind(resting_study(packaged(), SERIES, niche(packaged(), "svz")), grid_error=0.05)
    return plain.at(STORED.theta)


def test_the_stored_points_come_back(fitted):
    found = pointwise_published(fitted, SERIES.observations)
    for point, row, (predicted, residual) in zip(
        STORED.points, SERIES.observations.frame.itertuples(), found, strict=True
    ):
        assert (point.source, point.readout, point.age_days) == (row.assay, row.readout, row.age_days)
        assert (point.observed, point.se) == (row.value, row.se)
        assert predicted == pytest.approx(point.predicted, rel=1e-3)
        assert residual == pytest.approx(point.residual, abs=0.01)
        assay = next(a for a in fitted.study.assays if a.name == point.source)
        assert isinstance(assay, PublishedMean)
        half = 1.959964 * assay.log_sd(point.observed, point.se)
        assert math.log(point.high / point.predicted) == pytest.approx(half, abs=1e-3)
        assert math.log(point.predicted / point.low) == pytest.approx(half, abs=1e-3)


def test_nine_in_ten_points_lie_inside():
    inside = [p.low <= p.observed <= p.high for p in STORED.points]
    assert np.mean(inside) >= 0.9
    # And they do so because the model fits, not because the intervals swallow everything.
    assert STORED.theta["discrepancy_cv"] < 0.3
    assert math.sqrt(np.mean([p.residual**2 for p in STORED.points])) > 0.5


def test_the_residuals_have_no_trend():
    slope, se = STORED.trend
    years = np.array([p.age_days for p in STORED.points]) / 365.25
    residuals = np.array([p.residual for p in STORED.points])
    fit = np.polynomial.polynomial.polyfit(years, residuals, 1)
    assert fit[1] == pytest.approx(slope, abs=2e-3)
    assert se > 0.0
    assert abs(slope) < 1.96 * se


def test_the_stored_numbers_are_a_mode(fitted):
    """The log-posterior, prior and likelihood put together by hand, is flat in every direction."""
    parameters = lineage_entry(packaged(), "svz").parameters
    priors = {k: (p.internal_value, p.log_sd) for k, p in parameters.items() if p.free}
    priors |= {f"scale:{k}": (1.0, s.log_sd) for k, s in SERIES.scales.items() if s.free}
    priors["discrepancy_cv"] = (0.2, 0.5)

    def log_posterior(theta):
        x = [math.log(theta[k] / c) / s for k, (c, s) in priors.items()]
        return log_prob(fitted, SERIES.observations, theta) - 0.5 * float(np.dot(x, x))

    here = log_posterior(STORED.theta)
    assert here == pytest.approx(STORED.log_posterior, abs=2e-3)
    slopes = []
    for name, (_, sd) in priors.items():
        step = math.exp(1e-3 * sd)
        up, down = (log_posterior({**STORED.theta, name: STORED.theta[name] * f}) for f in (step, 1.0 / step))
        slopes.append((up - down) / 2e-3)
        assert up + down < 2.0 * here, name
    assert np.linalg.norm(slopes) < 0.05
    assert STORED.gradient_norm < 0.05


def test_each_scale_factor_says_what_it_is_worth():
    free = {k for k, s in SERIES.scales.items() if s.free}
    assert free <= set(STORED.discrepancy_without_scale)
    assert all(0.0 < v < 1.0 for v in STORED.discrepancy_without_scale.values())


def test_a_calibration_is_written_and_read_back(tmp_path: Path):
    from soleus.catalogue.folder import load_yaml

    content = STORED.model_dump(mode="json", exclude={"name"})
    path = write_calibration(packaged(), "again", content, folder=tmp_path)
    text = path.read_text()
    assert text.startswith("# Made by code")
    import yaml

    assert yaml.safe_load(text) == {**content, "trend": list(STORED.trend), "points": content["points"]}
    assert load_yaml(packaged(), "calibrations/svz-resting.yaml")["theta"] == STORED.theta
