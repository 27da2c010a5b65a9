"""The templates of pages that are not yet drawn from sections."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from soleus.report import numbers
from soleus.report.names import sentence_case, unit_text, words
from soleus.report.pages import json_for_html, local_path, web_link

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["TEMPLATES", "json_for_html", "page_environment", "rule_line", "verdict_class"]

TEMPLATES = Path(__file__).with_name("templates")

_VERDICT_CLASSES = {
    "supported": "supported",
    "supported for another read-out": "other",
    "contested": "contested",
    "contradicted": "contradicted",
    "untested": "untested",
    "as the paper says": "supported",
    "not as the paper says": "contradicted",
    "not to be found in what could be read": "untested",
}


def verdict_class(verdict: str) -> str:
    """Return the style of a verdict's chip; a verdict that is not known is drawn neutral."""
    return _VERDICT_CLASSES.get(verdict, "untested")


def rule_line(line: str) -> tuple[str, str]:
    """Split a line of the rule into its condition and its verdict (empty where it names none)."""
    condition, _, verdict = line.rpartition(": ")
    if verdict not in _VERDICT_CLASSES:
        condition, verdict = line, ""
    return condition.replace(">=", "≥").replace("<=", "≤"), verdict


def _unbroken(text: str) -> str:
    """Keep a number and its per cent sign on one line."""
    return text.replace(" %", "\u202f%")


@lru_cache(maxsize=1)
def page_environment() -> Environment:
    """Return the templates, with the filters that write numbers and words."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "between": numbers.between,
        "change": numbers.change,
        "change_between": numbers.change_between,
        "fold": numbers.fold_text,
        "claimed": numbers.claimed,
        "is_point": numbers.is_point,
        "local_path": local_path,
        "number": numbers.figures3,
        "on_scale": numbers.on_scale,
        "p_text": numbers.p_text,
        "percent": numbers.percent,
        "ratio": numbers.ratio_text,
        "sentence_case": sentence_case,
        "unbroken": _unbroken,
        "unit": unit_text,
        "verdict_class": verdict_class,
        "web_link": web_link,
        "words": words,
    }
    return environment
