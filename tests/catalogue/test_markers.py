"""Markers of the catalogue: every number has a source or says that it has none, and stains agree."""

from __future__ import annotations

import copy
import functools
from dataclasses import replace

import numpy as np
import pytest

from soleus.api import packaged
from soleus.assays import Gate, Marker
from soleus.catalogue.calibrations import resting_calibration
from soleus.catalogue.folder import load_yaml
from soleus.catalogue.lineages import lineage_entry, niche
from soleus.catalogue.markers import marker, marker_names, marker_quantities, markers
from soleus.catalogue.store import citations
from soleus.errors import CatalogueError, UnknownNameError
from soleus.lineage import Process, Window, cross, expression

PANEL = [
    "Ki67", "PCNA", "pH3", "Nestin", "GFAP", "Sox2", "GLAST", "Ascl1", "DCX", "NeuN", "Olig2", "NG2", "O4",
    "GalC", "MBP", "MAP2", "TUBB3",
]  # fmt: skip
STEM = ("dNSC", "qNSC", "aNSC")
TAP = ("TAP1", "TAP2", "TAP3")
DIVIDING_NB = ("NB1", "NB2")
CYCLING = ("aNSC", *TAP, *DIVIDING_NB)
NICHE = (*STEM, *TAP, *DIVIDING_NB, "NBm")


@functools.cache
def svz() -> Process:
    return niche(packaged(), "svz").process


@functools.cache
def expressed(name: str) -> np.ndarray:
    """Share of cells that express a marker, by microstate, without persistence."""
    return expression(markers(packaged(), "svz")[name].windows, svz())


def share(name: str, *types: str, phase: str | None = None) -> list[float]:
    """Share of each microstate of these types."""
    return [
        float(value)
        for state, value in zip(svz().microstates, expressed(name), strict=True)
        if state.type in types and phase in (None, state.phase)
    ]


@functools.cache
def resting() -> np.ndarray:
    """Mean cells of each microstate of the fitted lineage at 60 days."""
    stored = resting_calibration(packaged(), "svz-resting").theta
    known = niche(packaged(), "svz").parameters
    return (
        niche(packaged(), "svz", fitted={k: v for k, v in stored.items() if k in known})
        .start_at_reference()
        .mean
    )


def seen(gate: str, *types: str) -> float:
    """Cells of these types seen in a gate such as ``GFAP+Ki67+`` at rest."""
    panel = {n: replace(m, persistence_days=0.0) for n, m in markers(packaged(), "svz").items()}
    positive = tuple(panel[n] for n in gate.split("+") if n)
    return float(resting() @ Gate(gate, gate, positive, window=Window(types)).weights(svz()))


def test_the_panel_is_complete():
    assert list(markers(packaged(), "svz")) == PANEL
    assert len(marker_quantities(packaged(), "svz")) >= 90


@pytest.mark.parametrize("name", PANEL)
def test_every_marker_fits_the_compiled_lineage(name):
    found = markers(packaged(), "svz")[name]
    assert isinstance(found, Marker)
    assert expressed(name).max() > 0.5
    assert 0.0 <= found.false_positive < 0.05 < 0.5 < found.sensitivity <= 1.0
    for window in found.windows:
        window.mask(svz())


@pytest.mark.parametrize("number", marker_quantities(packaged(), "svz").values(), ids=lambda q: q.name)
def test_every_number_has_range_reason_and_source(number):
    assert number.low is not None and number.low <= number.value <= number.high
    assert number.status in ("checked", "derived", "provisional")
    assert number.citation in citations(packaged()) if number.citation else number.status == "provisional"
    if number.status == "derived":
        assert number.formula


def test_derived_numbers_follow_from_their_formula():
    def left(g1: float, mean: float) -> float:
        return float((1.0 - np.exp(-g1 / mean)) * mean / g1)

    value = {name: q.value for name, q in marker_quantities(packaged(), "svz").items()}
    lineage = lineage_entry(packaged(), "svz").parameters
    g1 = {
        t: lineage[f"{t}_cycle"].value - lineage[f"{t}_s_phase"].value - lineage["g2m"].value
        for t in ("stem", "tap", "neuroblast")
    }
    assert value["ki67_persistence"] == pytest.approx(24.0 / np.log(10.0), rel=0.005)
    for window, kind in ((2, "stem"), (3, "tap"), (4, "neuroblast")):
        assert value[f"ki67_window_{window}"] == pytest.approx(left(g1[kind], 10.4), abs=0.006), kind
    opc_g1 = lineage["opc_cycle"].value * 24.0 - lineage["neuroblast_s_phase"].value - lineage["g2m"].value
    assert value["ki67_window_5"] == pytest.approx(10.4 / opc_g1, abs=5e-4)
    assert value["pcna_window_3"] == pytest.approx(24.0 / opc_g1, abs=5e-4)


