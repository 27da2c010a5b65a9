"""Cultures that are counted again and again: the same culture on all days, drawn as its cells behave."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from study_models import toy_study

from soleus.api import packaged
from soleus.catalogue.studies import load_study
from soleus.errors import ModelError, UnsupportedError
from soleus.streams import Streams
from soleus.study import Losses, Variation, allocate, bind, log_prob, simulate
from soleus.study.design import Study
from soleus.study.followed import followed_cells

DAYS = (3.0, 7.0, 10.0)


def culture(cultures: int, *, plated: float = 150.0, days: tuple[float, ...] = DAYS, **changes) -> Study:
    """A small culture, passaged once on day 7 with half of its cells plated again."""
    study = load_study(packaged(), "adami-2018-culture")
    small = study.niche.with_parameters({"plated_cells": plated}).with_passages([7.0], plated_fraction=0.5)
    fields = {
        "niche": small,
        "sampling_days": days,
        "assays": study.assays[:2],
        "variation": Variation(0.0, {}),
        "derived": (),
        **changes,
    }
    return replace(study, **fields).with_animals(cultures)


def drawn(study: Study, engine: str, seed: int = 5) -> np.ndarray:
    experiment = bind(study)
    streams = Streams(seed)
    animals = [a for a in allocate(study, streams) if a.group == "control"]
    return followed_cells(experiment, animals, streams=streams, engine=engine, workers=2)


@pytest.fixture(scope="module")
def both() -> dict[str, np.ndarray]:
    """Three hundred cultures by either engine, shape (N, D, R)."""
    study = culture(300)
    return {engine: drawn(study, engine) for engine in ("moments", "cells")}


def test_moments_have_the_mean_of_the_cells_on_every_day(both) -> None:
    means = {k: v.mean(axis=0) for k, v in both.items()}
    error = np.sqrt(sum(v.var(axis=0, ddof=1) / len(v) for v in both.values()))
    assert np.all(np.abs(means["moments"] - means["cells"]) < 4.5 * error)
    np.testing.assert_allclose(means["moments"], means["cells"], rtol=0.05)
    cells = means["moments"][:, 0]
    # It grows, and the passage on day 7 halves what is left alive.
    assert cells[0] < cells[1]
    assert cells[2] < cells[1] * (cells[1] / cells[0]) ** 0.75 * 0.6


def test_moments_spread_as_the_cells_do(both) -> None:
    spread = {k: v.std(axis=0, ddof=1) for k, v in both.items()}
    np.testing.assert_allclose(spread["moments"], spread["cells"], rtol=4.5 / np.sqrt(300))


def test_days_hang_together_as_in_the_cells(both) -> None:
    """A culture that is large on one day is large on the next: correlations on Fisher's scale."""
    found = {}
    for engine, values in both.items():
        flat = values.reshape(len(values), -1)
        found[engine] = np.corrcoef(flat.T)
    upper = np.triu_indices(len(found["cells"]), 1)
    difference = np.arctanh(found["moments"][upper]) - np.arctanh(np.minimum(found["cells"][upper], 1 - 1e-9))
    assert np.all(np.abs(difference) < 4.5 * np.sqrt(2.0 / 297))
    columns = both["cells"].shape[2]
    assert found["cells"][0, columns] > 0.4, "day 3 and day 7, all cells"
    assert found["moments"][0, columns] > 0.4


def test_the_table_holds_the_same_cultures_on_every_day() -> None:
    study = culture(4, plated=400.0)
    frame = simulate(bind(study), 3).frame
    by_day = {day: set(part["animal"]) for day, part in frame.groupby("day")}
    assert set(by_day) == set(DAYS)
    assert len(next(iter(by_day.values()))) == 8
    assert all(animals == by_day[DAYS[0]] for animals in by_day.values())
    groups = frame.groupby("animal", observed=True)["group"].nunique()
    assert set(groups) == {1}
    again = simulate(bind(study), 3, workers=3).frame
    np.testing.assert_array_equal(frame["value"], again["value"])


def test_a_culture_that_differs_differs_on_all_days() -> None:
    """Niche size is the culture's own: a large start is seen on every day."""
    study = culture(200, plated=2000.0, variation=Variation(0.4, {}))
    cells = drawn(study, "moments")[:, :, 0]
    correlations = np.corrcoef(np.log(cells).T)
    assert correlations[0, 1] > 0.9 and correlations[0, 2] > 0.9
    assert np.log(cells).std(axis=0) == pytest.approx(np.sqrt(np.log(1.16)) * np.ones(3), rel=0.25)


def test_each_day_is_counted_by_its_own_luck() -> None:
    """Counting is not the culture: the same cells on two days would not be counted the same."""
    study = culture(60, plated=2000.0, days=(3.0, 3.001))
    frame = simulate(bind(study), 3).frame
    cells = frame[frame["assay"] == study.assays[0].name]
    wide = cells.pivot_table(index="animal", columns="day", values="value", aggfunc="sum", observed=True)
    assert np.mean(wide.iloc[:, 0] == wide.iloc[:, 1]) < 0.5


def test_few_cells_are_refused_by_moments_and_followed_one_by_one() -> None:
    study = culture(2, plated=20.0)
    with pytest.raises(UnsupportedError, match=r"M001.*too few.*use the engine 'cells'"):
        simulate(bind(study), 3)
    frame = simulate(bind(study), 3, engine="cells").frame
    assert set(frame["day"]) == set(DAYS)


def test_only_cultures_can_be_followed() -> None:
    with pytest.raises(ModelError, match="only cultures"):
        toy_study(longitudinal=True)
    with pytest.raises(ModelError, match="only cultures"):
        replace(load_study(packaged(), "leg-day"), longitudinal=True)
    with pytest.raises(ModelError, match="losses of cultures"):
        culture(2, losses=Losses(animal=0.1))


def test_several_days_of_one_culture_have_no_likelihood_yet() -> None:
    study = culture(3, plated=400.0)
    experiment = bind(study)
    with pytest.raises(UnsupportedError, match="follows cultures over 3 days.*that day alone"):
        log_prob(experiment, simulate(experiment, 3), {})
    one = bind(culture(3, plated=400.0, days=(3.0,)))
    assert np.isfinite(log_prob(one, simulate(one, 3), {}))
