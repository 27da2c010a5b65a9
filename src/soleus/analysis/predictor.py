"""The linear predictor of a likelihood, turned so that one coefficient is the contrast."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["eta_of", "slopes_of", "started", "turned", "two_groups"]

Array = NDArray[np.float64]
_RANK = 1e-9


def turned(matrix: Array, contrast: Array) -> Array:
    """Return a basis of the same space in which the second coefficient is the contrast.

    Parameters
    ----------
    matrix
        Shape (units, columns); columns may depend on one another as long as the contrast can be estimated.
    contrast
        Shape (columns,).

    Returns
    -------
    Array
        Shape (units, rank): any coefficient, the contrast, the rest.
    """
    scale = np.maximum(np.abs(matrix).max(axis=0), 1e-300)
    x, c = matrix / scale, contrast / scale
    _, sizes, rows = np.linalg.svd(x, full_matrices=False)
    kept = rows[sizes > _RANK * sizes[0]]
    x, c = x @ kept.T, kept @ c
    length = float(c @ c)
    # b = (c'b) c / |c|^2 + N'(N b), with the rows of N a basis of what is at right angles to c.
    others = np.linalg.svd(c[None])[2][1:]
    columns = [x @ others.T, (x @ c / length)[:, None]]
    return np.concatenate([columns[0][:, :1], columns[1], columns[0][:, 1:]], axis=1)


def two_groups(treated: Array) -> Array:
    """Return intercept and treated over control, shape (..., 2)."""
    return np.stack([np.ones_like(treated), treated], axis=-1)


def eta_of(design: Array, theta: Array) -> Array:
    """Return the linear predictors, shape (sets, ...), of designs (..., p), parameters (sets, p + ...)."""
    found: Array = np.tensordot(theta[:, : design.shape[-1]], design, axes=(1, -1))
    return found


def slopes_of(design: Array, score: Array) -> Array:
    """Return the slopes by the coefficients (sets, p) of slopes by linear predictors (sets, ...)."""
    p = design.shape[-1]
    found: Array = score.reshape(len(score), -1) @ design.reshape(-1, p)
    return found


def started(design: Array, y: Array, weight: Array) -> Array:
    """Return coefficients by weighted least squares, shape (sets, p); y (sets, ...), weight (...)."""
    p = design.shape[-1]
    root = np.sqrt(weight).reshape(-1)
    flat = design.reshape(-1, p) * root[:, None]
    found: Array = (y.reshape(len(y), -1) * root) @ np.linalg.pinv(flat).T
    return found
