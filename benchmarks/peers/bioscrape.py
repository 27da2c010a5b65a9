"""bioscrape: its Gillespie simulator, in compiled Cython."""

from __future__ import annotations

from protocol import Prepared, Timed, law_text, serve, single_thread

single_thread()

import os  # noqa: E402
import sys  # noqa: E402
import tempfile  # noqa: E402
from importlib.metadata import version  # noqa: E402

# This file has the name of the package; the folder of the script must not hide the package.
sys.path.pop(0)

import numpy as np  # noqa: E402
from bioscrape import simulator  # noqa: E402
from bioscrape.random import py_seed_random  # noqa: E402
from bioscrape.types import Model  # noqa: E402


def _build(network: dict) -> tuple:
    if "sbml" in network:
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "model.xml")
            with open(path, "w", encoding="utf-8") as file:
                file.write(network["sbml"])
            model = Model(sbml_filename=path, sbml_warnings=False)
        return model, [model.get_species2index()[name] for name in network["species"]]
    reactions = []
    parameters = {}
    for r in network["reactions"]:
        parameters[f"k_{r['name']}"] = r["rate"]
        if r["timed"]:
            rate = f"k_{r['name']}*({_formula(network['law'])})*{r['source']}"
            reactions.append(([r["source"]], list(r["products"]), "general", {"rate": rate}))
        else:
            reactions.append(([r["source"]], list(r["products"]), "massaction", {"k": f"k_{r['name']}"}))
    start = {name: network["start"].get(name, 0) for name in network["species"]}
    model = Model(
        species=list(network["species"]),
        reactions=reactions,
        parameters=parameters,
        initial_condition_dict=start,
    )
    columns = [model.get_species2index()[name] for name in network["species"]]
    return model, columns


def _formula(law: dict) -> str:
    if law["kind"] == "step":
        return f"{law['a']!r} + {law['b'] - law['a']!r}*heaviside(t - {law['c']!r})"
    return law_text(law, "t")


_models = Prepared(_build)


def simulate(network: dict, method: str, days: list, mice: int, seed: int) -> dict:
    """Run mice one after another on one interface, as its documentation advises for repeats."""
    (model, columns), cost = _models.get(network=network)
    times = np.asarray(days, dtype=float)
    one = simulator.TimeDependentSSASimulator() if method == "time-dependent" else simulator.SSASimulator()
    py_seed_random(seed % 2**31)
    finals = []
    with Timed() as spent:
        for _ in range(mice):
            interface = simulator.ModelCSimInterface(model)
            interface.py_set_initial_time(times[0])
            interface.py_prep_deterministic_simulation()
            finals.append(one.py_simulate(interface, times).py_get_result()[-1].tolist())
    finals = [[row[c] for c in columns] for row in finals]
    return {"cpu_s": spent.cpu_s, "mice": mice, "finals": finals, **cost}


def hello() -> dict:
    """Return the version."""
    return {"version": f"bioscrape {version('bioscrape')}"}


serve({"hello": hello, "simulate": simulate})
