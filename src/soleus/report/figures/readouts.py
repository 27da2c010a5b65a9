"""Estimation plots: every animal of a read-out, and the ratio with its interval beside them."""

from __future__ import annotations

import re

from soleus.report.figures.effects import effect_domain
from soleus.report.names import sentence_case, unit_text
from soleus.report.numbers import between, on_log_axis, p_text
from soleus.report.specs import Figure, Spec, finish, ratio_axis, table, tips, unity_rule
from soleus.report.theme import INK, contrast_colour, group_colours, group_labels
from soleus.schema.run import AnimalValue, DesignInfo, ReadoutResult, RunResult

__all__ = ["readout_figures", "readout_slug"]

_HEIGHT = 190
_MOST_SLOTS, _MOST_RATIOS = 5, 3
_FOLD_OF_LOG = 100.0


def readout_slug(readout: str) -> str:
    """Return a file name for a read-out's figure."""
    return "readout-" + (re.sub(r"[^a-z0-9]+", "-", readout.lower()).strip("-") or "x")


def readout_figures(result: RunResult) -> list[Figure]:
    """Draw one estimation plot for each read-out, all its days in it."""
    domain = effect_domain(result.readouts)
    by_name: dict[str, list[ReadoutResult]] = {}
    for readout in result.readouts:
        by_name.setdefault(readout.readout, []).append(readout)
    return [_figure(result.design, parts, domain=domain) for parts in by_name.values()]


def _figure(design: DesignInfo, parts: list[ReadoutResult], *, domain: tuple[float, float]) -> Figure:
    first = parts[0]
    log = _needs_log(parts)
    summarised = not any(part.animals for part in parts)
    spec: Spec = {
        "hconcat": [
            _values_panel(design, _floored(parts) if log else parts, log=log),
            _ratio_panel(design, parts, domain=domain),
        ],
        "spacing": 14,
    }
    in_parts = any(len(animal.units) > 1 for part in parts for animal in part.animals)
    if summarised:
        drawn = "Bars: 5 to 95 % (pale) and 25 to 75 % (dark) of the animals"
    elif in_parts:
        drawn = "Large dots: animals; faint dots: their sections or other parts"
    else:
        drawn = "Dots: animals"
    unit = f", {unit_text(first.unit)}" if unit_text(first.unit) else ""
    caption = (
        f"{drawn}; black line: mean. Right: {first.measure} with 95 % interval; diamond: true "
        f"{first.measure}. {sentence_case(first.assay)}{unit}."
    )
    if log:
        caption += " Values of 0 stand at the bottom of the logarithmic axis."
    spec = finish(spec, description=f"{first.label} by group.", layout="panels", cell=0)
    return Figure(readout_slug(first.readout), sentence_case(first.label), caption, spec)


def _values_panel(design: DesignInfo, parts: list[ReadoutResult], *, log: bool) -> Spec:
    slots = _slots(design, parts)
    colours = group_colours(design)
    x: Spec = {
        "field": "slot",
        "type": "nominal",
        "sort": list(slots.values()),
        "scale": {"domain": list(slots.values())},
        "axis": _slot_axis(len(slots), most=_MOST_SLOTS),
    }
    y: Spec = {
        "field": "value",
        "type": "quantitative",
        "scale": {"zero": True},
        "axis": {"title": unit_text(parts[0].unit), "tickCount": 5},
    }
    if log:
        y["scale"] = {"type": "log", "nice": False}
        y["axis"] = {"title": f"{unit_text(parts[0].unit)} (log)", "format": "~e", "tickCount": 5}
    layers: list[Spec] = []
    for part in _one_per_day(parts):
        if part.animals:
            layers += _dot_layers(part, slots=slots, colours=colours, x=x, y=y)
        else:
            layers += _band_layers(part, slots=slots, colours=colours, x=x, y=y)
    layers.append(_mean_layer(parts, slots=slots, x=x, y=y))
    step = 64 if len(slots) <= _MOST_SLOTS else 30
    return {"width": max(220, step * len(slots)), "height": _HEIGHT, "layer": layers}


def _slot_axis(slots: int, *, most: int) -> Spec:
    """Return the axis of the slots: words below each, or turned and on one line where they are many."""
    axis: Spec = {"title": None, "domain": False, "ticks": False}
    if slots <= most:
        return axis | {"labelAngle": 0, "labelExpr": "split(datum.label, '\\n')"}
    return axis | {"labelAngle": -60, "labelExpr": "replace(datum.label, /\\n/g, ' ')", "labelFontSize": 10}


def _needs_log(parts: list[ReadoutResult]) -> bool:
    """Whether values grow beyond what one linear axis can show, as those of a culture do."""
    means = [mean for part in parts for mean in part.mean_by_group.values() if mean > 0.0]
    return bool(means) and max(means) > _FOLD_OF_LOG * min(means)


