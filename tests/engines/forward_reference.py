"""A slow, obvious reference: mean and full covariance forward in time by an adaptive ODE solver.

Built from the arrays of a process and nothing of the engines. For first-order networks

``mu' = sum_e a_e(mu) nu_e``,  ``Sigma' = J Sigma + Sigma J^T + sum_e a_e(mu) nu_e nu_e^T``

over all events e, with J the derivative of ``mu'``. A jump splits each microstate multinomially.
Covariances between two days follow ``Cov(x(t1), x(t))' = Cov(x(t1), x(t)) J^T``.
"""

from __future__ import annotations

import numpy as np
from scipy.integrate import solve_ivp

from soleus.engines import Start
from soleus.lineage import Process
from soleus.movement import Modifiers

__all__ = ["forward_moments"]


def _events(process: Process, multiplier: dict[str, float]) -> list[tuple[int, float, np.ndarray]]:
    """Return (source, rate per cell, change of the state) of every event."""
    a, events = process.arrays, []
    for e in range(len(a.exit_source)):
        source = int(a.exit_source[e])
        hazard = a.exit_rate[e] * multiplier[process.roles[a.exit_role[e]]]
        fates = range(a.exit_fates[e], a.exit_fates[e + 1])
        weight = [
            a.fate_probability[f] * (1.0 if a.fate_role[f] < 0 else multiplier[process.roles[a.fate_role[f]]])
            for f in fates
        ]
        for f, w in zip(fates, weight, strict=True):
            change = np.zeros(process.n_states)
            change[source] -= 1.0
            for d in a.daughters[a.fate_daughters[f] : a.fate_daughters[f + 1]]:
                change[d] += 1.0
            events.append((source, hazard * w / sum(weight), change))
    return events


def _multipliers(process: Process, modifiers: Modifiers, day: float) -> dict[str, float]:
    """Return each role's multiplier just after ``day``."""
    k = max(i for i, edge in enumerate(modifiers.edges[:-1]) if edge <= day)
    found = {}
    for role in process.roles:
        product = 1.0
        for name, row in zip(modifiers.roles, modifiers.values, strict=True):
            if role == name or role.startswith(name + "."):
                product *= row[k]
        found[role] = product
    return found


def _derivative(n, crossed, jacobian, rates, changes):
    def derivative(_, flat):
        mu, sigma = flat[:n], flat[n : n + n * n].reshape(n, n)
        noise = (changes * (rates @ mu)[:, None]).T @ changes
        cross = flat[n + n * n :].reshape(crossed, n, n)
        return np.concatenate(
            [
                jacobian @ mu,
                (jacobian @ sigma + sigma @ jacobian.T + noise).ravel(),
                (cross @ jacobian.T).ravel(),
            ]
        )

    return derivative


def forward_moments(
    process: Process, modifiers: Modifiers, start: Start, *, days: list[float]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean, (D, n), and the covariance, (D, n, D, n), of all microstates."""
    n, total = process.n_states, len(days)
    mu = np.array(start.mean)
    sigma = np.diag(mu) if start.poisson else np.zeros((n, n))
    if process.has_outside:
        sigma[-1] = 0.0
    crosses: list[np.ndarray] = []
    means, covariance = np.zeros((total, n)), np.zeros((total, n, total, n))
    jumps = {j.day: j.matrix for j in process.jumps}
    cuts = sorted({*modifiers.edges, *days, *(d for d in jumps if modifiers.edges[0] <= d)})
    for cut, following in zip(cuts, [*cuts[1:], None], strict=True):
        if cut in days:
            k = days.index(cut)
            means[k], covariance[k, :, k, :] = mu, sigma
            for earlier, cross in enumerate(crosses):
                covariance[earlier, :, k, :], covariance[k, :, earlier, :] = cross, cross.T
            crosses.append(sigma.copy())
            if k == total - 1:
                break
        if cut in jumps:
            p = jumps[cut]
            sigma = p.T @ sigma @ p + np.diag(mu @ p) - p.T @ np.diag(mu) @ p
            mu = mu @ p
            crosses = [c @ p for c in crosses]
        events = _events(process, _multipliers(process, modifiers, cut))
        changes = np.array([change for _, _, change in events])
        rates = np.zeros((len(events), n))
        for row, (source, rate, _) in enumerate(events):
            rates[row, source] = rate
        flat = np.concatenate([mu, sigma.ravel(), *(c.ravel() for c in crosses)])
        solution = solve_ivp(
            _derivative(n, len(crosses), changes.T @ rates, rates, changes),
            (cut, following),
            flat,
            method="DOP853",
            rtol=1e-11,
            atol=1e-13 * max(1.0, float(np.max(np.abs(flat)))),
        )
        assert solution.success, solution.message
        flat = solution.y[:, -1]
        mu, sigma = flat[:n], flat[n : n + n * n].reshape(n, n)
        crosses = list(flat[n + n * n :].reshape(-1, n, n))
    return means, covariance
