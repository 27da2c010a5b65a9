"""What every output folder holds."""

from __future__ import annotations

__all__ = ["MANIFEST", "TABLE"]

MANIFEST = "manifest.json"
"""What was asked, by what; it also marks the folder as ours, which may be replaced when asked."""

TABLE = "observations.parquet"
"""Every value, in the folders of runs and of analyses."""
