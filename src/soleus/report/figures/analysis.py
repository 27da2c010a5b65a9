"""Estimation plots of an analysis: every animal, its parts behind it, and the effect with its interval."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from soleus.report.figures.analysis_extent import (
    DOTS,
    SLOTS,
    drawn_readouts,
    evenly,
    evenly_parts,
    figure_names,
)
from soleus.report.figures.estimation import Values, effects_panel, spread, values_panel
from soleus.report.names import sentence_case
from soleus.report.numbers import p_text
from soleus.report.specs import Figure, Spec, finish
from soleus.report.theme import CONTROL, GROUP_COLOURS, INK, MUTED
from soleus.schema.analysis import AnalysisResult, Comparison, Effect, UnitValue

__all__ = ["analysis_figures"]

_OWN, _WRONG = "animals", "parts as if independent (wrong)"


def analysis_figures(result: AnalysisResult) -> list[Figure]:
    """Return one figure for each read-out, all its days and contrasts in it, in the order of the table.

    Of very many read-outs, animals or groups, some are drawn
    (:mod:`soleus.report.figures.analysis_extent`).
    """
    readouts = drawn_readouts(result)
    names = figure_names(readouts)
    parts: dict[str, _Parts] = {readout: _Parts([], [], []) for readout in readouts}
    for one in result.comparisons:
        if one.readout in parts:
            parts[one.readout].compared.append(one)
    for animal in result.animals:
        if animal.readout in parts:
            parts[animal.readout].animals.append(animal)
    for animal in result.virtual:
        if animal.readout in parts:
            parts[animal.readout].virtual.append(animal)
    return [_figure(result, parts[readout], name=names[readout]) for readout in readouts]


class _Parts(NamedTuple):
    """What one figure is made of."""

    compared: list[Comparison]
    animals: list[UnitValue]
    virtual: list[UnitValue]


def _figure(result: AnalysisResult, of: _Parts, *, name: str) -> Figure:
    compared, animals, virtual = of
    readout = compared[0].readout
    panels = [_animals_panel(result, animals, virtual, compared=compared)]
    panels += [_effects_panel(result, part[:SLOTS]) for part in _by_scale(compared)]
    spec = finish(
        {"hconcat": panels, "spacing": 18},
        description=f"{readout} by group: every animal, and effects with intervals.",
        layout="panels",
        cell=0,
    )
    parts = "; faint dots: their sections, fields or other parts" if any(a.parts for a in animals) else ""
    rings = f"; rings: virtual animals of {result.against}" if virtual else ""
    wrong = (
        " Grey: what comes out if parts are taken for independent, which is wrong."
        if _wrong(compared)
        else ""
    )
    caption = (
        f"Large dots: {_noun(compared)}s{parts}{rings}; line: {_centre_words(compared)}. Right:"
        " effect with its "
        f"{100 * result.plan.level:g} % interval, as analysed.{wrong}"
    )
    return Figure(name, sentence_case(readout), caption, spec)


def _noun(compared: Sequence[Comparison]) -> str:
    return next((c.effect.unit for c in compared if c.effect is not None), "animal")


def _centre_words(compared: Sequence[Comparison]) -> str:
    kinds = dict.fromkeys(g.centre_kind for c in compared for g in c.groups if g.centre is not None)
    return " or ".join(kinds) or "mean"


def _wrong(compared: Sequence[Comparison]) -> bool:
    return any(c.wrong is not None for c in compared)


def _by_scale(compared: Sequence[Comparison]) -> list[list[Comparison]]:
    """Return comparisons by the scale of their effects; those that cannot be told go with the first."""
    found: dict[str, list[Comparison]] = {}
    for one in compared:
        if one.effect is not None:
            found.setdefault(one.effect.scale, []).append(one)
    return list(found.values())


def _colours(result: AnalysisResult) -> dict[str, str]:
    others = [g.name for g in result.groups if not g.control]
    own = {name: GROUP_COLOURS[k % len(GROUP_COLOURS)] for k, name in enumerate(others)}
    return {g.name: own.get(g.name, CONTROL) for g in result.groups}


class _Slots(NamedTuple):
    """Names of the columns of units: the group, where and when it was seen, and how many units it has."""

    many: bool
    n: Mapping[tuple[str, str, float | None], int]

    def of(self, group: str, within: str, day: float | None) -> str:
        """Return a name, its lines parted by line breaks."""
        when = f"day {day:g}" if self.many and day is not None else ""
        size = self.n.get((group, within, day), 0)
        return "\n".join(line for line in (group, within, when, f"n = {size}") if line)


def _animals_panel(
    result: AnalysisResult,
    animals: list[UnitValue],
    virtual: list[UnitValue],
    *,
    compared: Sequence[Comparison],
) -> Spec:
    colours = _colours(result)
    n = Counter((a.group, a.within, a.day) for a in animals)
    slots = _Slots(len({a.day for a in animals}) > 1, n)
    places = dict.fromkeys((a.day, a.within) for a in sorted(animals, key=lambda a: a.day or 0.0))
    order = [slots.of(g.name, within, day) for day, within in places for g in result.groups]
    if len(order) > SLOTS:
        order = order[:SLOTS]
        animals, virtual = (
            [a for a in some if slots.of(a.group, a.within, a.day) in order] for some in (animals, virtual)
        )
    keys = [(a.group, a.day, a.within) for a in animals]
    placed = list(zip(animals, spread(keys), strict=True))
    shown = evenly(placed, keys, DOTS)
    behind = evenly_parts([len(a.parts) for a in animals], keys, DOTS)
    rings = list(zip(virtual, spread([(a.group, a.day, a.within) for a in virtual]), strict=True))[:DOTS]
    return values_panel(
        Values(
            slots=order,
            unit=compared[0].shown_in,
            units=[_row(a, offset, colours=colours, slots=slots) for a, offset in shown],
            parts=[
                {**_row(a, offset, colours=colours, slots=slots), "value": a.parts[k]}
                for (a, offset), kept in zip(placed, behind, strict=True)
                for k in kept
            ],
            rings=[_row(a, offset, colours=colours, slots=slots) for a, offset in rings],
            # Of all units, also where not all are drawn, and of the kind that the effect compares.
            centres=_centres(compared, order, slots=slots),
        )
    )


def _centres(
    compared: Sequence[Comparison], order: Sequence[str], *, slots: _Slots
) -> list[dict[str, object]]:
    """Return what each group's effect compares: its geometric mean where ratios of logs are tested."""
    found: dict[str, dict[str, object]] = {}
    for one in compared:
        for group in one.groups:
            slot = slots.of(group.group, one.within, one.day)
            if group.centre is not None and slot in order and (slot not in found or one.effect is not None):
                found[slot] = {
                    "slot": slot, "value": group.centre, "group": group.group,
                    "kind": group.centre_kind, "n": group.n,
                }  # fmt: skip
    return list(found.values())


