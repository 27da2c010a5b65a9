"""A number and the walk over whatever carries it: planted faults are refused, and nothing is passed over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import BaseModel

from soleus.errors import CatalogueError
from soleus.values import Number, by_status, carried, cited, numbers_in


def number(name: str = "n", **changes: Any) -> Number:
    fields: dict[str, Any] = {"label": "a number", "value": 2.0, "reason": "read off figure 1"}
    return Number(name, **{**fields, **changes})


@pytest.mark.parametrize(
    ("planted", "said"),
    [
        ({"status": "checked"}, "a checked number needs a citation"),
        ({"status": "superseded"}, "a superseded number needs a citation"),
        ({"status": "sure"}, "unknown status 'sure'"),
        ({"reason": " "}, "needs a reason"),
        ({"value": float("nan")}, "finite"),
    ],
)
def test_a_planted_fault_is_refused(planted: dict[str, Any], said: str) -> None:
    with pytest.raises(CatalogueError, match=f"n: .*{said}"):
        number(**planted)


@dataclass
class Holder:
    first: Number
    more: Mapping[str, tuple[object, ...]]
    words: str = "no number"


class Record(BaseModel):
    citation: str | None
    status: str
    inner: dict[str, Any]


def test_the_walk_finds_each_number_however_deep_and_in_order() -> None:
    record = Record(citation="b-2001", status="checked", inner={"x": [number("third", citation="c-2002")]})
    held = Holder(number("first", citation="a-2000"), {"k": (number("second"), "text", record)})
    assert [n.name for n in numbers_in(held)] == ["first", "second", "third"]
    assert list(cited([held, held])) == ["a-2000", "b-2001", "c-2002"]
    assert by_status(held) == {"provisional": 3, "checked": 1}
    assert record in list(carried(held)), "a record that names its source is carried, too"


def test_what_carries_nothing_gives_nothing() -> None:
    assert list(carried({"a": 1.0, "b": ["x", None], "c": Number})) == []
