"""Crossing a process with tags: levels follow their rules, and cells do what they did."""

from __future__ import annotations

import numpy as np
import pytest

from soleus.engines.generator import dense_generator
from soleus.errors import ModelError, UnknownNameError, UnsupportedError
from soleus.lineage import (
    CellType,
    Fate,
    Jump,
    Label,
    Lineage,
    Persistence,
    Phase,
    Source,
    Transition,
    Window,
    compile_lineage,
    cross,
    embed,
)


def lineage(**changes) -> Lineage:
    cycle = CellType("A", "A", (Phase("G1", True), Phase("S", True), Phase("G2M", True)))
    rest = CellType("N", "N", (Phase("G0"),))
    exits = (
        Transition("start_s", "division.s", "A.G1", (Fate("go", 1.0, {"A.S": 1}),), rate_per_day=2.0),
        Transition("end_s", "division.e", "A.S", (Fate("go", 1.0, {"A.G2M": 1}),), mean_days=0.5, stages=2),
        Transition(
            "divide",
            "division.m",
            "A.G2M",
            (
                Fate("two", 0.3, {"A": 2}, "fate.two"),
                Fate("one", 0.3, {"A.S": 1, "N": 1}),
                Fate("none", 0.4, {"N": 2}),
            ),
            rate_per_day=5.0,
        ),
        Transition("die", "death", "N", (Fate("gone", 1.0, {}),), rate_per_day=0.2),
    )  # fmt: skip
    plain = {"name": "toy", "types": (cycle, rest), "transitions": exits, "founders": ("A",)}
    return Lineage(**{**plain, **changes})


def process(**changes):
    return compile_lineage(lineage(**changes))


PULSE = Label("EdU", ((1.0, 1.0),), detectable_divisions=1)
DAY_LONG = Label("EdU", ((1.0, 2.0),), detectable_divisions=2)
FADES = Persistence("Ki67", (Window(cycling=True),), 1.5)
AT_A_RATE = Label("BrdU", ((1.0, 1.2),), uptake_per_day=50.0, clearance_days=0.1, reuse=0.1)


def states(crossed) -> list[tuple]:
    return [(m.type, m.phase, m.stage, *m.levels) for m in crossed.microstates]


def exits(crossed, name: str, level: tuple[int, ...]) -> list[tuple]:
    """Return (fate role, daughters with levels) of a transition from a level."""
    a, all_states = crossed.arrays, states(crossed)
    found = []
    for e in np.flatnonzero(crossed.exit_transition == crossed.transitions.index(name)):
        if crossed.microstates[a.exit_source[e]].levels == level:
            for f in range(a.exit_fates[e], a.exit_fates[e + 1]):
                born = a.daughters[a.fate_daughters[f] : a.fate_daughters[f + 1]]
                role = None if a.fate_role[f] < 0 else crossed.roles[a.fate_role[f]]
                found.append(
                    (role, sorted((all_states[j][0], all_states[j][1], *all_states[j][3:]) for j in born))
                )
    return found  # fmt: skip


def test_a_division_halves_and_the_last_level_is_lost():
    crossed = cross(process(), [PULSE])
    full, half = (("A", "G1", 1), ("A", "G1", 2))
    assert full not in exits(crossed, "divide", (0,))
    assert (None, [("A", "S", 2), ("N", "G0", 2)]) in exits(crossed, "divide", (1,))
    assert ("fate.two", [half, half]) in exits(crossed, "divide", (1,))
    assert ("fate.two", [("A", "G1", 0)] * 2) in exits(crossed, "divide", (2,))


def test_no_level_that_cells_cannot_reach_is_kept():
    crossed = cross(process(), [PULSE])
    here = states(crossed)
    assert ("N", "G0", 0, 2) in here
    # A full label can be met in S and in what follows it, never in G1 or after division.
    assert ("A", "G1", 0, 1) not in here
    assert ("N", "G0", 0, 1) not in here


