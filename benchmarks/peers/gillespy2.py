"""GillesPy2: its C++ solvers, compiled once a model (the compiler is part of the figure of its own)."""

from __future__ import annotations

from protocol import Prepared, Timed, law_text, serve, single_thread

single_thread()

import os  # noqa: E402
import sys  # noqa: E402
import sysconfig  # noqa: E402

# Its builds are run by the interpreter that the environment was made from, which lacks SCons.
os.environ["PYTHONPATH"] = sysconfig.get_paths()["purelib"]
# This file has the name of the package; the folder of the script must not hide the package.
sys.path.pop(0)

import gillespy2  # noqa: E402
import numpy as np  # noqa: E402
from gillespy2.core.gillespyError import BuildError  # noqa: E402

_SOLVERS = {"direct": gillespy2.SSACSolver, "tau": gillespy2.TauLeapingCSolver}


def _build(network: dict, method: str, days: list) -> object:
    if network["law"] is not None and network["law"]["kind"] == "step":
        raise ValueError("its parser takes no comparison with the time")
    model = gillespy2.Model(name="bench")
    species = {
        name: gillespy2.Species(name=name, initial_value=network["start"].get(name, 0), mode="discrete")
        for name in network["species"]
    }
    model.add_species(list(species.values()))
    for r in network["reactions"]:
        products = {species[p]: r["products"].count(p) for p in dict.fromkeys(r["products"])}
        reactants = {species[r["source"]]: 1}
        if r["timed"]:
            formula = f"{r['rate']!r}*({law_text(network['law'], 't')})*{r['source']}"
            reaction = gillespy2.Reaction(
                name=r["name"], reactants=reactants, products=products, propensity_function=formula
            )
        else:
            rate = gillespy2.Parameter(name=f"k_{r['name']}", expression=r["rate"])
            model.add_parameter(rate)
            reaction = gillespy2.Reaction(name=r["name"], reactants=reactants, products=products, rate=rate)
        model.add_reaction(reaction)
    model.timespan(gillespy2.TimeSpan(np.asarray(days)))
    try:
        solver = _SOLVERS[method](model=model)
        solver.run(number_of_trajectories=1, seed=1)
    except BuildError as error:
        if network["law"] is None:
            raise
        raise ValueError("its C++ solver does not compile propensities that depend on time") from error
    return solver


_solvers = Prepared(_build)


def simulate(network: dict, method: str, days: list, mice: int, seed: int) -> dict:
    """Run mice in one call of the compiled program."""
    solver, cost = _solvers.get(network=network, method=method, days=days)
    with Timed() as spent:
        results = solver.run(number_of_trajectories=mice, seed=seed % 2**31)
    finals = [[float(one[name][-1]) for name in network["species"]] for one in results]
    return {"cpu_s": spent.cpu_s, "mice": mice, "finals": finals, **cost}


def hello() -> dict:
    """Return the version."""
    return {"version": f"GillesPy2 {gillespy2.__version__}"}


serve({"hello": hello, "simulate": simulate})
