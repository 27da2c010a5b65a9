"""Sections as one self-contained HTML page that loads nothing from elsewhere."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from soleus.report.bundle import vega_bundle
from soleus.report.forms import is_numeric, written
from soleus.report.names import unit_text
from soleus.report.section import Chip, Link, Section, Strong, Text

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["Page", "json_for_html", "local_path", "packed", "page_html", "unbroken", "web_link"]

_TEMPLATES = Path(__file__).with_name("templates")
_RICH = (str, tuple, Link, Chip, Strong)


@dataclass(frozen=True)
class Page:
    """One page: what stands at its head, its sections, and where files beside it lie.

    Parameters
    ----------
    kicker
        A word or two above the title: what kind of answer this is.
    headline
        At most five plain sentences.
    footer
        How it was made.
    version
        Of soleus.
    paths
        Figure files relative to the page, by ``NAME.svg`` and ``NAME.png``; may be empty.
    """

    kicker: str
    title: str
    headline: tuple[Text, ...]
    sections: tuple[Section, ...]
    footer: str
    version: str
    paths: Mapping[str, str] = field(default_factory=dict)


def page_html(page: Page) -> str:
    """Return the page as HTML; texts are escaped, and only safe links lead anywhere."""
    from markupsafe import Markup

    specs = {f.name: packed(f.spec) for section in page.sections for f in section.figures}
    return (
        _environment()
        .get_template("answer.html.j2")
        .render(
            page=page,
            css=Markup((_TEMPLATES / "style.css").read_text(encoding="utf-8")),
            script=Markup((_TEMPLATES / "hydrate.js").read_text(encoding="utf-8")),
            bundle=Markup(_pressed(vega_bundle()) if specs else ""),
            specs_json=Markup(json_for_html(specs)),
        )
    )


@lru_cache(maxsize=1)
def _pressed(script: str) -> str:
    """Return a script as base64 of its gzip: less than half; the page's own script unpacks it."""
    return base64.b64encode(gzip.compress(script.encode(), 9, mtime=0)).decode()


def json_for_html(value: object) -> str:
    """Return JSON that can stand inside a script element."""
    # No "<" may reach the HTML parser, whatever the texts of the study hold.
    text = json.dumps(value, separators=(",", ":"), allow_nan=False, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def packed(value: Any) -> Any:
    """Return a specification whose inline rows are columns, a repeated text once: a fourth of the size.

    The page's script lays them out as rows again before it draws.
    """
    if isinstance(value, list):
        return [packed(one) for one in value]
    if not isinstance(value, dict):
        return value
    rows = value.get("values")
    if set(value) == {"values"} and isinstance(rows, list) and rows and isinstance(rows[0], dict):
        keys = dict.fromkeys(key for row in rows for key in row)
        return {"packed": len(rows), "columns": {key: _column(rows, key) for key in keys}}
    return {key: packed(one) for key, one in value.items()}


def _column(rows: list[dict[str, Any]], key: str) -> dict[str, Any]:
    """Return one column: its cells, or each text once and where it stands; ``of`` where few rows have it."""
    of = [k for k, row in enumerate(rows) if key in row]
    cells = [rows[k][key] for k in of]
    column: dict[str, Any] = {} if len(of) == len(rows) else {"of": of}
    if not all(isinstance(cell, str) for cell in cells):
        return column | {"cells": cells}
    words = list(dict.fromkeys(cells))
    place = {word: k for k, word in enumerate(words)}
    return column | {"words": words, "at": [place[cell] for cell in cells]}


def local_path(path: str) -> bool:
    """Tell whether a path may be linked to: relative, inside the answer's folder, no other scheme."""
    pure = PurePosixPath(path)
    return not pure.is_absolute() and ".." not in pure.parts and ":" not in path and "\\" not in path


def web_link(url: str | None) -> bool:
    """Tell whether an address may be linked to."""
    return url is not None and url.startswith("https://")


def _safe_link(href: str) -> bool:
    return href.startswith("#") or web_link(href) or local_path(href)


def unbroken(text: str) -> str:
    """Keep a number and its per cent sign on one line."""
    return text.replace(" %", "\u202f%")


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "is_numeric": is_numeric,
        "safe_link": _safe_link,
        "unbroken": unbroken,
        "unit": unit_text,
        "written": written,
    }
    environment.tests |= {
        "chip": lambda value: isinstance(value, Chip),
        "kind": lambda value, name: type(value).__name__ == name,
        "link": lambda value: isinstance(value, Link),
        "rich": lambda value: isinstance(value, _RICH),
    }
    return environment
