"""Sections as one self-contained HTML page that loads nothing from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from soleus.report.bundle import vega_bundle
from soleus.report.forms import is_numeric, written
from soleus.report.names import unit_text
from soleus.report.section import Chip, Link, Section, Strong, Text

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["Page", "json_for_html", "local_path", "page_html", "unbroken", "web_link"]

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

    specs = {figure.name: figure.spec for section in page.sections for figure in section.figures}
    return (
        _environment()
        .get_template("answer.html.j2")
        .render(
            page=page,
            css=Markup((_TEMPLATES / "style.css").read_text(encoding="utf-8")),
            script=Markup((_TEMPLATES / "hydrate.js").read_text(encoding="utf-8")),
            bundle=Markup(vega_bundle() if specs else ""),
            specs_json=Markup(json_for_html(specs)),
        )
    )


def json_for_html(value: object) -> str:
    """Return JSON that can stand inside a script element."""
    # No "<" may reach the HTML parser, whatever the texts of the study hold.
    text = json.dumps(value, separators=(",", ":"), allow_nan=False, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


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
