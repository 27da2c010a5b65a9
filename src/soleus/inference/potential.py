"""The log-posterior of named, positive parameters on the log scale."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from soleus.errors import InputError
from soleus.lineage.process import FloatArray
from soleus.observations import Observations
from soleus.study import Experiment, log_prob

__all__ = ["FreeParameter", "Potential"]


@dataclass(frozen=True, slots=True)
class FreeParameter:
    """A positive parameter with a log-normal prior.

    Parameters
    ----------
    centre
        Prior median, in the parameter's unit.
    log_sd
        Prior standard deviation of its logarithm.
    """

    name: str
    centre: float
    log_sd: float

    def __post_init__(self) -> None:
        if not (self.centre > 0.0 and self.log_sd > 0.0):
            raise InputError(
                f"parameter {self.name!r}: centre and log_sd must be above 0, "
                f"got {self.centre} and {self.log_sd}"
            )


@dataclass(frozen=True)
class Potential:
    """Log-prior plus log-likelihood of a table under a bound study.

    The coordinates are standardised: ``x = (log value - log centre) / log_sd``.
    """

    experiment: Experiment
    observations: Observations
    parameters: tuple[FreeParameter, ...]

    def theta(self, x: FloatArray) -> dict[str, float]:
        """Return parameter values at standardised coordinates, shape (P,)."""
        return {
            p.name: math.exp(math.log(p.centre) + p.log_sd * float(v))
            for p, v in zip(self.parameters, x, strict=True)
        }

    def coordinates(self, theta: Mapping[str, float]) -> FloatArray:
        """Return standardised coordinates of parameter values, shape (P,)."""
        return np.array([math.log(theta[p.name] / p.centre) / p.log_sd for p in self.parameters])

    def __call__(self, x: FloatArray) -> float:
        """Return the log-posterior up to a constant; -inf where the model cannot be built."""
        from soleus.errors import ModelError, NumericalError

        log_prior = -0.5 * float(np.dot(x, x))
        try:
            value = log_prior + log_prob(self.experiment, self.observations, self.theta(x))
        except (ModelError, NumericalError):
            return -math.inf
        return value if math.isfinite(value) else -math.inf