def _floored(parts: list[ReadoutResult]) -> list[ReadoutResult]:
    """Put values of 0, which have no logarithm, at half of the smallest other value."""
    values = [a.value for part in parts for a in part.animals] + [
        mean for part in parts for mean in part.mean_by_group.values()
    ]
    floor = 0.5 * min(value for value in values if value > 0.0)
    return [
        part.model_copy(
            update={
                "animals": [
                    a.model_copy(
                        update={"value": max(a.value, floor), "units": [max(u, floor) for u in a.units]}
                    )
                    for a in part.animals
                ],
                "mean_by_group": {g: max(mean, floor) for g, mean in part.mean_by_group.items()},
                "quantiles_by_group": {
                    g: [max(q, floor) for q in found] for g, found in part.quantiles_by_group.items()
                },
            }
        )
        for part in parts
    ]


def _one_per_day(parts: list[ReadoutResult]) -> list[ReadoutResult]:
    """Return one part a day with the animals of all groups; with several contrasts a day comes again."""
    found: dict[float, ReadoutResult] = {}
    for part in parts:
        before = found.get(part.day)
        if before is None:
            found[part.day] = part
            continue
        known = {animal.animal for animal in before.animals}
        merged = {
            "animals": before.animals + [one for one in part.animals if one.animal not in known],
            "quantiles_by_group": before.quantiles_by_group | part.quantiles_by_group,
            "n_by_group": before.n_by_group | part.n_by_group,
            "mean_by_group": before.mean_by_group | part.mean_by_group,
        }
        found[part.day] = before.model_copy(update=merged)
    return list(found.values())


def _slots(design: DesignInfo, parts: list[ReadoutResult]) -> dict[tuple[str, float], str]:
    labels = group_labels(design)
    many_days = len({part.day for part in parts}) > 1
    slots: dict[tuple[str, float], str] = {}
    for part in _one_per_day(parts):
        for group in design.groups:
            if group.name in part.mean_by_group:
                when = f"\nday {part.day:g}" if many_days else ""
                slots[(group.name, part.day)] = (
                    f"{labels[group.name]}{when}\nn = {part.n_by_group[group.name]}"
                )
    return slots


def _dot_layers(
    part: ReadoutResult, *, slots: dict[tuple[str, float], str], colours: dict[str, str], x: Spec, y: Spec
) -> list[Spec]:
    animals = [
        {
            "slot": slots[(animal.group, part.day)],
            "group": animal.group,
            "animal": animal.animal,
            "value": animal.value,
            "offset": offset,
            "colour": colours[animal.group],
        }
        for animal, offset in _spread(part.animals)
    ]
    units = [
        {**row, "value": unit}
        for row, (animal, _) in zip(animals, _spread(part.animals), strict=True)
        if len(animal.units) > 1
        for unit in animal.units
    ]
    encoding: Spec = {
        "x": x,
        "y": y,
        "xOffset": {"field": "offset", "type": "quantitative", "scale": {"domain": [-1.15, 1.15]}},
        "color": {"field": "colour", "type": "nominal", "scale": None},
    }
    small = {"type": "point", "filled": True, "size": 11, "opacity": 0.38}
    large = {
        "type": "point",
        "filled": True,
        "size": 52,
        "opacity": 0.95,
        "stroke": "white",
        "strokeWidth": 0.8,
    }
    of_animal = tips(("animal", "animal"), ("group", "group"), ("value", "mean of the animal", ",.4~r"))
    of_unit = tips(("animal", "animal"), ("value", "one section or part", ",.4~r"))
    return [
        {"data": table(units), "mark": small, "encoding": encoding | {"tooltip": of_unit}},
        {"data": table(animals), "mark": large, "encoding": encoding | {"tooltip": of_animal}},
    ]


def _spread(animals: list[AnimalValue]) -> list[tuple[AnimalValue, float]]:
    """Place the animals of each group evenly across their column, in the given order."""
    size: dict[str, int] = {}
    for animal in animals:
        size[animal.group] = size.get(animal.group, 0) + 1
    seen: dict[str, int] = {}
    placed = []
    for animal in animals:
        k = seen.get(animal.group, 0)
        seen[animal.group] = k + 1
        n = size[animal.group]
        placed.append((animal, 0.0 if n == 1 else round(1.6 * k / (n - 1) - 0.8, 4)))
    return placed


