"""diffrax: the equations of mean and covariance as one ordinary differential equation, compiled by XLA."""

from __future__ import annotations

from protocol import Prepared, Timed, serve, single_thread

single_thread()

import sys  # noqa: E402

# This file has the name of the package; the folder of the script must not hide the package.
sys.path.pop(0)

import diffrax  # noqa: E402
import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402

jax.config.update("jax_enable_x64", True)


def _arrays(network: dict) -> tuple:
    index = {name: i for i, name in enumerate(network["species"])}
    change = np.zeros((len(network["reactions"]), len(index)))
    source = np.array([index[r["source"]] for r in network["reactions"]])
    for row, r in zip(change, network["reactions"], strict=True):
        row[index[r["source"]]] -= 1
        for product in r["products"]:
            row[index[product]] += 1
    rate = np.array([r["rate"] for r in network["reactions"]])
    timed = np.array([r["timed"] for r in network["reactions"]])
    start = np.array([float(network["start"].get(name, 0)) for name in network["species"]])
    return change, source, rate, timed, start


def _build(network: dict, days: list, tolerance: float) -> object:
    change, source, rate, timed, start = _arrays(network)
    n = len(start)
    law = network["law"]

    def rates(t: object) -> object:
        if law is None:
            return rate
        m = law["a"] + law["b"] * jnp.exp(-t / law["c"])
        return jnp.where(timed, rate * m, rate)

    def field(t: object, state: tuple, _: object) -> tuple:
        mean, cov = state
        k = rates(t)
        flux = k * mean[source]
        drift = change.T @ (k[:, None] * jnp.eye(n)[source])
        grown = drift @ cov
        return flux @ change, grown + grown.T + change.T @ (flux[:, None] * change)

    def solve(mean0: object) -> tuple:
        solution = diffrax.diffeqsolve(
            diffrax.ODETerm(field),
            diffrax.Tsit5(),
            t0=days[0],
            t1=days[-1],
            dt0=None,
            y0=(mean0, jnp.zeros((n, n))),
            stepsize_controller=diffrax.PIDController(rtol=tolerance, atol=tolerance),
            saveat=diffrax.SaveAt(t1=True),
        )
        return solution.ys[0][-1], solution.ys[1][-1]

    return jax.jit(solve).lower(jnp.asarray(start)).compile(), jnp.asarray(start)


_compiled = Prepared(_build)


def moments(network: dict, days: list, repeats: int) -> dict:
    """Solve repeatedly at a tolerance of 1e-6, which leaves errors below 1e-5 in both."""
    (solve, start), cost = _compiled.get(network=network, days=days, tolerance=1e-6)
    jax.block_until_ready(solve(start))
    with Timed() as spent:
        for _ in range(repeats):
            mean, cov = jax.block_until_ready(solve(start))
    return {
        "cpu_s": spent.cpu_s,
        "repeats": repeats,
        "mean": np.asarray(mean).tolist(),
        "covariance": np.asarray(cov).tolist(),
        **cost,
    }


def hello() -> dict:
    """Return the version."""
    return {"version": f"diffrax {diffrax.__version__} (JAX {jax.__version__})"}


serve({"hello": hello, "moments": moments})
