"""What a laboratory would count: read-outs, sampling and noise, one model for every use.

``draw`` draws what would be counted from true cells; ``log_prob`` scores what was counted given the
predicted mean. Both belong to one object, so that simulating, fitting and planning cannot drift
apart. Markers and gates say which cells are seen; ``stereology`` turns a sampling design into a count
assay; ``thymidine`` holds the classical formulas for labels, and ``clones`` sparse labelling.
"""

from soleus.assays.body import BodyAssay
from soleus.assays.body_readouts import BodyEffect, BodyReadout, log_responses
from soleus.assays.clones import STEM_CLASSES, CloneAssay, CloneClass, JointClones, SparseLabel
from soleus.assays.counting import CountAssay, log_variance
from soleus.assays.evaluate import Evaluator
from soleus.assays.fractions import FractionAssay
from soleus.assays.markers import Gate, Marker, merge_tags
from soleus.assays.published import NORMAL_95, PublishedMean
from soleus.assays.quadrature import log_normal_mean
from soleus.assays.readouts import AnyReadout, CellReadout, Flux, Readout, Share, tags_of, weight_matrix

__all__ = [
    "STEM_CLASSES",
    "NORMAL_95",
    "AnyReadout",
    "BodyAssay",
    "BodyEffect",
    "BodyReadout",
    "CellReadout",
    "CloneAssay",
    "CloneClass",
    "CountAssay",
    "Evaluator",
    "Flux",
    "FractionAssay",
    "Gate",
    "JointClones",
    "Marker",
    "PublishedMean",
    "Readout",
    "Share",
    "SparseLabel",
    "log_normal_mean",
    "log_responses",
    "log_variance",
    "merge_tags",
    "tags_of",
    "weight_matrix",
]
