"""A study that cannot be right is refused, with the place and the mend."""

from __future__ import annotations

import pytest
from study_models import CYCLING, SECTIONS, SIGNALS, counting, regimen, toy_study

from soleus.errors import InputError, ModelError, UnknownNameError
from soleus.study import GroupPlan, ReportedEffect


def group(name: str, *, control: bool = False, animals: int = 3, days: float = 14.0) -> GroupPlan:
    return GroupPlan(name, name, control, animals, regimen("free", days), {})


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"groups": ()}, "has no group"),
        ({"groups": (group("a", control=True), group("a"))}, "must differ"),
        ({"groups": (group("a"), group("b"))}, "exactly one group is the control"),
        (
            {"groups": (group("a", control=True), group("b", control=True))},
            "exactly one group is the control",
        ),
        ({"groups": (group("a", control=True), group("b", days=7.0))}, "'b' ends on day 7, before"),
        ({"sampling_days": ()}, "non-empty increasing"),
        ({"sampling_days": (7.0, 7.0)}, "non-empty increasing"),
        ({"assays": (SECTIONS, counting("sections", CYCLING))}, "assay names must differ"),
        ({"reported": ReportedEffect("cycling", 28.0, 0.3, "nobody")}, "day 28.*last sampling day 14"),
        ({"reported": ReportedEffect("cycling", 14.0, 0.0, "nobody")}, "ratio is above 0"),
    ],
)
def test_a_study_that_cannot_be_is_refused(changes, says):
    with pytest.raises(ModelError, match=says):
        toy_study(**changes)


def test_unknown_names_come_with_the_known_ones():
    with pytest.raises(UnknownNameError, match=r"'nothing'.*cycling, old_share, young"):
        toy_study(reported=ReportedEffect("nothing", 14.0, 0.3, "nobody"))
    with pytest.raises(UnknownNameError, match=r"'afferent'.*trophic"):
        toy_study(signals={"trophic": SIGNALS["trophic"]})
    with pytest.raises(UnknownNameError, match=r"'unload'.*Did you mean 'unloaded'.*free, unloaded"):
        toy_study().group("unload")


def test_animals_before_the_reference_age_are_refused():
    with pytest.raises(InputError, match=r"starts at 60 days.*59 days"):
        toy_study(age_days=59.0)


def test_a_group_without_animals_is_refused():
    with pytest.raises(ModelError, match="at least 1 animal"):
        group("a", animals=0)


def test_readouts_are_each_followed_once():
    study = toy_study(derived=(CYCLING, *toy_study().derived))
    assert [r.name for r in study.readouts()] == ["cycling", "young"]
    assert [r.name for r in study.all_readouts()] == ["cycling", "young", "old_share"]


def test_control_and_treated():
    study = toy_study(7)
    assert study.control.name == "free"
    assert [g.name for g in study.treated] == ["unloaded"]
    assert [g.n_animals for g in study.with_animals(2).groups] == [2, 2]
