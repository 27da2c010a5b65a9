"""Who, what, when; and the hinge of the project: ``bind``, ``simulate``, ``log_prob``.

``bind(study)`` gives an :class:`Experiment`. ``simulate(experiment, seed)`` turns it into a table,
``log_prob(experiment, observations, theta)`` scores a table, virtual or real, under it.
"""

from soleus.study.allocation import allocate, describe_allocation
from soleus.study.cohort import Engine, true_cells
from soleus.study.design import Animal, GroupPlan, Losses, ReportedEffect, Study, Variation
from soleus.study.experiment import Experiment, bind
from soleus.study.likelihood import log_prob, pointwise_published
from soleus.study.niche import AgeLaw, Niche, StartRule
from soleus.study.simulate import counterfactual_twins, simulate

__all__ = [
    "AgeLaw",
    "Animal",
    "Engine",
    "Experiment",
    "GroupPlan",
    "Losses",
    "Niche",
    "ReportedEffect",
    "StartRule",
    "Study",
    "Variation",
    "allocate",
    "bind",
    "counterfactual_twins",
    "describe_allocation",
    "log_prob",
    "pointwise_published",
    "simulate",
    "true_cells",
]
