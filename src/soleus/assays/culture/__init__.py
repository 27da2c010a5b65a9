"""What a laboratory reads of a culture: cells by passage, spheres and their sizes, shares of cells.

Cells by passage are a :class:`~soleus.assays.CountAssay`, spheres per well and shares of stained or sorted
cells :class:`~soleus.assays.FractionAssay`: drawn and scored like any other. Sphere sizes come from the
generating function of one sphere-forming cell.
"""

from soleus.assays.culture.growth import (
    GrowthCourse,
    cumulated,
    doubling_days,
    growth_assay,
    growth_course,
    stable_growth_rate,
)
from soleus.assays.culture.shares import Part, phase_assay, share_assay
from soleus.assays.culture.sizes import SphereAssay, SphereSizes
from soleus.assays.culture.spheres import sphere_number

__all__ = [
    "GrowthCourse",
    "Part",
    "SphereAssay",
    "SphereSizes",
    "cumulated",
    "doubling_days",
    "growth_assay",
    "growth_course",
    "phase_assay",
    "share_assay",
    "sphere_number",
    "stable_growth_rate",
]
