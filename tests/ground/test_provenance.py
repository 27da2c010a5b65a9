"""Provenance: the same run has the same id, another run another."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import numpy as np
import pytest

import soleus
from soleus.errors import InputError
from soleus.provenance import canonical_json, file_sha256, run_id, versions

STUDY = {"name": "leg-day", "days": [14, 28], "groups": {"a": 1.5, "b": None}}
VERSIONS = {"soleus": "0.1.0"}


class Mode(Enum):
    PRIOR = "prior"


@dataclass(frozen=True)
class Animal:
    id: str
    weight: float


def test_id_is_the_hash_of_the_canonical_json() -> None:
    text = (
        '{"seed":7,"study":{"days":[14,28],"groups":{"a":1.5,"b":null},"name":"leg-day"},'
        '"versions":{"soleus":"0.1.0"}}'
    )
    assert run_id(STUDY, seed=7, versions=VERSIONS) == hashlib.sha256(text.encode()).hexdigest()[:16]


def test_order_of_keys_and_kind_of_number_do_not_count() -> None:
    same = {"groups": {"b": None, "a": np.float64(1.5)}, "days": np.array([14.0, 28.0]), "name": "leg-day"}
    assert run_id(same, seed=7, versions=VERSIONS) == run_id(STUDY, seed=7, versions=VERSIONS)


@pytest.mark.parametrize(
    ("study", "seed", "found"),
    [
        (STUDY, 8, VERSIONS),
        (STUDY, 7, {"soleus": "0.1.1"}),
        ({**STUDY, "days": [28, 14]}, 7, VERSIONS),
        ({**STUDY, "name": "leg day"}, 7, VERSIONS),
        ({**STUDY, "groups": {"a": math.nextafter(1.5, 2.0), "b": None}}, 7, VERSIONS),
    ],
)
def test_any_change_changes_the_id(study: dict[str, object], seed: int, found: dict[str, str]) -> None:
    assert run_id(study, seed=seed, versions=found) != run_id(STUDY, seed=7, versions=VERSIONS)


def test_dataclasses_enums_and_tuples_have_a_form() -> None:
    assert canonical_json({"a": (Animal("m1", 25.0), Mode.PRIOR, True)}) == (
        '{"a":[{"id":"m1","weight":25},"prior",true]}'
    )


@pytest.mark.parametrize("value", [math.nan, math.inf, {1, 2}, {1: "a"}, len, b"x", np.array([np.nan])])
def test_what_has_no_canonical_form_is_refused_with_its_place(value: object) -> None:
    with pytest.raises(InputError, match=r"value\.study\.groups"):
        run_id({"groups": value}, seed=1, versions=VERSIONS)


def test_versions_name_what_can_change_a_number() -> None:
    found = versions()
    assert found["soleus"] == soleus.__version__
    assert found["numpy"] == np.__version__
    assert {"python", "scipy", "pandas", "pyarrow", "numba"} <= set(found)


def test_file_hash(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert file_sha256(tmp_path / "a") == hashlib.sha256(b"abc").hexdigest()