def test_while_the_label_is_there_cells_that_enter_s_are_full():
    crossed = cross(process(), [DAY_LONG])
    assert exits(crossed, "start_s", (0,)) == [
        ("landing.EdU.taken", [("A", "S", 1)]),
        ("landing.EdU.missed", [("A", "S", 0)]),
    ]
    # A fate with a weight of its own keeps it, by the prefix of its role.
    assert exits(crossed, "divide", (1,))[:1] == [("fate.two", [("A", "G1", 2)] * 2)]
    assert ("landing.EdU.taken", [("A", "S", 1), ("N", "G0", 2)]) in exits(crossed, "divide", (1,))
    by_role = {s.role: s for s in crossed.switches}
    days = np.array([0.5, 1.0, 1.5, 2.0, 3.0])
    assert by_role["landing.EdU.taken"].at(days).tolist() == [0, 1, 1, 0, 0]
    assert by_role["landing.EdU.missed"].at(days).tolist() == [1, 0, 0, 1, 1]


def test_at_its_start_a_pulse_fills_all_cells_in_s_and_no_others():
    crossed = cross(process(), [PULSE])
    (jump,) = crossed.jumps
    assert jump.day == 1.0
    here = states(crossed)
    for i, (_, phase, stage, _level) in enumerate(here):
        target = here[int(np.flatnonzero(jump.matrix[i])[0])]
        assert jump.matrix[i].sum() == 1.0
        assert target[:3] == here[i][:3]
        assert target[3] == (1 if phase == "S" else here[i][3]), (phase, stage)


@pytest.mark.parametrize("tags", [[PULSE], [DAY_LONG], [FADES], [AT_A_RATE], [DAY_LONG, FADES, AT_A_RATE]])
@pytest.mark.parametrize("day", [0.0, 1.1, 1.5, 9.0])
def test_summed_over_levels_the_mean_equations_are_those_without_tags(tags, day):
    plain = process(sources=(Source("come", "arrival", "A", 3.0),))
    crossed = cross(plain, tags)
    values = np.ones(len(crossed.roles))
    for switch in crossed.switches:
        hit = [r == switch.role or r.startswith(switch.role + ".") for r in crossed.roles]
        values[hit] *= switch.at(np.array(day))
    a, b = dense_generator(crossed, values), dense_generator(plain, np.ones(len(plain.roles)))
    lumped = np.zeros((crossed.n_states, plain.n_states))
    np.add.at(lumped.T, crossed.untagged, a.T)
    np.testing.assert_allclose(lumped, b[crossed.untagged], rtol=1e-13, atol=1e-13)


def test_a_fading_marker_is_kept_after_its_window_and_then_lost():
    crossed = cross(process(), [FADES])
    assert (None, [("N", "G0", 1)] * 2) in exits(crossed, "divide", (0,))
    assert exits(crossed, "fade Ki67", (1,)) == [(None, [("N", "G0", 0)])]
    assert all(level == 0 for _, phase, _, level in states(crossed) if phase != "G0")
    fade = crossed.exit_transition == crossed.transitions.index("fade Ki67")
    assert crossed.arrays.exit_rate[fade].tolist() == [1 / 1.5]


def test_uptake_at_a_rate_follows_the_concentration():
    crossed = cross(process(), [AT_A_RATE])
    (switch,) = crossed.switches
    assert switch.role == "uptake.BrdU"
    fine = np.linspace(1.0, 3.0, 200_001)
    # The integral of concentration is the window and the clearance time, on top of what is re-used.
    total = np.trapezoid(switch.at(fine), fine)
    exact = np.trapezoid(np.maximum(0.1, np.where(fine < 1.2, 1.0, np.exp(-(fine - 1.2) / 0.1))), fine)
    assert total == pytest.approx(exact, rel=2e-3)
    assert switch.at(np.array([0.9, 50.0])).tolist() == [0.0, 0.1]


def test_two_labels_on_one_day_act_together():
    crossed = cross(process(), [PULSE, Label("BrdU", ((1.0, 1.0),), detectable_divisions=0)])
    (jump,) = crossed.jumps
    here = states(crossed)
    row = jump.matrix[here.index(("A", "S", 0, 0, 0))]
    assert here[int(np.flatnonzero(row)[0])] == ("A", "S", 0, 1, 1)


