"""The sentence for a paper's results section: one comparison in words and numbers."""

from __future__ import annotations

from soleus.analysis.answers import Effect
from soleus.analysis.declaration import Comparison

__all__ = ["sentence"]


def sentence(comparison: Comparison) -> str:
    """Return what a paper would say of a comparison; if nothing can be told, why.

    Numbers are rounded to three significant digits; the exact ones are in the table.
    """
    place = f", {comparison.within}" if comparison.within else ""
    what = f"{comparison.readout} ({comparison.value_kind}{place})"
    when = "" if comparison.day is None else f" on day {comparison.day:g}"
    effect = comparison.effect
    if not isinstance(effect, Effect):
        return f"{what}{when}, {comparison.contrast}: {effect.note}."
    sizes = " and ".join(f"{n} {effect.unit}s in {g}" for g, n in effect.n.items())
    adjusted = ""
    if comparison.p_adjusted is not None and comparison.p_adjusted != effect.p_value:
        adjusted = f", {_p(comparison.p_adjusted)} after {comparison.correction} correction"
    reference = "" if effect.df is None else f", t({effect.df:.3g})"
    return (
        f"{what}{when} {_relation(comparison, effect)} ({100 * effect.level:g} % CI {_number(effect.low)} to "
        f"{_number(effect.high)}; {effect.method}{reference}, {_p(effect.p_value)}{adjusted}; {sizes})."
    )


def _relation(comparison: Comparison, effect: Effect) -> str:
    size = _number(effect.estimate)
    if comparison.treated is None or comparison.control is None:
        return f"had a {effect.scale} of {size} for {comparison.contrast}"
    if effect.scale == "difference":
        unit = f" {effect.unit_of_difference}" if effect.unit_of_difference else ""
        return f"differed by {size}{unit} in {comparison.treated} from {comparison.control}"
    times = "times that" if effect.scale == "ratio" else "times the odds"
    return f"in {comparison.treated} was {size} {times} in {comparison.control}"


def _number(value: float) -> str:
    return f"{value:.3g}"


def _p(value: float) -> str:
    return "p < 0.001" if value < 0.001 else f"p = {value:.2g}"
