"""The claims that carry a ratio: the simulated ratio under each mechanism set."""

from __future__ import annotations

from soleus.report.names import Names, sentence_case, wrapped
from soleus.report.numbers import between, on_log_axis, ratio_domain
from soleus.report.specs import (
    Figure,
    Spec,
    finish,
    label_lines,
    ordered,
    panel_facet,
    panel_titles,
    ratio_axis,
    table,
    tips,
    unity_rule,
)
from soleus.report.theme import CONTROL, INK
from soleus.schema.run import ClaimRow, RunResult

__all__ = ["claims_figure"]

_ALL = "all, averaged"
# Labels of 29 letters, the plot and a title no wider than it: three panels fit the page.
_WIDTH, _CELL, _LETTERS, _TITLE = 175, 362, 29, 185


def claims_figure(result: RunResult) -> Figure | None:
    """Draw a small forest plot for each claim about a ratio; None where no claim has intervals."""
    names = Names.of(result)
    drawn = [claim for claim in result.claims if claim.value_scale == "ratio" and claim.by_mechanism]
    titles = panel_titles([_title(claim, names) for claim in drawn], _TITLE)
    rows = [row | {"panel": titles[_title(claim, names)]} for claim in drawn for row in _rows(claim, names)]
    if not rows:
        return None
    sets = [name for name in ordered([str(row["row"]) for row in rows]) if name != _ALL] + [_ALL]
    domain = ratio_domain([float(str(row[key])) for row in rows for key in ("low", "high")])
    domain = (max(domain[0], 0.02), min(domain[1], 50.0))
    spec: Spec = {
        "data": table(rows),
        "facet": panel_facet("panel", ordered([str(row["panel"]) for row in rows])),
        "columns": 3,
        "spec": {"width": _WIDTH, "height": {"step": 29}, "layer": _layers(sets, domain)},
        # Each claim has its own rows: what was simulated for it, and nothing else.
        "resolve": {"scale": {"y": "independent"}, "axis": {"x": "independent"}},
    }
    caption = (
        "For each claim about a ratio: the simulated ratio of its read-out with its 95 % predictive "
        "interval under each mechanism set, fitted without the studies that the claim cites (black: all "
        "sets averaged). Line at 1: no change."
    )
    spec = finish(
        spec,
        description="Simulated ratio of each claim by mechanism set.",
        layout="wrap",
        cell=_CELL,
        most_columns=3,
    )
    return Figure("claims", "The numbers behind the verdicts", caption, spec)


def _layers(sets: list[str], domain: tuple[float, float]) -> list[Spec]:
    x = ratio_axis("value", domain, title="ratio to control")
    axis = {
        "title": None, "domain": False, "ticks": False, "labelLimit": 160, "labelFontSize": 11,
        **label_lines("y", line_px=12, padding=6),
    }  # fmt: skip
    common: Spec = {
        "y": {"field": "row", "type": "nominal", "sort": sets, "axis": axis},
        "color": {"condition": {"test": "datum.average", "value": INK}, "value": CONTROL},
        "tooltip": tips(
            ("claim", "claim"),
            ("set", "mechanism set"),
            ("text", "ratio (interval)"),
            ("probability", "in the claimed range"),
        ),
    }
    return [
        unity_rule("x"),
        {
            "mark": {"type": "rule", "strokeWidth": 2.2, "clip": True},
            "encoding": common | {"x": x | {"field": "low"}, "x2": {"field": "high"}},
        },
        {
            "mark": {"type": "point", "filled": True, "size": 42, "opacity": 1, "clip": True},
            "encoding": common | {"x": x},
        },
    ]


def _title(claim: ClaimRow, names: Names) -> str:
    return f"{claim.id}: {names.readout(claim.readout)}"


def _rows(claim: ClaimRow, names: Names) -> list[dict[str, object]]:
    pairs = [(one.mechanism_set, one.interval) for one in claim.by_mechanism]
    if pairs:
        pairs.append((_ALL, claim.value))
    return [
        {
            "claim": claim.id,
            "set": name,
            "row": _ALL if name == _ALL else wrapped(sentence_case(names.mechanism(name)), _LETTERS),
            "average": name == _ALL,
            "value": on_log_axis(interval.value),
            "low": on_log_axis(interval.low),
            "high": on_log_axis(interval.high),
            "text": between(interval),
            "probability": _probability(claim, name),
        }
        for name, interval in pairs
    ]


def _probability(claim: ClaimRow, name: str) -> str:
    probability = claim.probability_by_mechanism.get(name)
    return "" if probability is None else f"probability {probability:.2f}"
