"""The declared plan of an analysis, and the analysis: one row for each read-out, day and contrast.

What is compared, by which method, in which family and within which margin is said before the data
are looked at; :func:`analyse` then does exactly that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from soleus.analysis.comparisons import run_plan
from soleus.analysis.declaration import Analysis, AnalysisPlan, Comparison, Correction
from soleus.streams import draw_seed

if TYPE_CHECKING:
    from soleus.observations import Observations

__all__ = ["Analysis", "AnalysisPlan", "Comparison", "Correction", "analyse"]


def analyse(observations: Observations, plan: AnalysisPlan) -> Analysis:
    """Do what the plan declares.

    Parameters
    ----------
    observations
        The table; virtual or real makes no difference.
    plan
        What is compared.

    Returns
    -------
    Analysis
        One comparison for each read-out, day and contrast; those that the data cannot carry hold
        the reason.

    Raises
    ------
    UnknownNameError
        A group, read-out or day that the table does not have.
    InputError
        Factors that are not two of two levels, a method that does not suit the numbers, or a table
        of published summaries alone.
    """
    seed = draw_seed() if plan.seed is None else plan.seed
    return run_plan(observations, plan, seed)
