"""Stored curves: used for exactly the data that they were made from, and equal to curves solved anew."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from soleus.catalogue import store as catalogue_store
from soleus.catalogue.studies import load_study
from soleus.evidence import stored
from soleus.evidence.calibrate_findings import difference
from soleus.evidence.claim_targets import claim_targets
from soleus.evidence.finding_responses import SetCurves, solve
from soleus.evidence.findings import findings
from soleus.evidence.sets import sets_that_are_on
from soleus.study import bind

DATA = Path(catalogue_store.__file__).parent / "data"
MADE = "run: python -m soleus.evidence.calibrate_findings"


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the data files that the key is taken of."""
    shutil.copytree(DATA, tmp_path / "data")
    monkeypatch.setattr(resources, "files", lambda _: tmp_path)
    stored.findings_key.cache_clear()
    yield tmp_path / "data"
    stored.findings_key.cache_clear()


def key_after(change: Callable[[], object]) -> str:
    change()
    stored.findings_key.cache_clear()
    return stored.findings_key()


def test_the_shipped_curves_are_those_of_the_shipped_data() -> None:
    curves = stored.read_curves()
    assert curves is not None, MADE
    for one in curves:
        assert one.curves.shape[1:] == (len(stored.compared()), len(one.grid))
        zero = int(np.argmin(np.abs(one.grid)))
        assert one.grid[zero] == 0.0
        np.testing.assert_array_equal(one.curves[:, :, zero], 0.0)


CHANGED = [
    "effect-model.yaml",
    "movement.yaml",
    "readouts.yaml",
    "body.yaml",
    "claims.yaml",
    "calibrations/svz-resting.yaml",
    *(f"lineages/{f.name}" for f in sorted((DATA / "lineages").glob("*.yaml"))),
    *(f"studies/{f.name}" for f in sorted((DATA / "studies").glob("*.yaml"))),
]


@pytest.mark.parametrize("name", CHANGED)
def test_another_data_file_has_another_key(copied: Path, name: str) -> None:
    before = stored.findings_key()
    file = copied / name
    assert key_after(lambda: file.write_text(file.read_text() + "# changed\n")) != before


def test_a_new_study_and_a_renamed_one_have_another_key(copied: Path) -> None:
    before = stored.findings_key()
    studies = copied / "studies"
    shutil.copy(studies / "clark-2010.yaml", studies / "new-2030.yaml")
    added = key_after(lambda: None)
    renamed = key_after(lambda: (studies / "new-2030.yaml").rename(studies / "other-2030.yaml"))
    assert len({before, added, renamed}) == 3


def test_everything_that_a_study_is_loaded_from_is_in_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """No data file is read for a response that the key does not know."""
    seen: set[str] = set()
    plain = Path.read_text

    def watched(self: Path, *args: object, **options: object) -> str:
        if self.is_relative_to(DATA):
            seen.add(str(self.relative_to(DATA)))
        return plain(self, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "read_text", watched)
    for function in _caches():
        function.cache_clear()
    experiment = bind(load_study("leg-day-reloading", with_off=True))
    sets_that_are_on(experiment)
    experiment.modifiers("reloaded", {m.name: 0.1 for m in experiment.mechanisms})
    assert {"movement.yaml", "body.yaml", "lineages/svz.yaml"} <= seen
    known = {*CHANGED, "citations.yaml", "assays.yaml"}  # sources, and how cells are counted: no ratio
    assert seen <= known


def _caches() -> list[Callable[..., object]]:
    """Every cached reader of the catalogue."""
    import sys

    modules = [m for n, m in sys.modules.items() if n.startswith("soleus.catalogue")]
    found = {id(f): f for m in modules for f in vars(m).values() if hasattr(f, "cache_clear")}
    return list(found.values())


