"""Starting states: in balance where asked, in stable growth where asked, refused where impossible."""

from __future__ import annotations

import numpy as np
import pytest
from engine_models import birth_death, cell, dies, divides, immigration_death, moves

from soleus.engines import Start, mean_cells, quasi_stationary, stable_growth
from soleus.errors import ModelError, UnknownNameError
from soleus.lineage import Fate, Lineage, Source, Transition, compile_lineage
from soleus.movement import Modifiers


def chain(*, source: float = 0.0, loss: float = 0.0):
    """s feeds t (4 stages, dies), t feeds u, which stays unless it is lost."""
    feed = Transition("feed", "feed", "s", (Fate("t", 1.0, {"s": 1, "t": 2}),), rate_per_day=0.5)
    wait = Transition("wait", "maturation", "t", (Fate("u", 1.0, {"u": 1}),), mean_days=2.0, stages=4)
    sources = (Source("come", "export", "t", source),) if source else ()
    exits = (feed, wait, dies("t", 0.1)) + ((dies("u", loss),) if loss else ())
    return compile_lineage(Lineage("chain", (cell("s"), cell("t"), cell("u")), exits, sources))


def ones(process) -> np.ndarray:
    return np.ones(len(process.roles))


@pytest.mark.parametrize("source", [0.0, 30.0])
def test_slaved_types_stay_as_they_are(source):
    process = chain(source=source, loss=0.3)
    start = quasi_stationary(process, {"s": 100}, ["t", "u"], role_values=ones(process))
    assert start.poisson
    # 50 a day make two t each, and the source comes on top: s itself neither grows nor shrinks here.
    enter, leave = 100.0 + source, 2.1
    through = (2.0 / leave) ** 4
    np.testing.assert_allclose(start.mean @ process.count("t"), enter * (1.0 - through) / 0.1, rtol=1e-10)
    np.testing.assert_allclose(start.mean @ process.count("u"), enter * through / 0.3, rtol=1e-10)
    later = mean_cells(process, Modifiers.none(0, 40), start, days=[40.0])[0]
    np.testing.assert_allclose(later, start.mean, rtol=1e-9)


def test_modifiers_act_on_the_balance():
    process = chain(loss=0.3)
    values = ones(process)
    values[process.roles.index("feed")] = 3.0
    plain = quasi_stationary(process, {"s": 100}, ["t", "u"], role_values=ones(process)).mean
    more = quasi_stationary(process, {"s": 100}, ["t", "u"], role_values=values).mean
    np.testing.assert_allclose(more[1:], 3.0 * plain[1:], rtol=1e-12)


@pytest.mark.parametrize(
    ("totals", "slaved", "message"),
    [
        ({"x": 1}, ["t"], r"unknown cell types \['x'\]"),
        ({"s": 1}, ["x"], r"unknown cell types \['x'\]"),
        ({"s": 1, "t": 5}, [], "type 't' has 4 microstates; give totals for single-state types"),
        ({"s": 1, "u": 5}, ["t", "u"], r"types \['u'\] have a total and are slaved"),
        ({"s": 1}, ["t", "u"], "one that cells never leave"),
        ({"s": -1}, ["t"], "cannot be in balance|finite and at least 0"),
    ],
)
def test_balances_that_cannot_be_are_refused(totals, slaved, message):
    process = chain()
    with pytest.raises(ModelError, match=message):
        quasi_stationary(process, totals, slaved, role_values=ones(process))


def test_a_type_that_grows_on_its_own_has_no_balance():
    process = compile_lineage(
        Lineage("grow", (cell("s"), cell("t")), (moves("s", "t", 1.0), divides("t", 0.5), dies("t", 0.2)))
    )
    with pytest.raises(ModelError, match="they grow on their own"):
        quasi_stationary(process, {"s": 10}, ["t"], role_values=ones(process))


def test_stable_growth_keeps_its_composition():
    wait = Transition("wait", "division", "s", (Fate("two", 1.0, {"s": 1, "t": 1}),), mean_days=1.0, stages=6)
    process = compile_lineage(
        Lineage("culture", (cell("s"), cell("t")), (wait, divides("t", 0.4), dies("t", 0.1)))
    )
    start = stable_growth(process, 500.0, role_values=ones(process))
    np.testing.assert_allclose(start.mean.sum(), 500.0, rtol=1e-12)
    assert np.all(start.mean >= 0.0)
    later = mean_cells(process, Modifiers.none(0, 5), start, days=[2.0, 5.0])
    for row in later:
        np.testing.assert_allclose(row / row.sum(), start.mean / 500.0, rtol=1e-8, atol=1e-12)
    assert later[1].sum() > later[0].sum() > 500.0


def test_what_does_not_grow_has_no_stable_growth():
    process = birth_death(0.5, 0.6)
    with pytest.raises(ModelError, match="does not grow"):
        stable_growth(process, 10.0, role_values=ones(process))


def test_given_cells_enter_at_the_first_stage():
    process = chain(source=3.0)
    start = Start.given(process, {"s": 4, "t": 7})
    assert start.mean.tolist() == [4, 7, 0, 0, 0, 0, 1]
    with pytest.raises(UnknownNameError, match="unknown place 'z'"):
        Start.given(process, {"z": 1})
    with pytest.raises(ModelError, match="must be whole"):
        Start.given(process, {"s": 1.5})
    for wrong in (-1.0, float("nan"), float("inf")):
        with pytest.raises(ModelError, match="finite and at least 0"):
            Start.given(process, {"s": wrong}, poisson=True)


def test_scaling_leaves_the_outside_alone():
    process = immigration_death(1.0, 0.5)
    start = Start.given(process, {"s": 4}, poisson=True).scaled(2.5)
    assert start.mean.tolist() == [10.0, 1.0]
    with pytest.raises(ModelError, match="only a Poisson start can be scaled"):
        Start.given(process, {"s": 4}).scaled(2.0)
