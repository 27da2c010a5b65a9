"""One function for each product of the report: specifications, page, folder of files."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from soleus.answers.claims.lay_page import PAGE as ARTICLE
from soleus.answers.claims.lay_page import lay_page
from soleus.jobs import write_atomically
from soleus.report.export import FigureExporter
from soleus.report.figures import build_figures
from soleus.report.page import render_page
from soleus.report.specs import Spec
from soleus.schema.run import RunResult

__all__ = ["build_page", "figures", "report_paths", "write_report"]

_FIGURES = "figures"
_PAGE = "report.html"


def figures(result: RunResult) -> dict[str, Spec]:
    """Return the Vega-Lite specification of every figure, by name, in the order of the page."""
    return {figure.name: figure.spec for figure in build_figures(result)}


def build_page(result: RunResult) -> str:
    """Return the report as one HTML page that loads nothing from elsewhere."""
    return render_page(result, build_figures(result), paths={})


def write_report(
    result: RunResult, folder: str | Path, *, exporter: FigureExporter | None = None
) -> dict[str, str]:
    """Write the page and every figure as SVG and PNG.

    Parameters
    ----------
    result
        What is shown.
    folder
        The run's folder; it is made if it does not exist.
    exporter
        One that was started while the study ran, so that its workers are warm; None makes one.

    Returns
    -------
    dict
        What was written, relative to ``folder``: ``report``; ``article``, the page for a lay reader, where
        claims are judged; and ``NAME.svg``, ``NAME.png`` by figure.

    Raises
    ------
    SoleusError
        Where a figure cannot be drawn.
    OSError
        Where the folder cannot be written.
    """
    folder = Path(folder)
    built = build_figures(result)
    specs = {figure.name: figure.spec for figure in built}
    paths = _paths(result, specs)
    with ExitStack() as stack:
        draws = exporter or stack.enter_context(FigureExporter())
        beside = stack.enter_context(ThreadPoolExecutor(1))
        # The figures are drawn by other processes, so the page can be written meanwhile.
        drawing = beside.submit(draws.export, specs, folder / _FIGURES)
        page = render_page(result, built, paths=paths)
        drawing.result()
    write_atomically(folder / _PAGE, page.encode())
    if result.account is not None and result.claims:
        told = lay_page(
            result.account,
            result.claims,
            study=result.design.study,
            version=result.versions.get("soleus", ""),
        )
        write_atomically(folder / paths["article"], told.encode())
    return {"report": _PAGE, **paths}


def report_paths(result: RunResult) -> dict[str, str]:
    """Return what :func:`write_report` will write, relative to its folder, before it has."""
    return {"report": _PAGE, **_paths(result, figures(result))}


def _paths(result: RunResult, specs: Iterable[str]) -> dict[str, str]:
    drawn = {f"{name}.{kind}": f"{_FIGURES}/{name}.{kind}" for name in specs for kind in ("svg", "png")}
    return {"article": ARTICLE, **drawn} if result.account is not None and result.claims else drawn