def test_a_stale_file_is_not_used(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert stored.read_curves() is not None, MADE
    file = copied / "movement.yaml"
    key_after(lambda: file.write_text(file.read_text() + "# changed\n"))
    assert stored.read_curves() is None
    asked: list[int] = []
    fresh = (SetCurves("s", "s", ("m",), *_three(), 1.0, np.zeros((1, len(stored.compared()), 3))),)

    def solved(wanted: object, **_: object) -> tuple[SetCurves, ...]:
        asked.append(len(wanted))  # type: ignore[arg-type]
        return fresh

    monkeypatch.setattr(stored, "solve", solved)
    monkeypatch.setattr(stored, "_kept", {})
    assert [one.name for one in stored.finding_responses()] == ["s"]
    assert stored.claim_responses()[0].log_ratios.shape[0] == len(claim_targets())
    assert asked == [len(stored.compared())], "solved once, and kept"


def _three() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return np.array([-1.0, 0.0, 1.0]), np.array([0.5]), np.array([-0.5])


@pytest.mark.parametrize("change", [lambda d: d.update(key="x"), lambda d: d["compared"].pop()])
def test_a_file_of_another_key_or_other_comparisons_is_not_used(
    copied: Path, change: Callable[[dict[str, object]], object]
) -> None:
    file = copied / "calibrations" / "findings.json"
    content = json.loads(file.read_text())
    change(content)
    file.write_text(json.dumps(content))
    assert stored.read_curves() is None
    file.unlink()
    assert stored.read_curves() is None


def test_what_is_written_is_read_back(copied: Path) -> None:
    curves = stored.read_curves()
    assert curves is not None, MADE
    moved = [SetCurves(**{**_fields(one), "curves": one.curves + 0.125}) for one in curves]
    target = stored.write_curves(moved, made_by="a test", versions={"soleus": "0"})
    assert target == copied / "calibrations" / "findings.json"
    again = stored.read_curves()
    assert again is not None
    assert difference(moved, again) < 1e-6
    assert difference(curves, again) == pytest.approx(0.125, abs=1e-6)


def _fields(one: SetCurves) -> dict[str, object]:
    return {name: getattr(one, name) for name in one.__dataclass_fields__}


def test_findings_and_claims_share_out_what_is_stored() -> None:
    found, claimed = stored.finding_responses(), stored.claim_responses()
    assert len(claim_targets()) >= 2
    for one, other in zip(found, claimed, strict=True):
        assert one.name == other.name
        assert len(one.log_ratios) == len(findings())
        assert len(other.log_ratios) == len(claim_targets())
    ids = [one.id for one in stored.compared()]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("arm", ["adami-2018", "lambertus-2020", "adami-2018-differentiation"])
def test_stored_equals_solved_anew(arm: str) -> None:
    curves = stored.read_curves()
    assert curves is not None, MADE
    here = [i for i, f in enumerate(stored.compared()) if f.arm == arm]
    wanted = [stored.compared()[i] for i in here]
    known = sets_that_are_on(bind(load_study("adami-2018", with_off=True)))
    names = ("afferent-activation", "intrinsic-state")
    made = solve(wanted, sets={n: known[n] for n in names}, workers=2)
    for one in made:
        other = next(c for c in curves if c.name == one.name)
        for name in ("grid", "declared", "flipped"):
            np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=1e-6)
        np.testing.assert_allclose(one.curves, other.curves[:, here], atol=1e-6)


def test_a_change_of_a_curve_or_of_its_strengths_is_told() -> None:
    curves = stored.read_curves()
    assert curves is not None, MADE
    assert difference(curves, curves) == 0.0
    wrong = [SetCurves(**{**_fields(c), "curves": 1.01 * c.curves}) for c in curves]
    assert difference(curves, wrong) > 1e-3
    stronger = [SetCurves(**{**_fields(c), "declared": 1.01 * c.declared}) for c in curves]
    assert difference(curves, stronger) > 1e-3
    assert difference(curves, None) == difference(curves, curves[1:]) == np.inf
