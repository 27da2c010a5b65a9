"""``soleus catalogue check``: each kind of broken reference is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NoReturn

import pytest
from cli_shell import one_object
from typer.testing import CliRunner

from soleus.api import packaged
from soleus.catalogue import agreement, citations, claims, evidence, references
from soleus.catalogue.calibrations import EffectCalibration, resting_calibration
from soleus.catalogue.causes import causes
from soleus.catalogue.effect_model import effect_model
from soleus.catalogue.item import reference
from soleus.catalogue.lineages import lineage_entry
from soleus.catalogue.markers import markers
from soleus.catalogue.movement import movement_entries
from soleus.catalogue.panels import panel_entry
from soleus.catalogue.readouts import readouts
from soleus.catalogue.study_entries import assay_entries, study_entry
from soleus.cli import app
from soleus.errors import CatalogueError
from soleus.lineage import Window

MOVES, SVZ = movement_entries(packaged()), lineage_entry(packaged(), "svz")
STUDY, STORED = study_entry(packaged(), "leg-day"), resting_calibration(packaged(), "svz-resting")

# Accessor, what it gives instead of the shipped content, words of the problem that must be found.
Planted = tuple[str, Callable[..., Any], str]


MARKERS, PANEL = markers(packaged(), "svz"), panel_entry(packaged(), "svz")


def changed(mapping: Any, key: str, **update: object) -> dict[str, Any]:
    return {**mapping, key: mapping[key].model_copy(update=update)}


def answer(model: Any, **update: object) -> Callable[..., Any]:
    return lambda *_: model.model_copy(update=update) if update else model


def mechanism(words: str, **update: object) -> Planted:
    broken = changed(MOVES.mechanisms, "stem-cycle", **update)
    return "movement_entries", answer(MOVES, mechanisms=broken), f"mechanism stem-cycle: {words}"


def variant(words: str, **update: object) -> Planted:
    broken = changed(SVZ.variants, "activation-basak", **update)
    return "lineage_entry", answer(SVZ, variants=broken), f"variant activation-basak of lineage svz: {words}"


def study(words: str, **update: object) -> Planted:
    return "study_entry", answer(STUDY, **update), f"study adami-2018: {words}"


def calibration(words: str, **update: object) -> Planted:
    return "resting_calibration", answer(STORED, **update), f"calibration svz-resting: {words}"


def without(mapping: Any, key: str) -> dict[str, Any]:
    return {k: v for k, v in mapping.items() if k != key}


def refused() -> NoReturn:
    raise CatalogueError("movement.yaml: cannot be read")


def planted() -> dict[str, Planted]:
    reported, followed = STUDY.reported, readouts(packaged(), "svz")
    assert reported is not None
    uncounted = changed(assay_entries(packaged(), "svz"), "stereology-nsc", readout="mature_neuron_share")
    two_of_one_doi = changed(citations(packaged()), "shook-2012", doi=citations(packaged())["adami-2018"].doi)
    orphan = evidence(packaged())[0].model_copy(update={"claim": "nsc-71"})
    astray = claims(packaged())["nsc-70"].model_copy(update={"readout": "new_stem_cells"})
    unspoken = claims(packaged())["no-stress"].model_copy(update={"readout": "soleus_mass"})
    point = STORED.points[0].model_copy(update={"readout": "stem_cell"})
    variation = STUDY.variation.model_copy(update={"role_cv": {"activaton": 0.1}})
    return {
        "signal": mechanism("unknown signal 'intrinsc'. Did you mean 'intrinsic'?", signal="intrinsc"),
        "role": mechanism("unknown role of lineage 'svz' 'division.stm'", role="division.stm"),
        "niches": mechanism("unknown lineage 'sgz'", niches=["sgz"]),
        "member": (
            "movement_entries",
            answer(MOVES, sets={"both": {"stem-cycl": 1.0}}),
            "set both: unknown mechanism 'stem-cycl'",
        ),
        "drive": (
            "movement_entries",
            answer(MOVES, signals=changed(MOVES.signals, "muscle", drive="weight")),
            "signal muscle: unknown drive of an activity 'weight'",
        ),
        "refused file": ("movement_entries", refused, "movement: movement.yaml: cannot be read"),
        "work": (
            "citations",
            lambda: without(citations(packaged()), "bast-2018"),
            "parameter svz.dormant_exit_rate: unknown citation 'bast-2018'",
        ),
        "two keys of one doi": ("reference", _referring_to(two_of_one_doi), "has two keys"),
        "variant": variant("unknown parameter 'activation_rat'", set={"activation_rat": 0.05}),
        "work of a variant": variant("unknown citation 'basak-2081'", citation="basak-2081"),
        "age law": (
            "lineage_entry",
            answer(SVZ, age_laws=(SVZ.age_laws[0].model_copy(update={"role": "activaton"}),)),
            "age laws of lineage svz: unknown role",
        ),
        "set": study("unknown mechanism set 'amplificatio'", set="amplificatio"),
        "lineage": study("unknown lineage 'svs'", lineage="svs"),
        "counted": (
            "assay_entries",
            lambda lineage: uncounted if lineage == "svz" else assay_entries(packaged(), lineage),
            "study adami-2018: unknown counting read-out 'mature_neuron_share'",
        ),
        "reported": study(
            "unknown read-out 'ki76'", reported=reported.model_copy(update={"readout": "ki76"})
        ),
        "variation": study("unknown role of lineage 'svz' 'activaton'", variation=variation),
        "type": _readouts(
            {"ki67_density": replace(followed["ki67_density"], types=("aNCS",))}, "cell type 'aNCS'"
        ),
        "transition": _readouts(
            {
                "new_stem_cells_per_day": replace(
                    followed["new_stem_cells_per_day"], transitions=("divide_stm",)
                )
            },
            "transition 'divide_stm'",
        ),
        "prior": (
            "effect_model",
            answer(
                effect_model(packaged()),
                prior=effect_model(packaged()).prior.model_copy(update={"readout": "ki76"}),
            ),
            "effect model: unknown read-out 'ki76'",
        ),
        "effects": _effects("unknown mechanism set 'amplificatio'", posterior={"amplificatio": None}),
        "study of effects": _effects("unknown study 'leg-dya'", study="leg-dya"),
        "claim": (
            "claims",
            lambda: {**claims(packaged()), "nsc-70": astray},
            "claim nsc-70/stem-cells: unknown read-out 'new_stem_cells'",
        ),
        "claim without a noun": (
            "claims",
            lambda: {**claims(packaged()), "no-stress": unspoken},
            "claim no-stress: plain-words.yaml: no plain word for read-out 'soleus_mass'",
        ),
        "part of a claim": (
            "evidence",
            lambda: (evidence(packaged())[0].model_copy(update={"parts": ("sexes",)}),),
            "unknown part 'sexes'",
        ),
        "evidence": ("evidence", lambda: (orphan,), f"evidence {orphan.id}: unknown claim 'nsc-71'"),
        **{f"told twice: {k}": v for k, v in _told_twice().items()},
        "finding": study(
            "unknown read-out of a finding 'ki76_density'",
            findings={
                "x": study_entry(packaged(), "clark-2010")
                .findings["late"]
                .model_copy(update={"readout": "ki76_density"})
            },
        ),
        "named otherwise": study(
            "has findings, so it must be named for its work 'clark-2010'",
            findings=study_entry(packaged(), "clark-2010").findings,
            citation="clark-2010",
            name="clark-2009",
        ),
        "stray": calibration("unknown parameter 'scale:x'", theta={**STORED.theta, "scale:x": 1.0}),
        "not fitted": calibration(
            "the free parameter 'activation_rate' was not fitted",
            theta=without(STORED.theta, "activation_rate"),
        ),
        "point": calibration("unknown read-out 'stem_cell'", points=(point,)),
        "dataset": calibration("unknown lineage 'svx'", lineage="svx"),
        "marker": (
            "markers",
            lambda _: {"DCX": replace(MARKERS["DCX"], windows=(Window(("NB4",)),))},
            "marker svz.DCX: unknown cell type of lineage 'svz' 'NB4'",
        ),
        "cause": (
            "causes",
            lambda _: changed(causes(packaged(), "svz"), "return", role="returns"),
            "cause svz.return: unknown role of lineage 'svz' 'returns'",
        ),
        "panel": ("panel_entry", answer(PANEL, lineage="sgz"), "panel svz: unknown lineage 'sgz'"),
    }


def _readouts(broken: dict[str, Any], words: str) -> Planted:
    return (
        "readouts",
        lambda _: {**readouts(packaged(), "svz"), **broken},
        f"readout svz.{next(iter(broken))}: unknown {words}",
    )


def _effects(words: str, **update: object) -> Planted:
    fields = {"study": "leg-day", "readout": "ki67_density", "sets": {}, "posterior": {}, **update}
    stored = EffectCalibration.model_construct(**fields)
    return "effect_calibration", lambda _: stored, f"calibration effects-leg-day: {words}"


def _told_twice() -> dict[str, Planted]:
    """Entries of the evidence file that tell the opposite of a study's findings."""
    told = {e.id: e for e in evidence(packaged())}
    wrong = {
        "direction": told["nsc70-gros"].model_copy(update={"direction": "down"}),
        "niche in front": told["nsc70-macaque"].model_copy(update={"direction": "none"}),
        "exercise": told["exercise-lambertus"].model_copy(update={"direction": "down"}),
        "size": told["twoway-adami"].model_copy(update={"direction": None, "log_ratio": 0.4}),
    }
    said = {
        "direction": "evidence nsc70-gros: says down, but of the same outcome gros-2024/week says none",
        "niche in front": "evidence nsc70-macaque: says none, but of the same outcome macaque-bed-rest-2019",
        "exercise": "intervals says up, lambertus-2020/lactate says up, lambertus-2020/knockout",
        "size": "twoway-adami: says log_ratio 0.4, but of the same outcome adami-2018/ki67 says down",
    }
    return {k: ("agreement.evidence", _always((e,)), said[k]) for k, e in wrong.items()}


