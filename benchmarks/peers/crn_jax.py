"""crn-jax: Gillespie's method in JAX, a batch of mice at a time (vmap), compiled by XLA."""

from __future__ import annotations

from protocol import Prepared, Timed, serve, single_thread

single_thread()

import sys  # noqa: E402
from importlib.metadata import version  # noqa: E402

# This file has the name of the package; the folder of the script must not hide the package.
sys.path.pop(0)

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402
from crn_jax.gillespie import simulate_trajectory  # noqa: E402
from crn_jax.types import State  # noqa: E402

_MOST_STEPS = 100_000_000


def _build(network: dict, days: list, mice: int) -> object:
    if network["law"] is not None:
        raise ValueError("propensities of crn-jax do not depend on time")
    names = list(network["species"])
    index = {name: i for i, name in enumerate(names)}
    rates = jnp.array([r["rate"] for r in network["reactions"]])
    sources = jnp.array([index[r["source"]] for r in network["reactions"]])
    change = np.zeros((len(network["reactions"]), len(names)))
    for row, r in zip(change, network["reactions"], strict=True):
        row[index[r["source"]]] -= 1
        for product in r["products"]:
            row[index[product]] += 1
    changes = jnp.asarray(change)
    start = jnp.array([float(network["start"].get(name, 0)) for name in names])

    def propensities(state: State, _: object) -> object:
        return rates * state.x[sources]

    def apply(state: State, which: object) -> State:
        return state._replace(x=state.x + changes[which])

    def one(key: object) -> object:
        first = State(time=jnp.array(0.0), x=start, next_reaction_time=jnp.array(jnp.inf))
        return simulate_trajectory(
            key,
            first,
            timestep=days[1] - days[0],
            n_steps=len(days) - 1,
            compute_propensities_fn=propensities,
            apply_reaction_fn=apply,
            max_steps=_MOST_STEPS,
        ).x[-1]

    batch = jax.jit(jax.vmap(one))
    return batch.lower(jax.random.split(jax.random.PRNGKey(0), mice)).compile()


_compiled = Prepared(_build)


def simulate(network: dict, method: str, days: list, mice: int, seed: int) -> dict:
    """Run a batch of mice side by side."""
    batch, cost = _compiled.get(network=network, days=days, mice=mice)
    keys = jax.random.split(jax.random.PRNGKey(seed % 2**31), mice)
    with Timed() as spent:
        finals = np.asarray(batch(keys)).tolist()
    return {"cpu_s": spent.cpu_s, "mice": mice, "finals": finals, **cost}


def hello() -> dict:
    """Return the version."""
    return {"version": f"crn-jax {version('crn-jax')} (JAX {jax.__version__})"}


serve({"hello": hello, "simulate": simulate})
