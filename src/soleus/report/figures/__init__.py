"""All figures of the report, one small module each; :func:`build_figures` makes them in page order."""

from __future__ import annotations

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


def build_figures(result: RunResult) -> list[Figure]:
    """Build every figure for which the result holds something to draw."""
    fit = result.resting_fit
    wanted = [
        (bool(result.headline), headline_figure),
        (True, design_figure),
        (bool(result.signals), signals_figure),
        (bool(result.lineage_types), lineage_figure),
        (bool(result.readouts), effects_figure),
        (bool(result.mechanisms), mechanisms_figure),
        (bool(result.translation), translation_figure),
        (bool(fit.points), resting_figure),
        (bool(fit.points), residuals_figure),
        (bool(fit.moved), moved_figure),
        (bool(fit.points), discrepancy_figure),
        (bool(result.claims), claims_figure),
    ]
    built = [make(result) for has_data, make in wanted if has_data]
    return [figure for figure in built if figure is not None] + readout_figures(result)
