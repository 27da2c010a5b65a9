"""Mixed models: against glmmTMB's answers, simulated reference and all, and what they must not hide."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tables import rows_of, sample

from soleus.analysis import AnalysisPlan, Effect, analyse
from soleus.analysis.clusters import compare_mixed
from soleus.analysis.likelihoods import Likelihood, fit
from soleus.analysis.mixed import fit_mixed
from soleus.analysis.predictor import two_groups
from soleus.analysis.simulated import posed
from soleus.analysis.wording import Settings
from soleus.observations import Observations

STORED = json.loads(Path(__file__).with_name("r_mixed_counts.json").read_text(encoding="utf-8"))
SETS = {one["name"]: one for one in STORED["sets"]}


def groups_of(one: dict[str, Any]) -> list[Any]:
    data = {name: np.array(column) for name, column in one["data"].items()}
    data["size"] = np.broadcast_to(data["size"], data["total"].shape).astype(float)
    return [
        sample(g, data["total"][data["group"] == g], data["size"][data["group"] == g],
               cage=data["cluster"][data["group"] == g].tolist())
        for g in ("b", "a")
    ]  # fmt: skip


def model_of(one: dict[str, Any]) -> tuple[Likelihood, np.ndarray]:
    groups = groups_of(one)
    put_to = posed(groups, what="proportion" if one["kind"] == "shares" else "rate", cluster="cage")
    treated = np.repeat([1.0, 0.0], [len(g) for g in groups])
    return put_to.model(two_groups(treated)), put_to.data


@pytest.mark.parametrize("name", SETS)
def test_counts_and_shares_agree_with_glmmtmb(name: str) -> None:
    """glmmTMB takes Laplace's approximation where this takes quadrature: the third digit may differ."""
    one = SETS[name]
    model, data = model_of(one)
    theta, full = fit(model, data[None])
    _, bare = fit(model, data[None], effect=0.0)
    assert theta[0, 1] == pytest.approx(one["estimate"], abs=0.02)
    assert 2 * float(full[0] - bare[0]) == pytest.approx(one["lrt"], rel=0.03, abs=0.02)
    assert float(full[0]) == pytest.approx(one["loglik"], abs=0.5)


@pytest.mark.parametrize("name", SETS)
def test_gradients_are_those_of_the_likelihood(name: str) -> None:
    model, data = model_of(SETS[name])
    theta = fit(model, data[None])[0] + 0.1
    _, slope = model.log_prob(data[None], theta)
    for k in range(theta.shape[1]):
        step = np.zeros_like(theta)
        step[0, k] = 1e-5
        up, down = (model.log_prob(data[None], theta + s * step)[0][0] for s in (1.0, -1.0))
        assert slope[0, k] == pytest.approx((up - down) / 2e-5, rel=5e-3, abs=1e-3)


def test_simulated_tables_have_the_clusters_of_the_design() -> None:
    for one in SETS.values():
        model, data = model_of(one)
        theta = fit(model, data[None])[0]
        drawn = model.simulate(np.repeat(theta, 400, axis=0), np.random.default_rng(1))
        assert drawn.shape == (400, *data.shape)
        assert drawn.sum(axis=(1, 2)).mean() == pytest.approx(data.sum(), rel=0.25)


def mixed(one: dict[str, Any], **more: Any) -> Any:
    what = "proportion" if one["kind"] == "shares" else "rate"
    settings = Settings(cluster="cage", draws=199, **more)
    return compare_mixed(groups_of(one), (1.0, -1.0), what=what, method="robust", settings=settings)


def test_a_zero_in_mixed_cages_is_no_dead_end() -> None:
    found = mixed(SETS["eight made-up cages with exposures"])
    assert isinstance(found, Effect)
    assert found.key == "mixed-counts" and found.low < found.estimate < found.high
    assert "simulated data sets" in str(found.note)
    assert found.p_value < 0.05


def test_shares_in_mixed_herds() -> None:
    found = mixed(SETS["cbpp, periods 1 and 2 in herds"])
    assert isinstance(found, Effect) and found.scale == "odds ratio"
    assert found.low < 0.4 < found.high < 1.1


def caged(**changes: Any) -> Observations:
    """Four cages, two with both groups, one value an animal."""
    frame = rows_of(
        {"hu": [20, 24, 18, 31, 26], "free": [40, 44, 35, 52, 47, 39]}, unit_level="animal", **changes
    )
    frame["cage"] = [*"aabcc", *"aabbdd"]
    return Observations(frame)


def test_all_animals_are_used_where_some_cages_hold_both_groups() -> None:
    """One misplaced animal must not leave the within-cage part alone."""
    row = analyse(caged(), AnalysisPlan("free", cluster="cage", seed=1)).comparisons[0]
    assert row.effect is not None and row.effect.key == "mixed-log"
    assert row.effect.n == {"hu": 5, "free": 6}
    assert "random cage" in row.effect.method
    blocked = analyse(caged(), AnalysisPlan("free", blocks=("cage",), seed=1)).comparisons[0]
    assert blocked.effect is not None and blocked.effect.key == "linear-log"


def test_a_cage_for_each_animal_is_plain_least_squares() -> None:
    rng = np.random.default_rng(3)
    y, x = rng.normal(size=10), np.repeat(np.eye(2), 5, axis=0)
    found = fit_mixed(y, x, cluster=np.arange(10))
    assert found is not None
    one = found.contrast(np.array([1.0, -1.0]))
    spread = sum(float(((y[k : k + 5] - y[k : k + 5].mean()) ** 2).sum()) for k in (0, 5)) / 8
    assert float(one.se) == pytest.approx((spread * 0.4) ** 0.5, rel=1e-4)


def test_fixed_effects_that_use_up_the_data_have_no_answer() -> None:
    assert fit_mixed(np.ones(2), np.eye(2), cluster=np.arange(2)) is None
    assert fit_mixed(np.ones(4), np.ones((4, 2)), cluster=np.arange(4)) is None


def test_animals_without_a_cage_are_told() -> None:
    frame = caged().frame.assign(cage=[*"aabcc", *"aabbd", None])
    row = analyse(Observations(frame), AnalysisPlan("free", cluster="cage", seed=1)).comparisons[0]
    assert row.effect is None and "1 animal of" in str(row.cannot)
