"""A group of which nothing is left to read: no mean of nothing, no crash, and the number of animals is 0."""

from __future__ import annotations

import pytest

from soleus.answers.run.build import run_study
from soleus.api import packaged
from soleus.conduct import RunOptions


@pytest.mark.parametrize("seed", [4911990653177745086, 1399069342089511548])
def test_a_culture_that_died_out_is_reported(seed: int) -> None:
    result = run_study(packaged(), "adami-2018-culture", RunOptions(seed=seed), workers=2).result
    gone = [(r, g) for r in result.readouts for g, n in r.n_by_group.items() if n == 0]
    assert gone
    for row, group in gone:
        assert group not in row.mean_by_group
        assert group not in row.quantiles_by_group
        assert row.effect is None
