"""The version, in the one place that the build, the package and every result read it from."""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
