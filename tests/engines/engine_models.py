"""Small processes with known answers, and one of realistic size."""

from __future__ import annotations

import numpy as np

from soleus.engines import Start
from soleus.lineage import (
    CellType,
    Fate,
    Jump,
    Lineage,
    Phase,
    Process,
    Source,
    Transition,
    compile_lineage,
)

DEATH = (Fate("gone", 1.0),)


def cell(name: str, *phases: str) -> CellType:
    return CellType(name, name, tuple(Phase(p) for p in phases or ("p",)))


def dies(place: str, rate: float, role: str = "death") -> Transition:
    return Transition(f"{place} dies", role, place, DEATH, rate_per_day=rate)


def moves(place: str, to: str, rate: float, role: str = "maturation") -> Transition:
    return Transition(f"{place} to {to}", role, place, (Fate("to", 1.0, {to: 1}),), rate_per_day=rate)


def divides(place: str, rate: float, role: str = "division") -> Transition:
    return Transition(f"{place} divides", role, place, (Fate("two", 1.0, {place: 2}),), rate_per_day=rate)


def birth_death(birth: float, death: float) -> Process:
    return compile_lineage(Lineage("birth-death", (cell("s"),), (divides("s", birth), dies("s", death))))


def immigration_death(source: float, death: float) -> Process:
    enter = Source("enter", "entry", "s", source)
    return compile_lineage(Lineage("immigration-death", (cell("s"),), (dies("s", death),), sources=(enter,)))


def decay(rate: float) -> Process:
    return compile_lineage(Lineage("decay", (cell("x"),), (dies("x", rate),)))


def erlang_chain(mean: float, stages: int, death: float) -> Process:
    """x waits an Erlang time under death, then becomes y, which stays."""
    wait = Transition("wait", "maturation", "x", (Fate("y", 1.0, {"y": 1}),), mean_days=mean, stages=stages)
    return compile_lineage(Lineage("chain", (cell("x"), cell("y")), (wait, dies("x", death))))


def renewal(rate: float, p_two: float, *, jumps: tuple[Jump, ...] = ()) -> Process:
    """s divides to two s with probability p (role 'fate.two'), else to none."""
    fates = (Fate("two", p_two, {"s": 2}, role="fate.two"), Fate("none", 1.0 - p_two))
    return compile_lineage(
        Lineage(
            "renewal",
            (cell("s"),),
            (Transition("d", "division", "s", fates, rate_per_day=rate),),
            jumps=jumps,
        )
    )


def svz_like() -> Process:
    """Return about 100 microstates, stages of up to 25 per day, the shape of the catalogue's lineage."""
    types = (
        CellType("Q", "quiescent", (Phase("G0"),)),
        CellType("A", "active", (Phase("cycle", cycling=True),)),
        *(CellType(f"T{k}", f"amplifying {k}", (Phase("cycle", cycling=True),)) for k in (1, 2, 3)),
        *(CellType(f"N{k}", f"neuroblast {k}", (Phase("cycle", cycling=True),)) for k in (1, 2)),
        CellType("M", "migrating", (Phase("G0"),)),
        CellType("I", "immature", (Phase("G0"),)),
        CellType("R", "mature", (Phase("G0"),)),
        CellType("O", "OPC", (Phase("G0"),)),
        CellType("L", "oligodendrocyte", (Phase("G0"),)),
    )

    def wait(source: str, mean: float, stages: int, fates: tuple[Fate, ...], role: str) -> Transition:
        return Transition(f"{source} clock", role, source, fates, mean_days=mean, stages=stages)

    two = lambda to: (Fate("two", 1.0, {to: 2}),)  # noqa: E731
    one = lambda to: (Fate("one", 1.0, {to: 1}),)  # noqa: E731
    stem = (
        Fate("renew", 0.3, {"A": 1, "T1": 1}, role="fate.renew"),
        Fate("consume", 0.5, {"T1": 2}),
        Fate("return", 0.2, {"Q": 2}),
    )
    transitions = (
        moves("Q", "A", 0.02, "activation"),
        wait("A", 0.7, 10, stem, "division.stem"),
        moves("A", "Q", 0.1, "return"),
        wait("T1", 0.75, 14, two("T2"), "division.tap"),
        wait("T2", 0.56, 14, two("T3"), "division.tap"),
        wait(
            "T3",
            0.6,
            14,
            (Fate("nb", 0.95, {"N1": 2}, role="fate.nb"), Fate("opc", 0.05, {"O": 2})),
            "division.tap",
        ),
        wait("N1", 0.75, 12, two("N2"), "division.neuroblast"),
        wait("N2", 0.75, 12, one("M"), "maturation.neuroblast"),
        wait("M", 4.0, 8, one("I"), "maturation.migration"),
        wait("I", 14.0, 6, one("R"), "maturation.neuron"),
        wait("O", 5.0, 6, one("L"), "maturation.opc"),
        *(
            dies(k, r, f"death.{k}")
            for k, r in dict(T1=0.05, T2=0.1, T3=0.1, N1=0.3, N2=0.4, M=0.05, I=0.05).items()
        ),
        dies("R", 0.003, "death.R"),
        dies("L", 0.002, "death.L"),
    )
    source = Source("astro", "export", "O", 3.0)
    return compile_lineage(Lineage("svz-like", types, transitions, sources=(source,), founders=("Q",)))


def svz_start(process: Process) -> Start:
    return Start.given(process, {"Q": 4000.0, "A": 300.0, "R": 10000.0}, poisson=True)


def readouts(process: Process) -> np.ndarray:
    """Return ten read-outs, shape (10, n)."""
    names = ["Q", "A", "T1", "T2", "T3", "N1", "M", "I", "R"]
    rows = [process.count(k) for k in names]
    return np.array([*rows, process.weights(lambda m: float(m.cycling))])
