"""The words for a paper: one sentence a comparison, and the legend of a figure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from soleus.schema.analysis import Comparison, Effect, number_text

__all__ = ["legend", "sentence"]

_SAME = 0.005
_TWICE = 2.0
_CORRECTIONS = {
    "holm": "Holm's correction",
    "dunnett": "Dunnett's correction for unequal spread",
    "dunnett-pooled": "Dunnett's correction",
    "games-howell": "the Games-Howell correction",
    "joint": "correction by the family's largest likelihood ratio (simulated)",
}


def sentence(comparison: Comparison, *, days: bool = True) -> str:
    """Return what a paper would say of a comparison; if nothing can be told, why.

    Parameters
    ----------
    comparison
        Of the analysis.
    days
        Whether the table tells days apart; where it does not, none is named.
    """
    what = _what(comparison)
    when = f" on day {comparison.day:g}" if days and comparison.day is not None else ""
    effect = comparison.effect
    if effect is None:
        return f"{what}{when}, {comparison.contrast}: {comparison.cannot}."
    parts = [f"{_interval(effect)}; {_reference(effect)}"]
    adjusted = comparison.p_adjusted
    if effect.key.startswith(("dunnett", "games-howell", "joint")):
        parts.append("p value and interval hold for all comparisons together")
    elif adjusted is not None and not math.isclose(adjusted, effect.p_value, rel_tol=1e-9):
        name = _CORRECTIONS.get(comparison.correction, comparison.correction)
        if comparison.low_adjusted is not None and comparison.high_adjusted is not None:
            bounds = (comparison.low_adjusted, comparison.high_adjusted)
            low, high = (number_text(bound, effect.scale) for bound in bounds)
            parts.append(f"after {name} {_p(adjusted)}, {100 * effect.level:g} % CI {low} to {high}")
        else:
            parts.append(f"{_p(adjusted)} after {name}, which the interval does not include")
    parts += [_sizes(effect), *_means(comparison)]
    if comparison.equivalence is not None:
        parts.append(comparison.equivalence.statement)
    return f"{what}{when} {_relation(comparison, effect)} ({'; '.join(parts)})."


def legend(compared: Sequence[Comparison], *, parts: bool, days: bool) -> str:
    """Return the legend of one read-out's figure, as a journal would print it.

    Parameters
    ----------
    compared
        Its comparisons.
    parts
        Whether the parts of animals are drawn.
    days
        Whether the table tells days apart.
    """
    first = compared[0]
    told = [c for c in compared if c.effect is not None]
    unit = told[0].effect.unit if told and told[0].effect else "animal"
    centres = dict.fromkeys(g.centre_kind for c in compared for g in c.groups if g.centre is not None)
    drawn = " or ".join(centres) or "mean"
    text = f"{first.readout} ({first.shown_in}). Large dots: {unit}s"
    text += ", small dots: the values they are made of" if parts else ""
    text += f"; bar: {drawn}."
    if told:
        effect = told[0].effect
        assert effect is not None
        scales = " or ".join(dict.fromkeys(c.effect.scale for c in told if c.effect is not None))
        text += f" Right: {scales} with {100 * effect.level:g} % confidence interval ({_name(effect)})."
        sizes = dict.fromkeys(f"{g.group} {g.n}" for c in told for g in c.groups)
        text += f" n ({unit}s): {', '.join(sizes)}."
        text += (
            "" if not days or first.day is None else " Days are counted from the start of the intervention."
        )
    return text


def _what(comparison: Comparison) -> str:
    place = f" ({comparison.within})" if comparison.within else ""
    share = comparison.effect is not None and comparison.effect.scale == "odds ratio"
    name = comparison.readout
    return f"{'The share of ' if share else ''}{name}{place}"


def _relation(comparison: Comparison, effect: Effect) -> str:
    one, other = comparison.treated, comparison.control
    if one is None or other is None:
        return f"had {_article(effect)} {effect.scale} of {_size(effect)} for {comparison.contrast}"
    if comparison.contrast.endswith(", change by day"):
        return (
            f"changed by day in {one} and in {other} at different rates: {effect.scale} {_size(effect)} a day"
        )
    if effect.scale == "difference":
        if effect.estimate == 0.0:
            return f"was the same in {one} as in {other}"
        way = "higher" if effect.estimate > 0.0 else "lower"
        size = number_text(abs(effect.estimate), "difference")
        return f"was {size}{_unit(effect)} {way} in {one} than in {other}"
    subject = "had odds that were" if effect.scale == "odds ratio" else "was"
    if effect.estimate == 0.0:
        return f"was 0 in all of {one}"
    if abs(effect.estimate - 1.0) < _SAME:
        return f"{subject} alike in {one} and {other}"
    if effect.estimate >= _TWICE:
        return f"{subject} {number_text(effect.estimate)} times as high in {one} as in {other}"
    change = 100.0 * abs(effect.estimate - 1.0)
    way = "higher" if effect.estimate > 1.0 else "lower"
    shown = f"{change:.0f}" if change >= 1.0 and (change < 98.0 or way == "higher") else f"{change:.1f}"
    return f"{subject} {shown} % {way} in {one} than in {other}"


def _article(effect: Effect) -> str:
    return "an" if effect.scale == "odds ratio" else "a"


def _unit(effect: Effect) -> str:
    return f" {effect.unit_of_difference}" if effect.unit_of_difference not in ("", "1") else ""


def _size(effect: Effect) -> str:
    return number_text(effect.estimate, effect.scale) + (
        _unit(effect) if effect.scale == "difference" else ""
    )


def _interval(effect: Effect) -> str:
    low, high = (number_text(bound, effect.scale) for bound in (effect.low, effect.high))
    unit = _unit(effect) if effect.scale == "difference" else ""
    return f"{effect.scale} {_size(effect)}, {100 * effect.level:g} % CI {low} to {high}{unit}"


def _reference(effect: Effect) -> str:
    df = "" if effect.df is None else f", {effect.df:.3g} degrees of freedom"
    return f"{_name(effect)}{df}, {_p(effect.p_value)}"


def _name(effect: Effect) -> str:
    return effect.method


def _sizes(effect: Effect) -> str:
    noun = effect.unit
    return "n = " + " and ".join(f"{n} {noun if n == 1 else noun + 's'} in {g}" for g, n in effect.n.items())


def _means(comparison: Comparison) -> list[str]:
    told = [g for g in comparison.groups if g.centre is not None]
    if len(told) != 2 or comparison.treated is None:
        return []
    kind = "geometric means" if told[0].centre_kind == "geometric mean" else "means"
    values = " and ".join(number_text(g.centre or 0.0, "difference") for g in told)
    unit = "" if comparison.shown_in in ("share", "1") else f" {comparison.shown_in}"
    return [f"{kind} {values}{unit}"]


def _p(value: float) -> str:
    return "p < 0.001" if value < 0.001 else f"p = {value:.2g}"
