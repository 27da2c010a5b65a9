"""How many spheres a known number of plated cells makes."""

from __future__ import annotations

import math

from soleus.assays.culture.shares import Part
from soleus.assays.fractions import FractionAssay
from soleus.assays.readouts import CellReadout
from soleus.errors import ModelError

__all__ = ["sphere_number"]


def sphere_number(
    sphere_forming: CellReadout,
    cells: CellReadout,
    *,
    plated_cells: int,
    efficiency: float,
    wells: int,
    concentration: float = math.inf,
    name: str = "sphere number",
    label: str = "spheres per plated cells",
) -> FractionAssay:
    """Return the neurosphere assay: of the cells plated in a well, which have made a sphere.

    Given a culture's share p of sphere-forming cells, the spheres of a well are binomial: plated cells,
    each with probability ``p * efficiency``; with few of many that is Poisson. The day of the assay is
    the day of plating. The rows of the table are spheres, and plated cells that made none.

    Parameters
    ----------
    sphere_forming, cells
        Read-outs of the sphere-forming cells and of all living cells of the culture.
    efficiency
        Probability that a sphere-forming cell survives plating and makes a sphere that is counted.
    wells
        Wells of each culture.
    concentration
        Of the wells' shares around the culture's; infinite: wells differ by chance alone.

    Notes
    -----
    Assumes that each sphere comes from one cell: at high density spheres merge, and the assay then
    undercounts (Reynolds and Rietze 2005, doi 10.1038/nmeth758). Share and efficiency enter as a
    product: counts alone do not tell them apart.
    """
    if not 0.0 < efficiency <= 1.0:
        raise ModelError(f"assay {name!r}: efficiency must lie in (0, 1], got {efficiency}")
    return FractionAssay(
        name=name,
        label=label,
        categories=(
            Part(f"{name}: spheres", "spheres", sphere_forming),
            Part(f"{name}: no sphere", "plated cells without a sphere", cells, sphere_forming),
        ),
        events=plated_cells,
        units=wells,
        unit_level="well",
        confusion=((efficiency, 1.0 - efficiency), (0.0, 1.0)),
        concentration=concentration,
    )
