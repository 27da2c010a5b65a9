"""One set of predictions for all tests of this folder."""

from __future__ import annotations

import pytest

from soleus.api import packaged
from soleus.catalogue.studies import load_study
from soleus.evidence.predictions import Predictions, predict
from soleus.study import bind


@pytest.fixture(scope="session")
def predictions() -> Predictions:
    """Predictions of the account's study, all computed anew."""
    return predict(packaged(), bind(load_study(packaged(), "leg-day")), workers=2, stored=False)
