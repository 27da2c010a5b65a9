"""SciPy: the matrix exponential of the linear system of means and second moments (constant rates)."""

from __future__ import annotations

from protocol import Prepared, Timed, serve, single_thread

single_thread()

import sys  # noqa: E402

# This file has the name of the package; the folder of the script must not hide the package.
sys.path.pop(0)

import numpy as np  # noqa: E402
import scipy  # noqa: E402
from scipy.linalg import expm  # noqa: E402


def _build(network: dict) -> tuple:
    """Return the matrix of d/dt (mean, upper half of the covariance), and where the halves lie."""
    if network["law"] is not None:
        raise ValueError("one matrix exponential solves constant rates only")
    index = {name: i for i, name in enumerate(network["species"])}
    n = len(index)
    drift = np.zeros((n, n))
    noise = np.zeros((n, n, n))
    for r in network["reactions"]:
        source = index[r["source"]]
        change = np.zeros(n)
        change[source] -= 1
        for product in r["products"]:
            change[index[product]] += 1
        drift[:, source] += r["rate"] * change
        noise[:, :, source] += r["rate"] * np.outer(change, change)
    rows, columns = np.triu_indices(n)
    size = n + len(rows)
    matrix = np.zeros((size, size))
    matrix[:n, :n] = drift
    matrix[n:, :n] = noise[rows, columns]
    for place in range(len(rows)):
        cov = np.zeros((n, n))
        cov[rows[place], columns[place]] = cov[columns[place], rows[place]] = 1.0
        grown = drift @ cov
        matrix[n:, n + place] = (grown + grown.T)[rows, columns]
    start = np.zeros(size)
    start[:n] = [float(network["start"].get(name, 0)) for name in network["species"]]
    return matrix, start, n


_matrices = Prepared(_build)


def moments(network: dict, days: list, repeats: int) -> dict:
    """Take the exponential of the whole span once a repeat."""
    (matrix, start, n), cost = _matrices.get(network=network)
    end = start
    with Timed() as spent:
        for _ in range(repeats):
            end = expm(matrix * (days[-1] - days[0])) @ start
    cov = np.zeros((n, n))
    rows, columns = np.triu_indices(n)
    cov[rows, columns] = cov[columns, rows] = end[n:]
    mean = end[:n].tolist()
    return {"cpu_s": spent.cpu_s, "repeats": repeats, "mean": mean, "covariance": cov.tolist(), **cost}


def hello() -> dict:
    """Return the version."""
    return {"version": f"SciPy {scipy.__version__}"}


serve({"hello": hello, "moments": moments})
