"""The covariance that planning uses is the one that simulated animals have."""

from __future__ import annotations

import numpy as np
import pytest

from soleus.assays import CountAssay, FractionAssay, Readout
from soleus.planning import animal_covariance, statistic_values, statistics_of
from soleus.study.spread import Relative

READOUTS = tuple(Readout(name, name, (name,)) for name in "ABCD")
INDEX = {r.name: k for k, r in enumerate(READOUTS)}
MEAN = np.array([3000.0, 900.0, 400.0, 2000.0])
NICHE_CV = 0.2
# One role of the animals' own rates moves the read-outs unlike; chance is small and correlated.
OWN = np.array([[-0.1, 0.05, 0.2, 0.0]])[:, None, :] * np.array([-np.sqrt(3.0), 0.0, np.sqrt(3.0)])[:, None]
CHANCE = np.diag([0.002, 0.004, 0.01, 0.003]) + 0.001


def count(name: str, **changes) -> CountAssay:
    plain = {"units": 3, "fraction": 0.05, "position_cv": 0.15, "unit_cv": 0.25}
    return CountAssay(
        name=name,
        label=name,
        readout=READOUTS[INDEX[name]],
        exposure=1.0,
        exposure_unit="mm2",
        unit_level="section",
        **{**plain, **changes},
    )


ASSAYS = (
    count("A"),
    count("D", units=1, position_cv=0.1, unit_cv=0.0),
    FractionAssay("flow", "flow", READOUTS[:3], events=500, units=2, concentration=300.0,
                  confusion=((0.9, 0.1, 0.0), (0.05, 0.9, 0.05), (0.0, 0.1, 0.9))),
)  # fmt: skip
STATISTICS = statistics_of(ASSAYS)


def predicted() -> np.ndarray:
    relative = Relative(CHANCE, np.diag(CHANCE), CHANCE, OWN)
    return animal_covariance(STATISTICS, INDEX, mean=MEAN, relative=relative, niche_cv=NICHE_CV)


def drawn(animals: int, seed: int) -> np.ndarray:
    """Return the statistics of drawn animals, shape (animals, K)."""
    rng = np.random.default_rng(seed)
    size = np.log1p(NICHE_CV**2)
    logs = np.sqrt(size) * rng.standard_normal((animals, 1)) - 0.5 * size
    logs = logs + rng.standard_normal((animals, 1)) * np.array([-0.1, 0.05, 0.2, 0.0])
    logs = logs + rng.multivariate_normal(np.zeros(4), CHANCE, size=animals)
    cells = MEAN * np.exp(logs)
    columns = []
    for assay in ASSAYS:
        words = rng.integers(0, 2**64, size=(animals, 4), dtype=np.uint64)
        read = assay.draw(cells[:, [INDEX[r.name] for r in assay.readouts]], words)
        if isinstance(assay, CountAssay):
            columns.append(np.log(read.sum(axis=(1, 2))))
        else:
            shares = (read / read.sum(axis=2, keepdims=True)).mean(axis=1)
            columns += [np.log(shares[:, k] / (1.0 - shares[:, k])) for k in range(2)]
    return np.array(columns).T


def test_one_statistic_for_a_count_and_all_but_the_last_for_shares():
    assert [s.name for s in STATISTICS] == ["A", "D", "A", "B"]
    assert [s.is_share for s in STATISTICS] == [False, False, True, True]
    values = statistic_values(STATISTICS, INDEX, MEAN)
    assert values[0] == pytest.approx(np.log(3000.0))
    share = (3000.0 * 0.9 + 900.0 * 0.05) / 4300.0
    assert values[2] == pytest.approx(np.log(share / (1.0 - share)))


def test_the_covariance_is_that_of_drawn_animals():
    animals = 6000
    found = np.cov(drawn(animals, 1), rowvar=False)
    exact = predicted()
    # Standard error of a covariance of normal numbers; the delta method may be off by a few per cent.
    error = np.sqrt((np.outer(np.diag(exact), np.diag(exact)) + exact**2) / animals)
    assert np.all(
        np.abs(found - exact) < 4.0 * error + 0.04 * np.sqrt(np.outer(np.diag(exact), np.diag(exact)))
    )


def test_a_niche_size_moves_counts_together_and_shares_not_at_all():
    relative = Relative(CHANCE, np.diag(CHANCE), CHANCE, OWN)
    fixed = animal_covariance(STATISTICS, INDEX, mean=MEAN, relative=relative, niche_cv=0.0)
    added = predicted() - fixed
    size = np.log1p(NICHE_CV**2)
    np.testing.assert_allclose(added[:2, :2], size, rtol=1e-12)
    np.testing.assert_allclose(added[2:], 0.0, atol=1e-15)
