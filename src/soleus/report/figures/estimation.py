"""The estimation plot of runs and analyses: units with their parts and centre, and effects beside them.

What is drawn is what was analysed: values, centres and intervals are handed in as the analysis answered them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from soleus.report.numbers import on_log_axis, ratio_domain
from soleus.report.specs import Spec, ratio_axis, table, tips, unity_rule
from soleus.report.theme import INK, MUTED

__all__ = ["Row", "Values", "effects_panel", "spread", "values_panel"]

Row = dict[str, object]
_HEIGHT = 200
_MOST_SLOTS, _MOST_EFFECTS = 5, 4


@dataclass(frozen=True, slots=True)
class Values:
    """The rows of the left panel.

    Parameters
    ----------
    slots
        Names of the columns, in order; lines parted by a line break.
    unit
        Title of the axis.
    units, parts, rings
        slot, group, animal, value, offset, colour: of units, what they are made of, and virtual animals.
    bands
        slot, q5, q25, q50, q75, q95, n, colour: of groups too large to draw each animal.
    centres
        slot, value, group, kind, n: what the effect compares.
    log
        A logarithmic axis.
    """

    slots: Sequence[str]
    unit: str
    units: Sequence[Row] = ()
    parts: Sequence[Row] = ()
    rings: Sequence[Row] = ()
    bands: Sequence[Row] = ()
    centres: Sequence[Row] = field(default=())
    log: bool = False


def spread(keys: Sequence[Hashable]) -> list[float]:
    """Return an offset for each item, even over the items of its key, in the given order."""
    size, seen = Counter(keys), Counter[Hashable]()
    out = []
    for key in keys:
        n = size[key]
        out.append(0.0 if n == 1 else round(1.6 * seen[key] / (n - 1) - 0.8, 4))
        seen[key] += 1
    return out


def values_panel(rows: Values) -> Spec:
    """Draw the units of every group and day, their parts behind them, and what is compared as a line."""
    x: Spec = {
        "field": "slot",
        "type": "nominal",
        "sort": list(rows.slots),
        "scale": {"domain": list(rows.slots)},
        "axis": _slot_axis(len(rows.slots), most=_MOST_SLOTS),
    }
    y: Spec = {
        "field": "value",
        "type": "quantitative",
        "scale": {"zero": True},
        "axis": {"title": rows.unit, "tickCount": 5},
    }
    if rows.log:
        y["scale"] = {"type": "log", "nice": False}
        y["axis"] = {"title": f"{rows.unit} (log)", "format": "~e", "tickCount": 5}
    offset: Spec = {"field": "offset", "type": "quantitative", "scale": {"domain": [-1.15, 1.15]}}
    colour: Spec = {"field": "colour", "type": "nominal", "scale": None}
    base = {"x": x, "y": y, "xOffset": offset, "color": colour}
    of_unit = tips(("animal", "unit"), ("group", "group"), ("value", "its value", ",.4~r"))
    of_part = tips(("animal", "unit"), ("value", "one section or part", ",.4~r"))
    small = {"type": "point", "filled": True, "size": 12, "opacity": 0.36}
    large = {
        **{"type": "point", "filled": True, "size": 55, "opacity": 0.95},
        **{"stroke": "white", "strokeWidth": 0.8},
    }
    ring = {"type": "point", "filled": False, "size": 58, "opacity": 0.55}
    layers: list[Spec] = []
    if rows.rings:
        layers.append({"data": table(rows.rings), "mark": ring, "encoding": base | {"tooltip": of_unit}})
    if rows.bands:
        layers += _bands(rows.bands, x=x, y=y, colour=colour)
    else:
        layers += [
            {"data": table(rows.parts), "mark": small, "encoding": base | {"tooltip": of_part}},
            {"data": table(rows.units), "mark": large, "encoding": base | {"tooltip": of_unit}},
        ]
    layers.append(
        {
            "data": table(rows.centres),
            "mark": {"type": "tick", "thickness": 2.4, "size": 44, "color": INK, "opacity": 1},
            "encoding": {
                "x": x,
                "y": y,
                "tooltip": tips(
                    ("group", "group"),
                    ("value", "centre", ",.4~r"),
                    ("kind", "which is a"),
                    ("n", "units", ","),
                ),
            },
        }
    )
    step = 64 if len(rows.slots) <= _MOST_SLOTS else 30
    return {"width": max(200, step * len(rows.slots)), "height": _HEIGHT, "layer": layers}


def _bands(bands: Sequence[Row], *, x: Spec, y: Spec, colour: Spec) -> list[Spec]:
    tooltip = tips(
        ("n", "animals", ","), ("q5", "5 %", ",.4~r"), ("q50", "median", ",.4~r"), ("q95", "95 %", ",.4~r")
    )
    base = {"x": x, "color": colour, "tooltip": tooltip}
    return [
        {
            "data": table(bands),
            "mark": {"type": "bar", "size": 26, "opacity": opacity},
            "encoding": base | {"y": y | {"field": low}, "y2": {"field": high}},
        }
        for low, high, opacity in (("q5", "q95", 0.25), ("q25", "q75", 0.75))
    ]


def effects_panel(
    rows: Sequence[Row], *, scale: str, unit: str = "", domain: tuple[float, float] | None = None
) -> Spec:
    """Draw effects of one scale with their intervals, wrong ones beside in grey, true ones as diamonds.

    Parameters
    ----------
    rows
        slot, colour, and as far as known value, low, high, true, side, which, text, p.
    scale
        "ratio", "odds ratio" or "difference".
    unit
        Of a difference.
    domain
        Of ratios; None: what the rows need.
    """
    ratio = scale != "difference"
    limits = domain or _domain(rows)
    shown = [_on_axis(row, limits) if ratio else row for row in rows]
    slots = list(dict.fromkeys(str(row["slot"]) for row in shown))
    x: Spec = {
        "field": "slot",
        "type": "nominal",
        "sort": slots,
        "axis": _slot_axis(len(slots), most=_MOST_EFFECTS),
    }
    if ratio:
        y = ratio_axis("value", limits, title=f"{scale} (log)", orient="right")
    else:
        title = f"difference, {unit}" if unit else "difference"
        y = {"field": "value", "type": "quantitative", "axis": {"title": title, "orient": "right"}}
    named = [
        ("which", "units"),
        ("contrast", "contrast"),
        ("text", scale),
        ("p", "test"),
        ("true_text", "true"),
    ]
    there = {name for row in shown for name in row}
    tooltip = tips(*(pair for pair in named if pair[0] in there))
    common: Spec = {
        "x": x,
        "color": {"field": "colour", "type": "nominal", "scale": None},
        "tooltip": tooltip,
    }
    if "side" in there:
        common["xOffset"] = {"field": "side", "type": "quantitative", "scale": {"domain": [-1.2, 1.2]}}
    told, true = [row for row in shown if "value" in row], [row for row in shown if "true" in row]
    diamond = {
        **{"type": "point", "shape": "diamond", "size": 80, "color": INK},
        **{"filled": False, "strokeWidth": 1.4},
    }
    layers: list[Spec] = [
        unity_rule("y") if ratio else _zero_rule(),
        {"data": table(told), "mark": {"type": "rule", "strokeWidth": 3, "strokeCap": "round"},
         "encoding": common | {"y": y | {"field": "low"}, "y2": {"field": "high"}}},
        {"data": table(told), "mark": {"type": "point", "filled": True, "size": 82, "opacity": 1},
         "encoding": common | {"y": y}},
    ]  # fmt: skip
    if true:
        encoding = {"x": x, "y": y | {"field": "true"}, "tooltip": tooltip}
        layers.append({"data": table(true), "mark": diamond, "encoding": encoding})
    step = 84 if "side" in there else 46
    step = step if len(slots) <= _MOST_EFFECTS else 28
    return {"width": max(104, step * len(slots)), "height": _HEIGHT, "layer": layers}


def _domain(rows: Sequence[Row]) -> tuple[float, float]:
    bounds = [float(str(row[k])) for row in rows for k in ("low", "value", "high") if k in row]
    return ratio_domain([min(max(bound, 0.02), 50.0) for bound in bounds])


def _on_axis(row: Row, domain: tuple[float, float]) -> Row:
    """Keep the ends of an interval, and a ratio of 0, on the logarithmic axis."""
    out = dict(row)
    if "value" in row:
        out["value"] = on_log_axis(float(str(row["value"])))
        low, high = float(str(row["low"])), float(str(row["high"]))
        out["low"], out["high"] = max(low, domain[0]), min(high, domain[1])
    if "true" in row:
        out["true"] = on_log_axis(float(str(row["true"])))
    return out


def _slot_axis(slots: int, *, most: int) -> Spec:
    """Return the axis of the slots: words below each, or turned and on one line where they are many."""
    axis: Spec = {"title": None, "domain": False, "ticks": False}
    if slots <= most:
        return axis | {"labelAngle": 0, "labelExpr": "split(datum.label, '\\n')"}
    return axis | {"labelAngle": -60, "labelExpr": "replace(datum.label, /\\n/g, ' ')", "labelFontSize": 10}


def _zero_rule() -> Spec:
    return {
        "data": {"values": [{"none": 0}]},
        "mark": {"type": "rule", "color": MUTED, "strokeWidth": 1.2},
        "encoding": {"y": {"field": "none", "type": "quantitative"}},
    }
