"""The linter of designs: what stands between the table and an honest answer, with its size and its mend."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING

from soleus.analysis import lint_design, lint_values
from soleus.analysis.findings import Finding, Severity, blocks
from soleus.errors import InputError, unknown_name

if TYPE_CHECKING:
    import pandas as pd

    from soleus.analysis.declaration import AnalysisPlan
    from soleus.observations import Observations

__all__ = ["CODES", "Finding", "Severity", "lint"]

CODES = (
    "pseudoreplication",
    "cage-confounded",
    "housing-confounded",
    "zero-images-missing",
    "percent-without-denominator",
    "no-family",
    "not-blinded",
    "outside-range",
    "unequal-sections",
    "observer-per-group",
    "excluded-in-one-group",
    "few-animals",
)
"""Every code that a finding can have."""

_ORDER = ("error", "warning", "note")


def lint(
    observations: Observations,
    plan: AnalysisPlan | None = None,
    *,
    ranges: Mapping[str, tuple[float, float]] | None = None,
) -> tuple[Finding, ...]:
    """Return the weaknesses of a design, the gravest first.

    Parameters
    ----------
    observations
        The table.
    plan
        Its families and contrasts; None counts every read-out as undeclared.
    ranges
        Read-out to the lowest and highest value that its assay can give.

    Raises
    ------
    UnknownNameError, InputError
        A range of a read-out that the table does not have, or that is empty.
    """
    limits = dict(ranges or {})
    for readout, (low, high) in limits.items():
        if readout not in observations.readouts:
            raise unknown_name("readout", readout, observations.readouts)
        if not low < high:
            raise InputError(f"the range of {readout!r} is empty: {low:g} to {high:g}; give low, then high")
    frame = observations.frame
    if plan is not None and plan.readouts:
        frame = frame[frame["readout"].isin(list(plan.readouts)).to_numpy(dtype=bool)]
    families = list(plan.families.values()) if plan is not None else []
    contrasts = len(plan.pairs(observations.groups)) if plan is not None and not plan.factorial else 1
    of_blocks, tested = _of_blocks(frame, limits)
    found = [
        *of_blocks["pseudoreplication"],
        *lint_design.cage_confounded(frame),
        *lint_design.housing_differs(frame),
        *lint_values.zero_images_missing(frame),
        *of_blocks["percent"],
        *lint_values.endpoints_without_family(tested, families=families, contrasts=contrasts),
        *lint_design.not_blinded(frame),
        *of_blocks["range"],
        *of_blocks["unequal"],
        *of_blocks["observer"],
        *lint_design.excluded_in_one_group(frame),
        *of_blocks["few"],
    ]
    return tuple(sorted(found, key=lambda finding: _ORDER.index(finding.severity)))


def _of_blocks(
    frame: pd.DataFrame, limits: Mapping[str, tuple[float, float]]
) -> tuple[dict[str, list[Finding]], list[tuple[str, str]]]:
    """Look at each block once; return what was found by linter, and read-out and place of each block."""
    found: dict[str, list[Finding]] = defaultdict(list)
    tested: list[tuple[str, str]] = []
    for block in blocks(frame):
        tested.append((str(block.rows["readout"].iloc[0]), block.where))
        found["pseudoreplication"] += lint_values.pseudoreplication(block)
        found["percent"] += lint_values.percent_without_denominator(block)
        found["range"] += lint_values.outside_range(block, limits)
        found["unequal"] += lint_values.unequal_sections(block)
        found["observer"] += lint_design.observer_per_group(block)
        found["few"] += lint_design.few_animals(block)
    return found, tested
