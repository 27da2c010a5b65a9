"""Malformed files are refused by name; unknown names are answered with the nearest."""

from __future__ import annotations

import functools
import subprocess
import sys
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from soleus import catalogue
from soleus.catalogue import store
from soleus.errors import CatalogueError, UnknownNameError

QUANTITIES = "quantities.yaml"
DATA = Path(store.__file__).parent / "data"
CACHED = (store.citations, store.claims, store.evidence, store.verdict_rule, store._quantity_groups)


@pytest.fixture
def edited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str, str], None]:
    """Reads the catalogue from a copy in which one text was replaced by another."""
    folder = tmp_path / "data"
    folder.mkdir()
    for file in DATA.glob("*.yaml"):
        (folder / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(resources, "files", lambda _: tmp_path)
    for function in CACHED:
        monkeypatch.setattr(store, function.__name__, _fresh(function))

    def edit(name: str, old: str, new: str) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    return edit


def _fresh(function: Any) -> Any:
    return functools.cache(function.__wrapped__)


@pytest.mark.parametrize(
    ("file", "old", "new", "reader", "parts"),
    [
        (QUANTITIES, "    value: 17.5\n", "    value: 99\n", "quantities", ["b1_cycle_length", "range"]),
        (QUANTITIES, "citation: ponti-2013", "citation: ponti-2012", "quantities", ["b1_cycle", "Did you"]),
        (QUANTITIES, "  b1_s_phase:", "  b1_cycle_length:", "quantities", ["stated twice"]),
        (QUANTITIES, "adami:\n", "adami:\n  c_divisions: {value: 3}\n", "quantities", ["'svz'", "'adami'"]),
        (QUANTITIES, "    unit: hour\n", "    unit: hours per cell\n", "quantities", ["b1_cycle", "unit"]),
        ("citations.yaml", "doi: 10.3389/fnins", "doi: fnins", "citations", ["adami-2018", "doi"]),
        ("citations.yaml", "  note: DOI not confirmed.\n", "", "citations", ["adami-bottai-2020", "note"]),
        (
            "claims.yaml",
            "  needs: [SVZ lineage]\n",
            "  kneads: [bread]\n",
            "claims",
            ["svz-site", "kneads", "needs"],
        ),
        ("claims.yaml", "source: leg-day-account", "source: nowhere", "claims", ["design-groups", "nowhere"]),
        ("claims.yaml", "low: -0.0953, high: 0.0953", "low: 1, high: 0", "claims", ["feeding", "empty"]),
        ("claims.yaml", "quantity: groups", "quantity: mice", "claims", ["design-groups", "quantity"]),
        ("claims.yaml", "{scale: value, low: 1.5", "{scale: ratio, low: 1.5", "claims", ["by its value"]),
        (
            "claims.yaml",
            "other_readouts: [body_mass]",
            "other_readouts: [food_intake]",
            "claims",
            ["cannot also"],
        ),
        ("evidence.yaml", "claim: nsc-70", "claim: nsc-71", "evidence", ["nsc70-press", "nsc-70"]),
        (
            "evidence.yaml",
            "citation: gros-2024",
            "citation: gros-2042",
            "evidence",
            ["nsc70-gros", "gros-2024"],
        ),
        ("evidence.yaml", "log_ratio: 0.2231", "log_ratio: .nan", "evidence", ["oxygen-silva", "finite"]),
        ("evidence.yaml", "independent: false", "independent: true", "evidence", ["groups-account", "press"]),
        ("verdict-rule.yaml", "value: 0.1", "value: low", "verdict_rule", ["verdict-rule.yaml", "value"]),
        ("verdict-rule.yaml", "lines:", "lines: [", "verdict_rule", ["verdict-rule.yaml", "YAML"]),
    ],
)
def test_malformed_file_names_file_and_entry(
    edited: Callable[[str, str, str], None], file: str, old: str, new: str, reader: str, parts: list[str]
) -> None:
    edited(file, old, new)
    with pytest.raises(CatalogueError) as caught:
        getattr(store, reader)()
    for part in [file, *parts]:
        assert part in str(caught.value)


def test_unedited_copy_is_read(edited: Callable[[str, str, str], None]) -> None:
    assert set(store.claims()) == set(catalogue.claims())
    assert len(store.evidence()) == len(catalogue.evidence())


def test_missing_file_is_named() -> None:
    with pytest.raises(CatalogueError, match=r"no-such\.yaml"):
        store.load_yaml("no-such.yaml")


@pytest.mark.parametrize(
    ("reader", "given", "near"),
    [
        (catalogue.citation, "adami-2081", "adami-2018"),
        (catalogue.claim, "nsc70", "nsc-70"),
        (catalogue.quantity, "b1_cycle_lenght", "b1_cycle_length"),
        (catalogue.quantities, "movment", "movement"),
    ],
)
def test_unknown_name_gets_the_nearest(reader: Callable[[str], object], given: str, near: str) -> None:
    with pytest.raises(UnknownNameError, match=f"Did you mean '{near}'"):
        reader(given)


def test_content_cannot_be_changed_by_a_caller() -> None:
    with pytest.raises(TypeError):
        catalogue.claims()["nsc-70"] = catalogue.claim("nsc-20")  # type: ignore[index]
    with pytest.raises(TypeError):
        catalogue.quantities("svz")["x"] = None  # type: ignore[index]


def test_reading_everything_is_quick_and_loads_nothing_heavy() -> None:
    script = (
        "import sys, time; import pydantic, yaml; import soleus.catalogue as c; start = time.perf_counter();"
        "c.evidence(); c.quantities(); c.verdict_rule(); took = time.perf_counter() - start;"
        "heavy = {'pint', 'pandas', 'scipy', 'altair'} & set(sys.modules); print(took, *heavy)"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    took, *heavy = result.stdout.split()
    assert not heavy
    # Measured at 0.07 s; the bound leaves room for a busy machine.
    assert float(took) < 0.3
