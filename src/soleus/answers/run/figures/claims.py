"""The claims about a ratio: what is predicted, beside the range that would make the words true."""

from __future__ import annotations

import math

from soleus.answers.run.names import Names
from soleus.answers.run.values import RunResult
from soleus.report.names import wrapped
from soleus.report.numbers import between, on_log_axis, ratio_domain
from soleus.report.specs import (
    Figure,
    Spec,
    finish,
    label_lines,
    ordered,
    ratio_axis,
    row_px,
    table,
    tips,
    unity_rule,
)
from soleus.report.theme import CONTROL, DIVERGING
from soleus.schema.claim_rows import ClaimRow

__all__ = ["claims_figure"]

_LETTERS = 34


def claims_figure(result: RunResult) -> Figure | None:
    """Draw one row for each claim or part about a ratio; None where there is none."""
    names = Names.of(result)
    drawn = [claim for claim in result.claims if claim.value_scale == "ratio" and claim.by_mechanism]
    if not drawn:
        return None
    domain = ratio_domain(bound for c in drawn for bound in (c.value.low, c.value.high))
    domain = (max(domain[0], 0.05), min(domain[1], 20.0))
    rows = [_row(claim, names, domain) for claim in drawn]
    labels = ordered([str(row["label"]) for row in rows])
    spec: Spec = {
        "data": table(rows),
        "height": row_px(labels, 26) * len(labels),
        "layer": _layers(labels, domain),
    }
    caption = (
        "Grey: where the ratio would have to lie for the words to be true. Dot and line: predicted ratio "
        "with its 95 % interval over the possible causes, without any study that the claim cites. Line at 1: "
        "no change."
    )
    spec = finish(
        spec,
        description="Predicted ratio of each claim beside the range that would make it true.",
        layout="fluid",
        cell=1000,
    )
    return Figure("claims", "What would make them true, and what is predicted", caption, spec)


def _row(claim: ClaimRow, names: Names, domain: tuple[float, float]) -> dict[str, object]:
    logged = claim.claimed.scale == "log_ratio"
    bounds = [claim.claimed.low, claim.claimed.high]
    low, high = (None if b is None else math.exp(b) if logged else b for b in bounds)
    return {
        "claim": claim.id,
        "label": wrapped(f"{claim.id.replace('/', ': ')}, {names.readout(claim.readout)}", _LETTERS),
        "value": min(max(on_log_axis(claim.value.value), domain[0]), domain[1]),
        "low": min(max(claim.value.low, domain[0]), domain[1]),
        "high": min(max(claim.value.high, domain[0]), domain[1]),
        "true_from": min(max(low or domain[0], domain[0]), domain[1]),
        "true_to": max(min(high or domain[1], domain[1]), domain[0]),
        "text": between(claim.value),
        "word": claim.word,
    }


def _layers(labels: list[str], domain: tuple[float, float]) -> list[Spec]:
    x = ratio_axis("value", domain, title="ratio to control (logarithmic)")
    axis = {"title": None, "domain": False, "ticks": False} | label_lines("y", padding=6)
    common: Spec = {
        "y": {"field": "label", "type": "nominal", "sort": labels, "axis": axis},
        "tooltip": tips(("claim", "claim"), ("text", "predicted ratio"), ("word", "what is true of it")),
    }
    return [
        {
            "mark": {"type": "bar", "color": DIVERGING[2], "height": {"band": 0.72}},
            "encoding": common | {"x": x | {"field": "true_from"}, "x2": {"field": "true_to"}},
        },
        unity_rule("x"),
        {
            "mark": {"type": "rule", "color": CONTROL, "strokeWidth": 2.4, "strokeCap": "round"},
            "encoding": common | {"x": x | {"field": "low"}, "x2": {"field": "high"}},
        },
        {
            "mark": {"type": "point", "filled": True, "size": 70, "color": CONTROL, "opacity": 1},
            "encoding": common | {"x": x},
        },
    ]