def test_a_jump_of_the_lineage_keeps_levels_and_comes_before_a_pulse_of_its_day():
    moved = Jump("pass", 1.0, {"A.G1": {"A.S": 0.25, None: 0.5}})
    crossed = cross(process(jumps=(moved,)), [PULSE])
    (jump,) = crossed.jumps
    here = states(crossed)
    row = jump.matrix[here.index(("A", "G1", 0, 0))]
    assert {here[j]: row[j] for j in np.flatnonzero(row)} == {("A", "G1", 0, 0): 0.25, ("A", "S", 0, 1): 0.25}


def test_toxicity_adds_to_the_hazard_of_labelled_cells_only():
    crossed = cross(process(), [Label("EdU", ((1.0, 1.0),), toxicity={"die": 0.5})])
    a = crossed.arrays
    here = [
        (crossed.microstates[a.exit_source[e]].levels[0], a.exit_rate[e])
        for e in np.flatnonzero(crossed.exit_transition == crossed.transitions.index("die"))
    ]
    assert {rate for level, rate in here if level == 0} == {0.2}
    assert {rate for level, rate in here if level > 0} == {0.7}


def test_cells_start_without_tags():
    plain = process()
    crossed = cross(plain, [DAY_LONG, FADES])
    mean = np.arange(1.0, plain.n_states + 1)
    start = embed(crossed, mean)
    back = np.zeros(plain.n_states)
    np.add.at(back, crossed.untagged, start)
    assert back.tolist() == mean.tolist()
    assert all(m.levels == (0, 0) for m, cells in zip(crossed.microstates, start, strict=True) if cells)
    assert embed(plain, mean) is mean


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ([PULSE, PULSE], "already"),
        ([Label("EdU", ((1.0, 1.0),), phases=("M",))], "phase"),
        ([Label("EdU", ((1.0, 1.0),), types=("B",))], "cell type"),
        ([Label("EdU", ((1.0, 1.0),), toxicity={"dye": 1.0})], "toxicity"),
        ([Persistence("Ki67", (Window(types=("Z",)),), 1.0)], "cell type"),
    ],
)
def test_what_does_not_fit_the_process_is_refused(tags, words):
    with pytest.raises((ModelError, UnknownNameError), match=words):
        cross(process(), tags)


def test_what_cannot_be_exact_is_refused():
    with pytest.raises(UnsupportedError, match="stages"):
        cross(process(), [Label("EdU", ((1.0, 1.0),), toxicity={"end_s": 1.0})])
    whole = compile_lineage(lineage(), whole_waits=True)
    with pytest.raises(UnsupportedError, match="gamma wait"):
        cross(whole, [AT_A_RATE])
    assert cross(whole, [DAY_LONG]).gamma_transitions == ("end_s",)
    moved = Jump("pass", 1.5, {"A.G1": {"A.S": 0.25}})
    with pytest.raises(UnsupportedError, match="end the pulse"):
        cross(process(jumps=(moved,)), [DAY_LONG])


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Label("Ed.U", ((0.0, 1.0),)), "name"),
        (lambda: Label("EdU", ()), "pairs"),
        (lambda: Label("EdU", ((1.0, 0.0),)), "follow"),
        (lambda: Label("EdU", ((0.0, 1.0), (0.5, 2.0))), "follow"),
        (lambda: Label("EdU", ((0.0, float("nan")),)), "finite"),
        (lambda: Label("EdU", ((0.0, 0.0),), clearance_days=0.1), "uptake_per_day"),
        (lambda: Label("EdU", ((0.0, 0.0),), uptake_per_day=10.0), "never taken up"),
        (lambda: Label("EdU", ((0.0, 1.0),), reuse=1.0), "reuse"),
        (lambda: Label("EdU", ((0.0, 1.0),), detectable_divisions=-1), "detectable"),
        (lambda: Label("EdU", ((0.0, 1.0),), toxicity={"die": -1.0}), "hazards"),
        (lambda: Persistence("Ki67", (), 1.0), "window"),
        (lambda: Persistence("Ki67", (Window(),), 0.0), "mean_days"),
        (lambda: Window(expression=1.1), "share"),
        (lambda: Window(from_stage=2, to_stage=2), "stages"),
    ],
)
def test_numbers_that_cannot_be_are_refused(make, words):
    with pytest.raises(ModelError, match=words):
        make()