def _band_layers(
    part: ReadoutResult, *, slots: dict[tuple[str, float], str], colours: dict[str, str], x: Spec, y: Spec
) -> list[Spec]:
    rows = []
    for group, quantiles in part.quantiles_by_group.items():
        q5, q25, q50, q75, q95 = quantiles
        rows.append(
            {"slot": slots[(group, part.day)], "q5": q5, "q25": q25, "q50": q50, "q75": q75, "q95": q95,
             "n": part.n_by_group[group], "colour": colours[group]}
        )  # fmt: skip
    colour = {"field": "colour", "type": "nominal", "scale": None}
    tooltip = tips(
        ("n", "animals", ","), ("q5", "5 %", ",.4~r"), ("q50", "median", ",.4~r"), ("q95", "95 %", ",.4~r")
    )
    base = {"x": x, "color": colour, "tooltip": tooltip}
    wide = {"type": "bar", "size": 26, "opacity": 0.25}
    core = {"type": "bar", "size": 26, "opacity": 0.75}
    return [
        {
            "data": table(rows),
            "mark": wide,
            "encoding": base | {"y": y | {"field": "q5"}, "y2": {"field": "q95"}},
        },
        {
            "data": table(rows),
            "mark": core,
            "encoding": base | {"y": y | {"field": "q25"}, "y2": {"field": "q75"}},
        },
    ]


def _mean_layer(parts: list[ReadoutResult], *, slots: dict[tuple[str, float], str], x: Spec, y: Spec) -> Spec:
    rows = [
        {"slot": slots[(group, part.day)], "value": mean, "group": group, "n": part.n_by_group[group]}
        for part in _one_per_day(parts)
        for group, mean in part.mean_by_group.items()
    ]
    return {
        "data": table(rows),
        "mark": {"type": "tick", "thickness": 2.4, "size": 44, "color": INK, "opacity": 1},
        "encoding": {
            "x": x,
            "y": y,
            "tooltip": tips(("group", "group"), ("value", "mean", ",.4~r"), ("n", "animals", ",")),
        },
    }


def _ratio_panel(design: DesignInfo, parts: list[ReadoutResult], *, domain: tuple[float, float]) -> Spec:
    rows = [_ratio_row(design, part, parts=parts, domain=domain) for part in parts]
    shown = [row for row in rows if "value" in row]
    slots = [str(row["slot"]) for row in rows]
    x: Spec = {
        "field": "slot",
        "type": "nominal",
        "sort": slots,
        "axis": _slot_axis(len(set(slots)), most=_MOST_RATIOS),
    }
    y = ratio_axis("value", domain, title="ratio (log)", orient="right")
    tooltip = tips(
        ("contrast", "contrast"), ("text", "ratio (95 %)"), ("p", "test"), ("true", "true ratio", ".3~r")
    )
    common = {"x": x, "color": {"field": "colour", "type": "nominal", "scale": None}, "tooltip": tooltip}
    diamond = {
        "type": "point",
        "shape": "diamond",
        "size": 80,
        "color": INK,
        "filled": False,
        "strokeWidth": 1.4,
    }
    dot = {"type": "point", "filled": True, "size": 85, "opacity": 1}
    layers: list[Spec] = [
        unity_rule("y"),
        {
            "data": table(shown),
            "mark": {"type": "rule", "strokeWidth": 3, "strokeCap": "round"},
            "encoding": common | {"y": y | {"field": "low"}, "y2": {"field": "high"}},
        },
        {"data": table(shown), "mark": dot, "encoding": common | {"y": y}},
        {
            "data": table(row for row in rows if "true" in row),
            "mark": diamond,
            "encoding": {"x": x, "y": y | {"field": "true"}, "tooltip": tooltip},
        },
    ]
    step = 46 if len(slots) <= _MOST_RATIOS else 24
    return {"width": max(100, step * len(slots)), "height": _HEIGHT, "layer": layers}


def _ratio_row(
    design: DesignInfo, part: ReadoutResult, *, parts: list[ReadoutResult], domain: tuple[float, float]
) -> dict[str, object]:
    many_days = len({one.day for one in parts}) > 1
    many_contrasts = len({one.contrast for one in parts}) > 1
    name = part.contrast.replace(" / ", " /\n") if many_contrasts or not many_days else ""
    when = f"day {part.day:g}" if many_days else ""
    row: dict[str, object] = {
        "slot": "\n".join(line for line in (name, when) if line),
        "contrast": part.contrast,
        "colour": contrast_colour(design, part.contrast),
    }
    if part.true_ratio is not None:
        row["true"] = on_log_axis(part.true_ratio)
    if part.effect is not None:
        ratio = part.effect.ratio
        row |= {
            "value": on_log_axis(ratio.value),
            "low": max(ratio.low, domain[0]),
            "high": min(ratio.high, domain[1]),
            "text": between(ratio),
            "p": f"{p_text(part.effect.p_value)}, {part.effect.method}",
        }
    return row
