"""The cache of figures, apart from the user's."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest


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
