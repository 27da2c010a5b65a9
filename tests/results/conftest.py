"""One set of predictions for all tests of this folder."""

from __future__ import annotations

import pytest

from soleus.catalogue.studies import load_study
from soleus.evidence.predictions import Predictions, predict
from soleus.study import bind


@pytest.fixture(scope="session")
def predictions() -> Predictions:
    """Predictions of the account's study, all computed anew."""
    return predict(bind(load_study("leg-day")), workers=2, stored=False)
