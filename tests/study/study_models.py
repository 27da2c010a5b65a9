"""A study small enough to be run hundreds of times, with everything that a real one has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from soleus.assays import CountAssay, PublishedMean, Readout, Share
from soleus.lineage import CellType, Fate, Lineage, Phase, Transition
from soleus.movement import Activity, Mechanism, Regimen, Signal
from soleus.study import AgeLaw, GroupPlan, Niche, ReportedEffect, StartRule, Study, Variation

CYCLING = Readout("cycling", "cycling cells", ("A",), cycling=True)
YOUNG = Readout("young", "young neurons", ("N",))
OLD_SHARE = Share(
    "old_share", "share of old neurons", Readout("old", "old", ("O",)), Readout("n", "n", ("N", "O"))
)
PARAMETERS = {"quiescent": 300.0, "activation": 0.2, "cycle": 1.0, "again": 0.6, "death": 0.3}


def _cell(name: str, *phases: str) -> CellType:
    return CellType(name, name, tuple(Phase(p, p != "G0") for p in phases))


def _build(values: Mapping[str, float]) -> Lineage:
    again = values["again"]
    exits = (
        Transition(
            "activate",
            "activation",
            "Q",
            (Fate("go", 1.0, {"Q": 1, "A": 1}),),
            rate_per_day=values["activation"],
        ),
        Transition(
            "divide",
            "division",
            "A.S",
            (Fate("again", again, {"A": 1, "N": 1}, "fate.again"), Fate("last", 1.0 - again, {"N": 2})),
            mean_days=values["cycle"],
            stages=2,
        ),
        Transition("lose", "death.young", "N", (Fate("die", 1.0, {}),), rate_per_day=values["death"]),
        Transition("ripen", "maturation", "N", (Fate("ripe", 1.0, {"O": 1}),), mean_days=4.0, stages=2),
        Transition("end", "death.old", "O", (Fate("die", 1.0, {}),), rate_per_day=0.1),
    )
    types = (_cell("Q", "G0"), _cell("A", "S"), _cell("N", "G0"), _cell("O", "G0"))
    return Lineage("toy", types, exits, founders=("Q",))


def _laws(values: Mapping[str, float]) -> tuple[AgeLaw, ...]:
    return (AgeLaw("activation", 60.0, slope_per_day=-0.002),)


def _start(values: Mapping[str, float]) -> StartRule:
    return StartRule({"Q": values["quiescent"]}, ("A", "N", "O"))


NICHE = Niche("toy", "toy niche", "svz", "mouse", 60.0, dict(PARAMETERS), _build, _laws, _start)

SIGNALS = {
    "afferent": Signal("afferent", "afferent", "load", 1.0, 0.5),
    "trophic": Signal("trophic", "trophic", "load", 1.0, 2.0),
}
MECHANISMS = (
    Mechanism("wake", "fewer wake", "afferent", "activation", ("svz",), 1, 6.0),
    Mechanism("amplify", "fewer divisions", "trophic", "fate.again", ("svz",), 1, 6.0),
    Mechanism("elsewhere", "other niche", "trophic", "activation", ("dg",), 1, 6.0),
    Mechanism("asleep", "switched off", "trophic", "division", ("svz",), 1, 3.0, on=False),
)
ACTIVITIES = {
    "free": Activity("free", "free", {}),
    "unloaded": Activity("unloaded", "unloaded", {"load": 0.0}),
}


def regimen(name: str, days: float = 14.0) -> Regimen:
    return Regimen.of(name, [(name, 0.0, days)], activities=ACTIVITIES, resting="free")


def counting(name: str, readout: Readout, **changes) -> CountAssay:
    plain = CountAssay(
        name=name,
        label=name,
        readout=readout,
        units=2,
        fraction=0.2,
        exposure=0.5,
        exposure_unit="mm2",
        unit_level="section",
        position_cv=0.15,
        unit_cv=0.2,
    )
    return replace(plain, **changes)


SECTIONS = counting("sections", CYCLING)
TOTAL = counting(
    "total",
    YOUNG,
    units=1,
    exposure=0.2,
    exposure_unit="fraction",
    unit_level="animal",
    position_cv=0.1,
    unit_cv=0.05,
)


def toy_study(animals: int = 5, **changes) -> Study:
    plain = Study(
        name="toy",
        title="toy",
        summary="toy",
        strain="C57BL/6",
        sex="male",
        age_days=100.0,
        groups=(
            GroupPlan("free", "Free", True, animals, regimen("free"), {"Unloading": "no"}),
            GroupPlan("unloaded", "Unloaded", False, animals, regimen("unloaded"), {"Unloading": "yes"}),
        ),
        niche=NICHE,
        signals=SIGNALS,
        mechanisms=MECHANISMS,
        assays=(SECTIONS, TOTAL),
        sampling_days=(14.0,),
        variation=Variation(0.2, {"activation": 0.15}),
        reported=ReportedEffect("cycling", 14.0, 0.30, "nobody"),
        derived=(OLD_SHARE,),
    )
    return replace(plain, **changes)


def published_study() -> Study:
    """The same niche at rest, as published means see it."""
    assays = tuple(
        PublishedMean(f"mean-{r.name}", r.name, r, f"scale_{r.name}", discrepancy_cv=0.1)
        for r in (CYCLING, YOUNG)
    )
    return toy_study(1, assays=assays, groups=(toy_study().groups[0],), reported=None, derived=())
