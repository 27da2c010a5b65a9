"""Estimates of how many cells a region holds, from counts in sections, and their coefficient of error."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from soleus.errors import InputError, ModelError
from soleus.lineage.process import FloatArray

__all__ = [
    "CoefficientOfError",
    "OpticalFractionator",
    "abercrombie",
    "coefficient_of_error",
    "thickness_fraction",
    "unshrunk_density",
]

# Constant of the variance of systematic sampling by smoothness of the area (count) function.
_SMOOTHNESS = {0: 12.0, 1: 240.0}
_FEWEST_SECTIONS = 3


@dataclass(frozen=True, slots=True)
class OpticalFractionator:
    """The fraction of a region's cells that is counted: sections, area and thickness.

    Parameters
    ----------
    ssf, asf, tsf
        Section, area and thickness sampling fractions, each in (0, 1].

    Notes
    -----
    Unbiased whatever the shape, size and place of the cells, if each is counted by one point (its top)
    and frames and sections start at random. Shrinkage does not matter to a total, except that the
    thickness fraction refers to the section as mounted (:func:`thickness_fraction`).
    Source: West, Slomianka & Gundersen 1991, doi 10.1002/ar.1092310411.
    """

    ssf: float
    asf: float
    tsf: float

    def __post_init__(self) -> None:
        for name, value in (("ssf", self.ssf), ("asf", self.asf), ("tsf", self.tsf)):
            if not 0.0 < value <= 1.0:
                raise ModelError(f"fractionator: {name} must lie in (0, 1], got {value}; a percentage?")

    @property
    def fraction(self) -> float:
        """Share of the region's cells that is counted."""
        return self.ssf * self.asf * self.tsf

    def total(self, count: float) -> float:
        """Return the estimated number of cells in the region: ``Q / (ssf asf tsf)``."""
        if not count >= 0.0:
            raise InputError(f"a count must be at least 0, got {count}")
        return count / self.fraction


def thickness_fraction(disector_um: float, *, mounted_um: float, guard_um: float = 0.0) -> float:
    """Return the thickness sampling fraction: height of the disector over that of the mounted section.

    Parameters
    ----------
    disector_um
        Depth through which cells are counted.
    mounted_um
        Thickness of the section as mounted and shrunk, measured, averaged over counted cells.
    guard_um
        Depth left out at each surface, where the knife tears cells out (lost caps).

    Raises
    ------
    InputError
        If disector and guard zones do not fit into the section.
    """
    if not (disector_um > 0.0 and guard_um >= 0.0 and disector_um + 2.0 * guard_um <= mounted_um):
        raise InputError(
            f"a disector of {disector_um} um and two guard zones of {guard_um} um do not fit into a section "
            f"of {mounted_um} um as mounted; measure its thickness after staining"
        )
    return disector_um / mounted_um


def abercrombie(count: float, *, section_um: float, object_um: float) -> float:
    """Return the number of objects from a count of all their fragments: ``count * T / (T + H)``.

    Parameters
    ----------
    count
        Objects seen in sections, cut ones included.
    section_um, object_um
        Thickness T of the section and mean height H of the objects across it, in the same state of shrinkage.

    Notes
    -----
    Right on average if H is the true mean height and no fragment is too thin to be seen; lost caps make
    the true factor larger, up to 1. Not design-based: it needs H. An uncorrected count of 10-um nuclei
    in 10-um sections is twice too large. Source: Abercrombie 1946, doi 10.1002/ar.1090940210.
    """
    if not (section_um > 0.0 and object_um >= 0.0 and count >= 0.0):
        raise InputError(
            f"needs a count of at least 0, section_um above 0 and object_um of at least 0, got {count}, "
            f"{section_um} and {object_um}"
        )
    return count * section_um / (section_um + object_um)


def unshrunk_density(density: float, *, linear_shrinkage: float) -> float:
    """Return the density per volume before processing shrank the tissue by ``linear_shrinkage`` (0 to 1).

    A density per volume rises by ``(1 - shrinkage)**-3``; a group that shrinks more then looks denser. A
    total does not change, which is the reason to count totals.
    """
    if not 0.0 <= linear_shrinkage < 1.0:
        raise InputError(f"linear_shrinkage must lie in [0, 1), got {linear_shrinkage}")
    return density * (1.0 - linear_shrinkage) ** 3


class CoefficientOfError(NamedTuple):
    """Coefficients of error of one animal's total: of counting, of the sections' start, and of both."""

    counting: float
    systematic: float
    total: float


def coefficient_of_error(counts: FloatArray, *, m: int = 1) -> CoefficientOfError:
    """Return the coefficient of error of the total of systematic sections, estimated from their counts.

    ``noise = sum Q``, ``A = sum Q_i**2``, ``B = sum Q_i Q_i+1``, ``C = sum Q_i Q_i+2`` and
    ``systematic variance = (3 (A - noise) - 4 B + C) / 240`` for m = 1, ``/ 12`` for m = 0.

    Parameters
    ----------
    counts
        Counts of an animal's sections in order, with zeros for sections without cells, shape (n,).
    m
        Smoothness of the number of cells along the axis: 0 if it jumps (sharp ends), 1 if it does not.

    Raises
    ------
    InputError
        If there are fewer than 3 sections, no cells, or another m.

    Notes
    -----
    Assumes equally spaced sections, thin against their spacing (thicker ones sample better than it says), a
    random start, and Poisson noise of counts within a section, so that it suits sparse frames. A systematic
    variance estimated below 0 is taken as 0, so it is high on average with few cells. It tells how well
    one animal was counted and not how animals differ.
    Source: Gundersen, Jensen, Kieu & Nielsen 1999, doi 10.1046/j.1365-2818.1999.00457.x.
    """
    q = np.asarray(counts, dtype=float)
    if m not in _SMOOTHNESS:
        raise InputError(f"m is 0 or 1, got {m}")
    if q.ndim != 1 or len(q) < _FEWEST_SECTIONS or not np.all(q >= 0.0) or q.sum() <= 0.0:
        raise InputError(f"needs counts of at least {_FEWEST_SECTIONS} sections in order, not all 0")
    noise = total = float(q.sum())
    a, b, c = float(q @ q), float(q[1:] @ q[:-1]), float(q[2:] @ q[:-2])
    systematic = max((3.0 * (a - noise) - 4.0 * b + c) / _SMOOTHNESS[m], 0.0)
    return CoefficientOfError(
        math.sqrt(noise) / total, math.sqrt(systematic) / total, math.sqrt(noise + systematic) / total
    )
