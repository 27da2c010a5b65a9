"""The claims that carry a number: the simulated ratio under each mechanism set."""

from __future__ import annotations

from soleus.report.numbers import between, on_log_axis, ratio_domain
from soleus.report.specs import Figure, Spec, finish, ordered, ratio_axis, table, tips, unity_rule
from soleus.report.theme import CONTROL, INK
from soleus.schema.run import ClaimRow, RunResult

__all__ = ["claims_figure"]

_ALL = "all, averaged"


def claims_figure(result: RunResult) -> Figure | None:
    """Draw a small forest plot for each claim with intervals; None where no claim has any."""
    rows = [row for claim in result.claims for row in _rows(claim)]
    if not rows:
        return None
    panels = ordered([str(row["claim"]) for row in rows])
    sets = ordered([str(row["set"]) for row in rows])
    sets = [name for name in sets if name != _ALL] + [_ALL]
    domain = ratio_domain([float(str(row[key])) for row in rows for key in ("low", "high")])
    domain = (max(domain[0], 0.02), min(domain[1], 50.0))
    x = ratio_axis("value", domain, title="ratio to control")
    y: Spec = {
        "field": "set",
        "type": "nominal",
        "sort": sets,
        "axis": {"title": None, "domain": False, "ticks": False, "labelPadding": 6, "labelLimit": 200},
    }
    colour = {"condition": {"test": "datum.average", "value": INK}, "value": CONTROL}
    tooltip = tips(
        ("claim", "claim"),
        ("set", "mechanism set"),
        ("text", "ratio (95 %)"),
        ("probability", "in the claimed range"),
    )
    common: Spec = {"y": y, "color": colour, "tooltip": tooltip}
    spec: Spec = {
        "data": table(rows),
        "facet": {
            "field": "claim",
            "type": "nominal",
            "sort": panels,
            "title": None,
            "header": {"labelAnchor": "start"},
        },
        "columns": 4,
        "spec": {
            "width": 190,
            "height": {"step": 17},
            "layer": [
                unity_rule("x"),
                {
                    "mark": {"type": "rule", "strokeWidth": 2.2, "clip": True},
                    "encoding": common | {"x": x | {"field": "low"}, "x2": {"field": "high"}},
                },
                {
                    "mark": {"type": "point", "filled": True, "size": 42, "opacity": 1, "clip": True},
                    "encoding": common | {"x": x},
                },
            ],
        },
    }
    caption = (
        "For each claim with a number: the simulated ratio of its read-out with its 95 % predictive "
        "interval under each mechanism set, fitted without the studies that the claim cites (black: all "
        "sets averaged). Line at 1: no change."
    )
    spec = finish(
        spec,
        description="Simulated ratio of each claim by mechanism set.",
        layout="wrap",
        cell=265,
        most_columns=4,
    )
    return Figure("claims", "The numbers behind the verdicts", caption, spec)


def _rows(claim: ClaimRow) -> list[dict[str, object]]:
    pairs = [(one.mechanism_set, one.interval) for one in claim.by_mechanism]
    if pairs and claim.value is not None:
        pairs.append((_ALL, claim.value))
    return [
        {
            "claim": claim.id,
            "set": name,
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
