"""Stored curves: used for exactly the data that they were made from, and equal to curves solved anew."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from soleus.api import packaged
from soleus.catalogue import store as catalogue_store
from soleus.catalogue.calibrations import resting_calibration
from soleus.catalogue.folder import Catalogue, load_catalogue, load_yaml
from soleus.catalogue.studies import load_study
from soleus.catalogue.study_entries import study_entry
from soleus.errors import CacheWarning
from soleus.evidence import stored
from soleus.evidence.calibrate_findings import difference
from soleus.evidence.claim_targets import claim_targets
from soleus.evidence.finding_responses import SetCurves, solve
from soleus.evidence.findings import findings
from soleus.evidence.sets import sets_that_are_on
from soleus.study import bind

DATA = Path(catalogue_store.__file__).parent / "data"
FILE = "calibrations/findings.json"
MADE = "run: python -m soleus.evidence.calibrate_findings"


def key() -> str:
    """The key as it is now, not the one that is kept."""
    return stored.findings_key.__wrapped__(packaged())  # type: ignore[attr-defined]


@pytest.fixture
def copied(catalogue_with) -> Catalogue:
    """A catalogue with a copy of the stored curves that can be changed."""
    return catalogue_with({FILE: (DATA / FILE).read_text(encoding="utf-8")})


def test_the_shipped_curves_are_those_of_the_shipped_data() -> None:
    curves = stored.read_curves(packaged())
    assert curves is not None, MADE
    for one in curves:
        assert one.curves.shape[1:] == (len(stored.compared(packaged())), len(one.grid))
        zero = int(np.argmin(np.abs(one.grid)))
        assert one.grid[zero] == 0.0
        np.testing.assert_array_equal(one.curves[:, :, zero], 0.0)


# What the key is taken of.

LINEAGES = sorted({study_entry(packaged(), c.arm).lineage for c in stored.compared(packaged())})
FILES = ["body.yaml", "effect-model.yaml", "movement.yaml", "readouts.yaml"]
READ = [*FILES, *(f"lineages/{name}.yaml" for name in LINEAGES)]
Where = tuple[Any, ...]


def leaves(content: Any, path: Where = ()) -> Iterator[tuple[Where, Any]]:
    if isinstance(content, dict):
        for name, value in content.items():
            yield from leaves(value, (*path, name))
    elif isinstance(content, list):
        for place, value in enumerate(content):
            yield from leaves(value, (*path, place))
    else:
        yield path, content


def with_leaf(content: Any, path: Where, value: object) -> Any:
    made = copy.deepcopy(content)
    inner = made
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return made


def is_words(path: Where) -> bool:
    return any(step in stored._WORDS for step in path)


@pytest.mark.parametrize("file", READ)
def test_what_a_data_file_states_counts_and_its_words_do_not(
    monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    plain = load_yaml
    before = key()
    content = load_yaml(packaged(), file)
    found = list(leaves(content))
    counted = [p for p, v in found if v is not None and not is_words(p)]
    assert len(counted) >= 8
    # Some of many, evenly picked: a key takes a twentieth of a second.
    for path in counted[:: max(1, len(counted) // 12)]:
        changed = with_leaf(content, path, _other(dict(found)[path]))
        monkeypatch.setattr(stored, "load_yaml", _instead(plain, file, changed))
        assert key() != before, path
    for word in ("reason", "label", "status"):
        paths = [p for p, _ in found if p[-1] == word]
        for path in paths[:2]:
            monkeypatch.setattr(stored, "load_yaml", _instead(plain, file, with_leaf(content, path, "other")))
            assert key() == before, path


def _other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    return f"{value}-x" if isinstance(value, str) else 1.1 * value + 0.01


def _instead(plain: Callable[[Catalogue, str], Any], file: str, content: Any) -> Callable[[str], Any]:
    return lambda catalogue, name: content if name == file else plain(catalogue, name)


@pytest.mark.parametrize("file", READ)
def test_what_does_not_count_are_words(file: str) -> None:
    """No number that moves a response hides under a name that is taken for words."""
    # What was published on activities, beside what the simulation uses; where a picture puts a cell type.
    told = {"found", "column"}
    for path, value in leaves(load_yaml(packaged(), file)):
        if is_words(path) and not told & set(path):
            assert value is None or isinstance(value, str), path


ARMS = sorted({c.arm for c in stored.compared(packaged())} | {"adami-2018"})


@pytest.mark.parametrize("arm", ARMS)
def test_another_study_has_another_key(monkeypatch: pytest.MonkeyPatch, arm: str) -> None:
    before = key()
    plain, entry = study_entry, study_entry(packaged(), arm)

    def key_with(**update: object) -> str:
        changed = entry.model_copy(update=update)
        monkeypatch.setattr(
            stored, "study_entry", lambda known, name: changed if name == arm else plain(known, name)
        )
        return key()

    name, group = list(entry.groups.items())[-1]
    silenced = group.model_copy(update={"silenced": ("afferent",)})
    housed = group.model_copy(update={"housing": "single" if entry.housing == "group" else "group"})
    for update in (
        {"age_days": entry.age_days + 1.0},
        {"groups": {**entry.groups, name: silenced}},
        {"groups": {**entry.groups, name: housed}},
        {"passages": (*entry.passages, 30.5)},
        {"sampling_days": (*entry.sampling_days, 99.0)},
        {"lineage": "dg" if entry.lineage == "svz" else "svz"},
    ):
        assert key_with(**update) != before, update
    assert key_with(title="Another title", summary="Another summary", reported=None) == before
    assert key_with() == before


def test_other_comparisons_have_another_key(monkeypatch: pytest.MonkeyPatch) -> None:
    before = key()
    monkeypatch.setattr(stored, "claim_targets", lambda _: claim_targets(packaged())[1:])
    assert key() != before
    later = tuple(replace(c, day=c.day + 1.0) for c in claim_targets(packaged()))
    monkeypatch.setattr(stored, "claim_targets", lambda _: later)
    assert key() != before


def test_another_fit_of_the_resting_lineage_has_another_key(monkeypatch: pytest.MonkeyPatch) -> None:
    before = key()
    fitted = resting_calibration(packaged(), "svz-resting")
    name = next(iter(fitted.theta))
    other = fitted.model_copy(update={"theta": {**fitted.theta, name: 1.01 * fitted.theta[name]}})
    monkeypatch.setattr(stored, "resting_calibration", lambda *_: other)
    assert key() != before


def test_everything_that_a_study_is_loaded_from_is_in_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """No data file is read for a response that the key does not know."""
    seen: set[str] = set()
    plain = Path.read_text

    def watched(self: Path, *args: object, **options: object) -> str:
        if self.is_relative_to(DATA):
            seen.add(str(self.relative_to(DATA)))
        return plain(self, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "read_text", watched)
    fresh = load_catalogue()
    experiment = bind(load_study(fresh, "leg-day-reloading", with_off=True))
    sets_that_are_on(fresh, experiment)
    experiment.modifiers("reloaded", {m.name: 0.1 for m in experiment.mechanisms})
    assert {"movement.yaml", "body.yaml", "lineages/svz.yaml"} <= seen
    # Sources, how cells are counted and the fit (its numbers are in the key) beside what is in the key.
    beside = {"citations.yaml", "assays.yaml", "calibrations/svz-resting.yaml"}
    assert {f for f in seen - beside if not f.startswith("studies/")} <= set(READ)


def test_a_stale_file_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    assert stored.read_curves(packaged()) is not None, MADE
    other = study_entry(packaged(), "clark-2010").model_copy(update={"age_days": 61.0})
    monkeypatch.setattr(
        stored, "study_entry", lambda known, n: other if n == "clark-2010" else study_entry(known, n)
    )
    monkeypatch.setattr(stored, "findings_key", stored.findings_key.__wrapped__)  # type: ignore[attr-defined]
    assert stored.read_curves(packaged()) is None
    asked: list[int] = []
    fresh = (SetCurves("s", "s", ("m",), *_three(), 1.0, np.zeros((1, len(stored.compared(packaged())), 3))),)

    def solved(_catalogue: object, wanted: object, **_: object) -> tuple[SetCurves, ...]:
        asked.append(len(wanted))  # type: ignore[arg-type]
        return fresh

    monkeypatch.setattr(stored, "solve", solved)
    shelf: list[object] = []
    monkeypatch.setattr(stored, "_kept", lambda _: shelf)
    assert [one.name for one in stored.finding_responses(packaged())] == ["s"]
    assert stored.claim_responses(packaged())[0].log_ratios.shape[0] == len(claim_targets(packaged()))
    assert asked == [len(stored.compared(packaged()))], "solved once, and kept"


def _three() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return np.array([-1.0, 0.0, 1.0]), np.array([0.5]), np.array([-0.5])


@pytest.mark.parametrize("change", [lambda d: d.update(key="x"), lambda d: d["compared"].pop()])
def test_a_file_of_another_key_or_other_comparisons_is_not_used(
    copied: Catalogue, change: Callable[[dict[str, Any]], object]
) -> None:
    file = Path(str(copied.folder)) / FILE
    assert stored.read_curves(copied) is not None, MADE
    content = json.loads(file.read_text())
    content["sha256"] = None
    change(content)
    file.write_text(json.dumps(content))
    assert stored.read_curves(copied) is None
    file.unlink()
    assert stored.read_curves(copied) is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:9000],
        lambda text: "",
        lambda text: "\x00" * 4096,
        lambda text: text.replace("0.1", "0.2", 1),
        lambda text: text + " ",
        lambda text: text.replace('"curves":[[', '"curves":[[[', 1),
    ],
)
def test_a_damaged_file_is_told_and_not_used(copied: Catalogue, damage: Callable[[str], str]) -> None:
    file = Path(str(copied.folder)) / FILE
    curves = stored.read_curves(copied)
    assert curves is not None, MADE
    stored.write_curves(copied, curves, made_by="a test", versions={})
    whole = file.read_text()
    file.write_text(damage(whole))
    assert file.read_text() != whole
    with pytest.warns(CacheWarning, match=r"stored numbers are damaged, .* to mend .*findings\.json"):
        assert stored.read_curves(copied) is None
    file.write_text(whole)
    assert stored.read_curves(copied) is not None


def test_what_is_written_is_read_back(copied: Catalogue) -> None:
    curves = stored.read_curves(copied)
    assert curves is not None, MADE
    moved = [SetCurves(**{**_fields(one), "curves": one.curves + 0.125}) for one in curves]
    target = stored.write_curves(copied, moved, made_by="a test", versions={"soleus": "0"})
    assert target == Path(str(copied.folder)) / FILE
    again = stored.read_curves(copied)
    assert again is not None
    assert difference(moved, again) < 1e-6
    assert difference(curves, again) == pytest.approx(0.125, abs=1e-6)


def _fields(one: SetCurves) -> dict[str, object]:
    return {name: getattr(one, name) for name in one.__dataclass_fields__}


def test_findings_and_claims_share_out_what_is_stored() -> None:
    found, claimed = stored.finding_responses(packaged()), stored.claim_responses(packaged())
    assert len(claim_targets(packaged())) >= 2
    for one, other in zip(found, claimed, strict=True):
        assert one.name == other.name
        assert len(one.log_ratios) == len(findings(packaged()))
        assert len(other.log_ratios) == len(claim_targets(packaged()))
    ids = [one.id for one in stored.compared(packaged())]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("arm", ["adami-2018", "lambertus-2020", "adami-2018-differentiation"])
def test_stored_equals_solved_anew(arm: str) -> None:
    curves = stored.read_curves(packaged())
    assert curves is not None, MADE
    here = [i for i, f in enumerate(stored.compared(packaged())) if f.arm == arm]
    wanted = [stored.compared(packaged())[i] for i in here]
    known = sets_that_are_on(packaged(), bind(load_study(packaged(), "adami-2018", with_off=True)))
    names = ("afferent-activation", "intrinsic-state")
    made = solve(packaged(), wanted, sets={n: known[n] for n in names}, workers=2)
    for one in made:
        other = next(c for c in curves if c.name == one.name)
        for name in ("grid", "declared", "flipped"):
            np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=1e-6)
        np.testing.assert_allclose(one.curves, other.curves[:, here], atol=1e-6)


def test_a_change_of_a_curve_or_of_its_strengths_is_told() -> None:
    curves = stored.read_curves(packaged())
    assert curves is not None, MADE
    assert difference(curves, curves) == 0.0
    wrong = [SetCurves(**{**_fields(c), "curves": 1.01 * c.curves}) for c in curves]
    assert difference(curves, wrong) > 1e-3
    stronger = [SetCurves(**{**_fields(c), "declared": 1.01 * c.declared}) for c in curves]
    assert difference(curves, stronger) > 1e-3
    assert difference(curves, None) == difference(curves, curves[1:]) == np.inf
