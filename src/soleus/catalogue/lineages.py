"""Lineages of the catalogue: data files parsed to :class:`~soleus.study.niche.Niche`."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from soleus.catalogue.folder import Catalogue, load_yaml, once, parse_record
from soleus.catalogue.lineage_entries import (
    CycleEntry,
    FateEntry,
    LineageEntry,
    LineageParameter,
    TransitionEntry,
)
from soleus.catalogue.store import require_citations
from soleus.errors import CatalogueError, InputError, unknown_name
from soleus.lineage import CellType, Fate, Lineage, Phase, Transition
from soleus.study.niche import AgeLaw, ModelNumber, Niche, StartRule
from soleus.units import to_internal
from soleus.values import Number

__all__ = ["lineage_entry", "lineage_names", "niche"]

_CYCLING = {"G1", "S", "G2M"}


def lineage_names(catalogue: Catalogue) -> tuple[str, ...]:
    """Return the names of all lineages."""
    folder = catalogue.folder / "lineages"
    return tuple(sorted(f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml")))


@once
def lineage_entry(catalogue: Catalogue, name: str) -> LineageEntry:
    """Return a lineage file, parsed and checked.

    Raises
    ------
    UnknownNameError, CatalogueError
    """
    if name not in lineage_names(catalogue):
        raise unknown_name("lineage", name, lineage_names(catalogue))
    file = f"lineages/{name}.yaml"
    fields = load_yaml(catalogue, file)
    raw = fields.get("parameters", {})
    fields["parameters"] = {
        key: {"name": key, "species": fields.get("species", ""), **value} for key, value in raw.items()
    }
    entry = parse_record(LineageEntry, fields, file=file, entry=name, name_field="name")
    require_citations(catalogue, entry, file=file)
    for parameter in entry.parameters.values():
        if parameter.status == "fitted":
            raise CatalogueError(
                f"{file}: parameter {parameter.name!r} calls itself fitted; only a stored calibration says so"
            )
    return entry


def niche(
    catalogue: Catalogue,
    name: str,
    *,
    variants: tuple[str, ...] = (),
    fitted: Mapping[str, float] | None = None,
) -> Niche:
    """Return a lineage of the catalogue, ready to be bound.

    Parameters
    ----------
    variants
        Named alternatives to apply, in order.
    fitted
        Values of a stored calibration, in internal units; a variant overrides them.
    """
    entry = lineage_entry(catalogue, name)
    values = {key: p.internal_value for key, p in entry.parameters.items()}
    values.update(fitted or {})
    moved = _apply_variants(entry, variants, values)
    numbers = {
        key: ModelNumber(
            values[key], _number(p, values[key], fitted=key in (fitted or {}), moved=key in moved)
        )
        for key, p in entry.parameters.items()
    }
    return Niche(
        name=name,
        label=entry.label,
        niche=entry.niche,
        species=entry.species,
        reference_age_days=entry.reference_age_days,
        parameters=values,
        build=functools.partial(_build, entry),
        laws=functools.partial(_laws, entry),
        start=functools.partial(_start, entry),
        dissociation_survival=None if entry.passage is None else entry.passage.survival,
        numbers=numbers,
    )


def _number(parameter: LineageParameter, plain: float, *, fitted: bool, moved: bool) -> Number:
    """Return a parameter as it is computed with: as published, fitted, or set by a variant."""
    published = parameter.value
    factor = published / parameter.internal_value if parameter.internal_value else 1.0
    number = parameter.number(ours=not parameter.published)
    if moved:
        reason = f"Set by a variant; default {published:g}. {parameter.reason}"
        return replace(number, value=_shown(plain * factor), reason=reason)
    if not fitted:
        return replace(number, value=_shown(published))
    what = "published" if parameter.published else "centre before the fit, our estimate:"
    reason = f"Fitted to the resting series; {what} {published:g}. {parameter.reason}"
    return replace(number, value=_shown(plain * factor), reason=reason, status="fitted")


def _shown(value: float) -> float:
    return float(f"{value:.6g}")


def _apply_variants(
    entry: LineageEntry, variants: tuple[str, ...], values: dict[str, float]
) -> dict[str, str]:
    """Apply variants in place and return the numbers that they move; two that move one are refused."""
    moved: dict[str, str] = {}
    for name in variants:
        if name not in entry.variants:
            raise unknown_name(f"variant of lineage {entry.name!r}", name, entry.variants)
        variant = entry.variants[name]
        for key in (*variant.set, *variant.scale):
            if key in moved:
                raise InputError(
                    f"variants {moved[key]!r} and {name!r} both move {key!r} of lineage {entry.name!r}; "
                    "give one of them"
                )
            moved[key] = name
        for key, value in variant.set.items():
            parameter = entry.parameters[key]
            values[key] = to_internal(value, parameter.unit, quantity=parameter.kind)
        for key, factor in variant.scale.items():
            values[key] *= factor
    return moved


def _build(entry: LineageEntry, values: Mapping[str, float]) -> Lineage:
    types = tuple(
        CellType(key, t.label, tuple(Phase(p, p in _CYCLING) for p in t.phases), t.ontology, t.column)
        for key, t in entry.types.items()
    )
    transitions: list[Transition] = []
    for cycle in entry.cycles:
        transitions += _cycle(entry, cycle, values)
    for item in entry.transitions:
        transitions += _plain(entry, item, values)
    return Lineage(entry.name, types, tuple(transitions), founders=entry.founders)


def _value(entry: LineageEntry, values: Mapping[str, float], key: str) -> float:
    if key not in values:
        raise CatalogueError(f"lineage {entry.name!r}: {unknown_name('parameter', key, values)}")
    return values[key]


def _fates(
    entry: LineageEntry, fates: Mapping[str, FateEntry], values: Mapping[str, float]
) -> tuple[Fate, ...]:
    """Return fates; the one whose probability is ``rest`` takes what the others leave."""
    known = {key: _value(entry, values, f.p) for key, f in fates.items() if f.p != "rest"}
    rest = 1.0 - sum(known.values())
    return tuple(Fate(key, known.get(key, rest), dict(f.daughters), f.role) for key, f in fates.items())


def _cycle(entry: LineageEntry, cycle: CycleEntry, values: Mapping[str, float]) -> list[Transition]:
    s_phase = _value(entry, values, cycle.s_phase)
    g2m = _value(entry, values, cycle.g2m)
    g1 = _value(entry, values, cycle.cycle) - s_phase - g2m
    means = {"G1": g1, "S": s_phase, "G2M": g2m}

    def phase(name: str, fates: tuple[Fate, ...], label: str) -> Transition:
        return Transition(
            label, cycle.role, f"{cycle.type}.{name}", fates, mean_days=means[name], stages=cycle.stages[name]
        )

    onward = {"G1": "S", "S": "G2M"}
    moves = [
        phase(a, (Fate("next", 1.0, {f"{cycle.type}.{b}": 1}),), f"{cycle.type}_{a}_to_{b}")
        for a, b in onward.items()
    ]
    return [*moves, phase("G2M", _fates(entry, cycle.fates, values), cycle.division)]


def _plain(entry: LineageEntry, item: TransitionEntry, values: Mapping[str, float]) -> list[Transition]:
    places = (item.source,) if isinstance(item.source, str) else item.source
    timing: dict[str, Any] = {}
    if item.rate is not None:
        timing["rate_per_day"] = _value(entry, values, item.rate)
    if item.mean is not None:
        timing["mean_days"] = _value(entry, values, item.mean)
    fates = _fates(entry, item.fates, values)
    names = [item.name] if len(places) == 1 else [f"{item.name}_{p.partition('.')[2]}" for p in places]
    return [
        Transition(name, item.role, place, fates, stages=item.stages, **timing)
        for name, place in zip(names, places, strict=True)
    ]


def _laws(entry: LineageEntry, values: Mapping[str, float]) -> tuple[AgeLaw, ...]:
    import math

    laws: list[AgeLaw] = []
    for law in entry.age_laws:
        reference = law.reference_age_days or entry.reference_age_days
        offset = 0.0 if law.at_reference is None else math.log(_value(entry, values, law.at_reference))
        if law.form == "exponential":
            slope = law.sign * _value(entry, values, law.slope or "")
            laws.append(AgeLaw(law.role, reference, offset=offset, slope_per_day=slope))
        else:
            gain = law.sign * _value(entry, values, law.gain or "")
            scale = _value(entry, values, law.scale or "")
            laws.append(AgeLaw(law.role, reference, offset=offset, gain=gain, scale_days=scale))
    return tuple(laws)


def _start(entry: LineageEntry, values: Mapping[str, float]) -> StartRule:
    rule = entry.start
    if rule.form == "stable-growth":
        under = {role: _value(entry, values, key) for role, key in rule.under.items()}
        return StartRule(form=rule.form, total=_value(entry, values, rule.total or ""), under=under)
    totals = {t: _value(entry, values, key) for t, key in rule.totals.items()}
    return StartRule(totals, rule.slaved)
