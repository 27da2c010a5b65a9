"""One set of predictions and one run of each study for all tests of this folder."""

from __future__ import annotations

import pytest

from soleus.api import packaged
from soleus.catalogue.studies import load_study
from soleus.evidence.predictions import Predictions, predict
from soleus.results.run import RunOptions, RunOutcome, run_study
from soleus.study import bind


@pytest.fixture(scope="session")
def predictions() -> Predictions:
    """Predictions of the account's study, all computed anew."""
    return predict(packaged(), bind(load_study(packaged(), "leg-day")), workers=2, stored=False)


@pytest.fixture(scope="session")
def runs() -> dict[str, RunOutcome]:
    """A small run of each study."""
    options = RunOptions(seed=4, animals=3)
    return {name: run_study(packaged(), name, options, workers=2) for name in ("leg-day", "adami-2018")}
