"""Estimation plots: every animal of a read-out, and the ratio with its interval beside them."""

from __future__ import annotations

from soleus.answers.run.figures.effects import effect_domain
from soleus.answers.run.groups import contrast_colour, group_colours, group_labels
from soleus.answers.run.values import DesignInfo, ReadoutResult, RunResult
from soleus.report.figures.estimation import Row, Values, effects_panel, spread, values_panel
from soleus.report.names import readout_slug, sentence_case, unit_text
from soleus.report.numbers import between, p_text
from soleus.report.specs import Figure, Spec, finish

__all__ = ["readout_figures"]

_FOLD_OF_LOG = 100.0


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
            effects_panel(
                [_ratio_row(design, part, parts=parts) for part in parts],
                scale=first.measure,
                domain=domain,
            ),
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
        f"{drawn}; black line: {_centre_words(parts)}. Right: {first.measure} with 95 % interval;"
        " diamond: true "
        f"{first.measure}. {sentence_case(first.assay)}{unit}."
    )
    if log:
        caption += " Values of 0 stand at the bottom of the logarithmic axis."
    spec = finish(spec, description=f"{first.label} by group.", layout="panels", cell=0)
    return Figure(readout_slug(first.readout), sentence_case(first.label), caption, spec)


def _centre_words(parts: list[ReadoutResult]) -> str:
    kinds = dict.fromkeys(part.centre_kind if part.centre_by_group else "mean" for part in parts)
    return " or ".join(kinds)


def _values_panel(design: DesignInfo, parts: list[ReadoutResult], *, log: bool) -> Spec:
    slots, colours = _slots(design, parts), group_colours(design)
    units: list[Row] = []
    behind: list[Row] = []
    bands: list[Row] = []
    for part in _one_per_day(parts):
        if not part.animals:
            bands += _bands(part, slots=slots, colours=colours)
        for animal, offset in zip(part.animals, spread([a.group for a in part.animals]), strict=True):
            row: Row = {
                "slot": slots[(animal.group, part.day)],
                "group": animal.group,
                "animal": animal.animal,
                "value": animal.value,
                "offset": offset,
                "colour": colours[animal.group],
            }
            units.append(row)
            behind += [{**row, "value": unit} for unit in animal.units if len(animal.units) > 1]
    return values_panel(
        Values(
            slots=list(slots.values()),
            unit=unit_text(parts[0].unit),
            units=units,
            parts=behind,
            bands=bands,
            centres=_centres(parts, slots),
            log=log,
        )
    )


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
                "centre_by_group": {g: max(c or 0.0, floor) for g, c in part.centre_by_group.items()},
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
            "centre_by_group": before.centre_by_group | part.centre_by_group,
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


def _bands(part: ReadoutResult, *, slots: dict[tuple[str, float], str], colours: dict[str, str]) -> list[Row]:
    names = ("q5", "q25", "q50", "q75", "q95")
    return [
        {"slot": slots[(group, part.day)], **dict(zip(names, quantiles, strict=True)),
         "n": part.n_by_group[group], "colour": colours[group]}
        for group, quantiles in part.quantiles_by_group.items()
    ]  # fmt: skip


def _centres(parts: list[ReadoutResult], slots: dict[tuple[str, float], str]) -> list[Row]:
    """Return what each group's effect compares: its geometric mean where ratios of logs are tested."""
    return [
        {"slot": slots[(group, part.day)], "value": part.centre_by_group.get(group) or mean, "group": group,
         "kind": part.centre_kind if part.centre_by_group.get(group) else "mean", "n": part.n_by_group[group]}
        for part in _one_per_day(parts)
        for group, mean in part.mean_by_group.items()
    ]  # fmt: skip


def _ratio_row(design: DesignInfo, part: ReadoutResult, *, parts: list[ReadoutResult]) -> Row:
    many_days = len({one.day for one in parts}) > 1
    many_contrasts = len({one.contrast for one in parts}) > 1
    name = part.contrast.replace(" / ", " /\n") if many_contrasts or not many_days else ""
    when = f"day {part.day:g}" if many_days else ""
    row: Row = {
        "slot": "\n".join(line for line in (name, when) if line),
        "contrast": part.contrast,
        "colour": contrast_colour(design, part.contrast),
    }
    if part.true_ratio is not None:
        row |= {"true": part.true_ratio, "true_text": f"{part.true_ratio:.3g}"}
    if part.effect is not None:
        ratio = part.effect.ratio
        row |= {
            "value": ratio.value,
            "low": ratio.low,
            "high": ratio.high,
            "text": between(ratio),
            "p": f"{p_text(part.effect.p_value)}, {part.effect.method}",
        }
    return row
