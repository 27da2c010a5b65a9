"""Published group means with their standard errors, as data.

A published mean M of a read-out, with standard error s, from a laboratory that sees ``scale`` of
every true cell, is taken as

``log M ~ Normal(log(scale * mean), (s / M)**2 + log(1 + discrepancy_cv**2))``

The discrepancy is what the model misses: the smoothness of its age laws, other strains, other gates.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from soleus.assays.readouts import CellReadout, tags_of
from soleus.errors import InputError, ModelError
from soleus.lineage import Tag

__all__ = ["NORMAL_95", "PublishedMean"]

# Half the width of a central 95 % normal interval, in standard deviations.
NORMAL_95 = 1.959964


@dataclass(frozen=True, slots=True)
class PublishedMean:
    """Mean and standard error of a read-out, as published.

    Parameters
    ----------
    scale
        Counted cells per true cell of this laboratory and assay.
    scale_name
        Name of that parameter, shared between assays of one laboratory.
    discrepancy_cv
        Coefficient of variation of what the model misses.
    """

    name: str
    label: str
    readout: CellReadout
    scale_name: str
    scale: float = 1.0
    discrepancy_cv: float = 0.2

    @property
    def readouts(self) -> tuple[CellReadout, ...]:
        """The read-outs whose true cells it needs: its one."""
        return (self.readout,)

    @property
    def tags(self) -> tuple[Tag, ...]:
        """What the process must be crossed with."""
        return tags_of(self.readouts)

    def __post_init__(self) -> None:
        if not self.scale > 0.0:
            raise ModelError(f"assay {self.name!r}: scale must be above 0, got {self.scale}")
        if not 0.0 <= self.discrepancy_cv < 10.0:
            raise ModelError(f"assay {self.name!r}: discrepancy_cv must lie in [0, 10)")

    def log_sd(self, value: float, se: float) -> float:
        """Return the predictive standard deviation of the log of a published mean."""
        return math.sqrt((se / value) ** 2 + math.log1p(self.discrepancy_cv**2))

    def standardised(self, value: float, se: float, *, mean_cells: float) -> float:
        """Return the residual of the log in predictive standard deviations."""
        if not (value > 0.0 and se > 0.0):
            raise InputError(
                f"assay {self.name!r}: a published mean and its standard error must be above 0, "
                f"got {value} and {se}"
            )
        if not mean_cells > 0.0:
            raise ModelError(
                f"assay {self.name!r}: the lineage predicts {mean_cells:g} cells where "
                f"{value:g} were published"
            )
        return (math.log(value) - math.log(self.scale * mean_cells)) / self.log_sd(value, se)

    def log_prob(self, value: float, se: float, *, mean_cells: float) -> float:
        """Return the log-density of the published mean (per unit of its logarithm)."""
        z = self.standardised(value, se, mean_cells=mean_cells)
        return -0.5 * z * z - math.log(self.log_sd(value, se)) - 0.5 * math.log(2.0 * math.pi)
