"""A compiled lineage holds what was declared: waits, exits, fates, roles, sources, jumps."""

from __future__ import annotations

import numpy as np
import pytest

from soleus.errors import UnknownNameError
from soleus.lineage import CellType, Fate, Jump, Lineage, Phase, Source, Transition, compile_lineage


def cell(name: str, *phases: str) -> CellType:
    return CellType(name, name, tuple(Phase(p, cycling=p == "S") for p in phases))


def example(**changes):
    fates = (Fate("two", 0.25, {"A": 1, "B": 1}, role="fate.two"), Fate("out", 0.75, {"B": 3}))
    settings = {
        "transitions": (
            Transition("die", "death", "A.S", (Fate("gone", 1.0),), rate_per_day=0.3),
            Transition("enter", "entry", "A", (Fate("on", 1.0, {"A.S": 1}),), rate_per_day=2.0),
            Transition("split", "division", "A.S", fates, mean_days=1.5, stages=3),
        ),
        "sources": (Source("come", "export", "A.S", 5.0),),
    } | changes
    return compile_lineage(Lineage("example", (cell("A", "G0", "S"), cell("B", "G0")), **settings))


def exits(process):
    """Return (source, transition, rate, role, [(probability, role, daughters)]) of each exit."""
    a = process.arrays
    found = []
    for e in range(len(a.exit_source)):
        fates = [
            (
                float(a.fate_probability[f]),
                None if a.fate_role[f] < 0 else process.roles[a.fate_role[f]],
                a.daughters[a.fate_daughters[f] : a.fate_daughters[f + 1]].tolist(),
            )
            for f in range(a.exit_fates[e], a.exit_fates[e + 1])
        ]
        name = process.transitions[process.exit_transition[e]]
        found.append(
            (int(a.exit_source[e]), name, float(a.exit_rate[e]), process.roles[a.exit_role[e]], fates)
        )
    return found


def test_every_exit_by_hand():
    gone = [(1.0, None, [])]
    assert exits(example()) == [
        (0, "enter", 2.0, "entry", [(1.0, None, [1])]),
        (1, "die", 0.3, "death", gone),
        (1, "split", 2.0, "division", [(1.0, None, [2])]),
        (2, "die", 0.3, "death", gone),
        (2, "split", 2.0, "division", [(1.0, None, [3])]),
        (3, "die", 0.3, "death", gone),
        (3, "split", 2.0, "division", [(0.25, "fate.two", [0, 4]), (0.75, None, [4, 4, 4])]),
        (5, "come", 5.0, "export", [(1.0, None, [5, 1])]),
    ]


def test_microstates_and_roles():
    process = example()
    assert [tuple(m)[:4] for m in process.microstates] == [
        ("A", "G0", 0, False),
        ("A", "S", 0, True),
        ("A", "S", 1, True),
        ("A", "S", 2, True),
        ("B", "G0", 0, False),
        ("outside", "outside", 0, False),
    ]
    assert process.roles == ("death", "entry", "division", "fate.two", "export")
    assert process.advance.tolist() == [False, False, True, False, True, False, False, False]
    assert process.has_outside
    assert not example(sources=()).has_outside
    assert example(sources=()).n_states == 5


@pytest.mark.parametrize(("mean", "stages"), [(1.5, 1), (1.5, 3), (0.4, 14)])
def test_mean_and_variance_of_an_erlang_wait(mean, stages):
    """First passage through the compiled stages: mean tau, variance tau^2 / k, from the arrays alone."""
    out = (Fate("out", 1.0, {"B": 1}),)
    wait = Transition("wait", "maturation", "A", out, mean_days=mean, stages=stages)
    process = compile_lineage(Lineage("wait", (cell("A", "G0"), cell("B", "G0")), (wait,)))
    generator = np.zeros((stages, stages))
    for source, _, rate, _, fates in exits(process):
        generator[source, source] -= rate
        for probability, _, daughters in fates:
            for d in daughters:
                if d < stages:
                    generator[source, d] += rate * probability
    inverse = np.linalg.inv(-generator)
    first = inverse[0].sum()
    second = 2.0 * (inverse @ inverse)[0].sum()
    np.testing.assert_allclose(first, mean, rtol=1e-12)
    np.testing.assert_allclose(second - first**2, mean**2 / stages, rtol=1e-12)


def test_weights_never_count_the_outside():
    process = example()
    assert process.weights(lambda m: 1.0).tolist() == [1, 1, 1, 1, 1, 0]
    assert process.weights(lambda m: 2.0 * m.cycling).tolist() == [0, 2, 2, 2, 0, 0]
    assert process.count("A").tolist() == [1, 1, 1, 1, 0, 0]
    assert process.count("A", "B").tolist() == [1, 1, 1, 1, 1, 0]
    with pytest.raises(UnknownNameError, match="unknown cell type 'a'"):
        process.count("a")


def test_entry_is_the_first_stage():
    process = example()
    assert (process.entry("A"), process.entry("A.S"), process.entry("B.G0")) == (0, 1, 4)
    with pytest.raises(UnknownNameError, match="unknown place 'A.G1'.*Known: A.G0, A.S, B.G0"):
        process.entry("A.G1")


def jump_matrix(moves, **changes):
    process = example(jumps=(Jump("pulse", 2.0, moves),), **changes)
    (jump,) = process.jumps
    assert (jump.name, jump.day) == ("pulse", 2.0)
    return jump.matrix


def test_jump_by_hand():
    matrix = jump_matrix({"A": {"B": 0.3, None: 0.5}, "A.S": {"B": 1.0}})
    wanted = np.eye(6)
    wanted[0, 0], wanted[0, 4] = 0.2, 0.3
    for stage in (1, 2, 3):
        wanted[stage, stage], wanted[stage, 4] = 0.0, 1.0
    np.testing.assert_allclose(matrix, wanted, atol=1e-15)
    assert np.all(matrix >= 0.0)


def test_jump_keeps_the_stage_where_it_can():
    wait = Transition("wait", "division", "A.S", (Fate("b", 1.0, {"B": 1}),), mean_days=1.0, stages=3)
    enter = Transition("enter", "entry", "A", (Fate("on", 1.0, {"A.S": 1}),), rate_per_day=2.0)
    same = Transition("same", "division", "B", (Fate("gone", 1.0),), mean_days=1.0, stages=3)
    less = Transition("less", "division", "B", (Fate("gone", 1.0),), mean_days=1.0, stages=2)
    kept = jump_matrix({"A.S": {"B": 1.0}}, transitions=(enter, wait, same))
    assert [int(np.argmax(row)) for row in kept[1:4]] == [4, 5, 6]
    entered = jump_matrix({"A.S": {"B": 1.0}}, transitions=(enter, wait, less))
    assert [int(np.argmax(row)) for row in entered[1:4]] == [4, 4, 4]


def test_a_jump_onto_itself_changes_nothing():
    np.testing.assert_array_equal(jump_matrix({"A": {"A": 1.0}}), np.eye(6))
