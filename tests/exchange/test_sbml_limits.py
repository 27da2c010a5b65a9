"""What SBML cannot say is refused by name; files are whole or absent."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from exchange_models import full_modifiers, full_process, full_start
from sbml_reader import parse

from soleus import api
from soleus.engines import Start
from soleus.errors import InputError, ModelError, UnknownNameError, UnsupportedError
from soleus.exchange import sbml_text, write_sbml
from soleus.lineage import CellType, CompiledJump, Fate, Lineage, Phase, Transition, compile_lineage
from soleus.movement import Modifiers

PROCESS = full_process()
NONE = Modifiers.none(0, 3)
START = full_start(PROCESS)


def amounts(text: str) -> list[float]:
    document = parse(text)
    return [s.getInitialAmount() for s in document.getModel().getListOfSpecies()]


def test_every_jump_is_refused_by_name() -> None:
    stays = [{i: 1.0} for i in range(PROCESS.n_states)]
    jumps = tuple(CompiledJump.of(name, day, stays) for name, day in (("pulse", 1.0), ("passage", 99.0)))
    with pytest.raises(UnsupportedError, match="'pulse' on day 1 .*'passage' on day 99 "):
        sbml_text(replace(PROCESS, jumps=jumps), NONE, START)


def test_a_label_is_refused_by_name() -> None:
    crossed = replace(PROCESS, tags=("EdU",))
    with pytest.raises(UnsupportedError, match="'EdU' crosses"):
        sbml_text(crossed, NONE, START)


def test_a_gamma_wait_is_refused_by_name() -> None:
    types = (CellType("x", "x", (Phase("p"),)),)
    gone = (Fate("gone", 1.0),)
    wait = Transition("slow wait", "death", "x", gone, mean_days=2.0, shape=2.5)
    process = compile_lineage(Lineage("gamma", types, (wait,)))
    with pytest.raises(UnsupportedError, match="'slow wait' has a gamma wait"):
        sbml_text(process, NONE, Start.given(process, {"x": 3}))


def poisson_start() -> Start:
    mean = START.mean.copy()
    mean[0] = 12.4
    return Start(mean, poisson=True, has_outside=True)


def test_a_poisson_start_must_be_given_up_in_words() -> None:
    start = poisson_start()
    with pytest.raises(InputError, match="initial='mean'.*initial='rounded'"):
        sbml_text(PROCESS, NONE, start)
    mean = sbml_text(PROCESS, NONE, start, initial="mean")
    assert amounts(mean) == [12.4, *START.mean[1:-1]]
    assert "variance of the start is lost" in mean
    rounded = sbml_text(PROCESS, NONE, start, initial="rounded")
    assert amounts(rounded) == [12.0, *START.mean[1:-1]]
    assert "(21 in all, of a mean of 21.4)" in rounded
    assert "variance of the start is lost" not in sbml_text(PROCESS, NONE, START, initial="mean")


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="event.*events, piecewise"):
        sbml_text(PROCESS, NONE, START, schedule="event")  # type: ignore[arg-type]
    with pytest.raises(UnknownNameError, match="mean, rounded"):
        sbml_text(PROCESS, NONE, START, initial="median")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="start has 2 microstates"):
        sbml_text(PROCESS, NONE, Start(np.ones(2), poisson=False))
    with pytest.raises(InputError, match="outside world.* must hold 1, got 0"):
        sbml_text(PROCESS, NONE, Start(np.zeros(PROCESS.n_states), poisson=False))
    with pytest.raises(ModelError, match="moves nothing"):
        sbml_text(PROCESS, Modifiers(np.array([0.0, 1.0]), ("no such",), np.ones((1, 1))), START)
    with pytest.raises(ModelError, match="equal to 15 digits"):
        edges = np.array([-1000.0, 0.0, np.nextafter(0.0, 1.0), 1.0])
        sbml_text(PROCESS, Modifiers(edges, ("death",), np.ones((1, 3))), START)


def test_fates_that_all_get_weight_zero_are_refused() -> None:
    shares = PROCESS.arrays.fate_probability.copy()
    shares[PROCESS.arrays.fate_role < 0] *= np.where(shares[PROCESS.arrays.fate_role < 0] == 0.5, 0.0, 1.0)
    process = replace(PROCESS, arrays=PROCESS.arrays._replace(fate_probability=shares))
    zero = Modifiers(np.array([0.0, 1.0, 2.0]), ("fate",), np.array([[1.0, 0.0]]))
    with pytest.raises(ModelError, match="'divide': the weights of all its fates are 0"):
        sbml_text(process, zero, START)


def test_without_libsbml_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "libsbml", None)
    with pytest.raises(UnsupportedError, match=r"pip install 'soleus\[sbml\]'"):
        sbml_text(PROCESS, NONE, START)


def test_libsbml_is_loaded_only_when_used() -> None:
    code = "import sys, soleus.exchange, soleus.api; print('libsbml' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_document_that_libsbml_faults_is_never_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    from soleus.exchange import sbml_document

    # A hazard in cells per day instead of per day: only the check of units can see it.
    real = sbml_document._add_parameter

    def wrong(model: object, name: str, label: str, value: float, unit: str, *, constant: bool) -> None:
        real(model, name, label, value, "item_per_day" if name == "k_dies" else unit, constant=constant)

    monkeypatch.setattr(sbml_document, "_add_parameter", wrong)
    with pytest.raises(RuntimeError, match="faults"):
        sbml_text(PROCESS, NONE, START)


def test_files_are_whole_or_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "folder" / "model.xml"
    modifiers = full_modifiers(PROCESS)
    assert write_sbml(PROCESS, modifiers, START, path=path, schedule="events") == path
    first = path.read_bytes()
    assert first.decode() == sbml_text(PROCESS, modifiers, START, schedule="events")
    with pytest.raises(InputError, match="Poisson"):
        write_sbml(PROCESS, modifiers, poisson_start(), path=path)

    def full_disk(source: str, target: str) -> None:
        raise OSError("no space")

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", full_disk)
        with pytest.raises(OSError, match="no space"):
            write_sbml(PROCESS, modifiers, START, path=path)
    assert path.read_bytes() == first
    assert [p.name for p in path.parent.iterdir()] == ["model.xml"]


def test_a_group_of_a_study_is_exported_with_the_reported_effect(tmp_path: Path) -> None:
    files = {
        (group, label): api.export_sbml(
            "leg-day", group=group, path=tmp_path / f"{group}-{label}.xml", gains=gains, initial="mean"
        ).read_text()
        for group in ("control", "unloaded")
        for label, gains in (("default", None), ("none", {}))
    }
    assert files["control", "default"] == files["control", "none"]
    assert files["unloaded", "default"] != files["unloaded", "none"]
    with pytest.raises(UnknownNameError, match="unloaded"):
        api.export_sbml("leg-day", group="unload", path=tmp_path / "x.xml", initial="mean")
