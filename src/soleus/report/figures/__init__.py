"""All figures of the report, one small module each; :func:`build_figures` makes them in page order."""

from __future__ import annotations

from dataclasses import replace

from soleus.report.figures.biology import biology_figures
from soleus.report.figures.claims import claims_figure
from soleus.report.figures.design import design_figure
from soleus.report.figures.effects import effects_figure
from soleus.report.figures.headline import headline_figure
from soleus.report.figures.lineage import lineage_figure
from soleus.report.figures.mechanisms import mechanisms_figure
from soleus.report.figures.moved import discrepancy_figure, moved_figure
from soleus.report.figures.readouts import readout_figures
from soleus.report.figures.residuals import residuals_figure
from soleus.report.figures.resting import resting_figure
from soleus.report.figures.signals import signals_figure
from soleus.report.figures.translation import translation_figure
from soleus.report.specs import Figure
from soleus.schema.run import RunResult

__all__ = ["build_figures"]

_PROVISIONAL = "Rests on numbers not yet checked in a source; see the assumptions."


def build_figures(result: RunResult) -> list[Figure]:
    """Build every figure for which the result holds something to draw."""
    fit = result.resting_fit
    fitted = fit is not None and bool(fit.points)
    wanted = [
        (bool(result.headline), headline_figure),
        (True, design_figure),
        (bool(result.signals), signals_figure),
        (bool(result.lineage_types), lineage_figure),
        (bool(result.readouts), effects_figure),
        (bool(result.mechanisms), mechanisms_figure),
        (bool(result.translation), translation_figure),
        (fitted, resting_figure),
        (fitted, residuals_figure),
        (fit is not None and bool(fit.moved), moved_figure),
        (fitted, discrepancy_figure),
        (bool(result.claims), claims_figure),
    ]
    built = [make(result) for has_data, make in wanted if has_data]
    drawn = [figure for figure in built if figure is not None]
    drawn += readout_figures(result) + biology_figures(result)
    return [_told(figure, result) for figure in drawn]


def _told(figure: Figure, result: RunResult) -> Figure:
    """Say in the caption that a figure rests on provisional numbers; the design is as it was set."""
    if (
        result.status != "provisional"
        or figure.name == "design"
        or "not yet checked" in figure.caption.lower()
    ):
        return figure
    return replace(figure, caption=f"{figure.caption} {_PROVISIONAL}")
