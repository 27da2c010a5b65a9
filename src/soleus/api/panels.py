"""Compute the marks of causes on read-outs, and write them."""

from __future__ import annotations

from pathlib import Path

from soleus.api.packaged import packaged
from soleus.catalogue.folder import Catalogue
from soleus.jobs import MANIFEST, Progress, interruptible, output_folder, write_manifest
from soleus.results.panel import panel_result
from soleus.schema.check import checked_json
from soleus.schema.panel import PanelResult

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
) -> PanelResult:
    """Compute what changes of cell behaviour do to every read-out of a panel, and what tells them apart.

    Takes half a minute. With ``out``, tables and figures are written, too.

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
    if out is None:
        return panel_result(catalogue or packaged(), panel, **asked, animals=animals, progress=progress)
    from soleus.report import FigureExporter
    from soleus.report.panel import write_panel

    with output_folder(out, overwrite=overwrite) as folder, FigureExporter() as exporter:
        exporter.start()
        result = panel_result(catalogue or packaged(), panel, **asked, animals=animals, progress=progress)
        files = {"result": "panel.json", "manifest": MANIFEST, **write_panel(result, folder, exporter)}
        result = result.model_copy(update={"files": files})
        (folder / files["result"]).write_text(checked_json(result), encoding="utf-8")
        brief = {"schema_version", "run_id", "versions", "status", "panel", *asked, "animals", "files"}
        write_manifest(folder, result.model_dump(mode="json", include=brief))
    return result
