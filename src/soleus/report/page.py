"""The self-contained HTML page: the templates filled with one result of a run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from soleus.report import numbers
from soleus.report.assumptions import assumption_groups
from soleus.report.bundle import vega_bundle
from soleus.report.figures.readouts import readout_slug
from soleus.report.glance import glance
from soleus.report.in_short import in_short
from soleus.report.names import Names, lead_rows, sentence_case, unit_text, words
from soleus.report.specs import Figure
from soleus.report.theme import group_labels
from soleus.schema.run import DayPrediction, ReadoutResult, RunResult
from soleus.schema.run_biology import BodyMeasure

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["SECTIONS", "json_for_html", "page_environment", "render_page", "rule_line", "verdict_class"]

_TEMPLATES = Path(__file__).with_name("templates")

SECTIONS = {
    "headline": "In short",
    "design": "Design",
    "signals": "Signals",
    "lineage": "Lineage",
    "readouts": "Read-outs",
    "body": "Body",
    "maturation": "Maturation",
    "dentate": "Dentate gyrus",
    "culture": "Culture",
    "mechanisms": "Possible causes",
    "translation": "What else would change",
    "claims": "Claims",
    "resting": "Undisturbed mice",
    "assumptions": "Assumptions",
    "sources": "Sources",
    "reproduce": "Make it again",
}
_EFFECT_MODES = {
    "reported": "as reported (assumed)",
    "prior": "drawn from what could be expected before any data",
    "calibrated": "drawn from what published data leave open",
    "off": "none (switched off)",
}
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


def render_page(result: RunResult, figures: list[Figure], *, paths: Mapping[str, str]) -> str:
    """Fill the page.

    Parameters
    ----------
    result
        What is shown.
    figures
        Its figures, as built.
    paths
        Where other files are, relative to the page: figures by ``NAME.svg`` and ``NAME.png``, and the page
        for a lay reader, ``article``; may be empty.
    """
    from markupsafe import Markup

    return (
        page_environment()
        .get_template("report.html.j2")
        .render(
            **_context(result, figures),
            paths=paths,
            css=Markup((_TEMPLATES / "style.css").read_text(encoding="utf-8")),
            script=Markup((_TEMPLATES / "hydrate.js").read_text(encoding="utf-8")),
            bundle=Markup(vega_bundle()),
            specs_json=Markup(json_for_html({figure.name: figure.spec for figure in figures})),
        )
    )


def verdict_class(verdict: str) -> str:
    """Return the style of a verdict's chip; a verdict that is not known is drawn neutral."""
    return _VERDICT_CLASSES.get(verdict, "untested")


def rule_line(line: str) -> tuple[str, str]:
    """Split a line of the rule into its condition and its verdict (empty where it names none)."""
    condition, _, verdict = line.rpartition(": ")
    if verdict not in _VERDICT_CLASSES:
        condition, verdict = line, ""
    return condition.replace(">=", "≥").replace("<=", "≤"), verdict


def json_for_html(value: object) -> str:
    """Return JSON that can stand inside a script element."""
    # No "<" may reach the HTML parser, whatever the texts of the study hold.
    text = json.dumps(value, separators=(",", ":"), allow_nan=False, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _context(result: RunResult, figures: list[Figure]) -> dict[str, Any]:
    figs = {figure.name: figure for figure in figures}
    plain = [claim.word for claim in result.claims]
    names = Names.of(result)
    return {
        "result": result,
        "names": names,
        "figs": figs,
        "glance": glance(result),
        "in_short": in_short(result),
        # The statement of the effect stands by itself above them.
        "warnings": [line for line in result.warnings if line != result.effect.statement],
        "sections": [name for name in SECTIONS if _has_content(name, result)],
        "section_titles": SECTIONS,
        "true_ratios": _true_ratios(result),
        "effect_mode": _EFFECT_MODES[result.effect.mode],
        "labels": group_labels(result.design),
        "readout_groups": _readout_groups(result.readouts),
        "signal_sources": list({s.signal: s for s in result.signals}.values()),
        "assumption_groups": assumption_groups(result.assumptions),
        "many_groups": len(result.design.groups) > 2,
        "control": next(group.name for group in result.design.groups if group.control),
        "last_measures": _last_measures(result),
        "lead": lead_rows(result.headline),
        "others": [row for row in result.headline if row not in lead_rows(result.headline)],
        "source_keys": {citation.key for citation in result.citations},
        "rule": [rule_line(line) for line in result.verdict_rule],
        "tally": [(word, plain.count(word)) for word in sorted(set(plain), key=lambda w: -plain.count(w))],
        "bibtex": "\n\n".join(citation.bibtex for citation in result.citations),
    }


def _last_measures(result: RunResult) -> list[BodyMeasure]:
    """Return each read-out of the body on its last day, for every contrast."""
    measures = [] if result.body is None else result.body.measures
    return list({(one.readout, one.contrast): one for one in measures}.values())


def _has_content(section: str, result: RunResult) -> bool:
    needed = {
        "headline": result.headline,
        "signals": result.signals,
        "lineage": result.lineage_types,
        "readouts": result.readouts,
        "mechanisms": result.mechanisms,
        "translation": result.translation,
        "claims": result.claims,
        "resting": result.resting_fit is not None and result.resting_fit.points,
        "body": result.body is not None,
        "maturation": result.maturation is not None,
        "dentate": result.dentate is not None,
        "culture": result.culture is not None,
        "assumptions": result.assumptions,
        "sources": result.citations,
    }
    return section not in needed or bool(needed[section])


def _readout_groups(readouts: list[ReadoutResult]) -> list[dict[str, object]]:
    groups: dict[str, list[ReadoutResult]] = {}
    for readout in readouts:
        groups.setdefault(readout.readout, []).append(readout)
    return [{"figure": readout_slug(name), "parts": parts} for name, parts in groups.items()]


def _local_path(path: str) -> bool:
    """Tell whether a path may be linked to: relative, inside the run's folder, no other scheme."""
    pure = PurePosixPath(path)
    return not pure.is_absolute() and ".." not in pure.parts and ":" not in path and "\\" not in path


def _web_link(url: str | None) -> bool:
    """Tell whether an address may be linked to."""
    return url is not None and url.startswith("https://")


def _unbroken(text: str) -> str:
    """Keep a number and its per cent sign on one line."""
    return text.replace(" %", "\u202f%")


def _true_ratios(result: RunResult) -> list[DayPrediction]:
    """Return the true Ki67 ratio at the sampling days; the whole course would not fit a sentence."""
    course = result.effect.true_ratio
    sampled = [one for one in course if one.day in result.design.sampling_days]
    return sampled or course[-1:]


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
        "between": numbers.between,
        "change": numbers.change,
        "change_between": numbers.change_between,
        "fold": numbers.fold_text,
        "claimed": numbers.claimed,
        "is_point": numbers.is_point,
        "local_path": _local_path,
        "number": numbers.figures3,
        "on_scale": numbers.on_scale,
        "p_text": numbers.p_text,
        "percent": numbers.percent,
        "ratio": numbers.ratio_text,
        "sentence_case": sentence_case,
        "unbroken": _unbroken,
        "unit": unit_text,
        "verdict_class": verdict_class,
        "web_link": _web_link,
        "words": words,
    }
    return environment
