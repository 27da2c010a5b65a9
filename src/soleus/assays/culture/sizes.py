"""Sizes of spheres: the cells that descend from one sphere-forming cell, and the diameter that they fill."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from soleus.assays.clones import CloneAssay, CloneClass, SparseLabel
from soleus.assays.counting import log_variance
from soleus.errors import InputError, ModelError
from soleus.lineage import Process
from soleus.lineage.process import FloatArray
from soleus.movement import Modifiers

__all__ = ["SphereAssay", "SphereSizes"]

_CLASSES = (CloneClass("lost", lacks=("cells",)), CloneClass("sphere", has=("cells",)))
_FIRST, _LARGEST = 256, 16_384
_MISSED = 1e-4
_BLOCK = 2_000_000


@dataclass(frozen=True, slots=True, eq=False)
class SphereSizes:
    """Sizes of the spheres that are counted.

    Attributes
    ----------
    cells
        Numbers of cells, ascending, shape (K,).
    probability
        Of each among the spheres that are counted, adding to 1, shape (K,).
    forming
        Probability that a sphere-forming cell makes a sphere that is counted.
    """

    cells: FloatArray
    probability: FloatArray
    forming: float

    @property
    def mean(self) -> float:
        """Mean number of cells of a sphere that is counted."""
        return float(self.cells @ self.probability)

    @property
    def sd(self) -> float:
        """Standard deviation of that number."""
        return math.sqrt(max(0.0, float((self.cells - self.mean) ** 2 @ self.probability)))


@dataclass(frozen=True, slots=True)
class SphereAssay:
    """Diameters of spheres some days after plating.

    Parameters
    ----------
    founders
        Cell types that found a sphere.
    plated_day
        On the axis of the modifiers.
    cell_diameter_um
        Diameter of one cell in the sphere, micrometres.
    packing
        Share of the sphere's volume that cells fill, in (0, 1].
    least_cells
        Fewest cells of a sphere that is counted as one.
    diameter_cv
        Coefficient of variation of a measured diameter around the true one (shape, focus).

    Notes
    -----
    A sphere of n cells has the diameter ``cell_diameter_um * (n / packing) ** (1 / 3)``: diameters
    change by the cube root, so a sphere of half the cells is a fifth smaller. Assumes that spheres neither
    merge nor shed cells and that none is passaged meanwhile; cells in the core live as any other.
    """

    name: str
    label: str
    founders: tuple[str, ...]
    plated_day: float = 0.0
    cell_diameter_um: float = 14.0
    packing: float = 0.64
    least_cells: int = 8
    diameter_cv: float = 0.05

    def __post_init__(self) -> None:
        where = f"assay {self.name!r}"
        if not self.founders:
            raise ModelError(f"{where}: name the cell types that found a sphere")
        if not self.cell_diameter_um > 0.0 or not 0.0 < self.packing <= 1.0:
            raise ModelError(f"{where}: cell_diameter_um is above 0 and packing lies in (0, 1]")
        if self.least_cells < 1:
            raise ModelError(f"{where}: least_cells is at least 1, got {self.least_cells}")
        if not 0.0 < self.diameter_cv <= 1.0:
            raise ModelError(f"{where}: diameter_cv must lie in (0, 1], got {self.diameter_cv}")

    def diameters(self, cells: FloatArray) -> FloatArray:
        """Return the true diameters of spheres of these cells in micrometres, shape as given."""
        return np.asarray(self.cell_diameter_um * np.cbrt(np.asarray(cells, dtype=float) / self.packing))

    def sizes(
        self,
        process: Process,
        modifiers: Modifiers,
        plated: FloatArray,
        *,
        day: float,
        tolerance: float = 1e-7,
    ) -> SphereSizes:
        """Return the sizes on a day, exactly but for ``tolerance``.

        Parameters
        ----------
        plated
            Mean cells per microstate at plating, shape (n,); only their proportions count.
        tolerance
            Bound of the error of each probability.

        Raises
        ------
        InputError
            If more than one sphere in 10,000 has over 16,384 cells, or no sphere is large enough.
        UnsupportedError
            If the process has gamma waits or sources.
        """
        types = tuple(dict.fromkeys(m.type for m in process.microstates))
        clones = CloneAssay(
            name=self.name,
            label=self.label,
            labelling=SparseLabel(self.plated_day, dict.fromkeys(self.founders, 1.0)),
            groups={"cells": types},
            clones=1,
            classes=_CLASSES,
            lost_are_seen=True,
        )
        largest = max(_FIRST, self.least_cells)
        while True:
            found = clones.joint(
                process, modifiers, plated, day=day, maximum={"cells": largest}, tolerance=tolerance
            )
            if found.above < _MISSED:
                break
            largest *= 2
            if largest > _LARGEST:
                raise InputError(
                    f"assay {self.name!r}: {found.above:.2g} of the spheres have more than {largest // 2} "
                    f"cells on day {day:g}; look earlier"
                )
        counted = found.probability[self.least_cells :]
        forming = float(counted.sum())
        if not forming > 10.0 * tolerance:
            raise InputError(
                f"assay {self.name!r}: no sphere has {self.least_cells} cells on day {day:g}; look later"
            )
        cells = np.arange(self.least_cells, largest + 1, dtype=float)
        return SphereSizes(cells, counted / forming, forming)

    def sample(self, sizes: SphereSizes, rng: np.random.Generator, *, spheres: int) -> FloatArray:
        """Draw measured diameters in micrometres, shape (spheres,)."""
        cells = rng.choice(sizes.cells, size=spheres, p=sizes.probability / sizes.probability.sum())
        spread = log_variance(self.diameter_cv)
        error = np.exp(math.sqrt(spread) * rng.standard_normal(spheres) - 0.5 * spread)
        return np.asarray(self.diameters(cells) * error)

    def log_prob(self, diameters: FloatArray, sizes: SphereSizes) -> float:
        """Return the log-density of measured diameters (per micrometre each), independent given the sizes.

        Raises
        ------
        InputError
            If a diameter is not above 0.
        """
        measured = np.asarray(diameters, dtype=float)
        if measured.ndim != 1 or not np.all(np.isfinite(measured) & (measured > 0.0)):
            raise InputError(f"assay {self.name!r}: diameters are numbers above 0, in micrometres")
        spread = log_variance(self.diameter_cv)
        there = sizes.probability > 0.0
        centre = np.log(self.diameters(sizes.cells[there])) - 0.5 * spread
        weight = np.log(sizes.probability[there])
        logs, total = np.log(measured), 0.0
        step = max(1, _BLOCK // len(centre))
        for first in range(0, len(logs), step):
            here = logs[first : first + step]
            z = (here[:, None] - centre) ** 2 / spread
            total += float(logsumexp(weight - 0.5 * z, axis=1).sum())
        constant = 0.5 * math.log(2.0 * math.pi * spread)
        return total - len(logs) * constant - float(logs.sum())
