"""An answer as a folder: page, JSON, tables, figures, works, and the manifest that makes it again."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from soleus.answers.answer import Answer, AnswerValues
from soleus.answers.written import answer_json
from soleus.jobs import MANIFEST, write_atomically, write_manifest
from soleus.report.export import FigureExporter
from soleus.report.pages import Page, page_html
from soleus.report.sheets import write_tables

__all__ = ["PAGE", "write_answer"]

PAGE = "report.html"
_FIGURES = "figures"

_Values = TypeVar("_Values", bound=AnswerValues)


def write_answer(
    answer: Answer[_Values],
    folder: Path,
    exporter: FigureExporter,
    *,
    asked: Mapping[str, Any],
    kicker: str,
    beside: Mapping[str, str] | None = None,
) -> Answer[_Values]:
    """Write everything that an answer leaves; return the answer that knows its files.

    Parameters
    ----------
    folder
        What :func:`soleus.jobs.output_folder` gave.
    asked
        The options, as plain data: with the versions, what makes the answer again.
    kicker
        What kind of answer this is, above the page's title.
    beside
        Files that the question has written itself, by what they are.

    Raises
    ------
    SoleusError
        Where a figure cannot be drawn.
    OSError
        Where the folder cannot be written.
    """
    values = answer.values
    specs = {f.name: f.spec for section in answer.sections for f in section.figures}
    (folder / "citations.bib").write_text(_bibtex(values), encoding="utf-8")
    for name in ("jinja2", "jsonschema"):
        # Before there is a second thread: an interrupt within an import would leave it locked for ever.
        import_module(name)
    with ThreadPoolExecutor(1) as beside_us:
        # Other processes draw, so the page is written and our own output checked meanwhile.
        drawing = beside_us.submit(exporter.export, specs, folder / _FIGURES)
        paths = {f"{name}.{kind}": f"{_FIGURES}/{name}.{kind}" for name in specs for kind in ("svg", "png")}
        files = {"report": PAGE, "result": f"{answer.question}.json", "bibtex": "citations.bib"}
        files |= {"manifest": MANIFEST, **(beside or {}), **write_tables(answer.sections, folder), **paths}
        told = answer.with_files(files)
        write_atomically(folder / PAGE, page_html(_page(told, kicker, paths)).encode())
        (folder / files["result"]).write_text(answer_json(told), encoding="utf-8")
        drawing.result()
    write_manifest(folder, manifest_of(told, asked))
    return told


def _page(answer: Answer[Any], kicker: str, paths: Mapping[str, str]) -> Page:
    version = answer.values.versions.get("soleus", "")
    return Page(
        kicker=kicker,
        title=answer.title,
        headline=answer.headline,
        sections=answer.sections,
        footer=f"Made by soleus {version}, run {answer.values.run_id}.",
        version=version,
        paths=paths,
    )


def manifest_of(answer: Answer[Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a folder's manifest says: what was asked, by which versions, and what came of it."""
    values = answer.values
    return {
        "schema_version": "soleus.manifest/1",
        "question": answer.question,
        "run_id": values.run_id,
        "seed": values.seed,
        "asked": dict(asked),
        "versions": values.versions,
        "status": values.status,
        "files": values.files,
    }


def _bibtex(values: AnswerValues) -> str:
    return "\n\n".join(work.bibtex for work in values.citations) + "\n"