def _always(content: Any) -> Callable[..., Any]:
    return lambda: content


def _referring_to(works: dict[str, Any]) -> Callable[[str], Any]:
    return lambda key: replace(reference(packaged(), key), doi=works[key].doi)


@pytest.mark.parametrize(
    ("name", "update"),
    [
        ("nsc70-gros", {"day": 14.0, "direction": "down"}),
        ("nsc70-gros", {"niche": "dg", "direction": "down"}),  # where proliferation did fall
        ("nsc70-gros", {"citation": "nomura-2012", "direction": "down"}),
        ("nsc70-gros", {"readout": "neuroblasts", "direction": "down"}),
        ("nsc70-gros", {"manipulation": "exercise", "direction": "down"}),
        ("nsc70-gros", {"kind": "review", "direction": "down"}),
        ("nsc70-gros", {"direction": None, "log_ratio": -0.1}),  # a size that did not reach 5 per cent
        ("exercise-lambertus", {"direction": "none"}),  # as in the knock-out
    ],
)
def test_what_is_not_the_same_outcome_may_differ(
    monkeypatch: pytest.MonkeyPatch, name: str, update: dict[str, Any]
) -> None:
    entry = next(e for e in evidence(packaged()) if e.id == name).model_copy(update=update)
    monkeypatch.setattr(agreement, "evidence", lambda _: (entry,))
    assert list(agreement.disagreements(packaged())) == []


