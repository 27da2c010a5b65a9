"""A matrix made by hand: four rows, three studies, probabilities that can be told by heart."""

from __future__ import annotations

import math
from dataclasses import replace

from soleus.api import packaged
from soleus.evidence.findings import Finding, findings
from soleus.evidence.matrix import Cell, Matrix, SetRow

BELOW = 0.05
# One finding with a DOI, three without one, one of them a size; two arms, two species.
FOUND = ("adami-2018/ki67", "gros-2024/week", "gros-2024-survival/week", "yasuhara-2007/suspended")
SIZE = 0.5
# Chance of each finding in the order above, and p, evidence and evidence for the sign.
ROWS = {
    "stem-cycle": ((0.9, 0.4, 0.1, 0.8), 0.4, 1.5, 0.9),
    "afferent-and-intrinsic": ((0.7, 0.5, 0.2, 0.6), 0.0501, 0.6, 0.0),
    "lactate-activation": ((0.3, 0.6, 0.3, 0.02), 0.0499, 0.1, -0.7),
    "no-effect": ((0.1, 0.8, 0.1, 0.05), 0.01, 0.0, 0.0),
}
# What the set moves at the prior's median strength.
SENSITIVE = {
    "stem-cycle": (),
    "afferent-and-intrinsic": FOUND,
    "lactate-activation": FOUND[:2],
    "no-effect": (),
}
# Posterior predictive p without a study, where it is another one.
WITHOUT = {("lactate-activation", "yasuhara-2007"): 0.31, ("stem-cycle", "gros-2024"): 0.6}
LABELS = {"no-effect": "no effect of movement on any of it"}


def tiny_findings() -> tuple[Finding, ...]:
    """Return four findings of the catalogue, one of them with a size."""
    known = {f.id: f for f in findings(packaged())}
    found = [known[name] for name in FOUND]
    found[3] = replace(found[3], log_ratio=math.log(SIZE))
    return tuple(found)


def tiny_matrix() -> Matrix:
    """Return it."""
    found = tiny_findings()
    studies = tuple(dict.fromkeys(f.study for f in found))
    rows = tuple(_row(name, found, studies) for name in ROWS)
    return Matrix(rows, studies, found, BELOW)


def _row(name: str, found: tuple[Finding, ...], studies: tuple[str, ...]) -> SetRow:
    _, p, evidence, sign = ROWS[name]
    return SetRow(
        name=name,
        label=LABELS.get(name, name.replace("-", " ")),
        cells={study: _cell(name, study, found) for study in studies},
        predictive_p=p,
        predictive_p_without={study: WITHOUT.get((name, study), p) for study in studies},
        refuted=p < BELOW,
        log10_evidence=evidence,
        log10_for_sign=sign,
        reach=0.0 if name == "no-effect" else 1.25,
    )


def _cell(name: str, study: str, found: tuple[Finding, ...]) -> Cell:
    chances = {f.id: c for f, c in zip(found, ROWS[name][0], strict=True) if f.study == study}
    joint = math.prod(chances.values())
    return Cell(
        study=study,
        probability=joint,
        per_finding=joint ** (1.0 / len(chances)),
        chances=chances,
        ratios={f: (0.6 * c + 0.4, 0.5 * c + 0.2, 1.0 + c) for f, c in chances.items()},
        sensitive=tuple(f for f in chances if f in SENSITIVE[name]),
    )
