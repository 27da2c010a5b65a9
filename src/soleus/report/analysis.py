"""The report of an analysis: one self-contained page, its figures, and its tables to take away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from soleus.jobs import write_atomically
from soleus.report.bundle import vega_bundle
from soleus.report.export import FigureExporter
from soleus.report.figures.analysis import analysis_figures
from soleus.report.figures.readouts import readout_slug
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

    compared: dict[str, list[Comparison]] = {}
    for one in result.comparisons:
        compared.setdefault(readout_slug(one.readout), []).append(one)
    return (
        page_environment()
        .get_template("analysis.html.j2")
        .render(
            result=result,
            figures=figures,
            comparisons=compared,
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
) -> None:
    """Write the page and every figure as SVG and PNG.

    Parameters
    ----------
    files
        Data files that were written beside it.
    """
    figures = analysis_figures(result)
    paths = {f"{f.name}.{kind}": f"figures/{f.name}.{kind}" for f in figures for kind in ("svg", "png")}
    specs = {figure.name: figure.spec for figure in figures}
    if exporter is None:
        with FigureExporter() as own:
            own.export(specs, folder / "figures")
    else:
        exporter.export(specs, folder / "figures")
    write_atomically(folder / SCRIPT, r_script(result).encode())
    write_atomically(folder / _PAGE, analysis_page(result, figures, paths=paths, files=files).encode())