def test_resting_cells_are_outside_the_cycle_markers():
    for name in ("Ki67", "PCNA", "pH3"):
        assert not any(share(name, "dNSC", "qNSC", "NBm", "NBs", "iOBN", "mOBN", "COP", "OL", "AST")), name
        assert min(share(name, *CYCLING, phase="G2M")) >= 0.0
        assert max(share(name, *CYCLING, phase="G2M")) >= 0.8
    assert not any(share("pH3", *CYCLING, "OPC", phase="G1") + share("pH3", *CYCLING, "OPC", phase="S"))


def test_mitosis_is_part_of_the_cycle():
    """pH3 < Ki67 < PCNA in each dividing type, and pH3 a few per cent of Ki67."""
    for cell_type in (*CYCLING, "OPC"):
        pairs = zip(*(share(n, cell_type) for n in ("pH3", "Ki67", "PCNA")), strict=True)
        assert all(p <= k <= c + 1e-12 for p, k, c in pairs), cell_type
    ratio = seen("pH3", *CYCLING) / seen("Ki67", *CYCLING)
    assert 0.02 < ratio < 0.12


def test_ki67_is_not_stem_cells():
    """Active stem cells are 4 to 8 per cent of the Ki67+ cells, by the fitted lineage and by the counts."""
    assert 0.04 < seen("Ki67", "aNSC") / seen("Ki67", *CYCLING) < 0.08
    counted = {"aNSC": 307.0, "TAP1": 784.1, "NB1": 2925.0}
    weight = {t: cells * np.mean(share("Ki67", t)) for t, cells in counted.items()}
    assert 0.04 < weight["aNSC"] / sum(weight.values()) < 0.08


def test_cells_are_counted_in_the_known_order():
    """Neuroblasts outnumber dividing cells, and those outnumber GFAP+ dividing cells."""
    assert seen("DCX", *NICHE) > 3.0 * seen("Ki67", *NICHE) > 10.0 * seen("GFAP+Ki67+", *NICHE)
    assert seen("Ki67+DCX+", *CYCLING) > seen("GFAP+Ki67+", *CYCLING)
    assert seen("GFAP", *STEM) > 10.0 * seen("GFAP+Ki67+", *STEM)
    # Of the GFAP+ dividing cells, most are stem cells; of the Ascl1+ ones, most transit-amplifying cells.
    assert seen("GFAP+Ki67+", "aNSC") > 0.6 * seen("GFAP+Ki67+", *CYCLING)
    assert seen("Ascl1", *TAP) > 0.8 * seen("Ascl1", *NICHE)


def test_the_neuronal_line_changes_markers_in_order():
    for name in ("DCX", "NeuN", "MAP2", "TUBB3"):
        assert not any(share(name, *STEM, "OPC", "COP", "OL", "AST")), name
    assert not any(share("NeuN", *TAP, *DIVIDING_NB, "NBm", "NBs"))
    assert max(share("DCX", *TAP)) < 0.2 < min(share("DCX", *DIVIDING_NB, "NBm", "NBs"))
    assert max(share("Ascl1", *DIVIDING_NB, "NBm")) < 0.2 < min(share("Ascl1", *TAP))
    by_stage = {n: share(n, "iOBN") for n in ("DCX", "NeuN", "MAP2")}
    assert all(len(s) == 6 for s in by_stage.values())
    assert np.all(np.diff(by_stage["DCX"]) <= 0.0) and by_stage["DCX"][0] > by_stage["DCX"][5]
    assert np.all(np.diff(by_stage["NeuN"]) >= 0.0) and by_stage["NeuN"][0] == 0.0
    assert not any(share("DCX", "mOBN")) and min(share("NeuN", "mOBN")) > by_stage["NeuN"][5]
    assert share("MAP2", "mOBN")[0] >= by_stage["MAP2"][5] > by_stage["MAP2"][0] > max(share("MAP2", "NBs"))


def test_activation_brings_nestin_and_ascl1():
    nestin = [np.mean(share("Nestin", t)) for t in STEM]
    assert nestin == sorted(nestin) and nestin[2] > 3.0 * nestin[1]
    assert not any(share("Ascl1", "dNSC", "qNSC")) and np.mean(share("Ascl1", "aNSC")) < min(
        share("Ascl1", *TAP)
    )
    for name in ("GFAP", "Sox2", "GLAST"):
        assert min(share(name, *STEM)) > 0.7 and min(share(name, "AST")) > 0.5, name
        assert max(share(name, "NBm", "NBs", "iOBN", "mOBN")) <= 0.1, name


