"""The drawing kit: what answers are made of, one renderer for each face, and all that makes pictures.

Figures are Vega-Lite specifications; a page embeds them and the libraries that draw them, so it works
offline; files are drawn with no browser.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from soleus.late import late

if TYPE_CHECKING:
    from soleus.report.export import FigureExporter

__all__ = ["FigureExporter"]

__getattr__ = late(__name__, {"FigureExporter": "soleus.report.export"})
