"""One small answer to every question, for the tests that hold for all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tiny_panel import tiny_fingerprint

from soleus.answers import Answer
from soleus.answers.panel.build import describe_panel
from soleus.answers.panel.sections import told_panel
from soleus.api import packaged


def panel() -> Answer[Any]:
    return told_panel(describe_panel(packaged(), tiny_fingerprint()))


SAMPLES: dict[str, Callable[[], Answer[Any]]] = {"panel": panel}
