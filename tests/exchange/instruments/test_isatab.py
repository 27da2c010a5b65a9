"""Samples of NASA OSDR: factor values by sample, joined to a data table by Sample Name."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from soleus.errors import InputError
from soleus.exchange.instruments.isatab import join_samples, read_samples
from soleus.exchange.readers.mapping import Columns, Constants, Mapping, Values
from soleus.exchange.readers.table import to_observations
from soleus.exchange.readers.text import read_text

HEAD = (
    '"Source Name"\t"Characteristics[organism]"\t"Term Source REF"\t"Term Accession Number"\t"Protocol REF"\t'
    '"Sample Name"\t"Factor Value[Hindlimb Unloading]"\t"Term Source REF"\t"Term Accession Number"\t'
    '"Factor Value[Ionizing Radiation]"\t"Factor Value[Sex]"'
)
DESIGN = [
    ("Mmus_1", "Hindlimb Unloaded", "non-irradiated"),
    ("Mmus_2", "Hindlimb Unloaded", "cobalt-57 gamma radiation"),
    ("Mmus_3", "Normally Loaded Control", "non-irradiated"),
    ("Mmus_4", "Normally Loaded Control", "cobalt-57 gamma radiation"),
]  # fmt: skip


def sample_table() -> str:
    lines = [HEAD]
    for animal, load, dose in DESIGN:
        cells = (
            animal,
            "Mus musculus",
            "NCBITAXON",
            "10090",
            "collection",
            f"{animal}_brain",
            load,
            "",
            "",
            dose,
        )
        lines.append("\t".join(f'"{cell}"' for cell in (*cells, "female")))
    return "\n".join(lines) + "\n"


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def data(path: Path, last: str = "Mmus_4_brain") -> Path:
    lines = ["Sample Name,DCX", "Mmus_3_brain,40", "Mmus_1_brain,30", "Mmus_2_brain,10", f"{last},20"]
    return write(path, "\n".join(lines) + "\n")


def test_factors_have_their_two_levels_control_first(tmp_path: Path) -> None:
    samples = read_samples(write(tmp_path / "s_LDR-HLU_Brain.txt", sample_table()))
    assert samples.factors == {
        "Hindlimb Unloading": ("Normally Loaded Control", "Hindlimb Unloaded"),
        "Ionizing Radiation": ("non-irradiated", "cobalt-57 gamma radiation"),
    }
    assert samples.levels["Mmus_2_brain"]["Ionizing Radiation"] == "cobalt-57 gamma radiation"
    assert samples.animals["Mmus_2_brain"] == "Mmus_2" and samples.rows["Mmus_2_brain"] == 3
    assert samples.notes == ("Factor 'Sex' has one level, 'female', and is left out.",)
    assert samples.groups().control == "Normally Loaded Control & non-irradiated"


def test_a_data_table_is_joined_by_sample_name(tmp_path: Path) -> None:
    samples = read_samples(write(tmp_path / "s_x.txt", sample_table()))
    joined = join_samples(read_text(data(tmp_path / "d.csv")), samples)
    mapping = Mapping(
        columns=Columns(animal="animal", group="group"),
        constants=Constants(day=7, assay="DCX"),
        values=(Values(column="DCX", readout="DCX+"),),
        groups=samples.groups(),
    )
    observations = to_observations(joined, mapping)
    frame = observations.frame
    assert list(frame["animal"]) == ["Mmus_3", "Mmus_1", "Mmus_2", "Mmus_4"]
    assert list(frame["value"]) == [40, 30, 10, 20]
    assert observations.factors == samples.factors
    assert list(frame["factor:Hindlimb Unloading"]) == [
        "Normally Loaded Control", "Hindlimb Unloaded", "Hindlimb Unloaded", "Normally Loaded Control",
    ]  # fmt: skip


def test_folder_archive_and_run_sheet_are_read_alike(tmp_path: Path) -> None:
    table = sample_table()
    one = read_samples(write(tmp_path / "s_x.txt", table))
    assert read_samples(tmp_path).levels == one.levels
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("i_Investigation.txt", "x")
        archive.writestr("study/s_x.txt", table)
    (tmp_path / "isa.zip").write_bytes(buffer.getvalue())
    assert read_samples(tmp_path / "isa.zip").levels == one.levels
    sheet = "Sample Name,Factor Value[Hindlimb Unloading]\na,Hindlimb Unloaded\nb,Normally Loaded Control\n"
    run = read_samples(write(tmp_path / "runsheet.csv", sheet))
    assert run.levels["a"] == {"Hindlimb Unloading": "Hindlimb Unloaded"} and run.animals == {}


TWINS = {
    "no sample name": (sample_table().replace('"Sample Name"', '"Sample"'), r"row 1: .*'Sample Name'"),
    "no factor": (sample_table().replace("Factor Value", "Parameter Value"), r"'Factor Value\[\.\.\.\]'"),
    "empty level": (
        sample_table().replace('"Hindlimb Unloaded"', '""', 1), r"row 2, column 'Factor Value\[Hindlimb"
    ),
    "one level": (
        "Sample Name\tFactor Value[A]\ns1\tx\ns2\tx\n", r"one level only \('A'\).*no groups"
    ),
    "contradiction": (
        "Sample Name\tFactor Value[A]\ns1\tx\ns1\ty\n", r"row 3: sample 's1' has other levels than in row 2"
    ),
    "nameless sample": ("Sample Name\tFactor Value[A]\ns1\tx\n\ty\n", r"row 3, column 'Sample Name'"),
    "cut off": (sample_table()[:-40], r"row 5: has \d+ cells"),
}  # fmt: skip


@pytest.mark.parametrize("name", list(TWINS))
def test_malformed_twins_are_refused(tmp_path: Path, name: str) -> None:
    text, words = TWINS[name]
    with pytest.raises(InputError, match=r"twin\.txt.*" + words):
        read_samples(write(tmp_path / "twin.txt", text))


def test_unknown_samples_and_several_tables_are_refused(tmp_path: Path) -> None:
    samples = read_samples(write(tmp_path / "s_x.txt", sample_table()))
    table = read_text(data(tmp_path / "d.csv", last="Mmus_9_brain"))
    with pytest.raises(InputError, match=r"d\.csv, row 5, column 'Sample Name': sample 'Mmus_9_brain' is"):
        join_samples(table, samples)
    write(tmp_path / "s_y.txt", sample_table())
    with pytest.raises(InputError, match="2 sample tables"):
        read_samples(tmp_path)
