"""Compute the marks of causes on read-outs, and write them."""

from __future__ import annotations

from pathlib import Path

from soleus.answers import Answer
from soleus.answers.panel.build import panel_answer
from soleus.answers.panel.values import PanelResult
from soleus.api.packaged import packaged
from soleus.catalogue.folder import Catalogue
from soleus.jobs import Progress, interruptible, output_folder

__all__ = ["panel"]


@interruptible
def panel(
    panel: str = "svz",
    *,
    day: float = 28.0,
    factor: float = 1.5,
    fall: float = 0.3,
    animals: int = 8,
    out: str | Path | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
    catalogue: Catalogue | None = None,
) -> Answer[PanelResult]:
    """Compute what changes of cell behaviour do to every read-out of a panel, and what tells them apart.

    Takes half a minute. With ``out``, page, tables and figures are written, too.

    Parameters
    ----------
    panel
        A panel of the catalogue: labels, gates of markers and how they are read.
    day
        Days from the change to the read-out.
    factor
        Factor on each cause's quantity at which its marks are shown, between 1 and 16.
    fall
        Share by which Ki67+ cells fall where causes are told apart, between 0 and 1.
    animals
        Animals per group, at least 2.
    out
        Folder to write; it must not exist, unless ``overwrite``.
    catalogue
        Content to take studies and numbers from; that of the package by default.

    Raises
    ------
    SoleusError
        With what was given, what is allowed and what to do.
    """
    asked = {"day": day, "factor": factor, "fall": fall}
    known = catalogue or packaged()
    if out is None:
        return panel_answer(known, panel, **asked, animals=animals, progress=progress)
    from soleus.answers.folder import write_answer
    from soleus.report.export import FigureExporter

    with output_folder(out, overwrite=overwrite) as folder, FigureExporter() as exporter:
        exporter.start()
        answer = panel_answer(known, panel, **asked, animals=animals, progress=progress)
        options = {"panel": panel, **asked, "animals": animals}
        return write_answer(answer, folder, exporter, asked=options, kicker="Set of stains")
