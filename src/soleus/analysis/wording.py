"""An estimate becomes an answer: its scale, words and assumptions, and what a reader must know besides."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from soleus.analysis.answers import Effect, Undetermined, cannot, plural
from soleus.analysis.contrasts import Estimates
from soleus.analysis.methods import ASSUMPTIONS, WORDS, scale_of
from soleus.analysis.nesting import Carrier, Sample

__all__ = ["FEW", "Settings", "Words", "effect_from", "exp_or_inf", "noted", "put", "with_article"]

FEW = 3


@dataclass(frozen=True, slots=True)
class Settings:
    """What all comparisons of an analysis share.

    Parameters
    ----------
    level
        Of the intervals.
    draws
        Data sets simulated by a parametric bootstrap.
    seed
        Of the simulations.
    unit
        What is independent: "animal", "cage", "litter", "culture", ...
    blocks, covariates
        Design columns that stand beside the group, among the marks of the samples.
    paired
        The same units are in both groups.
    cluster
        Cages or litters that hold both groups: a random effect.
    """

    level: float = 0.95
    draws: int = 999
    seed: int = 0
    unit: str = "animal"
    blocks: tuple[str, ...] = ()
    covariates: tuple[str, ...] = ()
    paired: bool = False
    cluster: str | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """The names that a method's description is filled with."""

    method: str
    what: Carrier
    settings: Settings
    more: Mapping[str, str] = field(default_factory=dict)

    def of(self, template: str) -> str:
        """Fill a template."""
        return template.format(unit=self.settings.unit, **self.more)


def effect_from(
    found: Estimates,
    groups: Sequence[Sample],
    *,
    method: str,
    what: Carrier,
    settings: Settings,
    more: Mapping[str, str] | None = None,
) -> Effect | Undetermined:
    """Put an estimate into words; or say why it is none."""
    estimate, se, df = (float(part) for part in (found.estimate, found.se, found.df))
    if se == 0.0:
        return cannot(
            f"no {settings.unit} differs from another of its group, so that chance cannot be gauged"
        )
    bounds = [float(bound) for bound in found.interval(settings.level)]
    scale = scale_of(method, what)
    if not all(map(math.isfinite, bounds)):
        return cannot(f"the {settings.unit}s differ so much that the interval has no finite bounds")
    if scale != "difference":
        estimate, *bounds = exp_or_inf(estimate), *map(exp_or_inf, bounds)
        if not (bounds[0] > 0.0 and math.isfinite(bounds[1])):
            return cannot(
                f"the {settings.unit}s differ so much that the interval of the ratio has no finite bounds"
            )
    words = Words(method, what, settings, more or {})
    p = float(found.p_value)
    return put(words, groups, numbers=(estimate, bounds[0], bounds[1], p), reference=(df, se))


def put(
    words: Words,
    groups: Sequence[Sample],
    *,
    numbers: tuple[float, float, float, float],
    reference: tuple[float | None, float | None] = (None, None),
    notes: Sequence[str | None] = (),
) -> Effect:
    """Return an effect from its estimate, bounds and p value, with df and standard error if there are any."""
    few = _few_note(groups, words.settings.unit, reference[0])
    said = "; ".join(part for part in (*notes, few) if part)
    estimate, low, high, p = numbers
    return Effect(
        scale=scale_of(words.method, words.what),
        estimate=estimate,
        low=low,
        high=high,
        level=words.settings.level,
        p_value=p,
        df=reference[0],
        n={sample.group: len(sample) for sample in groups},
        unit=words.settings.unit,
        method=words.of(WORDS[words.method]),
        key=words.method,
        assumptions=tuple(words.of(line) for line in ASSUMPTIONS[words.method]),
        se=reference[1],
        note=said or None,
    )


def _few_note(groups: Sequence[Sample], unit: str, df: float | None) -> str | None:
    fewest = min(len(sample) for sample in groups)
    if fewest < FEW:
        return f"only {plural(fewest, unit)} in the smallest group"
    if df is not None and df <= 2.5:
        return f"the spread is told from {df:.1f} degrees of freedom, so that the interval may be far off"
    return None


def noted(effect: Effect, note: str) -> Effect:
    """Return an effect with one more thing that a reader must know."""
    return effect.model_copy(update={"note": f"{effect.note}; {note}" if effect.note else note})


def exp_or_inf(value: float) -> float:
    """Return the exponential; infinity where it would overflow."""
    return math.exp(value) if value < 700.0 else math.inf


def with_article(noun: str) -> str:
    """Return "an animal" or "a cage"."""
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"
