"""Malformed files are refused by name; unknown names are answered with the nearest."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from soleus import catalogue
from soleus.api import packaged
from soleus.catalogue import Catalogue, folder, store
from soleus.errors import CatalogueError, UnknownNameError

QUANTITIES = "quantities.yaml"
DATA = Path(store.__file__).parent / "data"


@pytest.fixture
def edited(catalogue_with) -> Callable[[str, str, str], Catalogue]:
    """Makes a catalogue in which one text was replaced by another."""

    def edit(name: str, old: str, new: str) -> Catalogue:
        text = (DATA / name).read_text(encoding="utf-8")
        assert old in text
        return catalogue_with({name: text.replace(old, new, 1)})

    return edit


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
    edited: Callable[[str, str, str], Catalogue], file: str, old: str, new: str, reader: str, parts: list[str]
) -> None:
    content = edited(file, old, new)
    with pytest.raises(CatalogueError) as caught:
        getattr(store, reader)(content)
    for part in [file, *parts]:
        assert part in str(caught.value)


def test_a_copy_elsewhere_reads_the_same_and_is_another(catalogue_with) -> None:
    copy = catalogue_with({})
    assert store.claims(copy) == store.claims(packaged())
    assert store.claims(copy) is not store.claims(packaged())
    assert store.claims(copy) is store.claims(copy), "parsed once"
    assert copy != packaged()


def test_a_folder_that_is_no_catalogue_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"no catalogue, because it has no citations\.yaml"):
        catalogue.load_catalogue(tmp_path)


def test_a_changed_catalogue_leaves_the_packaged_one_alone(edited) -> None:
    other = edited("claims.yaml", "low: -0.0953, high: 0.0953", "low: -0.5, high: 0.5")
    assert store.claims(other)["feeding"].interval.low == -0.5
    assert store.claims(packaged())["feeding"].interval.low == -0.0953


def test_missing_file_is_named() -> None:
    with pytest.raises(CatalogueError, match=r"no-such\.yaml"):
        folder.load_yaml(packaged(), "no-such.yaml")


@pytest.mark.parametrize(
    ("reader", "given", "near"),
    [
        (catalogue.citation, "adami-2081", "adami-2018"),
        (catalogue.claim, "nsc70", "nsc-70"),
        (catalogue.quantity, "b1_cycle_lenght", "b1_cycle_length"),
        (catalogue.quantities, "movment", "movement"),
    ],
)
def test_unknown_name_gets_the_nearest(
    reader: Callable[[Catalogue, str], object], given: str, near: str
) -> None:
    with pytest.raises(UnknownNameError, match=f"Did you mean '{near}'"):
        reader(packaged(), given)


def test_content_cannot_be_changed_by_a_caller() -> None:
    with pytest.raises(TypeError):
        store.claims(packaged())["nsc-70"] = store.claim(packaged(), "nsc-20")  # type: ignore[index]
    with pytest.raises(TypeError):
        catalogue.quantities(packaged(), "svz")["x"] = None  # type: ignore[index]


def test_reading_everything_is_quick_and_loads_nothing_heavy() -> None:
    script = (
        "import sys, time; import pydantic, yaml; import soleus.catalogue as c; start = time.perf_counter();"
        "k = c.load_catalogue(); c.evidence(k); c.quantities(k); c.verdict_rule(k);"
        "took = time.perf_counter() - start;"
        "heavy = {'pint', 'pandas', 'scipy', 'altair'} & set(sys.modules); print(took, *heavy)"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    took, *heavy = result.stdout.split()
    assert not heavy
    # Measured at 0.07 s; the bound leaves room for a busy machine.
    assert float(took) < 0.3