def test_the_oligodendrocyte_line_changes_markers_in_order():
    line = ("OPC", "COP", "OL")
    steps = {n: [np.mean(share(n, t)) for t in line] for n in ("Olig2", "NG2", "O4", "GalC", "MBP")}
    assert steps["Olig2"] == [1.0, 1.0, 1.0]
    assert steps["NG2"] == sorted(steps["NG2"], reverse=True) and steps["NG2"][2] == 0.0
    for name in ("GalC", "MBP"):
        assert steps[name] == sorted(steps[name]) and steps[name][0] == 0.0
    assert steps["O4"][1] > steps["GalC"][1] > steps["MBP"][1] > 0.0
    for name in ("NG2", "O4", "GalC", "MBP"):
        assert not any(share(name, *NICHE, "iOBN", "mOBN", "AST")), name


def test_only_cycle_proteins_outlast_their_window_and_pcna_longest():
    lasting = {
        n: m.persistence_days for n, m in markers(packaged(), "svz").items() if m.persistence_days > 0.0
    }
    assert list(lasting) == ["Ki67", "PCNA"]
    assert lasting["Ki67"] == pytest.approx(10.4 / 24.0) and lasting["PCNA"] == 1.0
    assert lasting["Ki67"] < lasting["PCNA"]


def test_ki67_that_persists_is_seen_in_cells_that_left_the_cycle():
    ki67 = markers(packaged(), "svz")["Ki67"]
    assert ki67.tag is not None
    crossed = cross(svz(), [ki67.tag])
    detected = dict(zip(crossed.microstates, ki67.detection(crossed), strict=True))
    after = [v for s, v in detected.items() if s.type == "NBm" and s.levels == (1,)]
    never = [v for s, v in detected.items() if s.type == "NBm" and s.levels == (0,)]
    assert after and set(after) == {ki67.sensitivity}
    assert never and set(never) == {ki67.false_positive}


def test_markers_answer_to_their_other_names():
    assert marker(packaged(), "svz", "Mash1").name == "Ascl1"
    assert marker(packaged(), "svz", "beta-III-tubulin") == marker(packaged(), "svz", "TUBB3")
    assert set(marker_names(packaged(), "svz").values()) == set(PANEL)
    with pytest.raises(UnknownNameError, match="'Ki67'"):
        marker(packaged(), "svz", "Ki76")
    with pytest.raises(UnknownNameError, match="'svz'"):
        markers(packaged(), "svzz")


def _set(path: str, value: object):
    def change(panel: dict) -> None:
        *where, last = path.split(".")
        for key in where:
            panel = panel[int(key) if key.isdigit() else key]
        panel[last] = value

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_set("Ki67.windows.0.types", ["aNSCs"]), "unknown cell type 'aNSCs'.*Did you mean 'aNSC'"),
        (_set("Ki67.windows.0.phases", ["M"]), "unknown phase of aNSC 'M'"),
        (_set("DCX.windows.0.phases", ["S"]), "unknown phase of NBm 'S'"),
        (_set("DCX.windows.0.expression.citation", "brown-2030"), "unknown citation 'brown-2030'"),
        (_set("DCX.windows.0.expression.citation", None), "a checked number needs a citation"),
        (_set("DCX.windows.0.expression.value", 1.5), "must lie in its range"),
        (_set("DCX.windows.0.expression.high", 1.5), r"a share in \[0, 1\]"),
        (_set("DCX.sensitivity.value", 95), "must lie in its range"),
        (_set("DCX.sensitivity.reason", "yes"), "at least 10 characters"),
        (_set("DCX.sensitivity.status", "sure"), "sensitivity.status"),
        (_set("DCX.sensitivity", None), "sensitivity"),
        (_set("DCX.windows", []), "windows"),
        (_set("DCX.colour", "green"), "colour"),
        (_set("DCX.aliases", ["Mash1"]), "'Mash1' names both 'Ascl1' and 'DCX'"),
        (_set("Ki67.persistence.formula", None), "a derived number needs its formula"),
        (_set("Ki67.persistence.unit", "um"), "um"),
    ],
)
def test_a_wrong_entry_is_refused(catalogue_with, change, message):
    content = copy.deepcopy(load_yaml(packaged(), "markers.yaml"))
    change(content["svz"])
    changed = catalogue_with({"markers.yaml": content})
    with pytest.raises((CatalogueError, ValueError), match=message):
        markers(changed, "svz")
