"""A process as a reaction network in plain data: what a document says, before it is one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

import numpy as np

from soleus.engines.schedule import refuse_dead_fates
from soleus.errors import ModelError, unknown_name
from soleus.exchange.sbml_limits import Amounts
from soleus.exchange.sbml_names import Names, microstate_names

if TYPE_CHECKING:
    from soleus.lineage import Process
    from soleus.lineage.process import FloatArray
    from soleus.movement import Modifiers

__all__ = ["Course", "Network", "Parameter", "Reaction", "ScheduleForm", "Species", "describe"]

ScheduleForm = Literal["piecewise", "events"]
Unit = Literal["dimensionless", "per_day", "item_per_day"]


class Species(NamedTuple):
    """A microstate and its cells at the start."""

    id: str
    name: str
    amount: float


class Parameter(NamedTuple):
    """A constant: a hazard, the flow of a source, or the probability of a fate."""

    id: str
    name: str
    value: float
    unit: Unit


class Course(NamedTuple):
    """A role's multiplier: ``values[k]`` until ``days[k]`` (SBML time), the last one from then on."""

    id: str
    role: str
    days: tuple[float, ...]
    values: tuple[float, ...]


class Reaction(NamedTuple):
    """One fate of one exit; ``law`` in items per day, in the formula language of libsbml."""

    id: str
    name: str
    reactant: str | None
    products: dict[str, int]
    law: str


@dataclass(frozen=True, slots=True)
class Network:
    """All that a document says."""

    id: str
    name: str
    notes: tuple[str, ...]
    schedule: ScheduleForm
    species: tuple[Species, ...]
    parameters: tuple[Parameter, ...]
    courses: tuple[Course, ...]
    reactions: tuple[Reaction, ...]


@dataclass
class _Writer:
    """The network while it is being written."""

    process: Process
    species: list[str]
    places: list[str]
    names: Names
    multipliers: dict[int, str]
    parameters: dict[tuple[object, ...], Parameter] = field(default_factory=dict)

    def parameter(self, key: tuple[object, ...], name: str, value: float, unit: Unit) -> str:
        """Return the identifier of a number; stages of one wait share theirs."""
        if key not in self.parameters:
            prefix = "p" if unit == "dimensionless" else "k"
            words = [str(part) for part in key[1:] if isinstance(part, str)]
            self.parameters[key] = Parameter(self.names.take(prefix, *words), name, value, unit)
        return self.parameters[key].id


def describe(process: Process, modifiers: Modifiers, amounts: Amounts, *, schedule: ScheduleForm) -> Network:
    """Return the network of a process under its modifiers.

    Raises
    ------
    UnknownNameError, ModelError
        For an unknown schedule, a modifier of no role, fates that all get weight 0, or edges too
        close to be told apart.
    """
    if schedule not in get_args(ScheduleForm):
        raise unknown_name("schedule", str(schedule), get_args(ScheduleForm))
    values = modifiers.on_roles(process.roles)
    refuse_dead_fates(process, values)
    names = Names()
    states = microstate_names(process.microstates, names)
    if process.has_outside:
        del states[-1]
    courses = _courses(process, modifiers.edges, values, names)
    writer = _Writer(
        process=process,
        species=[identifier for identifier, _ in states],
        places=[plain for _, plain in states],
        names=names,
        multipliers={r: c.id for r, c in courses.items()},
    )
    reactions = [r for e in range(len(process.arrays.exit_source)) for r in _reactions(writer, e)]
    return Network(
        id=names.take("soleus", process.name),
        name=process.name,
        notes=_notes(modifiers, amounts, schedule),
        schedule=schedule,
        species=tuple(Species(*s, float(x)) for s, x in zip(states, amounts.cells, strict=False)),
        parameters=tuple(writer.parameters.values()),
        courses=tuple(courses.values()),
        reactions=tuple(reactions),
    )


