"""One small answer to every question, for the tests that hold for all of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from run_sample import make_result
from tiny_matrix import tiny_matrix
from tiny_panel import tiny_fingerprint

from soleus.answers import Answer
from soleus.answers.claims.build import judge_claims, only_claim
from soleus.answers.claims.sections import told_claims
from soleus.answers.claims.values import ClaimsResult
from soleus.answers.matrix.build import describe_matrix
from soleus.answers.matrix.sections import told_matrix
from soleus.answers.panel.build import describe_panel
from soleus.answers.panel.sections import told_panel
from soleus.answers.run.told import told_run
from soleus.api import packaged


def panel() -> Answer[Any]:
    return told_panel(describe_panel(packaged(), tiny_fingerprint()))


def matrix() -> Answer[Any]:
    return told_matrix(describe_matrix(packaged(), tiny_matrix()))


@cache
def judged() -> ClaimsResult:
    return judge_claims(packaged(), "leg-day", workers=2)


def claims() -> Answer[Any]:
    return told_claims(judged())


def one_claim() -> Answer[Any]:
    return told_claims(only_claim(packaged(), judged(), "nsc-70"), claim="nsc-70")


def run() -> Answer[Any]:
    return told_run(make_result())


# What stands after a colon is another answer to the same question.
SAMPLES: dict[str, Callable[[], Answer[Any]]] = {
    "claims": claims,
    "claims: one": one_claim,
    "matrix": matrix,
    "panel": panel,
    "run": run,
}
