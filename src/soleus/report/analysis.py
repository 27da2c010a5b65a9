"""The report of an analysis: one self-contained page, its figures, and its tables to take away."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from soleus.errors import SoleusError
from soleus.jobs import write_atomically
from soleus.report.bundle import vega_bundle
from soleus.report.export import FigureExporter
from soleus.report.figures.analysis import analysis_figures
from soleus.report.figures.analysis_extent import drawn_readouts, extent_notes, figure_names
from soleus.report.page import json_for_html, page_environment
from soleus.report.rscript import r_script
from soleus.report.specs import Figure
from soleus.schema.analysis import AnalysisResult, Comparison

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SCRIPT", "analysis_page", "effects_table", "write_analysis"]

_TEMPLATES = Path(__file__).with_name("templates")
_PAGE = "report.html"
SCRIPT = "analysis.R"
# What the renderer says of a figure, and that its process has ended.
_NOT_DRAWN = (SoleusError, ValueError)


def analysis_page(
    result: AnalysisResult,
    figures: Sequence[Figure],
    *,
    paths: Mapping[str, str],
    files: Sequence[str] = (),
) -> str:
    """Fill the page; it loads nothing from elsewhere.

    Parameters
    ----------
    paths
        Where the figure files are, relative to the page, by ``NAME.svg`` and ``NAME.png``; may be empty.
    files
        Data files beside the page.
    """
    from markupsafe import Markup

    names = figure_names(drawn_readouts(result))
    compared: dict[str, list[Comparison]] = {}
    for one in result.comparisons:
        if one.readout in names:
            compared.setdefault(names[one.readout], []).append(one)
    return (
        page_environment()
        .get_template("analysis.html.j2")
        .render(
            result=result,
            figures=figures,
            comparisons=compared,
            # A table without days has them all on day 0.
            days=any(one.day not in (None, 0.0) for one in result.comparisons),
            paths=paths,
            files=files,
            css=Markup((_TEMPLATES / "style.css").read_text(encoding="utf-8")),
            script=Markup((_TEMPLATES / "hydrate.js").read_text(encoding="utf-8")),
            bundle=Markup(vega_bundle()),
            specs_json=Markup(json_for_html({figure.name: figure.spec for figure in figures})),
        )
    )


def effects_table(result: AnalysisResult) -> pd.DataFrame:
    """Return all comparisons as a table, one a row."""
    import pandas as pd

    return pd.DataFrame([_effect_row(one) for one in result.comparisons])


def _effect_row(one: Comparison) -> dict[str, object]:
    row: dict[str, object] = {
        "readout": one.readout,
        "day": one.day,
        "within": one.within,
        "assay": one.assay,
        "contrast": one.contrast,
        "value_kind": one.value_kind,
        "unit": one.unit,
    }
    for group in one.groups:
        row |= {f"mean {group.group}": group.mean, f"n {group.group}": group.n}
    if one.effect is not None:
        row |= one.effect.model_dump(include={"scale", "estimate", "low", "high", "level", "p_value", "df"})
        row |= {"method": one.effect.method}
    row |= {"p_adjusted": one.p_adjusted, "family": one.family, "cannot": one.cannot}
    return row | {"sentence": one.sentence}


def write_analysis(
    result: AnalysisResult, folder: Path, *, files: Sequence[str], exporter: FigureExporter | None = None
) -> AnalysisResult:
    """Write the page and every figure as SVG and PNG.

    Parameters
    ----------
    files
        Data files that were written beside it.

    Returns
    -------
    AnalysisResult
        With what the figures leave out among its warnings, and every figure that could not be drawn: an
        analysis never waits for, or falls with, its figures.
    """
    figures = analysis_figures(result)
    paths, failed = _drawn(figures, folder, exporter)
    notes = [
        *extent_notes(result),
        *(f"the figure of {title!r} could not be drawn: {why}" for title, why in failed),
    ]
    told = result.model_copy(update={"warnings": [*result.warnings, *notes]}) if notes else result
    write_atomically(folder / SCRIPT, r_script(result).encode())
    write_atomically(folder / _PAGE, analysis_page(told, figures, paths=paths, files=files).encode())
    return told


def _drawn(
    figures: Sequence[Figure], folder: Path, exporter: FigureExporter | None
) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Draw the figures; return their paths by file name, and title and reason of those that failed."""
    where = folder / "figures"
    try:
        with contextlib.ExitStack() as stack:
            own = stack.enter_context(FigureExporter()) if exporter is None else exporter
            drawn = own.export({figure.name: figure.spec for figure in figures}, where)
        return {name: f"figures/{file}" for name, file in drawn.items()}, []
    except _NOT_DRAWN:
        pass
    # One by one, each with a process of its own: what can be drawn is drawn.
    paths: dict[str, str] = {}
    failed = []
    for figure in figures:
        try:
            with FigureExporter(workers=1) as own:
                drawn = own.export({figure.name: figure.spec}, where)
        except _NOT_DRAWN as error:
            failed.append((figure.title, str(error).partition("; run again")[0]))
        else:
            paths |= {name: f"figures/{file}" for name, file in drawn.items()}
    return paths, failed