def _courses(process: Process, edges: FloatArray, values: FloatArray, names: Names) -> dict[int, Course]:
    """Return the course of each role that is not 1 throughout; equal neighbours are merged."""
    # The days as a document states them: 15 significant digits.
    days = np.array([float(f"{day:.15g}") for day in edges - edges[0]])
    if not np.all(np.diff(days) > 0.0):
        raise ModelError(
            "modifiers: two edges are equal to 15 digits, which is all that SBML keeps; merge them"
        )
    courses = {}
    for r, row in enumerate(values):
        if np.all(row == 1.0):
            continue
        change = np.flatnonzero(np.diff(row)) + 1
        kept = (float(row[0]), *row[change].tolist())
        courses[r] = Course(
            names.take("m", process.roles[r]), process.roles[r], tuple(days[change].tolist()), kept
        )
    return courses


def _reactions(writer: _Writer, e: int) -> list[Reaction]:
    """Return one reaction for each fate of an exit."""
    process, a = writer.process, writer.process.arrays
    source, transition = int(a.exit_source[e]), process.transitions[process.exit_transition[e]]
    enters = process.has_outside and source == process.n_states - 1
    rate = float(a.exit_rate[e])
    kind: Unit = "item_per_day" if enters else "per_day"
    said = f"{'cells entering by' if enters else 'hazard of'} {transition}, per day"
    factors = [writer.parameter(("k", transition, rate), said, rate, kind)]
    factors += [m for m in [writer.multipliers.get(int(a.exit_role[e]))] if m]
    factors += [] if enters else [writer.species[source]]
    fates = range(a.exit_fates[e], a.exit_fates[e + 1])
    shares = _shares(writer, fates, transition)
    where = [] if enters else [writer.species[source]]
    found = []
    for number, (f, share) in enumerate(zip(fates, shares, strict=True), start=1):
        several = [f"fate{number}"] if len(fates) > 1 else []
        plain = ["" if enters else f"from {writer.places[source]}", *(f"fate {number}" for _ in several)]
        found.append(
            Reaction(
                id=writer.names.take("r", transition, *where, *several),
                name=", ".join([transition, *(p for p in plain if p)]),
                reactant=None if enters else writer.species[source],
                products=_products(writer, f, enters=enters),
                law=" * ".join([*factors, *([share] if share else [])]),
            )
        )
    return found


def _shares(writer: _Writer, fates: range, transition: str) -> list[str]:
    """Return the probability of each fate as a formula; nothing where there is one fate only."""
    a = writer.process.arrays
    if len(fates) == 1:
        return [""]
    weighted = any(int(a.fate_role[f]) in writer.multipliers for f in fates)
    total = 1.0 if weighted else float(a.fate_probability[fates.start : fates.stop].sum())
    terms = []
    for number, f in enumerate(fates, start=1):
        # Probabilities add to 1 only within rounding; a weighted share is divided by its own sum.
        p = float(a.fate_probability[f]) / total
        said = f"probability of fate {number} of {transition}"
        name = writer.parameter(("p", transition, f"fate{number}", p), said, p, "dimensionless")
        terms.append(" * ".join([name, *(m for m in [writer.multipliers.get(int(a.fate_role[f]))] if m)]))
    return [f"({t}) / ({' + '.join(terms)})" for t in terms] if weighted else terms


def _products(writer: _Writer, f: int, *, enters: bool) -> dict[str, int]:
    a = writer.process.arrays
    born = Counter(a.daughters[a.fate_daughters[f] : a.fate_daughters[f + 1]].tolist())
    if enters:
        # The outside world is immortal: it returns with each cell that it gives.
        born -= Counter([writer.process.n_states - 1])
    return {writer.species[j]: born[j] for j in sorted(born)}


def _notes(modifiers: Modifiers, amounts: Amounts, schedule: ScheduleForm) -> tuple[str, ...]:
    first, last = float(modifiers.edges[0]), float(modifiers.edges[-1])
    form = (
        "assignment rules in time"
        if schedule == "piecewise"
        else "events at their edges; an integrator that does not stop at events is late at each"
    )
    said = [
        "Cells do not interact: every reaction is of zeroth or first order. Species are amounts of cells.",
        f"Time 0 is day {first:.15g} of the study; the process is defined to time {last - first:.15g} "
        f"(day {last:.15g}), and multipliers keep their last value after it.",
        f"Multipliers of roles (m_...) are constant between edges and given as {form}. A role without one "
        "is multiplied by 1 throughout.",
    ]
    return (*said, *([amounts.loss] if amounts.loss else []))
