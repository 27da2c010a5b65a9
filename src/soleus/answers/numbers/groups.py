"""The assumptions of a result in the groups of the page, what is least sure first."""

from __future__ import annotations

from collections.abc import Iterable

from soleus.schema.values import Assumption

__all__ = ["assumption_groups"]

_STATUS_ORDER = ("provisional", "superseded", "fitted", "derived", "checked")
_GROUPS = {
    "The study": ("animals.", "variation.", "label.", "passage.", "assay."),
    "Movement and signals": ("activity.", "dose.", "bouts.", "signal."),
    "Mechanisms and size of the effect": ("mechanism.", "effect.prior", "effect.reported"),
    "The body": ("body.",),
    "Stress buffering (speculative)": ("index.",),
    "How published findings are scored": ("effect.directions.", "effect.headroom.", "verdict."),
    "Published findings": ("finding.",),
}
_LINEAGE = "The lineage"


def assumption_groups(assumptions: Iterable[Assumption]) -> list[tuple[str, list[Assumption]]]:
    """Return (heading, rows) pairs, none empty; whatever belongs to no other group is of the lineage."""
    found: dict[str, list[Assumption]] = {name: [] for name in (_LINEAGE, *_GROUPS)}
    for one in assumptions:
        found[_group(one.name)].append(one)
    return [
        (name, sorted(rows, key=lambda one: _STATUS_ORDER.index(one.status)))
        for name, rows in found.items()
        if rows
    ]


def _group(name: str) -> str:
    return next((group for group, starts in _GROUPS.items() if name.startswith(starts)), _LINEAGE)
