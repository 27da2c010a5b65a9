"""The templates of pages that are not yet drawn from sections."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from soleus.report import numbers
from soleus.report.names import sentence_case, unit_text, words
from soleus.report.pages import json_for_html, web_link

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["json_for_html", "page_environment"]

_TEMPLATES = Path(__file__).with_name("templates")


def _unbroken(text: str) -> str:
    """Keep a number and its per cent sign on one line."""
    return text.replace(" %", "\u202f%")


@lru_cache(maxsize=1)
def page_environment() -> Environment:
    """Return the templates, with the filters that write numbers and words."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": numbers.figures3,
        "p_text": numbers.p_text,
        "ratio": numbers.ratio_text,
        "sentence_case": sentence_case,
        "unbroken": _unbroken,
        "unit": unit_text,
        "web_link": web_link,
        "words": words,
    }
    return environment
