"""Find the mode of a potential."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from soleus.errors import NumericalError
from soleus.inference.potential import Potential
from soleus.lineage.process import FloatArray

__all__ = ["Mode", "maximise"]

_STEP = 1e-4
_WALL = 1e10


@dataclass(frozen=True)
class Mode:
    """The mode of a potential.

    Attributes
    ----------
    theta
        Parameter values.
    log_posterior
        Value there, up to a constant.
    gradient_norm
        Norm of the gradient in standardised coordinates; small means converged.
    evaluations
        How often the potential was computed.
    """

    theta: dict[str, float]
    log_posterior: float
    gradient_norm: float
    evaluations: int
    converged: bool


def maximise(
    potential: Potential,
    *,
    start: FloatArray | None = None,
    max_iterations: int = 300,
    tell: Callable[[int, float], None] | None = None,
) -> Mode:
    """Return the mode, by L-BFGS-B with central differences.

    Parameters
    ----------
    start
        Standardised coordinates to start from, shape (P,); the prior centre by default.
    tell
        Called with the iteration and the log-posterior.

    Raises
    ------
    NumericalError
        If the potential is not finite at the start.
    """
    from scipy.optimize import minimize

    x0 = np.zeros(len(potential.parameters)) if start is None else np.asarray(start, dtype=float)
    if not math.isfinite(potential(x0)):
        raise NumericalError("the potential is not finite at the start; start from other values")
    count = 0

    def loss(x: FloatArray) -> float:
        nonlocal count
        count += 1
        value = potential(x)
        return -value if math.isfinite(value) else _WALL

    def gradient(x: FloatArray) -> FloatArray:
        slopes = np.empty(len(x))
        for i in range(len(x)):
            step = np.zeros(len(x))
            step[i] = _STEP
            slopes[i] = (loss(x + step) - loss(x - step)) / (2.0 * _STEP)
        return slopes

    iteration = 0

    def report(x: FloatArray) -> None:
        nonlocal iteration
        iteration += 1
        if tell is not None:
            tell(iteration, -loss(x))

    found = minimize(
        loss,
        x0,
        jac=gradient,
        method="L-BFGS-B",
        bounds=[(-4.0, 4.0)] * len(x0),
        callback=report,
        options={"maxiter": max_iterations, "maxcor": 20, "ftol": 1e-8, "gtol": 1e-3},
    )
    norm = float(np.linalg.norm(gradient(found.x)))
    return Mode(potential.theta(found.x), -float(found.fun), norm, count, norm < 0.05)
