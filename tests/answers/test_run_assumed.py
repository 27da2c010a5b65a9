"""A number keeps its status on the way to the reader."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from soleus.answers.numbers.row import number
from soleus.answers.run.parts import mechanisms
from soleus.api import packaged
from soleus.catalogue.movement import movement_entries


@dataclass
class Entry:
    """One number of the catalogue."""

    status: str
    value: float = 3.0
    low: float = 2.0
    high: float = 5.0
    citation: str | None = "adami-2018"
    reason: str = "read off a figure"


@pytest.mark.parametrize("status", ["checked", "provisional", "derived", "superseded"])
def test_a_row_has_all_that_its_entry_says(status):
    row = number("a.b", "in words", Entry(status), unit="1/d")
    told = (row.name, row.label, row.value, row.low, row.high, row.unit, row.status, row.citation, row.reason)
    assert told == ("a.b", "in words", 3.0, 2.0, 5.0, "1/d", status, "adami-2018", "read off a figure")


@pytest.mark.parametrize(
    ("statuses", "shown"),
    [
        (("checked", "provisional"), "provisional"),
        (("provisional", "checked"), "provisional"),
        (("checked", "checked"), "checked"),
    ],
)
def test_a_set_is_as_sure_as_the_least_sure_of_its_mechanisms(predictions, monkeypatch, statuses, shown):
    entries = movement_entries(packaged())
    name, shares = next((n, s) for n, s in entries.sets.items() if len(s) == 2 and n in predictions.tables)
    changed: dict[str, Any] = dict(entries.mechanisms)
    for mechanism, status in zip(shares, statuses, strict=True):
        changed[mechanism] = changed[mechanism].model_copy(update={"status": status})
    known = entries.model_copy(update={"mechanisms": changed})
    monkeypatch.setattr(mechanisms, "movement_entries", lambda _: known)
    assert mechanisms._row(packaged(), predictions, name, shares).status == shown
