"""What claims, the matrix and an analysis amount to, as versioned results."""

from __future__ import annotations

__all__: list[str] = []
