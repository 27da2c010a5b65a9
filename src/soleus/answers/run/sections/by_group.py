"""Cells of a table that has a column for each group."""

from __future__ import annotations

from collections.abc import Mapping

from soleus.report.section import Cell

__all__ = ["by_group"]


def by_group(what: str, values: Mapping[str, float]) -> dict[str, Cell]:
    """Return the cells, such as ``mean_control``."""
    return {f"{what}_{name}": value for name, value in values.items()}
