"""Read-outs against hand computation: counts, shares and fluxes."""

from __future__ import annotations

import numpy as np
import pytest

from soleus.assays import Evaluator, Flux, Readout, Share, weight_matrix
from soleus.engines import Start, mean_cells
from soleus.errors import ModelError, UnknownNameError
from soleus.lineage import CellType, Fate, Lineage, Phase, Transition, compile_lineage
from soleus.movement import Modifiers


def cell(name: str, *phases: str) -> CellType:
    return CellType(name, name, tuple(Phase(p, p != "G0") for p in phases or ("G0",)))


def yule(rate: float = 0.4):
    exits = (Transition("split", "division", "A", (Fate("two", 1.0, {"A": 2}),), rate_per_day=rate),)
    return compile_lineage(Lineage("yule", (cell("A", "G1"),), exits, founders=("A",)))


def chain():
    """A leaves rest, divides into A and B (0.7) or two B (0.3, weighed by fate.both); B dies."""
    exits = (
        Transition("wake", "activation", "A.G0", (Fate("go", 1.0, {"A.S": 1}),), rate_per_day=0.5),
        Transition(
            "split",
            "division",
            "A.S",
            (Fate("one", 0.7, {"A.G0": 1, "B": 1}), Fate("both", 0.3, {"B": 2}, "fate.both")),
            mean_days=1.0,
            stages=3,
        ),
        Transition("die", "death", "B", (Fate("gone", 1.0, {}),), rate_per_day=0.2),
    )
    return compile_lineage(Lineage("chain", (cell("A", "G0", "S"), cell("B")), exits, founders=("A",)))


def state(process, **cells: float) -> np.ndarray:
    """Cells by microstate, spread evenly over the stages of a place."""
    mean = np.zeros(process.n_states)
    for place, number in cells.items():
        name, _, phase = place.partition("_")
        where = [
            i for i, m in enumerate(process.microstates) if m.type == name and (not phase or m.phase == phase)
        ]
        mean[where] = number / len(where)
    return mean


def evaluate(readout, process, cells, roles=None) -> float:
    values = np.ones((1, len(process.roles))) if roles is None else roles
    return float(Evaluator([readout], process)(cells[None, :], values)[0, 0])


def test_a_count_takes_its_types_its_cycling_cells_and_its_sensitivity():
    process = chain()
    cells = state(process, A_G0=10.0, A_S=6.0, B=4.0)
    assert evaluate(Readout("a", "a", ("A",)), process, cells) == pytest.approx(16.0, rel=1e-12)
    assert evaluate(Readout("k", "k", ("A", "B"), cycling=True), process, cells) == pytest.approx(
        6.0, rel=1e-12
    )
    half = Readout("h", "h", ("A", "B"), sensitivity=0.5)
    assert evaluate(half, process, cells) == pytest.approx(10.0, rel=1e-12)


def test_weights_of_several_readouts_stand_in_order():
    process = chain()
    matrix = weight_matrix((Readout("b", "b", ("B",)), Readout("a", "a", ("A",))), process)
    assert matrix.shape == (2, process.n_states)
    np.testing.assert_array_equal(matrix.sum(axis=1), [1.0, 4.0])


def test_a_share_is_part_over_whole():
    process = chain()
    a, both = Readout("a", "a", ("A",)), Readout("ab", "ab", ("A", "B"))
    cells = state(process, A_G0=3.0, B=9.0)
    assert evaluate(Share("s", "s", a, both), process, cells) == pytest.approx(0.25, rel=1e-12)
    assert np.isnan(evaluate(Share("s", "s", a, both), process, np.zeros(process.n_states)))


def test_the_flux_of_a_yule_process_is_rate_times_cells():
    process = yule(0.4)
    new = Flux("new", "new", ("split",), ("A",))
    day = 3.0
    start = Start.given(process, {"A": 7})
    cells = mean_cells(process, Modifiers.none(0.0, 10.0), start, days=[day])
    found = float(Evaluator([new], process)(cells, np.ones((1, len(process.roles))))[0, 0])
    # N(t) = 7 exp(0.4 t): the flux is also the slope of the mean.
    assert found == pytest.approx(0.4 * 7.0 * np.exp(0.4 * day), rel=1e-10)


def test_a_flux_counts_new_cells_and_follows_the_modifiers():
    process = chain()
    cells = state(process, A_S=6.0)
    # Two of the six stand in the last of three stages, each left at 3 a day.
    out = 2.0 * 3.0
    new_b = Flux("b", "b", ("split",), ("B",))
    assert evaluate(new_b, process, cells) == pytest.approx(out * (0.7 + 2 * 0.3), rel=1e-12)
    # Neither fate adds an A: one gives the dividing cell back, one loses it.
    assert evaluate(Flux("a", "a", ("split",), ("A",)), process, cells) == 0.0
    roles = np.ones((1, len(process.roles)))
    roles[0, process.roles.index("division")] = 0.5
    roles[0, process.roles.index("fate.both")] = 7.0
    both = 0.3 * 7.0 / (0.7 + 0.3 * 7.0)
    assert evaluate(new_b, process, cells, roles) == pytest.approx(0.5 * out * (1.0 + both), rel=1e-12)


def test_what_the_lineage_lacks_is_refused():
    process = chain()
    with pytest.raises(ModelError, match=r"\['C'\].*'chain'"):
        Readout("c", "c", ("C",)).weights(process)
    with pytest.raises(ModelError, match="counts no microstate"):
        Readout("b", "b", ("B",), cycling=True).weights(process)
    with pytest.raises(UnknownNameError, match="split"):
        Evaluator([Flux("f", "f", ("spilt",), ("A",))], process)
