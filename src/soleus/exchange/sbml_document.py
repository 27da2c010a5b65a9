"""From a network in plain data to a checked SBML document."""

from __future__ import annotations

import importlib
from html import escape
from typing import Any

from soleus.errors import UnsupportedError
from soleus.exchange.sbml_network import Course, Network, Reaction

__all__ = ["document_text"]

# Level 3 Version 1: see the notes of soleus.exchange.sbml_text.
_LEVEL, _VERSION = 3, 1
_COMPARTMENT = "niche_space"
_SECONDS_PER_DAY = 86400.0
_XHTML = "http://www.w3.org/1999/xhtml"


def document_text(network: Network) -> str:
    """Return the document of a network, after libsbml has found it consistent, units included.

    Raises
    ------
    UnsupportedError
        If ``libsbml`` is not installed.
    RuntimeError
        If libsbml finds the document at fault: a defect of this export.
    """
    libsbml = _libsbml()
    document = libsbml.SBMLDocument(_LEVEL, _VERSION)
    model = _new_model(libsbml, document, network)
    for species in network.species:
        _add_species(model, *species)
    for parameter in network.parameters:
        _add_parameter(model, *parameter, constant=True)
    add_course = _add_rule if network.schedule == "piecewise" else _add_start_of_events
    for course in network.courses:
        add_course(libsbml, model, course)
    if network.schedule == "events":
        _add_events(libsbml, model, network.courses)
    for reaction in network.reactions:
        _add_reaction(libsbml, model, reaction)
    _check(libsbml, document)
    _forget_units_of_literals(model)
    return str(libsbml.writeSBMLToString(document))


def _libsbml() -> Any:
    try:
        return importlib.import_module("libsbml")
    except ImportError as error:
        raise UnsupportedError(
            "SBML export needs libsbml, which is not installed; run: pip install 'soleus[sbml]'"
        ) from error


def _new_model(libsbml: Any, document: Any, network: Network) -> Any:
    model = document.createModel()
    model.setId(network.id)
    model.setName(network.name)
    model.setNotes(f"<body xmlns='{_XHTML}'>{''.join(f'<p>{escape(n)}</p>' for n in network.notes)}</body>")
    _add_unit(model, "day", (libsbml.UNIT_KIND_SECOND, 1, _SECONDS_PER_DAY))
    _add_unit(model, "per_day", (libsbml.UNIT_KIND_SECOND, -1, _SECONDS_PER_DAY))
    item = (libsbml.UNIT_KIND_ITEM, 1, 1.0)
    _add_unit(model, "item_per_day", item, (libsbml.UNIT_KIND_SECOND, -1, _SECONDS_PER_DAY))
    model.setTimeUnits("day")
    model.setSubstanceUnits("item")
    model.setExtentUnits("item")
    model.setVolumeUnits("litre")
    space = model.createCompartment()
    space.setId(_COMPARTMENT)
    space.setName("where the cells are; its size acts on nothing")
    space.setSpatialDimensions(3)
    space.setSize(1.0)
    space.setUnits("litre")
    space.setConstant(True)
    return model


def _add_unit(model: Any, name: str, *factors: tuple[int, int, float]) -> None:
    definition = model.createUnitDefinition()
    definition.setId(name)
    for kind, exponent, multiplier in factors:
        unit = definition.createUnit()
        unit.setKind(kind)
        unit.setExponent(exponent)
        unit.setScale(0)
        unit.setMultiplier(multiplier)


def _add_species(model: Any, name: str, label: str, amount: float) -> None:
    species = model.createSpecies()
    species.setId(name)
    species.setName(label)
    species.setCompartment(_COMPARTMENT)
    species.setInitialAmount(amount)
    species.setSubstanceUnits("item")
    species.setHasOnlySubstanceUnits(True)
    species.setBoundaryCondition(False)
    species.setConstant(False)


