"""Lets the tests of this folder share ``evidence_models``, and solved responses among them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from soleus.api import packaged

sys.path.insert(0, str(Path(__file__).parent))

from soleus.evidence.finding_responses import SetResponses
from soleus.evidence.stored import finding_responses


@pytest.fixture(scope="session")
def shipped_responses() -> tuple[SetResponses, ...]:
    """What every set of the catalogue predicts for every finding."""
    return finding_responses(packaged(), workers=2)
