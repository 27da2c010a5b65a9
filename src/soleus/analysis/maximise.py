"""Maximise many small likelihoods at once, within bounds.

Bootstraps fit the same model to hundreds of data sets of the same design; one call does them all.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["maximise"]

Array = NDArray[np.float64]
Objective = Callable[[Array, NDArray[np.intp]], tuple[Array, Array]]

_ARMIJO = 1e-4
_LONGEST = 2.0
_FLAT = 1e-9


def maximise(
    objective: Objective, start: Array, bounds: tuple[Array, Array], *, steps: int = 200, tol: float = 1e-4
) -> tuple[Array, Array]:
    """Return the maximisers and the maxima of independent functions by projected BFGS.

    Parameters
    ----------
    objective
        Called with parameters of shape (m, p) and the indices (m,) of the data sets; returns
        values (m,) and gradients (m, p).
    start
        Shape (sets, p).
    bounds
        Lower and upper bounds, of a shape that broadcasts to ``start``; equal bounds hold a
        parameter fixed.
    steps
        Most steps; whatever has not converged then is returned where it stands.
    tol
        A data set is done when no free component of its gradient exceeds this, or when a step
        no longer gains.

    Returns
    -------
    tuple
        Parameters (sets, p) and values (sets,).

    Notes
    -----
    Nocedal and Wright (2006), algorithm 6.1, with backtracking and a diagonal restart wherever
    the set of parameters that lie on a bound changes.
    """
    low, high = (np.broadcast_to(bound, start.shape) for bound in bounds)
    at = np.clip(start, low, high)
    active = np.arange(len(at), dtype=np.intp)
    value, slope = objective(at, active)
    inverse = np.repeat(np.eye(at.shape[1])[None], len(at), axis=0) * 0.1
    was_free = _free(at, slope, low, high)
    for _ in range(steps):
        free = _free(at[active], slope[active], low[active], high[active])
        changed = (free != was_free[active]).any(axis=1)
        inverse[active[changed]] = np.eye(at.shape[1]) * 0.1
        was_free[active] = free
        going = np.abs(np.where(free, slope[active], 0.0)).max(axis=1) > tol
        active, free = active[going], free[going]
        if not len(active):
            break
        step = _direction(inverse[active], slope[active], free)
        moved, gained, new_slope, ok = _search(
            objective, active, step, now=(at, value, slope), bounds=(low[active], high[active])
        )
        done = active[~ok]
        keep = active[ok]
        _update(
            inverse, keep, step=moved[ok] - at[keep], drop=slope[keep] - new_slope[ok], free=was_free[keep]
        )
        at[keep], value[keep], slope[keep] = moved[ok], gained[ok], new_slope[ok]
        active = np.setdiff1d(active, done, assume_unique=True)
        if not len(active):
            break
    return at, value


def _free(at: Array, slope: Array, low: Array, high: Array) -> NDArray[np.bool_]:
    out: NDArray[np.bool_] = ~(((at <= low) & (slope <= 0.0)) | ((at >= high) & (slope >= 0.0)))
    return out & (high > low)


def _direction(inverse: Array, slope: Array, free: NDArray[np.bool_]) -> Array:
    held = np.where(free, slope, 0.0)
    step: Array = np.where(free, np.einsum("rij,rj->ri", inverse, held), 0.0)
    uphill = (step * held).sum(axis=1) > 0.0
    step = np.where(uphill[:, None], step, 0.1 * held)
    longest = np.abs(step).max(axis=1, keepdims=True)
    shortened: Array = step * np.minimum(1.0, _LONGEST / np.maximum(longest, 1e-300))
    return shortened


def _search(
    objective: Objective,
    active: NDArray[np.intp],
    step: Array,
    *,
    now: tuple[Array, Array, Array],
    bounds: tuple[Array, Array],
) -> tuple[Array, Array, Array, NDArray[np.bool_]]:
    """Halve each step until it gains enough; ``ok`` is false where none does."""
    at, value, slope = now
    moved, gained, new_slope = at[active].copy(), value[active].copy(), slope[active].copy()
    ok = np.zeros(len(active), dtype=bool)
    size = np.ones(len(active))
    for _ in range(30):
        todo = np.flatnonzero(~ok)
        if not len(todo):
            break
        trial = np.clip(at[active[todo]] + size[todo, None] * step[todo], bounds[0][todo], bounds[1][todo])
        found, gradient = objective(trial, active[todo])
        hoped = _ARMIJO * ((trial - at[active[todo]]) * slope[active[todo]]).sum(axis=1)
        better = np.isfinite(found) & (found >= value[active[todo]] + hoped)
        hit = todo[better]
        moved[hit], gained[hit], new_slope[hit], ok[hit] = (
            trial[better],
            found[better],
            gradient[better],
            True,
        )
        size[todo[~better]] *= 0.5
    # A step that gains less than rounding is the end.
    ok &= gained - value[active] > _FLAT
    return moved, gained, new_slope, ok


def _update(
    inverse: Array, rows: NDArray[np.intp], *, step: Array, drop: Array, free: NDArray[np.bool_]
) -> None:
    """BFGS update of the inverse of minus the Hessian; ``drop`` is the loss of slope along ``step``."""
    drop = np.where(free, drop, 0.0)
    step = np.where(free, step, 0.0)
    curvature = (step * drop).sum(axis=1)
    good = curvature > 1e-10
    if not good.any():
        return
    rows, step, drop = rows[good], step[good], drop[good]
    rho = 1.0 / curvature[good]
    old = inverse[rows]
    bent = np.einsum("rij,rj->ri", old, drop)
    scale = rho**2 * (drop * bent).sum(axis=1) + rho
    cross = step[:, :, None] * bent[:, None, :]
    inverse[rows] = (
        old
        + scale[:, None, None] * step[:, :, None] * step[:, None, :]
        - rho[:, None, None] * (cross + cross.transpose(0, 2, 1))
    )
