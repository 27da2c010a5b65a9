"""One small answer to every question, for the tests that hold for all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from run_sample import make_result
from tiny_panel import tiny_fingerprint

from soleus.answers import Answer
from soleus.answers.panel.build import describe_panel
from soleus.answers.panel.sections import told_panel
from soleus.answers.run.told import told_run


def panel() -> Answer[Any]:
    return told_panel(describe_panel(tiny_fingerprint()))


def run() -> Answer[Any]:
    return told_run(make_result())


SAMPLES: dict[str, Callable[[], Answer[Any]]] = {"panel": panel, "run": run}
