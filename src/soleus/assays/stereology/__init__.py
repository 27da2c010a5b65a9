"""Design-based counting: what sampling a region in sections, frames and depth does to a count.

Two designs become a :class:`~soleus.assays.CountAssay`:

* the **optical fractionator**: a known fraction of the region, one count an animal
  (:func:`fractionator_assay`);
* **some sections at a landmark**: several counts an animal that share where the knife fell
  (:func:`section_assay`).

In both the position error of an animal is what the profile of the cells along the axis makes of the random
start, computed, not guessed, and it is shared by the animal's sections. A count assay draws counts
around ``cells * fraction`` with Poisson (or wider) noise, as for a small part of many cells. Its variance is
``1 / (1 - fraction)`` times that of drawing without replacement: 25 % too much at a fraction of 0.2, and
more above; use it below that.
"""

from soleus.assays.stereology.axis import (
    AxisProfile,
    SectionSampling,
    SectionSpread,
    section_spread,
    systematic_cv,
)
from soleus.assays.stereology.designs import as_density, as_total, fractionator_assay, section_assay
from soleus.assays.stereology.fractionator import (
    CoefficientOfError,
    OpticalFractionator,
    abercrombie,
    coefficient_of_error,
    thickness_fraction,
    unshrunk_density,
)

__all__ = [
    "AxisProfile",
    "CoefficientOfError",
    "OpticalFractionator",
    "SectionSampling",
    "SectionSpread",
    "abercrombie",
    "as_density",
    "as_total",
    "coefficient_of_error",
    "fractionator_assay",
    "section_assay",
    "section_spread",
    "systematic_cv",
    "thickness_fraction",
    "unshrunk_density",
]
