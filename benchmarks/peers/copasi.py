"""COPASI through basico: direct method, next reaction, adaptive SSA/tau."""

from __future__ import annotations

from protocol import Prepared, Timed, law_text, serve, single_thread

single_thread()

import basico  # noqa: E402
import COPASI  # noqa: E402

_METHODS = {
    "direct": COPASI.CTaskEnum.Method_directMethod,
    "next": COPASI.CTaskEnum.Method_stochastic,
    "adaptive": COPASI.CTaskEnum.Method_adaptiveSA,
    "tau": COPASI.CTaskEnum.Method_tauLeap,
}


def _build(network: dict, event: bool) -> object:
    if "sbml" in network:
        return basico.load_model_from_string(network["sbml"])
    model = basico.new_model(name="bench", volume_unit="1", quantity_unit="#", time_unit="d")
    basico.add_compartment("c", 1.0)
    for name in network["species"]:
        basico.add_species(
            name, compartment_name="c", initial_concentration=float(network["start"].get(name, 0))
        )
    law = network["law"]
    if law is not None and event:
        basico.add_parameter("m", law["a"])
        basico.add_event("step", f"Time >= {law['c']!r}", [["Values[m]", repr(law["b"])]])
    elif law is not None:
        basico.add_parameter("m", type="assignment", expression=_formula(law))
    for r in network["reactions"]:
        scheme = f"{r['source']} -> {_side(r['products'])}"
        if r["timed"]:
            basico.add_parameter(f"k_{r['name']}", r["rate"])
            if "timed first order" not in basico.get_functions().index:
                basico.add_function(
                    "timed first order",
                    "k*m*S",
                    "irreversible",
                    {"k": "parameter", "m": "parameter", "S": "substrate"},
                )
            mapping = {"k": f"k_{r['name']}", "m": "m", "S": r["source"]}
            basico.add_reaction(r["name"], scheme, function="timed first order", mapping=mapping)
        else:
            basico.add_reaction(r["name"], scheme)
            basico.set_reaction_parameters(f"({r['name']}).k1", value=r["rate"])
    return model


def _side(products: list) -> str:
    return " + ".join(f"{products.count(p)} * {p}" for p in dict.fromkeys(products))


def _formula(law: dict) -> str:
    if law["kind"] == "step":
        return f"if({{Time}} < {law['c']!r}, {law['a']!r}, {law['b']!r})"
    return law_text(law, "{Time}")


_models = Prepared(_build)


def _task(model: object, *, method: str, days: list) -> object:
    steps = {round(b - a, 9) for a, b in zip(days[:-1], days[1:], strict=True)}
    if len(steps) != 1:
        raise ValueError("COPASI is asked for evenly spaced output")
    basico.set_current_model(model)
    model.getModel().compileIfNecessary()
    task = model.getTask("Time-Course")
    if not task.setMethodType(_METHODS[method]):
        raise ValueError(f"method {method!r} is not offered")
    settings = {
        "problem": {
            "Duration": days[-1],
            "StepNumber": len(days) - 1,
            "AutomaticStepSize": False,
            "TimeSeriesRequested": True,
        },
        "method": {"Use Random Seed": True, "Max Internal Steps": 2_000_000_000},
    }
    basico.set_task_settings("Time-Course", settings, model=model)
    if task.getMethod().getSubType() != _METHODS[method]:
        raise ValueError(f"method {method!r} was not taken")
    return task


def _messages() -> str:
    lines = [line.strip() for line in COPASI.CCopasiMessage.getAllMessageText().splitlines()]
    kept = [line for line in lines if line and "No output file" not in line and not line.startswith(">")]
    return " ".join(kept[-3:])


def simulate(network: dict, method: str, days: list, mice: int, seed: int) -> dict:
    """Run mice one after another; the task is set up once, as COPASI's own repeats do."""
    event = method == "direct, step as an event"
    model, cost = _models.get(network=network, event=event)
    task = _task(model, method="direct" if event else method, days=days)
    finals = []
    with Timed() as spent:
        for mouse in range(mice):
            task.getMethod().getParameter("Random Seed").setUIntValue((seed + mouse) % 2**31)
            if not (task.initializeRaw(COPASI.CCopasiTask.OUTPUT_UI) and task.processRaw(True)):
                raise RuntimeError(_messages())
            series = task.getTimeSeries()
            last = series.getRecordedSteps() - 1
            finals.append([series.getData(last, c) for c in range(series.getNumVariables())])
            task.restore()
    titles = [series.getSBMLId(c, model) or series.getTitle(c) for c in range(series.getNumVariables())]
    order = {title: c for c, title in enumerate(titles)}
    columns = [order[name] for name in network["species"]]
    return {
        "cpu_s": spent.cpu_s,
        "mice": mice,
        "finals": [[row[c] for c in columns] for row in finals],
        **cost,
    }


def hello() -> dict:
    """Return the version."""
    return {"version": f"COPASI {basico.COPASI.__version__} (basico {basico.__version__})"}


serve({"hello": hello, "simulate": simulate})
