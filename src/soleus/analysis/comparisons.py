"""Walk through a plan: bring rows to units once, compare them, adjust, and say what is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from soleus.analysis.answers import (
    Comparison,
    Effect,
    GroupSummary,
    Undetermined,
    UnitValue,
    cannot,
)
from soleus.analysis.around import leave_one_out, sensitivity
from soleus.analysis.compare import compare
from soleus.analysis.contrast import Asked, asked_contrasts, asked_of, span_days, with_factor_groups
from soleus.analysis.covariates import with_covariates
from soleus.analysis.declaration import Analysis, AnalysisPlan, stratum_words
from soleus.analysis.equivalence import equivalence
from soleus.analysis.growth import growth_slopes, of_growth
from soleus.analysis.multiple import adjusted, simultaneous
from soleus.analysis.nesting import Carrier, Sample, as_units, carrier, rows_as_units, samples
from soleus.analysis.repeated import group_by_day, is_repeated
from soleus.analysis.selection import SUMMARIES, Part, chosen_rows, is_summary, parts_of, shown_in
from soleus.analysis.units import Independence, design_column, independence
from soleus.analysis.wording import Settings, noted
from soleus.errors import InputError

if TYPE_CHECKING:
    from soleus.observations import Observations

__all__ = ["run_plan"]

WRONG = "WRONG, {unit}s taken for independent: {method}"
MOST_EXTRAS = 200
"""Read-outs times days up to which each unit is left out in turn, and other methods stand beside."""
BASELINE = "covariate:value at baseline"
_GEOMETRIC = ("welch-log", "pooled-log", "linear-log", "mixed-log", "paired-log", "group-by-day")
_TOTALS = (
    *(
        "robust",
        "quasi-poisson",
        "quasi-binomial",
        "beta-binomial",
        "nb-mixed",
        "permutation",
        "rates-robust",
    ),
    *("shares-robust", "rates-quasi", "shares-quasi", "mixed-counts", "mixed-shares"),
)


@dataclass(frozen=True, eq=False)
class _Brought:
    """A part with its units: what is compared, and what is drawn."""

    part: Part
    samples: Mapping[str, Sample]
    what: Carrier
    method: str
    settings: Settings
    reason: str | None = None


def run_plan(observations: Observations, plan: AnalysisPlan, seed: int) -> Analysis:
    """Return the comparisons of a plan in the order of the table, and every value behind them.

    Parameters
    ----------
    observations, plan
        The table, and what is compared.
    seed
        Of simulations.
    """
    frame = with_covariates(chosen_rows(observations, plan), plan)
    if plan.factorial:
        plan.pairs(observations.groups)  # names an unknown control
        frame, observations = with_factor_groups(frame, observations, control=plan.control)
    contrasts = asked_contrasts(observations, plan)
    found = independence(frame, plan)
    settings = _settings(frame, plan, found, seed)
    out: list[Comparison] = []
    units: list[UnitValue] = []
    courses: dict[tuple[object, ...], list[_Brought]] = {}
    used: set[str] = set()
    parts = list(span_days(parts_of(frame, plan), plan))
    if len(parts) > MOST_EXTRAS:
        plan = replace(plan, extras=False)
    for part in parts:
        brought = _bring(part, plan, observations.groups, settings=settings, unit=found)
        used |= {part.value_kind, *(["fraction"] if brought.what == "proportion" else [])}
        block = [_compared(brought, contrast, plan) for contrast in asked_of(part, contrasts, plan)]
        out += _together(block, brought, plan)
        units += _drawn(brought)
        courses.setdefault(part.place, []).append(brought)
    _all_used(plan, used)
    if plan.extras and not plan.paired and plan.compare == "control":
        out += _courses(courses, contrasts, plan)
    return Analysis(
        plan, tuple(adjusted(out)), seed, tuple(units), found.noun, found.chosen, settings.blocks,
        settings.covariates, found.cluster,
    )  # fmt: skip


def _settings(frame: object, plan: AnalysisPlan, found: Independence, seed: int) -> Settings:
    blocks = tuple(design_column(frame, name, option="--block") for name in plan.blocks)  # type: ignore[arg-type]
    numbers = tuple(
        design_column(frame, name, option="--covariate", covariate=True)  # type: ignore[arg-type]
        for name in plan.covariates
    )
    if plan.baseline is not None:
        numbers = (*numbers, BASELINE)
    return Settings(
        plan.level, plan.draws, seed, found.noun, blocks=blocks, covariates=numbers, paired=plan.paired,
        cluster=found.cluster,
    )  # fmt: skip


def _all_used(plan: AnalysisPlan, used: set[str]) -> None:
    """Refuse a method for a kind of value that the table does not have: nothing is ignored."""
    idle = sorted(set(plan.methods) - used)
    if idle:
        have = ", ".join(sorted(used))
        raise InputError(
            f"--method {idle[0]}={plan.methods[idle[0]]}: no value of kind {idle[0]!r} is analysed; there are"
            f" {have}"
        )


def _bring(
    part: Part, plan: AnalysisPlan, groups: Sequence[str], *, settings: Settings, unit: Independence
) -> _Brought:
    kept = part.kept
    empty: Mapping[str, Sample] = {}
    if is_summary(part.rows).any():
        return _Brought(part, empty, "mean", "default", settings, SUMMARIES)
    if kept.empty:
        return _Brought(part, empty, "mean", "default", settings, "every row is excluded")
    if part.day is None and part.readout in plan.growth:
        slopes = growth_slopes(kept, groups, by=plan.growth[part.readout])
        return _Brought(part, slopes, "mean", "welch", settings)
    what = carrier(kept)
    method = plan.methods.get("fraction") if what == "proportion" else None
    method = method or plan.methods.get(part.value_kind, "default")
    columns = [c for c in (*settings.blocks, *settings.covariates) if c != BASELINE]
    single = [c for c in (unit.unit, unit.cluster, *settings.blocks) if c is not None]
    marks = list(dict.fromkeys([*columns, *single]))
    found = samples(kept, groups, marks=marks, single=single)
    reason = None
    if plan.baseline is not None:
        if part.base is None or part.base.empty:
            reason = f"there is no value on day {plan.baseline:g} to adjust for"
        else:
            found = {name: _with_baseline(one, part) for name, one in found.items()}
    if unit.unit is not None:
        log = method in ("default", "welch-log", "pooled-log") and part.value_kind != "score"
        log = log and all((one.value > 0.0).all() for one in found.values())
        lacking = sum(entry is None for one in found.values() for entry in one.marks[unit.unit])
        if lacking:
            reason = f"{lacking} of the animals have no {unit.noun} in the table"
        else:
            found = {name: as_units(one, unit.unit, what, log=log) for name, one in found.items()}
    return _Brought(part, found, what, method, settings, reason)


def _with_baseline(sample: Sample, part: Part) -> Sample:
    before = samples(part.base, [sample.group])[sample.group]  # type: ignore[arg-type]  # seen by the caller
    of = dict(zip(before.names, before.value.tolist(), strict=True))
    marks = {**sample.marks, BASELINE: tuple(of.get(name) for name in sample.names)}
    return replace(sample, marks=marks)


def _compared(brought: _Brought, contrast: Asked, plan: AnalysisPlan) -> Comparison:
    part, what, settings = brought.part, brought.what, brought.settings
    effect: Effect | Undetermined
    wrong: Effect | Undetermined | None = None
    order = [*contrast.groups, *(g for g in brought.samples if g not in contrast.groups)]
    groups = [brought.samples[g] for g in order if g in brought.samples]
    weights = [*contrast.weights, *([0.0] * (len(groups) - len(contrast.groups)))]
    more: dict[str, object] = {}
    if brought.reason is not None:
        effect = cannot(brought.reason)
    elif part.day is None and part.readout in plan.growth:
        effect, wrong = of_growth(
            groups[: len(contrast.groups)], contrast.weights, by=plan.growth[part.readout], settings=settings
        )
    else:
        effect = compare(
            groups, weights, what=what, method=brought.method, settings=settings, kind=part.value_kind
        )
        wrong = None if settings.paired else _wrong_twin(groups[: len(contrast.groups)], contrast, brought)
        if isinstance(effect, Effect) and plan.extras:
            more["leave_one_out"] = leave_one_out(
                effect, groups, weights, what=what, method=brought.method, settings=settings,
                kind=part.value_kind,
            )  # fmt: skip
            more["sensitivity"] = sensitivity(
                effect, groups, weights, what=what, settings=settings, kind=part.value_kind
            )
    if isinstance(effect, Effect) and part.spans and contrast.pair[0] is not None:
        note = (
            f"groups of days {' and '.join(f'{day:g}' for day in part.spans)}: what age does counts with it"
        )
        effect = noted(effect, note)
    if isinstance(effect, Effect) and effect.scale == "difference" and not effect.unit_of_difference:
        effect = effect.model_copy(update={"unit_of_difference": shown_in(part)})
    return _record(brought, contrast, effect, wrong=wrong, plan=plan).model_copy(update=more)


def _record(
    brought: _Brought,
    contrast: Asked,
    effect: Effect | Undetermined,
    *,
    wrong: Effect | Undetermined | None = None,
    plan: AnalysisPlan,
) -> Comparison:
    part = brought.part
    told = effect if isinstance(effect, Effect) else None
    margin = plan.margins.get(part.readout)
    same = None if margin is None or told is None else equivalence(told, margin=margin)
    family = next((name for name, members in plan.families.items() if part.readout in members), part.readout)
    place = [] if part.niche is None else [part.niche]
    return Comparison(
        readout=part.readout,
        day=part.day,
        niche=part.niche,
        assay=part.assay,
        unit_level=part.unit_level,
        value_kind=part.value_kind,
        unit=str(part.rows["unit"].iloc[0]),
        within=", ".join([*place, *(stratum_words(*pair) for pair in part.strata)]),
        strata=dict(part.strata),
        shown_in=shown_in(part),
        contrast=contrast.name,
        weights=dict(zip(contrast.groups, contrast.weights, strict=True)),
        treated=contrast.pair[0],
        control=contrast.pair[1],
        groups=tuple(_summary(brought, g, told) for g in contrast.groups),
        effect=told,
        cannot=effect.note if isinstance(effect, Undetermined) else None,
        wrong=wrong if isinstance(wrong, Effect) else None,
        equivalence=None if isinstance(same, Undetermined) else same,
        equivalence_cannot=same.note if isinstance(same, Undetermined) else None,
        family=family,
        correction="none" if plan.correction == "none" else "holm",
    )


def _wrong_twin(groups: Sequence[Sample], contrast: Asked, brought: _Brought) -> Effect | Undetermined | None:
    """Return what comes out if sections, fields or wells are taken for independent."""
    settings = brought.settings
    if all(sample.n_rows == len(sample) for sample in groups):
        return None
    level = brought.part.unit_level
    name = "animal" if settings.unit != "animal" else ("count" if level in ("animal", "group") else level)
    plain = Settings(settings.level, settings.draws, settings.seed, name)
    # The twin must not take minutes, nor meet zeros that its animals do not have: where the method simulates
    # or takes logs the default stands in.
    simple = {"nb-mixed", "beta-binomial", "welch-log", "pooled-log", "empirical-logit"}
    method = "default" if brought.method in simple else brought.method
    flat = [rows_as_units(sample) for sample in groups]
    found = compare(
        flat, contrast.weights, what=brought.what, method=method, settings=plain, kind=brought.part.value_kind
    )
    return as_wrong(found)


def as_wrong(found: Effect | Undetermined) -> Effect | Undetermined:
    """Label an effect as what must not be reported."""
    if isinstance(found, Undetermined):
        return found
    method = WRONG.format(unit=found.unit, method=found.method)
    update = {"method": method, "assumptions": (), "note": "for contrast only; do not report"}
    return found.model_copy(update=update)


def _summary(brought: _Brought, group: str, effect: Effect | None) -> GroupSummary:
    rows = brought.part.rows
    lost = 0
    if rows["excluded"].any():
        mine = rows[(rows["group"] == group).to_numpy(dtype=bool)]
        lost = int(mine.groupby("animal")["excluded"].all().sum()) if len(mine) else 0
    sample = brought.samples.get(group)
    if sample is None or not len(sample):
        return GroupSummary(group=group, n=0, n_rows=0, n_lost=lost, mean=None, sd=None)
    values = sample.value
    # Scaled first, so that the square of a very large value does not overflow.
    top = float(np.abs(values).max(initial=0.0)) or 1.0
    sd = top * float(np.std(values / top, ddof=1)) if len(values) > 1 else None
    centre, kind = _centre(sample, effect)
    return GroupSummary(
        group=group, n=len(sample), n_rows=sample.n_rows, n_lost=lost, mean=float(values.mean()), sd=sd,
        centre=centre, centre_kind=kind,
    )  # fmt: skip


def _centre(
    sample: Sample, effect: Effect | None
) -> tuple[float, Literal["mean", "geometric mean", "total over total"]]:
    """Return the value of a group that the effect compares, so that what is drawn is what is analysed."""
    key = "" if effect is None else effect.key.rpartition(":")[2]
    if key in _GEOMETRIC and (sample.value > 0.0).all():
        return float(np.exp(np.log(sample.value).mean())), "geometric mean"
    if key in _TOTALS:
        return float(sample.total.sum() / sample.size.sum()), "total over total"
    return float(sample.value.mean()), "mean"


def _together(block: list[Comparison], brought: _Brought, plan: AnalysisPlan) -> list[Comparison]:
    """Adjust the contrasts of one read-out and day together, where the plan says or the default does."""
    pairs = [row for row in block if row.treated is not None and row.control is not None]
    how = plan.correction
    if plan.compare == "all" and how != "none":
        how = "games-howell"  # type: ignore[assignment]
    elif how == "default":
        several = len(pairs) > 1 and len({row.control for row in pairs}) == 1 and len(pairs) == len(block)
        wide = (
            any(block[0].readout in family and len(family) > 1 for family in plan.families.values())
            if block
            else True
        )
        days = brought.part.rows.attrs.get("days", 1)
        how = "dunnett" if several and not wide and days == 1 and not plan.paired else "holm"
    if (
        how in ("holm", "none")
        or not block
        or len(pairs) != len(block)
        or brought.part.readout in plan.growth
    ):
        return block
    asked = plan.correction != "default" or plan.compare == "all"
    return simultaneous(
        block, brought.samples, what=brought.what, how=how, asked=asked, settings=brought.settings
    )


def _drawn(brought: _Brought) -> list[UnitValue]:
    part = brought.part
    place = [] if part.niche is None else [part.niche]
    within = ", ".join([*place, *(stratum_words(*pair) for pair in part.strata)])
    out = []
    for sample in brought.samples.values():
        for k, name in enumerate(sample.names):
            values, sizes = sample.parts[k]
            out.append(
                UnitValue(
                    readout=part.readout,
                    day=part.day,
                    assay=part.assay,
                    niche=part.niche,
                    animal=name,
                    group=sample.group,
                    within=within,
                    value=float(sample.value[k]),
                    total=float(sample.total[k]),
                    size=float(sample.size[k]),
                    marks={m: e[k] for m, e in sample.marks.items() if m != "culture" and e[k] is not None},
                    parts=tuple((values / sizes).tolist()) if len(values) > 1 else (),
                )  # fmt: skip
            )
    return out


def _courses(
    courses: Mapping[tuple[object, ...], list[_Brought]], contrasts: Sequence[Asked], plan: AnalysisPlan
) -> list[Comparison]:
    """Return, where the same animals were seen on several days, by how much the courses differ."""
    out = []
    for brought in courses.values():
        by_day = {b.part.day: b.samples for b in brought if b.part.day is not None and b.reason is None}
        plain = not (plan.blocks or plan.covariates or plan.growth) and plan.baseline is None
        if not plain or not is_repeated(by_day):
            continue
        first = brought[0]
        raw = first.part.value_kind == "score" or first.method in ("welch", "pooled")
        for contrast in contrasts:
            if contrast.pair[0] is None or first.what == "proportion":
                continue
            effect = group_by_day(by_day, contrast.groups, raw=raw, settings=first.settings)
            if effect is None:
                continue
            whole = replace(first, part=replace(first.part, day=None))
            named = replace(contrast, name=f"{contrast.name}, change by day")
            row = _record(whole, named, effect, plan=replace(plan, margins={}))
            out.append(
                row.model_copy(update={"groups": (), "shown_in": first.part.unit_level and row.shown_in})
            )
    return out
