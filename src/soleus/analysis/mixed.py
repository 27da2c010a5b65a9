"""Linear mixed models by REML: animals in cages or litters that hold both groups, days in animals.

Random intercepts of clusters, or intercepts and slopes; a contrast of fixed effects with Satterthwaite's
degrees of freedom, or Kenward and Roger's. Everything that the likelihood needs of a
cluster is a few sums, taken once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soleus.analysis.contrasts import Estimates

__all__ = ["MixedFit", "fit_mixed", "kenward_roger"]

Array = NDArray[np.float64]
_TINY = 1e-8


@dataclass(frozen=True, eq=False)
class MixedFit:
    """A fitted model.

    Parameters
    ----------
    beta, covariance
        Fixed effects and their covariance.
    sigma
        Residual standard deviation.
    spread
        Covariance of the random effects of a cluster.
    """

    beta: Array
    covariance: Array
    sigma: float
    spread: Array
    _sums: _Sums
    _at: Array

    def contrast(self, weights: Array) -> Estimates:
        """Return a contrast of fixed effects; t with Satterthwaite's degrees of freedom.

        Notes
        -----
        The variance of the contrast is a function of the parameters of the variance; its own variance follows
        by the delta method from the curvature of the REML deviance (Fai and Cornelius 1996, doi
        10.1080/00949659608811740; as lmerTest: Kuznetsova et al. 2017, doi 10.18637/jss.v082.i13).
        """
        sums, at = self._sums, self._at

        def of(point: Array) -> float:
            return float(weights @ np.linalg.inv(_solved(sums, point)[0]) @ weights)

        variance = of(at)
        slope = _gradient(of, at)
        values, vectors = np.linalg.eigh(_hessian(lambda p: _deviance(sums, p), at))
        kept = values > _TINY
        # Twice the inverse of the deviance's curvature; a flat direction says nothing.
        inverse = 2.0 * (vectors[:, kept] / values[kept]) @ vectors[:, kept].T
        noise = float(slope @ inverse @ slope)
        df = 2.0 * variance**2 / noise if noise > 0.0 else np.inf
        estimate = np.array(float(weights @ self.beta))
        return Estimates(estimate, np.array(np.sqrt(variance)), np.array(min(df, 1e9)))


def kenward_roger(fit: MixedFit, x: Array, weights: Array, *, cluster: NDArray[np.intp]) -> Estimates:
    """Return a contrast with Kenward and Roger's standard error and degrees of freedom.

    Parameters
    ----------
    fit
        Of random intercepts.
    x, cluster
        As for :func:`fit_mixed`.
    weights
        Shape (columns,).

    Notes
    -----
    Kenward and Roger (1997, doi 10.2307/2533558), for one contrast and a covariance that is linear in its two
    parameters; by the expected information, so that a spread of clusters estimated as 0 still counts as one
    that was estimated (as pbkrtest: Halekoh and Hojsgaard 2014, doi 10.18637/jss.v059.i09).
    """
    n = len(x)
    same = (cluster[:, None] == cluster[None, :]).astype(np.float64)
    kinds = (np.eye(n), same)
    inverse = np.linalg.inv(fit.sigma**2 * kinds[0] + float(fit.spread[0, 0]) * same)
    whitened = inverse @ x
    covariance = np.linalg.inv(x.T @ whitened)
    projected = inverse - whitened @ covariance @ whitened.T
    by_kind = [projected @ kind for kind in kinds]
    noise = np.linalg.inv([[0.5 * float((a * b.T).sum()) for b in by_kind] for a in by_kind])
    first = [whitened.T @ kind @ whitened for kind in kinds]
    second = [[whitened.T @ a @ inverse @ b @ whitened for b in kinds] for a in kinds]
    more = sum(
        noise[i, j] * (second[i][j] - first[i] @ covariance @ first[j]) for i in range(2) for j in range(2)
    )
    adjusted = covariance + 2.0 * covariance @ more @ covariance
    pull = covariance @ weights
    slope = np.array([pull @ part @ pull for part in first])
    variance = float(weights @ pull)
    df = 2.0 * variance**2 / float(slope @ noise @ slope)
    return Estimates(
        np.array(float(weights @ fit.beta)),
        np.array(np.sqrt(float(weights @ adjusted @ weights))),
        np.array(df),
    )


@dataclass(frozen=True, eq=False)
class _Sums:
    """Cross products: whole ones, and those of each cluster with its random columns."""

    xx: Array
    xy: Array
    yy: float
    zz: Array
    zx: Array
    zy: Array
    n: int


def fit_mixed(
    y: Array, x: Array, *, cluster: NDArray[np.intp], slope: Array | None = None
) -> MixedFit | None:
    """Fit by REML; None where the fixed effects use up the data.

    Parameters
    ----------
    y, x
        Shape (rows,) and (rows, columns); the columns must be independent.
    cluster
        Shape (rows,), codes from 0.
    slope
        Shape (rows,): what random slopes are on, such as the day; None for random intercepts alone.
    """
    if len(y) <= x.shape[1] or np.linalg.matrix_rank(x) < x.shape[1]:
        return None
    one = np.ones(len(y))
    scale = 1.0 if slope is None else float(slope.std()) or 1.0
    # Slopes on a standard scale, so that all parameters are of one size.
    z = one[:, None] if slope is None else np.column_stack([one, (slope - slope.mean()) / scale])
    sums = _sums(y, x, z, cluster)
    theta = _best(sums, z.shape[1])
    sigma = _profiled(sums, theta)[1]
    at = np.append(theta, sigma)
    information, beta, _ = _solved(sums, at)
    factor = _factor(theta)
    covariance = np.asarray(np.linalg.inv(information), dtype=np.float64)
    return MixedFit(beta, covariance, sigma, sigma**2 * factor @ factor.T, sums, at)


def _sums(y: Array, x: Array, z: Array, cluster: NDArray[np.intp]) -> _Sums:
    k = int(cluster.max()) + 1

    def within(products: Array) -> Array:
        out = np.zeros((k, *products.shape[1:]))
        np.add.at(out, cluster, products)
        return out

    return _Sums(
        x.T @ x, x.T @ y, float(y @ y),
        within(z[:, :, None] * z[:, None, :]), within(z[:, :, None] * x[:, None, :]), within(z * y[:, None]),
        len(y),
    )  # fmt: skip


def _factor(theta: Array) -> Array:
    """Return the lower triangle of the random effects' relative covariance."""
    if len(theta) == 1:
        return theta.reshape(1, 1)
    return np.array([[theta[0], 0.0], [theta[1], theta[2]]])


