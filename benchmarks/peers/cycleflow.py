"""CycleFlow (Jolly et al. 2022, doi 10.1016/j.crmeth.2022.100315): phase lengths from an EdU pulse and chase.

The authors' model, likelihood and flat priors, sampled with emcee as in their example. Differences: the
walkers start in the box of 5 to 95 % that the example prints, and take emcee's differential-evolution
moves, which leave the posterior as it is and forget sooner than the stretch move.
"""

from __future__ import annotations

from protocol import Timed, serve, single_thread

single_thread()

import sys  # noqa: E402
from importlib.metadata import version  # noqa: E402

# This file has the name of the package; the folder of the script must not hide the package.
sys.path.pop(0)

import cycleflow  # noqa: E402
import emcee  # noqa: E402
import numpy as np  # noqa: E402
import pandas  # noqa: E402

# lambda, mu, nu: stages per hour in G1, S and G2M; tau: hours of EdU; l: stages of G1; a: share of G0;
# early, late: shares of S in the gates of G1 and G2M. Bounds: example/prior.csv of the authors' repository.
_NAMES = ("lambda", "mu", "nu", "tau", "l", "a", "early", "late")
_LOWEST = np.array([0.01, 0.3, 0.5, 1.0, 2.0, 0.0, 0.01, 0.01])
_HIGHEST = np.array([6.0, 5.0, 10.0, 5.0, 31.0, 1.0, 0.35, 0.35])
# The 5th and 95th percentiles that their example notebook prints for these data.
_BOX = (
    np.array([1.6838, 1.7282, 2.6681, 2.3075, 11.451, 0.00175, 0.06765, 0.07255]),
    np.array([4.9891, 2.6301, 3.3211, 3.7431, 30.383, 0.04943, 0.25365, 0.24276]),
)
_DERIVED = ("g1_hours", "s_hours", "g2m_hours", "growth_per_hour")
_LEVELS = (2.5, 50.0, 97.5)
_KEPT = 4000


def _posterior(chase: dict, steady: dict) -> cycleflow.log_posterior:
    """Return the authors' log-posterior of a table: hours and, by gate, means and errors."""
    gates = ("G1", "S", "G2")
    table = {f"mean_{g}": chase[f"mean_{g}"] for g in gates} | {f"err_{g}": chase[f"err_{g}"] for g in gates}
    data, errors = cycleflow.convert_data(pandas.DataFrame(table), pandas.DataFrame(steady))
    likelihood = cycleflow.log_likelihood(chase["hours"], data, errors)
    return cycleflow.log_posterior(likelihood, cycleflow.log_flat_prior(_LOWEST, _HIGHEST))


def density(chase: dict, steady: dict, theta: list) -> dict:
    """Return the log-posterior at one point, to hold against what the authors print."""
    with Timed() as spent:
        value = float(_posterior(chase, steady)(np.array(theta)))
    return {"cpu_s": spent.cpu_s, "log_posterior": value}


def fit(chase: dict, steady: dict, seed: int, walkers: int, steps: int, burn_in: int) -> dict:
    """Sample the posterior; return medians, 95 % intervals and how well the chains have mixed."""
    log_posterior = _posterior(chase, steady)
    rng = np.random.RandomState(seed)
    begin = _BOX[0] + (_BOX[1] - _BOX[0]) * rng.uniform(size=(walkers, len(_NAMES)))
    moves = [(emcee.moves.DEMove(), 0.8), (emcee.moves.DESnookerMove(), 0.2)]
    sampler = emcee.EnsembleSampler(walkers, len(_NAMES), log_posterior, moves=moves)
    with Timed() as spent:
        sampler.run_mcmc(emcee.State(begin, random_state=rng.get_state()), steps)
        times = sampler.get_autocorr_time(discard=burn_in, tol=0)
        flat = sampler.get_chain(discard=burn_in, flat=True)
        kept = flat[np.linspace(0, len(flat) - 1, min(_KEPT, len(flat))).astype(int)]
        cycles = np.array([cycleflow.get_cycle(theta) for theta in kept])
    found = dict(zip(_NAMES, flat.T, strict=True)) | dict(zip(_DERIVED, cycles.T[:4], strict=True))
    found["g0_share"] = cycles[:, 7]
    found["doubling_hours"] = np.log(2.0) / cycles[:, 3]
    found["cycle_hours"] = cycles[:, :3].sum(axis=1)
    return {
        "cpu_s": spent.cpu_s,
        "wall_s": spent.wall_s,
        "posterior": {k: _interval(v) for k, v in found.items()},
        "best_log_posterior": float(sampler.get_log_prob(discard=burn_in).max()),
        "acceptance": float(sampler.acceptance_fraction.mean()),
        "autocorrelation_steps": dict(zip(_NAMES, times.tolist(), strict=True)),
        "independent_draws": float(len(flat) / np.max(times)),
        "walkers": walkers,
        "steps": steps,
        "burn_in": burn_in,
        "seed": seed,
        "bounds": {k: [float(a), float(b)] for k, a, b in zip(_NAMES, _LOWEST, _HIGHEST, strict=True)},
    }


def _interval(draws: np.ndarray) -> dict:
    low, median, high = np.percentile(draws, _LEVELS)
    return {"low": float(low), "median": float(median), "high": float(high)}


def hello() -> dict:
    """Return the version."""
    return {"version": f"CycleFlow {version('cycleflow')}, emcee {emcee.__version__}"}


serve({"hello": hello, "density": density, "fit": fit})
