"""Sections as plain data: what ``--json`` holds of them, and the browser draws."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from soleus.report.section import Section
from soleus.report.specs import Figure

__all__ = ["SECTION_SCHEMA", "as_data"]

_NAMES = {"Section", "Table", "Figure", "Entries", "Points", "Facts", "Cards", "Code", "Grid", "Details"}

# What programs may rely on; the words inside are for people and may change at any time.
SECTION_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["kind", "id", "title", "lead", "parts", "folded", "brief"],
    "properties": {
        "kind": {"const": "section"},
        "id": {"type": "string", "pattern": "^[a-z][a-z0-9-]*$"},
        "title": {"type": "string", "minLength": 1},
        "lead": {"type": "array"},
        "parts": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["kind"],
                "properties": {"kind": {"enum": sorted(name.lower() for name in _NAMES - {"Section"})}},
            },
        },
        "folded": {"type": "boolean"},
        "brief": {"type": "boolean"},
    },
    "additionalProperties": False,
}


def as_data(section: Section, *, specs: bool = False) -> dict[str, Any]:
    """Return a section as plain data.

    Parameters
    ----------
    specs
        Whether figures carry what draws them; without it they are named by their files.
    """
    data = _data(section, specs)
    assert isinstance(data, dict)
    return data


def _data(value: object, specs: bool) -> Any:
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(key): _data(one, specs) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [_data(one, specs) for one in value]
    name = type(value).__name__
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        if isinstance(value, Figure) and not specs:
            del fields["spec"]
        return {"kind": name.lower()} | {key: _data(one, specs) for key, one in fields.items()}
    # A span: whatever its class, these are what it says.
    span = {key: getattr(value, key) for key in ("value", "low", "high", "level")}
    return {"kind": "span", **span}
