"""Solve all findings under all mechanism sets and store the curves.

Run again with ``python -m soleus.evidence.calibrate_findings`` after any change of studies, lineages,
read-outs or movement; ``--check`` compares with what is stored instead.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence

import numpy as np

from soleus.catalogue.folder import Catalogue, load_catalogue
from soleus.evidence.finding_responses import SetCurves, solve
from soleus.evidence.stored import compared, read_curves, write_curves
from soleus.jobs import NoProgress, Progress, RichProgress
from soleus.provenance import versions

__all__ = ["difference", "main"]

_MADE_BY = "python -m soleus.evidence.calibrate_findings"
_CLOSE = 1e-5


def main(
    catalogue: Catalogue, arguments: list[str] | None = None, *, progress: Progress | None = None
) -> int:
    """Solve and store, or compare with what is stored."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare with the stored result")
    parser.add_argument("--quiet", action="store_true", help="show no progress")
    options = parser.parse_args(arguments)
    told = progress or (NoProgress() if options.quiet else RichProgress())
    made = solve(catalogue, compared(catalogue), workers=2, progress=told)
    if options.check:
        worst = difference(made, read_curves(catalogue))
        print(f"largest change of a log-ratio or strength: {worst:.2g}")
        return 0 if worst < _CLOSE else 1
    print(f"written: {write_curves(catalogue, made, made_by=_MADE_BY, versions=versions())}")
    return 0


def difference(made: Sequence[SetCurves], stored: Sequence[SetCurves] | None) -> float:
    """Return the largest change of a log-ratio or strength, infinite where data files or sets differ."""
    if stored is None or [one.name for one in made] != [one.name for one in stored]:
        return math.inf
    return max(
        float(np.max(np.abs(getattr(a, name) - getattr(b, name))))
        for a, b in zip(made, stored, strict=True)
        for name in ("curves", "grid", "declared", "flipped")
    )


if __name__ == "__main__":
    raise SystemExit(main(load_catalogue()))