def _row(animal: UnitValue, offset: float, *, colours: dict[str, str], slots: _Slots) -> dict[str, object]:
    return {
        "slot": slots.of(animal.group, animal.within, animal.day),
        "animal": animal.animal,
        "group": animal.group,
        "value": animal.value,
        "offset": offset,
        "colour": colours.get(animal.group, MUTED),
    }


def _effects_panel(result: AnalysisResult, compared: list[Comparison]) -> Spec:
    colours, many = _colours(result), len({c.day for c in compared}) > 1
    rows = []
    for one in compared:
        slot = one.contrast.replace(" / ", " /\n")
        slot += f"\n{one.within}" if one.within else ""
        slot += f"\nday {one.day:g}" if many and one.day is not None else ""
        colour = colours.get(one.treated or "", INK)
        rows += [
            _effect_row(effect, slot=slot, which=which, colour=colour if which == _OWN else MUTED)
            for which, effect in ((_OWN, one.effect), (_WRONG, one.wrong))
            if effect is not None and effect.scale == compared[0].effect.scale  # type: ignore[union-attr]
        ]
    if not any(row["which"] == _WRONG for row in rows):
        for row in rows:
            del row["side"]  # nothing stands beside it
    effect = compared[0].effect
    unit = "" if effect is None or effect.unit_of_difference == "1" else effect.unit_of_difference
    return effects_panel(rows, scale=str(rows[0]["scale"]), unit=unit)


def _effect_row(effect: Effect, *, slot: str, which: str, colour: str) -> dict[str, object]:
    text = f"{effect.estimate:.3g} ({effect.low:.3g} to {effect.high:.3g})"
    return {
        "slot": slot,
        "scale": effect.scale,
        "which": which,
        "value": effect.estimate,
        "low": effect.low,
        "high": effect.high,
        "side": -0.45 if which == _OWN else 0.45,
        "colour": colour,
        "text": text,
        "p": f"{p_text(effect.p_value)}, {effect.method}",
    }
