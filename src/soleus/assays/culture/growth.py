"""The growth curve of a culture: cells counted at each passage, cumulated over the shares that were plated.

A flask is thinned at each passage to a density, a known share of its cells. What is counted stays a count:
the share counted and the shares plated make its exposure, so that count over exposure is the cumulated
number, and the noise stays that of the cells that were seen.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from soleus.assays.counting import CountAssay
from soleus.assays.readouts import CellReadout
from soleus.engines import Start, mean_cells
from soleus.engines.generator import dense_generator
from soleus.errors import InputError, ModelError
from soleus.lineage import Process
from soleus.lineage.process import FloatArray
from soleus.movement import Modifiers

__all__ = [
    "GrowthCourse",
    "cumulated",
    "doubling_days",
    "growth_assay",
    "growth_course",
    "stable_growth_rate",
]


def growth_assay(
    cells: CellReadout,
    *,
    counted_fraction: float,
    flask_cv: float,
    count_cv: float,
    chambers: int = 1,
    name: str = "growth curve",
    label: str = "living cells of the culture",
) -> CountAssay:
    """Return counts of a culture's living cells, as in a counting chamber.

    Parameters
    ----------
    cells
        Read-out of all living cells.
    counted_fraction
        Share of the flask's cells that one chamber holds.
    flask_cv
        Coefficient of variation of what all chambers of a flask share: recovery, dilution, pipetting.
    count_cv
        Coefficient of variation of one chamber beyond chance.
    """
    return CountAssay(
        name=name,
        label=label,
        readout=cells,
        units=chambers,
        fraction=counted_fraction,
        exposure=counted_fraction,
        exposure_unit="fraction",
        unit_level="culture" if chambers == 1 else "well",
        position_cv=flask_cv,
        unit_cv=count_cv,
    )


def cumulated(counts: FloatArray, exposures: FloatArray) -> FloatArray:
    """Return cumulated cell numbers from counts and their exposures, shapes as given.

    Parameters
    ----------
    exposures
        Share counted times the shares plated so far: the column ``exposure`` of the table.
    """
    counts, exposures = np.asarray(counts, dtype=float), np.asarray(exposures, dtype=float)
    if np.any(exposures <= 0.0) or np.any(exposures > 1.0):
        raise InputError(f"exposures must lie in (0, 1], got {exposures.min():g} to {exposures.max():g}")
    return np.asarray(counts / exposures)


@dataclass(frozen=True, slots=True, eq=False)
class GrowthCourse:
    """Mean cells of a culture over time, the day of a passage twice: before and after it.

    Attributes
    ----------
    days, flask, cumulated
        Days, cells in the flask, and cells with all that was not plated again, each shape (T,).
    """

    days: FloatArray
    flask: FloatArray
    cumulated: FloatArray


def growth_course(
    process: Process,
    modifiers: Modifiers,
    start: Start,
    cells: CellReadout,
    *,
    days: Sequence[float],
    plated_cells: float,
) -> GrowthCourse:
    """Return the saw-tooth of a culture that is replated at one density, and its cumulated number.

    Parameters
    ----------
    process
        Of the culture as a whole: its passages lose cells in dissociation and plate all others again.
    cells
        Read-out of all living cells.
    days
        Increasing days besides those of the passages.
    plated_cells
        Cells that each passage plates again, or all that there are if fewer.

    Notes
    -----
    Cells do not interact, so thinning to a number only rescales what follows: the flask is the whole
    culture times the share plated so far.
    """
    if not plated_cells > 0.0:
        raise InputError(f"plated_cells must be above 0, got {plated_cells:g}")
    weights = cells.weights(process)
    passed = {j.day: j for j in process.jumps if j.day <= max(days)}
    every = sorted({*days, *passed})
    means = mean_cells(process, modifiers, start, days=every)
    rows, share = [], 1.0
    for day, mean in zip(every, means, strict=True):
        whole = float(weights @ mean)
        rows.append((day, whole * share, whole))
        if day in passed:
            whole = float(weights @ passed[day].forward(mean))
            share = min(share, plated_cells / whole) if whole > 0.0 else share
            rows.append((day, whole * share, whole))
    found = np.array(rows)
    return GrowthCourse(found[:, 0], found[:, 1], found[:, 2])


def stable_growth_rate(process: Process, role_values: FloatArray | None = None) -> float:
    """Return the rate of stable exponential growth between passages, per day.

    Parameters
    ----------
    role_values
        Multipliers of the process' roles, shape (R,); None: all 1.

    Raises
    ------
    ModelError
        If the process has sources: what enters from outside grows in another way.
    """
    if process.has_outside:
        raise ModelError(f"process {process.name!r} has sources; it has no stable growth of its own")
    values = np.ones(len(process.roles)) if role_values is None else role_values
    return float(np.linalg.eigvals(dense_generator(process, values)).real.max())


def doubling_days(rate_per_day: float) -> float:
    """Return the doubling time in days; infinite where nothing grows."""
    return math.log(2.0) / rate_per_day if rate_per_day > 0.0 else math.inf
