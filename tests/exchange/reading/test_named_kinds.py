"""Lots, units below the animal, two treatments in a group's name, and matrices of genes."""

from __future__ import annotations

from pathlib import Path

import pytest

from soleus.errors import InputError
from soleus.exchange.reading import Imported, QuestionError, read

COUNTS = {"a1": 40, "a2": 38, "a3": 44, "b1": 24, "b2": 29, "b3": 22}


def written(folder: Path, *lines: str) -> Path:
    path = folder / "table.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def role(imported: Imported, column: str) -> str:
    return next(c.role for c in imported.plan.columns if c.column == column)


@pytest.mark.parametrize(
    "labels", [("vehicle, WT", "vehicle, KO", "drug, KO"), ("sham WT", "sham Tg", "MCAO Tg")]
)
def test_the_control_of_two_treatments_is_asked(labels: tuple[str, ...], tmp_path: Path) -> None:
    lines = [f'{k}{g},"{label}",{30 + k}' for g, label in enumerate(labels) for k in range(4)]
    path = written(tmp_path, "Mouse,Group,Cells", *(f"m{line}" for line in lines))
    with pytest.raises(QuestionError) as asked:
        read(path)
    assert asked.value.question.id == "control"
    assert "--contrast" in asked.value.question.text
    assert read(path, answers=[f"control={labels[0]}"]).mapping.groups.control == labels[0]


def test_a_control_beside_groups_of_one_treatment_is_no_question(tmp_path: Path) -> None:
    lines = [f"m{k}{g},{g},{30 + k}" for g in ("vehicle control", "drug low", "drug high") for k in range(4)]
    assert read(written(tmp_path, "Mouse,Group,Cells", *lines)).mapping.groups.control == "vehicle control"


@pytest.mark.parametrize("unit", ["Fibre", "Faser", "Fibra", "Crypt", "Vessel no", "Zelle", "ROI", "Synapse"])
@pytest.mark.parametrize("many", [3, 14])
def test_numbered_units_are_brought_together_in_their_animal(unit: str, many: int, tmp_path: Path) -> None:
    lines = [
        f"{animal},{'control' if animal < 'b' else 'HU'},{k},{value + k}"
        for animal, value in COUNTS.items()
        for k in range(1, many + 1)
    ]
    imported = read(written(tmp_path, f"Animal,Group,{unit},CSA (µm²)", *lines))
    assert any(f"{many} " in line and "averaged" in line for line in imported.plan.summed), (
        imported.plan.summed
    )
    assert not any("section" in line for line in imported.plan.summed)
    assert set(imported.observations.frame["readout"]) == {"CSA"}


@pytest.mark.parametrize(
    "header", ["Antibody lot", "Antikörper-Charge", "Lote del anticuerpo", "Lotto anticorpo"]
)
def test_a_lot_is_a_batch(header: str, tmp_path: Path) -> None:
    lines = [
        f"{animal},{'control' if animal < 'b' else 'HU'},L{k % 2},{value}"
        for k, (animal, value) in enumerate(COUNTS.items())
    ]
    imported = read(written(tmp_path, f"Animal,Group,{header},Ki67+ cells", *lines))
    assert role(imported, header) == "batch"


@pytest.mark.parametrize(
    ("first", "names", "samples"),
    [
        ("Gene", "Dcx Sox2 Nes Mki67 Gfap", "A1 A2 B1 B2"),
        ("id", "ENSMUSG00000000001 ENSMUSG00000000003 ENSMUSG00000000028 ENSMUSG00000000031", "x1 x2 y1 y2"),
        ("name", "aa bb cc dd ee", "GSM1 GSM2 GSM3 GSM4"),
        ("Protein", "P1a P2b P3c P4d", "con1 con2 hu1 hu2"),
    ],
)
def test_a_matrix_of_genes_is_refused(first: str, names: str, samples: str, tmp_path: Path) -> None:
    rows = [",".join([name, *(str(7 * k + j) for j in range(4))]) for k, name in enumerate(names.split())]
    with pytest.raises(InputError, match="matrix") as refused:
        read(written(tmp_path, ",".join([first, *samples.split()]), *rows))
    assert not isinstance(refused.value, QuestionError)
