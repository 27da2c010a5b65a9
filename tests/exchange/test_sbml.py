"""SBML says the process that the engines solve: read by a reader of its own, and with planted errors."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import libsbml
import numpy as np
import pytest
from exchange_models import DAYS, distance, from_engine, full_modifiers, full_process, full_start
from random_models import random_case
from sbml_reader import parse, solve, species_ids

from soleus.api import packaged
from soleus.catalogue.studies import load_study
from soleus.engines import Start, mean_cells
from soleus.exchange import sbml_text
from soleus.lineage import CellType, Fate, Lineage, Phase, Transition, compile_lineage
from soleus.movement import Modifiers
from soleus.study import bind

FORMS = ("piecewise", "events")


def full_document(form: str) -> libsbml.SBMLDocument:
    process = full_process()
    return parse(sbml_text(process, full_modifiers(process), full_start(process), schedule=form))


def full_distance(document: libsbml.SBMLDocument) -> float:
    process = full_process()
    return distance(document, process, full_modifiers(process), full_start(process), DAYS)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("seed", range(12))
def test_random_models_agree_with_the_engine(seed: int, form: str) -> None:
    case = random_case(seed)
    process = replace(case.process, jumps=())
    text = sbml_text(process, case.modifiers, case.start, schedule=form, initial="mean")
    assert distance(parse(text), process, case.modifiers, case.start, case.days) < 1e-6


@pytest.mark.parametrize("form", FORMS)
def test_the_study_of_the_account_agrees_with_the_engine(form: str) -> None:
    experiment = bind(
        load_study(packaged(), "leg-day"), gains={"afferent-activation": 0.8, "amplification": 0.5}
    )
    process, start, modifiers = experiment.process, experiment.start, experiment.modifiers("unloaded")
    document = parse(sbml_text(process, modifiers, start, schedule=form, initial="mean"))
    days = [-62.0, -5.5, 0.0, 3.0, 14.0, 28.0]
    read = solve(document, np.array(days) - modifiers.edges[0])
    assert from_engine(read, process, modifiers, start, days) < 1e-6
    # The test can tell the groups apart, so it would see a lost schedule.
    assert from_engine(read, process, experiment.modifiers("control"), start, days) > 1e-2


@pytest.mark.parametrize("form", FORMS)
def test_everything_at_once_agrees(form: str) -> None:
    assert full_distance(full_document(form)) < 1e-9


def _reaction(model: libsbml.Model, pattern: str) -> libsbml.Reaction:
    return next(r for r in model.getListOfReactions() if re.search(pattern, r.getId()))


def one_daughter_more(model: libsbml.Model) -> None:
    product = _reaction(model, "divide.*fate2").getProduct(1)
    product.setStoichiometry(product.getStoichiometry() + 1)


def edge_shifted(model: libsbml.Model) -> None:
    trees = [r.getMath() for r in model.getListOfRules()]
    trees += [e.getTrigger().getMath() for e in model.getListOfEvents()]
    while trees:
        node = trees.pop()
        trees += [node.getChild(i) for i in range(node.getNumChildren())]
        if node.isRelational() and abs(node.getChild(1).getValue() - 1.75) < 1e-9:
            node.getChild(1).setValue(1.85)


def share_not_normalised(model: libsbml.Model) -> None:
    law = _reaction(model, "divide.*fate1").getKineticLaw()
    formula = libsbml.formulaToL3String(law.getMath())
    assert formula.count("/") == 1
    assert law.setMath(libsbml.parseL3Formula(formula.split("/")[0])) == libsbml.LIBSBML_OPERATION_SUCCESS


def source_lost(model: libsbml.Model) -> None:
    gone = model.removeReaction(_reaction(model, "enter").getId())
    assert gone.getNumReactants() == 0


def stage_lost(model: libsbml.Model) -> None:
    product = _reaction(model, "divide_stem_S_1$").getProduct(0)
    assert product.getSpecies() == "stem_S_2"
    product.setSpecies("stem_S_3")


def hazard_changed(model: libsbml.Model) -> None:
    parameter = model.getParameter("k_dies")
    parameter.setValue(parameter.getValue() * 1.02)


def start_changed(model: libsbml.Model) -> None:
    species = model.getSpecies("blast_p")
    species.setInitialAmount(species.getInitialAmount() + 1)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "plant",
    [
        one_daughter_more,
        edge_shifted,
        share_not_normalised,
        source_lost,
        stage_lost,
        hazard_changed,
        start_changed,
    ],
)
def test_planted_errors_are_seen(plant: Callable[[libsbml.Model], None], form: str) -> None:
    document = full_document(form)
    plant(document.getModel())
    assert full_distance(document) > 1e-4


def test_the_document_is_plain_and_consistent_for_libsbml() -> None:
    document = full_document("events")
    document.checkConsistency()
    codes = {document.getError(i).getErrorId() for i in range(document.getNumErrors())}
    # 99505: literal numbers carry no units, because GillesPy2 and others cannot read them.
    assert codes <= {99505}
    assert " day" not in libsbml.formulaToL3String(document.getModel().getEvent(0).getTrigger().getMath())
    model = document.getModel()
    assert (document.getLevel(), document.getVersion()) == (3, 1)
    assert (model.getTimeUnits(), model.getSubstanceUnits()) == ("day", "item")
    assert species_ids(document) == ["stem_G1", *(f"stem_S_{k}" for k in (1, 2, 3, 4)), "blast_p"]
    assert all(s.getHasOnlySubstanceUnits() for s in model.getListOfSpecies())
    assert model.getName() == "full & <odd> name"
    assert "Time 0 is day -1 of the study" in model.getNotesString()


def test_same_bytes_and_sharing_of_numbers() -> None:
    process = full_process()
    texts = {
        sbml_text(p, full_modifiers(p), full_start(p), schedule="piecewise")
        for p in (process, full_process())
    }
    assert len(texts) == 1
    document = parse(texts.pop())
    model = document.getModel()
    ids = [p.getId() for p in model.getListOfParameters() if p.getId().startswith("k_")]
    assert ids == ["k_G1_to_S", "k_divide", "k_dies", "k_blast_ends", "k_enter"]


def test_a_multiplier_of_one_leaves_plain_mass_action() -> None:
    process = full_process()
    document = parse(sbml_text(process, Modifiers.none(0, 3), full_start(process)))
    model = document.getModel()
    assert model.getNumRules() == model.getNumEvents() == 0
    law = _reaction(model, "G1_to_S").getKineticLaw().getMath()
    assert libsbml.formulaToL3String(law) == "k_G1_to_S * stem_G1"


def test_a_constant_multiplier_needs_no_rule_and_neighbours_are_merged() -> None:
    process = full_process()
    values = np.array([[0.5, 0.5, 0.5], [2.0, 2.0, 3.0]])
    modifiers = Modifiers(np.array([0.0, 1.0, 2.0, 3.0]), ("death", "division"), values)
    document = parse(sbml_text(process, modifiers, full_start(process), schedule="events"))
    model = document.getModel()
    assert model.getParameter("m_death").getConstant()
    assert [e.getTrigger().getMath().getChild(1).getValue() for e in model.getListOfEvents()] == [2.0]


def test_probabilities_are_shares_of_their_sum_as_in_the_engine() -> None:
    process = full_process()
    doubled = process.arrays._replace(fate_probability=2.0 * process.arrays.fate_probability)
    process = replace(process, arrays=doubled)
    document = parse(sbml_text(process, full_modifiers(process), full_start(process)))
    assert full_distance(document) < 1e-9


def test_names_that_fall_together_stay_apart() -> None:
    types = tuple(CellType(n, n, (Phase("p q"),)) for n in ("a+", "a-", "A "))
    ways = tuple(
        Transition(f"go {t.name}", "death", t.name, (Fate("gone", 1.0),), rate_per_day=k)
        for k, t in enumerate(types, start=1)
    )
    process = compile_lineage(Lineage("1", types, ways, founders=tuple(t.name for t in types)))
    start = Start.given(process, {t.name: 10 for t in types})
    document = parse(sbml_text(process, Modifiers.none(0, 1), start))
    assert species_ids(document) == ["a_p_q", "a_p_q_2", "A_p_q_3"]
    assert distance(document, process, Modifiers.none(0, 1), start, [0.0, 1.0]) < 1e-9


def test_tiny_and_huge_numbers_survive() -> None:
    types = (CellType("x", "x", (Phase("p"),)),)
    way = Transition("go", "death", "x", (Fate("gone", 1.0),), rate_per_day=1e-9)
    process = compile_lineage(Lineage("tiny", types, (way,)))
    edges = np.array([0.0, 1e-6, 1e3])
    modifiers = Modifiers(edges, ("death",), np.array([[1e9, 3e-7]]))
    start = Start.given(process, {"x": 1e9})
    for form in FORMS:
        document = parse(sbml_text(process, modifiers, start, schedule=form))
        model = document.getModel()
        assert model.getParameter("k_go").getValue() == 1e-9
        assert distance(document, process, modifiers, start, [1e-6, 900.0]) < 1e-9
    assert mean_cells(process, modifiers, start, days=[1e-6])[0, 0] < 1e9