def _reduced(sums: _Sums, theta: Array) -> tuple[Array, Array, float, float]:
    """Return X'V^-1 X, X'V^-1 y, y'V^-1 y and log |V| for a residual variance of 1."""
    factor = _factor(theta)
    inner = np.eye(len(factor)) + factor.T @ sums.zz @ factor
    zx, zy = factor.T @ sums.zx, sums.zy @ factor
    solved_x = np.linalg.solve(inner, zx)
    solved_y = np.linalg.solve(inner, zy[..., None])[..., 0]
    xx = sums.xx - np.einsum("kqp,kqr->pr", zx, solved_x)
    xy = sums.xy - np.einsum("kqp,kq->p", zx, solved_y)
    yy = sums.yy - float((zy * solved_y).sum())
    return xx, xy, yy, float(np.linalg.slogdet(inner)[1].sum())


def _profiled(sums: _Sums, theta: Array) -> tuple[float, float]:
    """Return the REML deviance at the best residual variance, and its root."""
    xx, xy, yy, log_det = _reduced(sums, theta)
    beta = np.linalg.solve(xx, xy)
    df = sums.n - len(beta)
    rest = max(yy - float(beta @ xy), 1e-300)
    deviance = log_det + float(np.linalg.slogdet(xx)[1]) + df * (1.0 + np.log(2.0 * np.pi * rest / df))
    return deviance, float(np.sqrt(rest / df))


def _deviance(sums: _Sums, at: Array) -> float:
    """Return the REML deviance at relative covariance factors and a residual standard deviation."""
    xx, xy, yy, log_det = _reduced(sums, at[:-1])
    beta = np.linalg.solve(xx, xy)
    df = sums.n - len(beta)
    rest = yy - float(beta @ xy)
    spread = float(at[-1]) ** 2
    whole = log_det + float(np.linalg.slogdet(xx)[1])
    return whole + df * float(np.log(2.0 * np.pi * spread)) + rest / spread


def _solved(sums: _Sums, at: Array) -> tuple[Array, Array, float]:
    xx, xy, yy, _ = _reduced(sums, at[:-1])
    beta = np.asarray(np.linalg.solve(xx, xy), dtype=np.float64)
    return np.asarray(xx / at[-1] ** 2), beta, yy - float(beta @ xy)


def _best(sums: _Sums, random: int) -> Array:
    from scipy.optimize import minimize, minimize_scalar

    def of(theta: Array) -> float:
        return _profiled(sums, theta)[0]

    if random == 1:
        # From 0 to infinity on a bounded scale; 0 itself is tried, which a bounded search never touches.
        found = minimize_scalar(
            lambda u: of(np.array([u / (1.0 - u)])), bounds=(0.0, 0.999), method="bounded",
            options={"xatol": 1e-10},
        )  # fmt: skip
        theta = np.array([found.x / (1.0 - found.x)])
        return np.zeros(1) if of(np.zeros(1)) <= float(found.fun) + 1e-9 else theta
    best: tuple[float, Array] = (of(np.zeros(3)), np.zeros(3))
    for start in ((1.0, 0.0, 1.0), (1.0, 0.0, 0.1), (3.0, 1.0, 1.0)):
        found = minimize(
            lambda p: of(p), np.array(start), method="Nelder-Mead",
            options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 4000, "maxfev": 4000},
        )  # fmt: skip
        if float(found.fun) < best[0] - 1e-9:
            best = (float(found.fun), np.asarray(found.x, dtype=float))
    return best[1]


def _gradient(of: Callable[[Array], float], at: Array) -> Array:
    """Central differences, once extrapolated (Richardson)."""
    out = np.empty(len(at))
    for k in range(len(at)):
        found = []
        for h in (1e-3, 5e-4):
            step = np.zeros(len(at))
            step[k] = h * max(abs(at[k]), 0.1)
            found.append((of(at + step) - of(at - step)) / (2.0 * step[k]))
        out[k] = (4.0 * found[1] - found[0]) / 3.0
    return out


def _hessian(of: Callable[[Array], float], at: Array) -> Array:
    """Second differences, once extrapolated."""
    found = []
    for h in (4e-3, 2e-3):
        steps = np.diag(h * np.maximum(np.abs(at), 0.1))
        out = np.empty((len(at), len(at)))
        for i, one in enumerate(steps):
            for j, other in enumerate(steps[: i + 1]):
                corners = (
                    of(at + one + other) - of(at + one - other) - of(at - one + other) + of(at - one - other)
                )
                out[i, j] = out[j, i] = corners / (4.0 * one[i] * other[j])
        found.append(out)
    extrapolated: Array = (4.0 * found[1] - found[0]) / 3.0
    return extrapolated
