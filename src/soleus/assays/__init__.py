"""What a laboratory would count: read-outs, sampling and noise, one model for every use.

``sample`` draws what would be counted from true cells; ``log_prob`` scores what was counted given
the predicted mean. Both belong to one object, so that simulating, fitting and planning cannot
drift apart.
"""

from soleus.assays.counting import CountAssay, log_variance
from soleus.assays.evaluate import Evaluator
from soleus.assays.published import NORMAL_95, PublishedMean
from soleus.assays.readouts import AnyReadout, Flux, Readout, Share, weight_matrix

__all__ = [
    "NORMAL_95",
    "AnyReadout",
    "CountAssay",
    "Evaluator",
    "Flux",
    "PublishedMean",
    "Readout",
    "Share",
    "log_variance",
    "weight_matrix",
]
