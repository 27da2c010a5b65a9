"""Groups with blocks and covariates beside them: least squares; rates and shares, robust."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soleus.analysis.contrasts import Estimates
from soleus.analysis.nesting import Sample
from soleus.errors import InputError

__all__ = ["Design", "design_of", "fit_rates", "least_squares", "shown_name"]

Array = NDArray[np.float64]
_STEPS = 100
_RANK = 1e-9


@dataclass(frozen=True, eq=False)
class Design:
    """The columns of a linear predictor, groups first.

    Parameters
    ----------
    matrix
        Shape (units, columns): one indicator a group, then the levels of blocks but the first of each, then
        covariates, centred.
    contrast
        Shape (columns,): what is asked.
    words
        "group + block:batch", for the method's description.
    """

    matrix: Array
    contrast: Array
    words: str


def design_of(
    groups: Sequence[Sample], weights: Sequence[float], *, blocks: Sequence[str], covariates: Sequence[str]
) -> Design:
    """Return the linear predictor of some groups; units without an entry are an error of the caller.

    Raises
    ------
    InputError
        A block or covariate in which groups cannot be told apart.
    """
    named = [*blocks, *covariates]
    sizes = [len(sample) for sample in groups]
    columns = [np.repeat(np.eye(len(groups))[k], sizes) for k in range(len(groups))]
    for name in blocks:
        entries = [str(entry) for sample in groups for entry in sample.marks[name]]
        levels = list(dict.fromkeys(entries))
        columns += [np.array([entry == level for entry in entries], dtype=float) for level in levels[1:]]
    for name in covariates:
        numbers = np.array([entry for sample in groups for entry in sample.marks[name]], dtype=float)
        columns.append(numbers - numbers.mean())
    matrix = np.column_stack(columns)
    contrast = np.zeros(matrix.shape[1])
    contrast[: len(groups)] = weights
    # A contrast can be estimated if it lies in the space of the rows.
    inside = np.linalg.pinv(matrix, rcond=_RANK) @ matrix
    if not np.allclose(inside @ contrast, contrast, atol=1e-6):
        raise InputError(
            f"--block or --covariate {', '.join(map(shown_name, named))}: confounded with the groups"
            f" ({' and '.join(repr(s.group) for s in groups)}), so that what the one does and what the other"
            " does cannot be told apart; leave it out, and read the finding on it"
        )
    return Design(matrix, contrast, " + ".join(["group", *map(shown_name, named)]))


def shown_name(column: str) -> str:
    """Return a design column as its file named it."""
    return column.removeprefix("block:").removeprefix("covariate:")


def least_squares(y: Array, design: Design) -> Estimates | None:
    """Return a contrast by least squares, t on the residual degrees of freedom; None without any."""
    x, c = design.matrix, design.contrast
    rank = int(np.linalg.matrix_rank(x, tol=_RANK * max(1.0, float(np.abs(x).max())) * len(x)))
    df = len(y) - rank
    if df < 1:
        return None
    inverse = np.linalg.pinv(x.T @ x, rcond=_RANK)
    beta = inverse @ x.T @ y
    rest = y - x @ beta
    variance = float(rest @ rest) / df * float(c @ inverse @ c)
    if variance <= 1e-24 * (1.0 + float(np.abs(y).max())) ** 2:
        variance = 0.0
    return Estimates(np.array(float(c @ beta)), np.array(np.sqrt(variance)), np.array(float(df)))


def fit_rates(
    counts: Array, sizes: Array, design: Design, *, shares: bool, pooled: bool = False
) -> Estimates | None:
    """Return a contrast of log rates or log odds with blocks or covariates.

    Parameters
    ----------
    counts, sizes
        Shape (units,): counts and exposures, or marked cells and cells looked at.
    design
        The linear predictor.
    shares
        Logit link instead of log.
    pooled
        One Pearson factor and t on the residual degrees of freedom (quasi-Poisson, quasi-binomial) instead of
        the sandwich of :func:`~soleus.analysis.contrasts.totals_robust`.
    """
    fitted = _scored(counts, sizes, design.matrix, shares=shares)
    if fitted is None:
        return None
    beta, mean, basic = fitted
    x, c = design.matrix, design.contrast
    inverse = np.linalg.pinv((x * basic[:, None]).T @ x, rcond=_RANK)
    df = float(len(counts) - np.linalg.matrix_rank(x))
    if df < 1.0:
        return None
    rest = counts - mean
    estimate = np.array(float(c @ beta))
    if pooled:
        factor = float((rest**2 / np.maximum(basic, 1e-300)).sum()) / df
        return Estimates(estimate, np.array(np.sqrt(factor * float(c @ inverse @ c))), np.array(df))
    hat = basic[:, None] * x @ inverse @ x.T
    leverage = np.clip(np.diag(hat), 0.0, 1.0)
    free = leverage < 1.0 - 1e-9  # a unit alone in its block says nothing of spread
    pull = (x @ inverse @ c) ** 2
    squares = np.where(free, rest**2 / np.where(free, 1.0 - leverage, 1.0), 0.0)
    variance = float((pull * squares).sum())
    more = basic * (sizes - 1.0) if shares else mean**2
    excess = max(0.0, float((squares[free] - basic[free]).sum()) / max(float(more[free].sum()), 1e-300))
    expected = basic + min(excess, 1.0 if shares else 50.0) * more
    scale = np.sqrt(np.where(free, pull / np.where(free, 1.0 - leverage, 1.0), 0.0))
    scaled = scale[:, None] * (np.eye(len(counts)) - hat) * np.sqrt(expected)[None, :]
    inner = scaled @ scaled.T
    own = float(np.trace(inner)) ** 2 / max(float((inner**2).sum()), 1e-300)
    return Estimates(estimate, np.array(np.sqrt(variance)), np.array(own))


def _scored(counts: Array, sizes: Array, x: Array, *, shares: bool) -> tuple[Array, Array, Array] | None:
    """Fisher scoring; None where a level has no cell, or cells alone, and the fit runs away."""
    rate = (counts.sum() + 0.5) / (sizes.sum() + 1.0)
    eta = np.full(len(counts), np.log(rate / (1.0 - rate)) if shares else np.log(rate))
    beta = np.linalg.pinv(x, rcond=_RANK) @ eta
    for _ in range(_STEPS):
        mean, basic = _mean(sizes, x @ beta, shares=shares)
        step = np.linalg.pinv((x * basic[:, None]).T @ x, rcond=1e-12) @ (x.T @ (counts - mean))
        beta = beta + np.clip(step, -2.0, 2.0)
        if float(np.abs(step).max()) < 1e-11:
            mean, basic = _mean(sizes, x @ beta, shares=shares)
            return beta, mean, basic
        if float(np.abs(x @ beta).max()) > 40.0:
            return None
    return None


def _mean(sizes: Array, eta: Array, *, shares: bool) -> tuple[Array, Array]:
    if not shares:
        mean = sizes * np.exp(np.clip(eta, -60.0, 60.0))
        return mean, mean
    share = 1.0 / (1.0 + np.exp(-np.clip(eta, -60.0, 60.0)))
    return sizes * share, sizes * share * (1.0 - share)
