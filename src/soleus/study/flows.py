"""Cells per day between types: the flows of a lineage at one moment."""

from __future__ import annotations

from dataclasses import dataclass

from soleus.lineage import Process
from soleus.lineage.process import FloatArray

__all__ = ["TypeFlow", "type_flows"]


@dataclass(frozen=True, slots=True)
class TypeFlow:
    """Cells per day from one type to another; ``target`` None is death."""

    source: str
    target: str | None
    transition: str
    role: str
    cells_per_day: float


def type_flows(process: Process, *, cells: FloatArray, role_values: FloatArray) -> tuple[TypeFlow, ...]:
    """Return all flows between different types, summed over phases and stages.

    Parameters
    ----------
    cells
        Mean cells per microstate, shape (n,).
    role_values
        Multipliers of the roles, shape (R,).
    """
    a = process.arrays
    totals: dict[tuple[str, str | None, str, str], float] = {}
    for e in range(len(a.exit_source)):
        if process.advance[e]:
            continue
        first, last = int(a.exit_fates[e]), int(a.exit_fates[e + 1])
        shares = [
            a.fate_probability[f] * (1.0 if a.fate_role[f] < 0 else role_values[a.fate_role[f]])
            for f in range(first, last)
        ]
        hazard = a.exit_rate[e] * role_values[a.exit_role[e]] * cells[a.exit_source[e]] / sum(shares)
        source = process.microstates[a.exit_source[e]].type
        what = (process.transitions[process.exit_transition[e]], process.roles[a.exit_role[e]])
        for f, share in zip(range(first, last), shares, strict=True):
            born = a.daughters[a.fate_daughters[f] : a.fate_daughters[f + 1]]
            targets: list[str | None] = [process.microstates[j].type for j in born] or [None]
            for target in targets:
                if target != source:
                    key = (source, target, *what)
                    totals[key] = totals.get(key, 0.0) + float(hazard * share)
    return tuple(TypeFlow(*key, value) for key, value in totals.items() if value > 0.0)
