"""One function for each job; the command line and the page call these and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soleus.late import late

if TYPE_CHECKING:
    from soleus.api.analyses import analyse
    from soleus.api.content import catalogue, check_catalogue, study_names
    from soleus.api.matrices import matrix
    from soleus.api.packaged import packaged
    from soleus.api.panels import panel
    from soleus.api.runs import Run, run
    from soleus.api.sbml import export_sbml
    from soleus.api.studies import load_study
    from soleus.api.verdicts import claims
    from soleus.catalogue import Catalogue, load_catalogue
    from soleus.observations import Observations
    from soleus.study import bind, log_prob, simulate

__all__ = [
    "Catalogue",
    "Observations",
    "Run",
    "analyse",
    "bind",
    "catalogue",
    "check_catalogue",
    "claims",
    "export_sbml",
    "load_catalogue",
    "load_study",
    "log_prob",
    "matrix",
    "packaged",
    "panel",
    "run",
    "simulate",
    "study_names",
]

_HOMES = {
    "Catalogue": "soleus.catalogue",
    "Observations": "soleus.observations",
    "Run": "soleus.api.runs",
    "analyse": "soleus.api.analyses",
    "bind": "soleus.study",
    "catalogue": "soleus.api.content",
    "check_catalogue": "soleus.api.content",
    "claims": "soleus.api.verdicts",
    "export_sbml": "soleus.api.sbml",
    "load_catalogue": "soleus.catalogue",
    "load_study": "soleus.api.studies",
    "log_prob": "soleus.study",
    "matrix": "soleus.api.matrices",
    "packaged": "soleus.api.packaged",
    "panel": "soleus.api.panels",
    "run": "soleus.api.runs",
    "simulate": "soleus.study",
    "study_names": "soleus.api.content",
}

__getattr__ = late(__name__, _HOMES)
