"""Markers and gates: which cells are seen, and how often."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from soleus.assays import Gate, Marker, tags_of
from soleus.errors import ModelError, UnknownNameError
from soleus.lineage import (
    CellType,
    Fate,
    Label,
    Lineage,
    Persistence,
    Phase,
    Source,
    Transition,
    Window,
    compile_lineage,
    cross,
)

CYCLING = Window(cycling=True)


def process():
    dividing = CellType("A", "A", (Phase("G1", True), Phase("S", True)))
    ripening = CellType("N", "N", (Phase("G0"),))
    exits = (
        Transition("start", "division", "A.G1", (Fate("go", 1.0, {"A.S": 1}),), rate_per_day=2.0),
        Transition("divide", "division", "A.S", (Fate("one", 1.0, {"A": 1, "N": 1}),), rate_per_day=2.0),
        Transition("ripen", "maturation", "N", (Fate("out", 1.0, {}),), mean_days=8.0, stages=4),
    )
    return compile_lineage(
        Lineage("toy", (dividing, ripening), exits, (Source("come", "arrival", "A", 1.0),), founders=("A",))
    )


def seen(values, crossed=None) -> dict[str, float]:
    here = crossed or process()
    return {
        f"{m.type}.{m.phase}.{m.stage}" + "".join(f"/{g}" for g in m.levels): round(float(v), 12)
        for m, v in zip(here.microstates, values, strict=True)
    }


def test_a_marker_is_seen_where_it_is_expressed_and_sometimes_elsewhere():
    ki67 = Marker("Ki67", "Ki67", (CYCLING,), sensitivity=0.9, false_positive=0.01)
    found = seen(ki67.detection(process()))
    assert found["A.G1.0"] == found["A.S.0"] == 0.9
    assert found["N.G0.0"] == 0.01
    assert found["outside.outside.0"] == 0.0


def test_partly_expressed_and_by_stage():
    late = Marker("NeuN", "NeuN", (Window(("N",), from_stage=2), Window(("N",), expression=0.25)), 0.8, 0.1)
    found = seen(late.detection(process()))
    assert found["N.G0.3"] == 0.8
    # A quarter express it; the rest are seen by mistake.
    assert found["N.G0.1"] == pytest.approx(0.25 * 0.8 + 0.75 * 0.1)
    assert found["A.S.0"] == 0.1


def test_a_label_is_seen_at_any_level_that_is_kept():
    edu = Marker("EdU", "EdU", sensitivity=0.7, analogue=Label("EdU", ((0.0, 0.0),), detectable_divisions=1))
    crossed = cross(process(), [edu.tag])
    found = seen(edu.detection(crossed), crossed)
    assert (found["A.S.0/0"], found["A.S.0/1"], found["N.G0.0/2"]) == (0.0, 0.7, 0.7)
    with pytest.raises(UnknownNameError, match="EdU"):
        edu.detection(process())


def test_a_marker_that_stays_a_while_asks_for_its_tag():
    ki67 = Marker("Ki67", "Ki67", (replace(CYCLING, expression=0.6),), 0.5, persistence_days=1.0)
    assert ki67.tag == Persistence("Ki67", ki67.windows, 1.0)
    crossed = cross(process(), [ki67.tag])
    found = seen(ki67.detection(crossed), crossed)
    assert (found["N.G0.2/1"], found["N.G0.2/0"], found["A.S.0/0"]) == (0.3, 0.0, 0.3)


def test_a_gate_multiplies_and_a_negative_marker_excludes():
    ki67 = Marker("Ki67", "Ki67", (CYCLING,), 0.9, 0.1)
    s_phase = Marker("PCNA", "PCNA", (Window(phases=("S",)),), 0.8)
    both = seen(Gate("both", "Ki67+PCNA+", (ki67, s_phase)).weights(process()))
    assert (both["A.S.0"], both["A.G1.0"], both["N.G0.0"]) == (0.72, 0.0, 0.0)
    only = seen(Gate("only", "Ki67+PCNA-", (ki67,), (s_phase,)).weights(process()))
    assert (only["A.S.0"], only["A.G1.0"], only["N.G0.0"]) == (0.18, 0.9, 0.1)
    inside = seen(Gate("in", "Ki67+ in the window", (ki67,), window=Window(("A",))).weights(process()))
    assert (inside["A.S.0"], inside["N.G0.0"]) == (0.9, 0.0)


def test_gates_that_share_out_the_cells_add_to_all_of_them():
    markers = [
        Marker("Ki67", "Ki67", (CYCLING,), 0.9, 0.05),
        Marker("NeuN", "NeuN", (Window(("N",), expression=0.4),), 0.7, 0.1),
    ]
    total = np.zeros(process().n_states)
    for signs in np.ndindex(2, 2):
        plus = tuple(m for m, s in zip(markers, signs, strict=True) if s)
        minus = tuple(m for m, s in zip(markers, signs, strict=True) if not s)
        total += Gate("part", "part", plus, minus).weights(process())
    assert total[:-1] == pytest.approx(np.ones(process().n_states - 1), rel=1e-14)
    assert total[-1] == 0.0


def test_one_tag_for_all_read_outs_or_none():
    label = Label("EdU", ((0.0, 0.0),))
    edu = Marker("EdU", "EdU", analogue=label)
    a, b = Gate("a", "a", (edu,)), Gate("b", "b", (replace(edu, sensitivity=0.5),))
    assert tags_of([a, b]) == (label,)
    other = Gate("c", "c", (replace(edu, analogue=replace(label, detectable_divisions=1)),))
    with pytest.raises(ModelError, match="two different tags"):
        tags_of([a, other])


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Marker("m", "m"), "windows or an analogue"),
        (lambda: Marker("m", "m", (CYCLING,), analogue=Label("E", ((0.0, 0.0),))), "windows or an analogue"),
        (lambda: Marker("m", "m", (CYCLING,), sensitivity=0.0), "sensitivity"),
        (lambda: Marker("m", "m", (CYCLING,), false_positive=1.0), "false_positive"),
        (lambda: Marker("m", "m", (CYCLING,), persistence_days=-1.0), "persistence"),
        (lambda: Gate("g", "g"), "asks for nothing"),
        (lambda: Gate("g", "g", (Marker("m", "m", (CYCLING,)),), (Marker("m", "m", (CYCLING,)),)), "once"),
        (lambda: Gate("g", "g", (Marker("m", "m", (Window(("Z",)),)),)).weights(process()), "cell type"),
    ],
)
def test_what_cannot_be_is_refused(make, words):
    with pytest.raises((ModelError, UnknownNameError), match=words):
        make()
