"""A reader of SBML that knows nothing of soleus: it solves what the document says.

It evaluates the MathML of kinetic laws, rules and events, cuts time at every number that time is
compared with, and solves the linear equations of each piece by SciPy's matrix exponential.
"""

from __future__ import annotations

from math import prod

import libsbml
import numpy as np
from scipy.linalg import expm

__all__ = ["parse", "solve", "species_ids"]

Values = dict[str, np.ndarray | float]


def parse(text: str) -> libsbml.SBMLDocument:
    """Return the document; its parts live only as long as the caller holds it."""
    document = libsbml.readSBMLFromString(text)
    assert document.getNumErrors() == 0, document.getErrorLog().toString()
    return document


def species_ids(document: libsbml.SBMLDocument) -> list[str]:
    return [s.getId() for s in document.getModel().getListOfSpecies()]


def _children(node: libsbml.ASTNode) -> list[libsbml.ASTNode]:
    return [node.getChild(i) for i in range(node.getNumChildren())]


def evaluate(node: libsbml.ASTNode, known: Values) -> np.ndarray | float:
    kind = node.getType()
    if kind == libsbml.AST_NAME_TIME:
        return known["time"]
    if kind == libsbml.AST_NAME:
        return known[node.getName()]
    if node.isNumber():
        return float(node.getValue())
    if kind == libsbml.AST_FUNCTION_PIECEWISE:
        return _piecewise(node, known)
    inner = [evaluate(c, known) for c in _children(node)]
    if kind == libsbml.AST_TIMES:
        return prod(inner)
    if kind == libsbml.AST_PLUS:
        return sum(inner)
    first, second = inner
    if kind == libsbml.AST_DIVIDE:
        return first / second
    if kind == libsbml.AST_RELATIONAL_LT:
        return first < second
    assert kind == libsbml.AST_RELATIONAL_GEQ, f"no such operation in the reader: {kind}"
    return first >= second


def _piecewise(node: libsbml.ASTNode, known: Values) -> np.ndarray | float:
    parts = _children(node)
    hits = [
        value
        for value, condition in zip(parts[:-1:2], parts[1::2], strict=True)
        if evaluate(condition, known)
    ]
    assert len(hits) <= 1, "more than one piece holds: SBML does not define the value"
    return evaluate(hits[0] if hits else parts[-1], known)


def _breaks(node: libsbml.ASTNode) -> set[float]:
    """Return the numbers that time is compared with."""
    if node.getType() in (libsbml.AST_RELATIONAL_LT, libsbml.AST_RELATIONAL_GEQ):
        left, right = _children(node)
        assert left.getType() == libsbml.AST_NAME_TIME
        return {float(right.getValue())}
    return {t for child in _children(node) for t in _breaks(child)}


def _fire(model: libsbml.Model, known: Values, state: dict[str, bool]) -> None:
    for event in model.getListOfEvents():
        now = bool(evaluate(event.getTrigger().getMath(), known))
        before = state.get(event.getId(), event.getTrigger().getInitialValue())
        state[event.getId()] = now
        if now and not before:
            for assignment in event.getListOfEventAssignments():
                known[assignment.getVariable()] = evaluate(assignment.getMath(), known)


def _generator(model: libsbml.Model, ids: list[str], known: Values) -> np.ndarray:
    """Return A of d(y, 1)/dt = A (y, 1), found by probing the laws at 0 and at each unit vector."""
    n = len(ids)
    probes = np.eye(n, n + 1)
    middle = {**known, **dict(zip(ids, probes, strict=True))}
    change = np.zeros((n + 1, n + 1))
    for reaction in model.getListOfReactions():
        flow = evaluate(reaction.getKineticLaw().getMath(), middle) * np.ones(n + 1)
        flow[:n] -= flow[n]
        for r in reaction.getListOfReactants():
            change[ids.index(r.getSpecies())] -= r.getStoichiometry() * flow
        for p in reaction.getListOfProducts():
            change[ids.index(p.getSpecies())] += p.getStoichiometry() * flow
    return change


def solve(document: libsbml.SBMLDocument, times: np.ndarray) -> np.ndarray:
    """Return the amounts at increasing times, shape (T, species)."""
    model, ids = document.getModel(), species_ids(document)
    known: Values = {p.getId(): p.getValue() for p in model.getListOfParameters()}
    trees = [r.getMath() for r in model.getListOfRules()]
    trees += [e.getTrigger().getMath() for e in model.getListOfEvents()]
    cuts = {0.0, *map(float, times), *(t for tree in trees for t in _breaks(tree))}
    y = np.array([*(s.getInitialAmount() for s in model.getListOfSpecies()), 1.0])
    found, triggers = {}, {}
    stops = sorted(c for c in cuts if c <= times[-1])
    for begin, end in zip(stops, [*stops[1:], stops[-1]], strict=True):
        found[begin] = y[:-1].copy()
        known["time"] = begin
        _fire(model, known, triggers)
        inside = {**known, "time": 0.5 * (begin + end)}
        for rule in model.getListOfRules():
            inside[rule.getVariable()] = evaluate(rule.getMath(), inside)
        y = expm(_generator(model, ids, inside) * (end - begin)) @ y
    return np.array([found[float(t)] for t in times])
