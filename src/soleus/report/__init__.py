"""Pictures and the page: everything here reads a :class:`soleus.schema.run.RunResult` and nothing else.

The only room that makes pictures. Figures are Vega-Lite specifications; the page embeds them and
the libraries that draw them, so it works offline; files are drawn with no browser.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from soleus.report.build import build_page, report_paths, write_report
    from soleus.report.export import FigureExporter

__all__ = [
    "FigureExporter",
    "build_page",
    "report_paths",
    "write_report",
]

_HOMES = {
    "FigureExporter": "soleus.report.export",
    "build_page": "soleus.report.build",
    "report_paths": "soleus.report.build",
    "write_report": "soleus.report.build",
}


def __getattr__(name: str) -> object:
    # Loaded when first used: a command pays for its own job alone.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
