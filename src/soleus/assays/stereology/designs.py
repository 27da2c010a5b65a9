"""The two designs as count assays, and counts as totals and densities."""

from __future__ import annotations

import math

import numpy as np

from soleus.assays.counting import CountAssay
from soleus.assays.readouts import CellReadout
from soleus.assays.stereology.axis import (
    AxisProfile,
    SectionSampling,
    section_spread,
    systematic_cv,
)
from soleus.assays.stereology.fractionator import (
    OpticalFractionator,
)
from soleus.errors import InputError, ModelError
from soleus.lineage.process import FloatArray

__all__ = ["fractionator_assay", "section_assay", "as_total", "as_density"]


def fractionator_assay(
    name: str,
    readout: CellReadout,
    *,
    label: str,
    fractionator: OpticalFractionator,
    sampling: SectionSampling,
    profile: AxisProfile,
    handling_cv: float = 0.0,
    unit_cv: float = 0.0,
    observer_cv: float = 0.0,
) -> CountAssay:
    """Return the assay of an optical fractionator: one count an animal.

    Parameters
    ----------
    sampling, profile
        The series of sections and how cells lie along it: they give the position error.
    handling_cv
        Coefficient of variation of an animal's tissue handling and staining, added to the position error.
    unit_cv
        Overdispersion of the count itself, from cells in clusters.
    observer_cv
        Coefficient of variation between observers, as in :class:`~soleus.assays.CountAssay`.

    Raises
    ------
    ModelError
        If the section fraction is not that of the series.
    """
    if not math.isclose(fractionator.ssf, sampling.ssf, rel_tol=1e-6):
        raise ModelError(
            f"assay {name!r}: ssf is {fractionator.ssf:g} and every_nth = {sampling.every_nth} makes "
            f"{sampling.ssf:g}; they are the same number"
        )
    return CountAssay(
        name=name,
        label=label,
        readout=readout,
        units=1,
        fraction=fractionator.fraction,
        exposure=fractionator.fraction,
        exposure_unit="fraction",
        unit_level="animal",
        position_cv=_both(systematic_cv(sampling, profile), handling_cv),
        unit_cv=unit_cv,
        observer_cv=observer_cv,
    )


def section_assay(
    name: str,
    readout: CellReadout,
    *,
    label: str,
    sampling: SectionSampling,
    profile: AxisProfile,
    area_mm2: float,
    object_um: float = 0.0,
    handling_cv: float = 0.0,
    unit_cv: float = 0.0,
    observer_cv: float = 0.0,
) -> CountAssay:
    """Return the assay of some sections at a landmark: several counts an animal.

    Parameters
    ----------
    sampling, profile
        Where the sections lie and how cells lie along the axis.
    area_mm2
        Area counted in a section; the exposure.
    object_um
        Height of the objects if fragments are counted without correction, as in confocal projections
        of thin sections; 0 if tops are counted. The fraction then holds the excess, and
        :func:`as_total` takes it out again.
    handling_cv, unit_cv, observer_cv
        As in :func:`fractionator_assay`; ``unit_cv`` is of a section.

    Notes
    -----
    Differences between an animal's sections that the profile makes are added to ``unit_cv`` as if they
    came at random, which overstates the variance of an animal's mean where they are the same in all animals.
    """
    spread = section_spread(sampling, profile, object_um=object_um)
    return CountAssay(
        name=name,
        label=label,
        readout=readout,
        units=sampling.sections_used or 1,
        fraction=spread.share * sampling.area_fraction,
        exposure=area_mm2,
        exposure_unit="mm2",
        unit_level="section",
        position_cv=_both(spread.animal_cv, handling_cv),
        unit_cv=_both(spread.section_cv, unit_cv),
        observer_cv=observer_cv,
    )


def _both(first: float, second: float) -> float:
    """Coefficient of variation of a product of two independent numbers."""
    return math.sqrt((1.0 + first * first) * (1.0 + second * second) - 1.0)


def as_total(counts: FloatArray, assay: CountAssay) -> float:
    """Return an animal's estimated number of cells from its counts, missing units left out."""
    return _mean(counts, assay) / assay.fraction


def as_density(counts: FloatArray, assay: CountAssay) -> float:
    """Return an animal's mean count per exposure (per mm2, say), missing units left out.

    Not corrected for fragments or shrinkage: it is what laboratories report as density.
    """
    return _mean(counts, assay) / assay.exposure


def _mean(counts: FloatArray, assay: CountAssay) -> float:
    values = np.atleast_1d(np.asarray(counts, dtype=float))
    if values.size == 0 or not np.all(values >= 0.0):
        raise InputError(f"assay {assay.name!r}: needs at least one count, none below 0")
    return float(values.mean())
