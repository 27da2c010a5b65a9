"""The chase by other means: a dense generator written out cell by cell, solved by an adaptive integrator."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.integrate import solve_ivp

UPTAKE_PER_HOUR = 5.0
GATE_OF = {"G1": 0, "G0": 0, "S": 1, "G2M": 2}


def twin(
    theta: dict,
    stages: tuple[int, int, int],
    hours: list[float],
    present: Callable[[float], float],
    *,
    stops: np.ndarray | None = None,
):
    """Return labelled fractions of all cells, (T, 3), by gates without error, growth per hour, composition.

    ``present`` may jump only at ``stops``, where the integrator starts anew; it is asked within a piece only.
    """
    phases = [p for p, k in zip(("G1", "S", "G2M"), stages, strict=True) for _ in range(k)] + ["G0"]
    lengths = {"G1": theta["g1_hours"], "S": theta["s_hours"], "G2M": theta["g2m_hours"]}
    n = len(phases)
    rate = [stages[("G1", "S", "G2M").index(p)] / lengths[p] if p != "G0" else 0.0 for p in phases]
    step = np.zeros((n, n))  # from, to
    for i in range(n - 1):
        step[i, i] -= rate[i]
        if i < n - 2:
            step[i, i + 1] += rate[i]
    step[n - 2, 0] += 2.0 * (1.0 - theta["rest_probability"]) * rate[n - 2]
    step[n - 2, n - 1] += 2.0 * theta["rest_probability"] * rate[n - 2]
    values, vectors = np.linalg.eig(step.T)
    lead = int(np.argmax(values.real))
    growth, share = values[lead].real, np.abs(vectors[:, lead].real)
    share /= share.sum()
    in_s = np.array([p == "S" for p in phases])

    def slope(t: float, y: np.ndarray, at: float | None) -> np.ndarray:
        without, labelled = y[:n], y[n:]
        taken = UPTAKE_PER_HOUR * present(t if at is None else at) * np.where(in_s, without, 0.0)
        return np.concatenate([without @ step - taken, labelled @ step + taken])

    found, y = [], np.concatenate([share, np.zeros(n)])
    cuts = np.unique(np.concatenate([[0.0], hours, [] if stops is None else stops[stops < hours[-1]]]))
    for a, b in zip(cuts, cuts[1:], strict=False):
        at = None if stops is None else 0.5 * (a + b)
        y = solve_ivp(slope, (a, b), y, method="DOP853", rtol=1e-11, atol=1e-14, args=(at,)).y[:, -1]
        if b in hours:
            found.append(y[n:] / y.sum())
    gates = np.zeros((n, 3))
    for i, phase in enumerate(phases):
        gates[i, GATE_OF[phase]] = 1.0
    return np.array(found) @ gates, growth, share
