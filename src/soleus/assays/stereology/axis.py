"""Cells along an axis, cut into sections: which share of them a series of sections holds."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from soleus.errors import ModelError
from soleus.lineage.process import FloatArray

__all__ = ["AxisProfile", "SectionSampling", "SectionSpread", "section_spread", "systematic_cv"]

_FINE = 4096
_PLACEMENTS = 512
_RANKS = (np.arange(_PLACEMENTS) + 0.5) / _PLACEMENTS
_FLAT = 1e-12


@dataclass(frozen=True, eq=False)
class AxisProfile:
    """Relative density of cells along the axis that is cut, such as rostro-caudal.

    Parameters
    ----------
    position_um
        Positions, rising, shape (n,); no cells lie before the first and after the last.
    density
        Cells per length there, in any unit, shape (n,); straight lines in between.
    """

    position_um: FloatArray
    density: FloatArray

    def __post_init__(self) -> None:
        x, y = np.asarray(self.position_um, dtype=float), np.asarray(self.density, dtype=float)
        if x.ndim != 1 or x.shape != y.shape or len(x) < 2 or not np.all(np.diff(x) > 0.0):
            raise ModelError("profile: needs rising positions and a density at each, two or more")
        if not (np.all(np.isfinite(y)) and np.all(y >= 0.0) and y.max() > 0.0):
            raise ModelError("profile: densities are finite, at least 0 and not all 0")
        object.__setattr__(self, "position_um", x)
        object.__setattr__(self, "density", y)

    @property
    def length_um(self) -> float:
        """Length of the region, micrometres."""
        return float(self.position_um[-1] - self.position_um[0])

    def share(self, low_um: FloatArray, high_um: FloatArray) -> FloatArray:
        """Return the share of all cells that lie between two positions, shape of ``low_um``."""
        x = np.union1d(np.linspace(self.position_um[0], self.position_um[-1], _FINE), self.position_um)
        y = np.interp(x, self.position_um, self.density)
        below = np.concatenate([[0.0], np.cumsum(0.5 * (y[1:] + y[:-1]) * np.diff(x))])
        ends = [np.interp(end, x, below / below[-1]) for end in (low_um, high_um)]
        return np.asarray(ends[1] - ends[0])


@dataclass(frozen=True, slots=True)
class SectionSampling:
    """Every n-th section of a region, or some sections around a place.

    Parameters
    ----------
    section_um
        Thickness as cut, micrometres.
    every_nth
        One in so many sections is used.
    region_length_um
        Length of the region along the axis that is cut.
    sections_used
        None: the whole series from a random start, systematic random sampling. A number: so many
        of it, the first at a landmark.
    start_um, start_sd_um
        Where that first section begins, from the start of the region, and how far animals differ in it
        (standard deviation): the landmark is not hit exactly, and regions differ in length.
    area_fraction
        Share of a section's cells that lie in the counted area, on average.
    """

    section_um: float
    every_nth: int
    region_length_um: float
    sections_used: int | None = None
    start_um: float = 0.0
    start_sd_um: float = 0.0
    area_fraction: float = 1.0

    def __post_init__(self) -> None:
        if not (self.section_um > 0.0 and self.every_nth >= 1 and self.region_length_um > 0.0):
            raise ModelError(
                f"sections: section_um and region_length_um must be above 0 and every_nth at least 1, got "
                f"{self.section_um}, {self.region_length_um} and {self.every_nth}"
            )
        if not 0.0 < self.area_fraction <= 1.0:
            raise ModelError(f"sections: area_fraction must lie in (0, 1], got {self.area_fraction}")
        if self.sections_used is not None and self.sections_used < 1:
            raise ModelError(f"sections: sections_used must be at least 1, got {self.sections_used}")
        if self.spacing_um > self.region_length_um and self.sections_used is None:
            raise ModelError(
                f"sections: one in {self.every_nth} of {self.section_um} um is a section every "
                f"{self.spacing_um:g} um, more than the region of {self.region_length_um:g} um; use more"
            )
        if not (0.0 <= self.start_um < self.region_length_um and self.start_sd_um >= 0.0):
            raise ModelError("sections: start_um must lie in the region and start_sd_um be at least 0")

    @property
    def ssf(self) -> float:
        """Section sampling fraction."""
        return 1.0 / self.every_nth

    @property
    def spacing_um(self) -> float:
        """Distance from the start of one section to the start of the next, micrometres."""
        return self.section_um * self.every_nth


@dataclass(frozen=True, slots=True)
class SectionSpread:
    """What sections at a landmark hold, over where the knife falls.

    Parameters
    ----------
    share
        Share of the region's cells that one section holds, on average.
    animal_cv
        Coefficient of variation between animals of the mean of their sections.
    section_cv
        Coefficient of variation of a section around its animal's mean.
    """

    share: float
    animal_cv: float
    section_cv: float


def systematic_cv(sampling: SectionSampling, profile: AxisProfile, *, object_um: float = 0.0) -> float:
    """Return the coefficient of variation that systematic sampling gives a total, without counting noise.

    Parameters
    ----------
    sampling
        A whole series (``sections_used`` None).
    profile
        Density of cells along the axis; its length must be the region's.
    object_um
        Height of the objects if every fragment in a section is counted; 0 if only their tops are.

    Raises
    ------
    ModelError
        If the profile has another length than the region.

    Notes
    -----
    The start of the series is uniform over one spacing, computed in 512 steps; the profile is the same in all
    animals. It is what :func:`~soleus.assays.stereology.coefficient_of_error` estimates from one animal's
    sections as the systematic part. How cells of the SVZ lie along the axis, and measured coefficients of
    error by section interval: Azim et al. 2012, doi 10.1371/journal.pone.0049087.
    """
    if sampling.sections_used is not None:
        raise ModelError("systematic_cv is for a whole series; for some sections use section_spread")
    count = math.ceil((profile.length_um + sampling.section_um + object_um) / sampling.spacing_um) + 1
    starts = _RANKS * sampling.spacing_um - sampling.section_um
    total = _shares(sampling, profile, starts, count=count, object_um=object_um).sum(axis=1)
    return float(total.std() / total.mean())


def section_spread(
    sampling: SectionSampling, profile: AxisProfile, *, object_um: float = 0.0
) -> SectionSpread:
    """Return share and variation of the cells in sections at a landmark, without counting noise.

    Parameters
    ----------
    sampling
        With ``sections_used``; the start of the first is normal, taken at 512 quantiles.
    profile, object_um
        As in :func:`systematic_cv`.

    Raises
    ------
    ModelError
        If the profile has another length than the region, or the sections hold no cells.
    """
    if sampling.sections_used is None:
        raise ModelError("section_spread needs sections_used; for a whole series use systematic_cv")
    starts = sampling.start_um + sampling.start_sd_um * special.ndtri(_RANKS)
    shares = _shares(sampling, profile, starts, count=sampling.sections_used, object_um=object_um)
    mean = float(shares.mean())
    if mean < _FLAT:
        raise ModelError("the sections hold no cells of this profile; move start_um")
    within = float(np.sqrt(shares.var(axis=1).mean()))
    return SectionSpread(mean, float(shares.mean(axis=1).std() / mean), within / mean)


def _shares(
    sampling: SectionSampling, profile: AxisProfile, starts: FloatArray, *, count: int, object_um: float
) -> FloatArray:
    """Return the share of cells in each section for each start, shape (starts, sections)."""
    if not math.isclose(profile.length_um, sampling.region_length_um, rel_tol=1e-6):
        raise ModelError(
            f"the profile is {profile.length_um:g} um long and the region {sampling.region_length_um:g} um"
        )
    if not object_um >= 0.0:
        raise ModelError(f"object_um must be at least 0, got {object_um}")
    first = profile.position_um[0] + starts
    low = first[:, None] + sampling.spacing_um * np.arange(count)
    # A fragment is in a section if its top lies in it or up to one height before it.
    return profile.share(low - object_um, low + sampling.section_um)
