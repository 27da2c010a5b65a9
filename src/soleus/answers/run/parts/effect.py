"""Which switch or prior decided the size of the effect, as a run shows it."""

from __future__ import annotations

from soleus.answers.run.values import DayPrediction, EffectInfo
from soleus.conduct import ChosenEffect
from soleus.evidence.predictions import Predictions

__all__ = ["effect_info"]


def effect_info(chosen: ChosenEffect, predictions: Predictions) -> EffectInfo:
    """Return the effect of the cohort that is drawn, by its lead read-out.

    Parameters
    ----------
    predictions
        Of the first treated group.
    """
    study, lead = predictions.responder.experiment.study, predictions.lead[0]
    return EffectInfo(
        mode=chosen.mode,
        mechanisms=list(chosen.gains),
        statement=chosen.statement,
        true_ratio=[DayPrediction(day=day, ratio=ratio) for day, ratio in chosen.by_day.items()],
        readout=lead,
        readout_label=next(r.label for r in study.all_readouts() if r.name == lead),
        group=predictions.responder.treated,
    )
