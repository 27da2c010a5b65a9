"""Pictures and the page: everything here reads a :class:`soleus.schema.run.RunResult` and nothing else.

The only room that makes pictures. Figures are Vega-Lite specifications; the page embeds them and
the libraries that draw them, so it works offline; files are drawn with no browser.
"""

from __future__ import annotations

from soleus.report.build import build_page, figures, report_paths, write_report
from soleus.report.export import FigureExporter

__all__ = ["FigureExporter", "build_page", "figures", "report_paths", "write_report"]