def _add_parameter(model: Any, name: str, label: str, value: float, unit: str, *, constant: bool) -> None:
    parameter = model.createParameter()
    parameter.setId(name)
    parameter.setName(label)
    parameter.setValue(value)
    parameter.setUnits(unit)
    parameter.setConstant(constant)


def _add_start_of_events(libsbml: Any, model: Any, course: Course) -> None:
    """Add a role's multiplier with its first value."""
    label = f"multiplier of role {course.role}"
    constant = not course.days
    _add_parameter(model, course.id, label, course.values[0], "dimensionless", constant=constant)


def _add_rule(libsbml: Any, model: Any, course: Course) -> None:
    """Add a role's multiplier as a function of time, if it changes."""
    _add_start_of_events(libsbml, model, course)
    if course.days:
        rule = model.createAssignmentRule()
        rule.setVariable(course.id)
        rule.setMath(_math(libsbml, _piecewise(course.days, course.values)))


def _piecewise(days: tuple[float, ...], values: tuple[float, ...]) -> str:
    """Return nested halves: one condition at a time is decided, and only log2(edges) of them."""
    if not days:
        return f"{values[0]!r} dimensionless"
    middle = len(days) // 2
    before = _piecewise(days[:middle], values[: middle + 1])
    after = _piecewise(days[middle + 1 :], values[middle + 1 :])
    return f"piecewise({before}, time < {days[middle]!r} day, {after})"


def _add_events(libsbml: Any, model: Any, courses: tuple[Course, ...]) -> None:
    """Add one event per edge, which sets every multiplier that changes there."""
    for number, day in enumerate(sorted({d for c in courses for d in c.days}), start=1):
        event = model.createEvent()
        event.setId(f"edge_{number}")
        event.setUseValuesFromTriggerTime(True)
        trigger = event.createTrigger()
        trigger.setMath(_math(libsbml, f"time >= {day!r} day"))
        trigger.setInitialValue(True)
        trigger.setPersistent(True)
        for course in courses:
            if day in course.days:
                assignment = event.createEventAssignment()
                assignment.setVariable(course.id)
                value = course.values[course.days.index(day) + 1]
                assignment.setMath(_math(libsbml, f"{value!r} dimensionless"))


def _add_reaction(libsbml: Any, model: Any, reaction: Reaction) -> None:
    made = model.createReaction()
    made.setId(reaction.id)
    made.setName(reaction.name)
    made.setReversible(False)
    made.setFast(False)
    sides = [] if reaction.reactant is None else [(made.createReactant(), reaction.reactant, 1)]
    sides += [(made.createProduct(), name, number) for name, number in reaction.products.items()]
    for reference, name, number in sides:
        reference.setSpecies(name)
        reference.setStoichiometry(float(number))
        reference.setConstant(True)
    made.createKineticLaw().setMath(_math(libsbml, reaction.law))


def _math(libsbml: Any, formula: str) -> Any:
    tree = libsbml.parseL3Formula(formula)
    if tree is None:
        raise RuntimeError(f"SBML export made the formula {formula!r}, which libsbml refuses; report this")
    return tree


def _check(libsbml: Any, document: Any) -> None:
    document.checkConsistency()
    faults = [document.getError(i) for i in range(document.getNumErrors())]
    grave = [f for f in faults if f.getSeverity() >= libsbml.LIBSBML_SEV_WARNING]
    if grave:
        first = " ".join(grave[0].getMessage().split())
        raise RuntimeError(
            f"SBML export made a document with {len(grave)} faults (first: {first}); report this"
        )


def _forget_units_of_literals(model: Any) -> None:
    """Take the units off literal numbers once they were checked: several readers trip over them."""
    trees = [model.getRule(i).getMath() for i in range(model.getNumRules())]
    for event in (model.getEvent(i) for i in range(model.getNumEvents())):
        trees.append(event.getTrigger().getMath())
        trees += [event.getEventAssignment(j).getMath() for j in range(event.getNumEventAssignments())]
    while trees:
        node = trees.pop()
        node.unsetUnits()
        trees += [node.getChild(i) for i in range(node.getNumChildren())]
