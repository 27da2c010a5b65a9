"""A made-up result of a run, small real ones, and predictions, for all tests of this folder."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # run_sample.py

from run_sample import make_result

from soleus.answers.run.build import RunOutcome, run_study
from soleus.answers.run.values import RunResult
from soleus.api import packaged
from soleus.catalogue.studies import load_study
from soleus.conduct import RunOptions
from soleus.evidence.predictions import Predictions, predict
from soleus.study import bind


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the user's cache out of the tests, and the tests out of the user's cache."""
    before = os.environ.get("SOLEUS_CACHE")
    os.environ["SOLEUS_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    yield
    if before is None:
        del os.environ["SOLEUS_CACHE"]
    else:
        os.environ["SOLEUS_CACHE"] = before


@pytest.fixture(scope="session")
def result() -> RunResult:
    return make_result()


@pytest.fixture(scope="session")
def build() -> Callable[..., RunResult]:
    """The builder itself, for tests that need another cohort."""
    return make_result


@pytest.fixture(scope="session")
def predictions() -> Predictions:
    """Predictions of the account's study, all computed anew."""
    return predict(packaged(), bind(load_study(packaged(), "leg-day")), workers=2, stored=False)


@pytest.fixture(scope="session")
def runs() -> dict[str, RunOutcome]:
    """A small run of each study."""
    options = RunOptions(seed=4, animals=3)
    return {name: run_study(packaged(), name, options, workers=2) for name in ("leg-day", "adami-2018")}
