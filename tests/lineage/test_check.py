"""Every fault of a lineage is refused with a message that names the place and the mend."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from soleus.errors import ModelError, SoleusError
from soleus.lineage import CellType, Fate, Jump, Lineage, Phase, Source, Transition

A = CellType("A", "a", (Phase("G0"), Phase("S", cycling=True)))
B = CellType("B", "b", (Phase("G0"),))
TO_S = Transition("enter", "entry", "A", (Fate("on", 1.0, {"A.S": 1}),), rate_per_day=1.0)
SPLIT = Transition(
    "split",
    "division",
    "A.S",
    (Fate("two", 0.6, {"A": 2}), Fate("out", 0.4, {"B": 2})),
    mean_days=1.0,
    stages=4,
)
DIE = Transition("die", "death", "B", (Fate("gone", 1.0),), rate_per_day=0.1)
SOURCE = Source("come", "export", "B", 1.0)
JUMP = Jump("pulse", 2.0, {"A": {"B": 0.5, None: 0.2}})
GOOD = Lineage("good", (A, B), (TO_S, SPLIT, DIE), (SOURCE,), (JUMP,), founders=("A",))


def with_split(**changes) -> dict:
    return {"transitions": (TO_S, replace(SPLIT, **changes), DIE)}


def with_fates(*fates: Fate) -> dict:
    return with_split(fates=fates)


def with_die(**changes) -> dict:
    return {"transitions": (TO_S, SPLIT, replace(DIE, **changes))}


TWO, OUT = SPLIT.fates
NAN, INF = float("nan"), float("inf")
FAULTS = {
    "no types": ({"types": ()}, "has no cell types; declare at least one"),
    "same type twice": ({"types": (A, B, B)}, "cell type 'B' is declared twice; names are unique"),
    "dot in a type": (
        {"types": (A, B, replace(B, name="B.x"))},
        "cell type 'B.x': a name is not empty and holds no dot",
    ),
    "empty type": ({"types": (A, B, replace(B, name=""))}, "cell type '': a name is not empty"),
    "reserved type": (
        {"types": (A, B, replace(B, name="outside"))},
        "'outside': that is where sources come from; take",
    ),
    "no phase": ({"types": (A, replace(B, phases=()))}, "cell type 'B' has no phase; give it one"),
    "same phase twice": (
        {"types": (A, replace(B, phases=(Phase("G0"),) * 2))},
        "phase of 'B' 'G0' is declared twice",
    ),
    "empty phase": ({"types": (A, replace(B, phases=(Phase(""),)))}, "phase '' of 'B': a name is not empty"),
    "dot in a phase": (
        {"types": (A, replace(B, phases=(Phase("G.0"),)))},
        "phase 'G.0' of 'B': a name .* no dot",
    ),
    "same transition twice": ({"transitions": (TO_S, SPLIT, DIE, DIE)}, "transition 'die' is declared twice"),
    "same source twice": ({"sources": (SOURCE, SOURCE)}, "source 'come' is declared twice"),
    "same jump twice": ({"jumps": (JUMP, replace(JUMP, day=3.0))}, "jump 'pulse' is declared twice"),
    "unknown source type": (
        with_die(source="C"),
        "transition 'die', source: unknown cell type 'C'.* Known: A, B",
    ),
    "unknown phase": (
        with_split(source="A.M"),
        r"'split', source: type 'A' has no phase 'M'; it has \['G0', 'S'\]",
    ),
    "rate and mean": (
        with_split(rate_per_day=1.0),
        "'split': give exactly one of rate_per_day and mean_days",
    ),
    "neither rate nor mean": (
        with_die(rate_per_day=None),
        "'die': give exactly one of rate_per_day and mean_days",
    ),
    "negative rate": (
        with_die(rate_per_day=-0.1),
        "'die': rate_per_day must be finite and at least 0, got -0.1",
    ),
    "rate not a number": (
        with_die(rate_per_day=NAN),
        "'die': rate_per_day must be finite and at least 0, got nan",
    ),
    "infinite rate": (with_die(rate_per_day=INF), "'die': rate_per_day must be finite"),
    "rate in words": (
        with_die(rate_per_day="0.1 per day"),
        "'die': rate_per_day must be a number, got '0.1 per day'",
    ),
    "rate true": (with_die(rate_per_day=True), "'die': rate_per_day must be a number, got True"),
    "rate with stages": (
        with_die(stages=3),
        "'die': a rate has one stage; give mean_days for an Erlang wait",
    ),
    "mean of zero": (with_split(mean_days=0.0), "'split': mean_days must be finite and above 0, got 0.0"),
    "negative mean": (with_split(mean_days=-2.0), "'split': mean_days must be finite and above 0, got -2.0"),
    "mean not a number": (with_split(mean_days=NAN), "'split': mean_days must be finite and above 0"),
    "no stage": (with_split(stages=0), "'split': stages must be a whole number of at least 1, got 0"),
    "half a stage": (with_split(stages=2.5), "'split': stages must be a whole number of at least 1, got 2.5"),
    "stages true": (
        with_split(stages=True),
        "'split': stages must be a whole number of at least 1, got True",
    ),
    "no role": (with_die(role=""), "'die': a transition has a role, e.g. 'division.stem'"),
    "no fate": (with_fates(), "'split': has no fate; death is one fate without daughters"),
    "same fate twice": (with_fates(TWO, replace(OUT, name="two")), "'split', fate 'two' is declared twice"),
    "negative probability": (
        with_fates(replace(TWO, probability=1.4), replace(OUT, probability=-0.4)),
        "'split', fate 'out': probability must be finite and at least 0, got -0.4",
    ),
    "probability not a number": (
        with_fates(replace(TWO, probability=NAN), OUT),
        "fate 'two': probability must be",
    ),
    "too little": (
        with_fates(TWO, replace(OUT, probability=0.3)),
        "'split': probabilities .* add to 1, they add to 0.9",
    ),
    "too much": (with_fates(TWO, replace(OUT, probability=0.40001)), "must add to 1, they add to 1.00001"),
    "fate names no type": (
        with_fates(TWO, replace(OUT, daughters={"Bb": 2})),
        "fate 'out': unknown cell type 'Bb'.* mean 'B'",
    ),
    "fate names no phase": (
        with_fates(TWO, replace(OUT, daughters={"B.S": 2})),
        "fate 'out': type 'B' has no phase 'S'",
    ),
    "no daughters by number": (
        with_fates(TWO, replace(OUT, daughters={"B": 0})),
        "number of 'B' daughters .* at least 1, got 0",
    ),
    "half a daughter": (
        with_fates(TWO, replace(OUT, daughters={"B": 1.5})),
        "'B' daughters must be a whole number",
    ),
    "source to nowhere": (
        {"sources": (replace(SOURCE, target="X"),)},
        "source 'come', target: unknown cell type 'X'",
    ),
    "negative source": (
        {"sources": (replace(SOURCE, rate_per_day=-1.0),)},
        "source 'come': rate_per_day must be finite",
    ),
    "source without role": ({"sources": (replace(SOURCE, role=""),)}, "source 'come': a source has a role"),
    "jump without day": ({"jumps": (replace(JUMP, day=NAN),)}, "jump 'pulse': day must be finite"),
    "jump from nowhere": (
        {"jumps": (replace(JUMP, moves={"X": {"B": 0.5}}),)},
        "jump 'pulse': unknown cell type 'X'",
    ),
    "jump to nowhere": (
        {"jumps": (replace(JUMP, moves={"A": {"X": 0.5}}),)},
        "jump 'pulse': unknown cell type 'X'",
    ),
    "jump place twice": (
        {"jumps": (replace(JUMP, moves={"A": {"B": 0.5}, "A.G0": {"B": 0.1}}),)},
        "jump 'pulse': place 'A.G0' is listed twice",
    ),
    "negative jump": (
        {"jumps": (replace(JUMP, moves={"A": {"B": -0.5}}),)},
        "probability from 'A' must be finite",
    ),
    "jump above one": (
        {"jumps": (replace(JUMP, moves={"A": {"B": 0.9, None: 0.2}}),)},
        "from 'A' add to 1.1, more than 1",
    ),
    "two clocks": (
        {"transitions": (TO_S, SPLIT, replace(SPLIT, name="split again"), DIE)},
        "'A.S' has two clocks, 'split' and 'split again'; one clock per phase: give one of",
    ),
    "a clock and a gamma clock": (
        {"transitions": (TO_S, SPLIT, replace(SPLIT, name="again", stages=1, shape=2.5), DIE)},
        "'A.S' has two clocks, 'split' and 'again'",
    ),
    "gamma wait with stages": (
        {"transitions": (TO_S, replace(SPLIT, shape=2.5), DIE)},
        "a gamma wait has mean_days and shape, no rate_per_day and no stages",
    ),
    "gamma shape 0": (
        {"transitions": (TO_S, replace(SPLIT, stages=1, shape=0.0), DIE)},
        "shape must be finite and above 0, got 0.0",
    ),
    "out of reach": (
        {"types": (A, B, CellType("C", "c", (Phase("G0"),)))},
        r"nobody can reach 'C.G0' from the founders \['A'\] or a source; add a fate that leads there",
    ),
    "unknown founder": ({"founders": ("Z",)}, "founders: unknown cell type 'Z'"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_refused_by_place(fault):
    changes, message = FAULTS[fault]
    with pytest.raises(ModelError, match=message) as caught:
        replace(GOOD, **changes)
    assert isinstance(caught.value, SoleusError)


def test_what_is_right_is_taken():
    assert GOOD.places() == ("A.G0", "A.S", "B.G0")
    # numpy's numbers are numbers, and an empty tail of rounding is forgiven.
    replace(GOOD, **with_split(stages=np.int64(4), mean_days=np.float32(1.0)))
    replace(GOOD, **with_die(rate_per_day=np.int64(1)))
    replace(GOOD, **with_fates(*(Fate(f"f{k}", 0.1, {"B": 1}) for k in range(10))))


def test_a_type_without_founder_or_source_is_reached_by_a_jump_or_a_source():
    tail = {"transitions": (TO_S, replace(SPLIT, fates=(Fate("two", 1.0, {"A": 2}),)), DIE)}
    replace(GOOD, sources=(), **tail)  # by the jump
    replace(GOOD, jumps=(), **tail)  # by the source
    with pytest.raises(ModelError, match="nobody can reach 'B.G0'"):
        replace(GOOD, sources=(), jumps=(), **tail)


def test_roles_and_types_by_name():
    assert GOOD.roles == ("entry", "division", "death", "export")
    assert GOOD.type("B") is B
    with pytest.raises(SoleusError, match="unknown cell type 'b'.*Known: A, B"):
        GOOD.type("b")
