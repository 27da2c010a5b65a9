"""libRoadRunner: its Gillespie integrator on SBML that antimony writes."""

from __future__ import annotations

from protocol import Prepared, Timed, law_text, serve, single_thread

single_thread()

import antimony  # noqa: E402
import roadrunner  # noqa: E402

# It warns on every run of a model with an event in time; the page says so once.
roadrunner.Logger.disableLogging()


def _text(network: dict, event: bool) -> str:
    lines = ["model bench()", "  compartment c = 1;"]
    for name in network["species"]:
        lines.append(f"  substanceOnly species {name} in c = {network['start'].get(name, 0)};")
    for r in network["reactions"]:
        products = " + ".join(f"{r['products'].count(p)} {p}" for p in dict.fromkeys(r["products"]))
        rate = f"{r['rate']!r}*{r['source']}" + ("*m" if r["timed"] else "")
        lines.append(f"  {r['name']}: {r['source']} -> {products}; {rate};")
    law = network["law"]
    if law is not None and event:
        lines += [f"  m = {law['a']!r};", f"  at (time >= {law['c']!r}): m = {law['b']!r};"]
    elif law is not None:
        lines.append(f"  m := {_formula(law)};")
    return "\n".join([*lines, "end", ""])


def _formula(law: dict) -> str:
    if law["kind"] == "step":
        return f"piecewise({law['a']!r}, time < {law['c']!r}, {law['b']!r})"
    return law_text(law, "time")


def _build(network: dict, event: bool) -> object:
    if "sbml" in network:
        return roadrunner.RoadRunner(network["sbml"])
    antimony.clearPreviousLoads()
    if antimony.loadAntimonyString(_text(network, event)) < 0:
        raise ValueError(antimony.getLastError())
    return roadrunner.RoadRunner(antimony.getSBMLString("bench"))


_models = Prepared(_build)


def simulate(network: dict, method: str, days: list, mice: int, seed: int) -> dict:
    """Run mice one after another."""
    event = method == "direct, step as an event"
    model, cost = _models.get(network=network, event=event)
    model.setIntegrator("gillespie")
    model.integrator.seed = seed % 2**31
    model.integrator.variable_step_size = False
    model.timeCourseSelections = list(network["species"])
    finals = []
    with Timed() as spent:
        for _ in range(mice):
            # An event has changed a parameter, which only the fuller reset takes back.
            model.resetAll() if event else model.reset()
            finals.append(list(model.simulate(days[0], days[-1], len(days))[-1]))
    return {"cpu_s": spent.cpu_s, "mice": mice, "finals": finals, **cost}


def moments(network: dict, days: list, repeats: int) -> dict:
    """Integrate the mean alone (CVODE at its usual tolerance); covariances are not offered."""
    model, cost = _models.get(network=network, event=False)
    model.setIntegrator("cvode")
    model.timeCourseSelections = list(network["species"])
    mean = []
    with Timed() as spent:
        for _ in range(repeats):
            model.reset()
            mean = list(model.simulate(days[0], days[-1], len(days))[-1])
    return {"cpu_s": spent.cpu_s, "repeats": repeats, "mean": mean, **cost}


def hello() -> dict:
    """Return the version."""
    return {"version": f"libRoadRunner {roadrunner.__version__}"}


serve({"hello": hello, "simulate": simulate, "moments": moments})
