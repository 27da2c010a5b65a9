"""Adjusted p values and intervals of a family: Holm, many groups against one control, all pairs."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

from soleus.analysis.answers import Comparison, Effect
from soleus.analysis.compare import plain_estimates
from soleus.analysis.methods import LIKELIHOODS
from soleus.analysis.multiplicity import Simultaneous, all_pairs, holm, many_to_one
from soleus.analysis.nesting import Carrier, Sample
from soleus.analysis.simulated import jointly
from soleus.analysis.wording import Settings, exp_or_inf, noted

__all__ = ["adjusted", "simultaneous"]

_FITTING = ("welch-log", "welch", "robust", "empirical-logit", "pooled-log", "pooled")
_FEW = 5
_NAMES = {"dunnett": "Dunnett (unequal spread)", "dunnett-pooled": "Dunnett (one spread)",
          "games-howell": "Games-Howell"}  # fmt: skip


def simultaneous(
    block: Sequence[Comparison],
    samples: Mapping[str, Sample],
    *,
    what: Carrier,
    how: str,
    asked: bool,
    settings: Settings,
) -> list[Comparison]:
    """Give simultaneous intervals and p values, within one read-out and day.

    Parameters
    ----------
    block
        Its comparisons of two groups each.
    samples
        The units that they compare.
    what
        What their numbers are.
    how
        "dunnett", "dunnett-pooled" or "games-howell".
    asked
        They were asked for, and take the place of the single ones; by default they stand beside these.
    settings
        Of the analysis; where effects come from a likelihood, their family is simulated together.

    Returns
    -------
    list
        A contrast that cannot be told stays so. With fewer than two left, or by a method whose groups do not
        add up (least squares with blocks or clusters), the contrasts stay as they are and Holm's
        method adjusts them.
    """
    told = [(k, row.effect) for k, row in enumerate(block) if row.effect is not None]
    keys = {effect.key for _, effect in told}
    if len(told) > 1 and len(keys) == 1 and keys <= set(LIKELIHOODS):
        return _by_likelihood(block, samples, what=what, asked=asked, settings=settings)
    if len(told) < 2 or len(keys) != 1 or not keys <= set(_FITTING):
        return [_by_holm(row) for row in block]
    key = next(iter(keys))
    if how == "dunnett-pooled":
        key = "pooled" if key in ("welch", "pooled") else "pooled-log"
        if any((samples[str(row.treated)].value <= 0).any() for row in block) and key == "pooled-log":
            return [_by_holm(row) for row in block]
    level = told[0][1].level
    names = {str(g) for k, _ in told for g in (block[k].treated, block[k].control)}
    found, shared = [], []
    for k, _ in told:
        pair = [samples[str(block[k].treated)], samples[str(block[k].control)]]
        others = [samples[g] for g in sorted(names) if g not in (pair[0].group, pair[1].group)]
        if how == "dunnett-pooled":
            weights = (1.0, -1.0, *([0.0] * len(others)))
            one = plain_estimates([*pair, *others], weights, key, what=what)
        else:
            one = plain_estimates(pair, (1.0, -1.0), key, what=what)
        found.append(one)
        shared.append(math.sqrt(float(one.parts[1]) / float(one.se) ** 2))
    t = [float(one.estimate) / float(one.se) for one in found]
    df = [float(one.df) for one in found]
    joint: list[Simultaneous]
    if how == "games-howell":
        joint = all_pairs(t, df, groups=len(names), level=level)
    else:
        joint = many_to_one(t, df, shared, level=level, pooled=how == "dunnett-pooled")
    out = list(block)
    for (k, effect), one, both in zip(told, found, joint, strict=True):
        centre, half = float(one.estimate), both.critical * float(one.se)
        bounds = [centre - half, centre + half]
        ratio = effect.scale != "difference"
        low, high = (math.exp(b) if ratio else b for b in bounds)
        beside = {
            "p_adjusted": both.p_value, "low_adjusted": low, "high_adjusted": high, "correction": how
        }  # fmt: skip
        if how == "dunnett" and min(len(samples[name]) for name in names) < _FEW:
            # Measured (benchmarks.error_designs): 6.9 % with 4 animals of twice or three times the spread.
            effect = noted(
                effect, f"a group of fewer than {_FEW} of far larger spread raises the family's rate to 7 %"
            )
        if not asked:
            out[k] = block[k].model_copy(update={"effect": effect, **beside})
            continue
        new = effect.model_copy(
            update={
                "estimate": math.exp(centre) if ratio else centre, "low": low, "high": high,
                "p_value": both.p_value, "se": float(one.se), "df": float(one.df), "key": f"{how}:{key}",
                "method": f"{effect.method}; {_NAMES[how]}, {len(told)} comparisons, intervals hold together",
            }
        )  # fmt: skip
        out[k] = block[k].model_copy(update={"effect": new, **beside})
    return out


def _by_likelihood(
    block: Sequence[Comparison],
    samples: Mapping[str, Sample],
    *,
    what: Carrier,
    asked: bool,
    settings: Settings,
) -> list[Comparison]:
    """Refer likelihood ratios to the largest of their family, simulated together."""
    told = [(k, row.effect) for k, row in enumerate(block) if row.effect is not None]
    names = list(dict.fromkeys(str(g) for k, _ in told for g in (block[k].control, block[k].treated)))
    if settings.cluster or settings.blocks or settings.covariates:
        names += [g for g, one in samples.items() if len(one) and g not in names]
    sides = [(str(block[k].treated), str(block[k].control)) for k, _ in told]
    weights = [[float(g == one) - float(g == other) for g in names] for one, other in sides]
    found = jointly([samples[g] for g in names], weights, what=what, settings=settings)
    out = list(block)
    for (k, effect), one in zip(told, found, strict=True):
        low, high = exp_or_inf(one.low), exp_or_inf(one.high)
        beside = {
            "p_adjusted": one.p_value, "low_adjusted": low, "high_adjusted": high, "correction": "joint"
        }  # fmt: skip
        if asked:
            words = f"{effect.method}; largest ratio of {len(told)} comparisons, intervals hold together"
            effect = effect.model_copy(
                update={
                    "estimate": exp_or_inf(one.estimate), "low": low, "high": high, "p_value": one.p_value,
                    "key": f"joint:{effect.key}", "method": words,
                }
            )  # fmt: skip
        out[k] = block[k].model_copy(update={"effect": effect, **beside})
    return out


def _by_holm(row: Comparison) -> Comparison:
    if row.effect is None:
        return row.model_copy(update={"correction": "holm"})
    note = "simultaneous intervals need one method for two contrasts or more; adjusted by Holm's method"
    return row.model_copy(update={"correction": "holm", "effect": noted(row.effect, note)})


def adjusted(rows: Sequence[Comparison]) -> list[Comparison]:
    """Adjust by Holm's method within families, and leave alone what is adjusted or was not to be."""
    out = list(rows)
    families: dict[str, list[int]] = defaultdict(list)
    for k, row in enumerate(out):
        if row.correction == "holm":
            families[row.family].append(k)
        elif row.correction == "none" and isinstance(row.effect, Effect):
            out[k] = row.model_copy(update={"p_adjusted": row.effect.p_value})
    for members in families.values():
        effects = [out[k].effect for k in members]
        found = holm([None if each is None else each.p_value for each in effects])
        for k, p in zip(members, found, strict=True):
            out[k] = out[k].model_copy(update={"p_adjusted": p})
    return out
