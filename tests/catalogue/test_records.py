"""Records refuse what contradicts itself."""

from __future__ import annotations

import math
from typing import Any

import pytest
from pydantic import ValidationError

from soleus.catalogue import CitationModel, ClaimInterval, EvidenceEntry

ENTRY: dict[str, Any] = {
    "id": "a-1",
    "claim": "nsc-70",
    "readout": "ki67_density",
    "niche": "svz",
    "species": "mouse",
    "day": 14,
    "log_ratio": -0.4,
    "kind": "primary",
    "independent": True,
    "stance": "supports",
    "citation": "gros-2024",
    "status": "checked",
    "reason": "made up for a test",
}
WORK: dict[str, Any] = {
    "key": "smith-2001", "authors": "Smith A", "title": "A title", "journal": "A journal", "year": 2001,
    "doi": "10.1000/182",
}  # fmt: skip


def test_interval_includes_its_bounds_and_nothing_beyond() -> None:
    interval = ClaimInterval(scale="log_ratio", low=-1.6, high=-0.9, reason="made up for a test")
    assert interval.contains(-1.6)
    assert interval.contains(-0.9)
    assert not interval.contains(math.nextafter(-1.6, -2))
    assert not interval.contains(math.nextafter(-0.9, 0))


def test_open_interval_has_one_bound() -> None:
    falls = ClaimInterval(scale="log_ratio", high=-0.1, reason="made up for a test")
    assert falls.contains(-1e9)
    assert not falls.contains(0.0)


@pytest.mark.parametrize("bounds", [{}, {"low": 1.0, "high": 1.0}, {"low": 2.0, "high": 1.0}])
def test_interval_without_an_inside_is_refused(bounds: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        ClaimInterval(scale="ratio", reason="made up for a test", **bounds)


def test_entry_is_accepted() -> None:
    assert EvidenceEntry(**ENTRY).direct is None


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"log_ratio": None}, "log_ratio or a direction"),
        ({"log_ratio": None, "direction": "down", "se": 0.1}, "needs its log_ratio"),
        ({"se": 0.0}, "greater than 0"),
        ({"direction": "up"}, "contradicts"),
        ({"kind": "press"}, "never independent"),
        ({"kind": "rumour"}, "kind"),
        ({"stance": "maybe"}, "stance"),
        ({"day": -1}, "day"),
        ({"mood": "good"}, "mood"),
    ],
)
def test_entry_is_refused(change: dict[str, Any], part: str) -> None:
    with pytest.raises(ValidationError, match=part):
        EvidenceEntry(**{**ENTRY, **change})


@pytest.mark.parametrize("direction", ["down", "none", None])
def test_direction_may_agree_with_the_log_ratio(direction: str | None) -> None:
    assert EvidenceEntry(**{**ENTRY, "direction": direction}).log_ratio == -0.4


@pytest.mark.parametrize(
    "change",
    [
        {"doi": "https://doi.org/10.1000/182"},
        {"doi": None},
        {"year": 1066},
        {"key": "Smith 2001"},
        {"pages": "1"},
    ],
)
def test_citation_is_refused(change: dict[str, Any]) -> None:
    assert CitationModel(**WORK).doi == "10.1000/182"
    with pytest.raises(ValidationError):
        CitationModel(**{**WORK, **change})
