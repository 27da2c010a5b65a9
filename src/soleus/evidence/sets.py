"""Mechanism sets of the catalogue, as a bound study can use them."""

from __future__ import annotations

from soleus.catalogue.folder import Catalogue
from soleus.catalogue.movement import mechanism_sets, movement_entries
from soleus.study import Experiment
from soleus.study.response import MechanismSet

__all__ = ["set_label", "sets_that_are_on"]


def sets_that_are_on(catalogue: Catalogue, experiment: Experiment) -> dict[str, MechanismSet]:
    """Return the catalogue's sets whose mechanisms are all switched on, cut to those that act here."""
    on = {m.name for m in experiment.study.mechanisms if m.on}
    here = {m.name for m in experiment.mechanisms}
    sets = {}
    for name, shares in mechanism_sets(catalogue).items():
        acting = {m: share for m, share in shares.items() if m in here}
        if set(shares) <= on and acting:
            sets[name] = MechanismSet(name, set_label(catalogue, name), acting)
    return sets


def set_label(catalogue: Catalogue, name: str) -> str:
    """Return a set's words: its own, else its mechanism's if it is named for one, else its name."""
    entries = movement_entries(catalogue)
    if name in entries.set_labels:
        return entries.set_labels[name]
    return entries.mechanisms[name].label if name in entries.mechanisms else name.replace("-", " ")