def problems(cli: CliRunner, *args: str, code: int = 0) -> list[dict[str, str]]:
    shown = cli.invoke(app, ["catalogue", "check", "--json", *args])
    assert shown.exit_code == code
    content = one_object(shown.stdout, "check-2")
    assert set(content) == {"schema_version", "problems"}
    found: list[dict[str, str]] = content["problems"]
    return found


def test_the_shipped_catalogue_holds(cli: CliRunner) -> None:
    shown = cli.invoke(app, ["catalogue", "check"])
    assert (shown.exit_code, shown.stderr) == (0, "")
    assert "all references hold" in shown.stdout
    assert problems(cli) == []


@pytest.mark.parametrize("name", list(planted()))
def test_a_broken_reference_is_found(cli: CliRunner, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    accessor, instead, words = planted()[name]
    module = agreement if accessor.startswith("agreement.") else references
    monkeypatch.setattr(
        module, accessor.removeprefix("agreement."), lambda _catalogue, *given: instead(*given)
    )
    if accessor == "effect_calibration":
        monkeypatch.setattr(references, "calibration_names", lambda _: ("svz-resting", "effects-leg-day"))
    shown = cli.invoke(app, ["catalogue", "check"])
    assert shown.exit_code == 1
    assert words in shown.stdout
    assert "broken references" in shown.stderr
    found = problems(cli, code=1)
    assert any(words in f"{problem['where']}: {problem['message']}" for problem in found)
