"""ARRIVE 2.0, the Essential 10: what a table can fill in, and what only the authors know.

Percie du Sert et al. 2020 (doi 10.1371/journal.pbio.3000410). Titles are theirs; prompts are ours.
"""

from __future__ import annotations

from collections.abc import Callable

from soleus.analysis import Analysis
from soleus.observations import Observations
from soleus.schema.analysis import ArriveItem

__all__ = ["arrive_items"]

_Fill = Callable[[Observations, Analysis], str | None]


def arrive_items(observations: Observations, analysis: Analysis) -> list[ArriveItem]:
    """Return the ten items, filled as far as the table and the plan go."""
    return [
        ArriveItem(number=k, title=title, filled=fill(observations, analysis), prompt=prompt)
        for k, (title, fill, prompt) in enumerate(_ITEMS, start=1)
    ]


def _design(observations: Observations, analysis: Analysis) -> str:
    groups = ", ".join(observations.groups)
    factors = f"; factors: {', '.join(observations.factors)}" if observations.factors else ""
    unit = analysis.unit
    return f"Groups: {groups}; control: {analysis.plan.control}{factors}. Experimental unit: {unit}."


def _sizes(observations: Observations, analysis: Analysis) -> str:
    frame = observations.frame.dropna(subset=["animal"])
    counts = frame.groupby("group", sort=False, observed=True)["animal"].nunique()
    return "; ".join(f"{group}: {n} animals" for group, n in counts.items()) + "."


def _exclusions(observations: Observations, analysis: Analysis) -> str:
    frame = observations.frame
    gone = frame[frame["excluded"].to_numpy(dtype=bool)]
    if gone.empty:
        return "No row of the table is marked as excluded."
    reasons = gone.groupby("exclusion_reason", observed=True).size()
    shown = "; ".join(f"{reason}: {n} values" for reason, n in reasons.items())
    return f"{len(gone)} of {len(frame)} values excluded ({shown})."


def _blinding(observations: Observations, analysis: Analysis) -> str | None:
    blinded = observations.frame["blinded"]
    if blinded.isna().all():
        return None
    share = float(blinded.fillna(False).astype(bool).mean())
    return f"{100 * share:.0f} % of the values are marked as counted blind."


def _outcomes(observations: Observations, analysis: Analysis) -> str:
    families = "; ".join(f"{name}: {', '.join(members)}" for name, members in analysis.plan.families.items())
    declared = f" Families: {families}." if families else " No family of endpoints was declared."
    return f"Read-outs: {', '.join(observations.readouts)}.{declared}"


def _methods(observations: Observations, analysis: Analysis) -> str:
    methods = dict.fromkeys(c.effect.method for c in analysis.comparisons if c.effect is not None)
    words = "; ".join(methods) or "none could be used"
    return (
        f"{words}; intervals at {100 * analysis.plan.level:g} %; p values adjusted by "
        f"{_corrections(analysis)} within families; seed {analysis.seed}."
    )


def _corrections(analysis: Analysis) -> str:
    return " and ".join(dict.fromkeys(c.correction for c in analysis.comparisons)) or "none"


def _animals(observations: Observations, analysis: Analysis) -> str | None:
    frame = observations.frame
    found = []
    for column, words in (("strain", "strain"), ("sex", "sex"), ("age_days", "age in days")):
        known = frame[column].dropna().unique().tolist()
        if known:
            shown = [f"{k:g}" if isinstance(k, float) else str(k) for k in known[:6]]
            found.append(f"{words}: {', '.join(shown)}")
    return "; ".join(found) + "." if found else None


def _results(observations: Observations, analysis: Analysis) -> str:
    told = sum(c.effect is not None for c in analysis.comparisons)
    return (
        f"{told} of {len(analysis.comparisons)} comparisons have an estimate with its interval, in the table."
    )


def _nothing(observations: Observations, analysis: Analysis) -> None:
    return None


_ITEMS: tuple[tuple[str, _Fill, str], ...] = (
    ("Study design", _design, "Say what each group underwent, and why this control."),
    ("Sample size", _sizes, "Say how the number of animals was decided before the start."),
    ("Inclusion and exclusion criteria", _exclusions, "Say the criteria, and whether they came first."),
    ("Randomisation", _nothing, "Say how animals were allocated, and in what order treated and counted."),
    ("Blinding", _blinding, "Say who knew the groups at allocation, treatment, counting and analysis."),
    ("Outcome measures", _outcomes, "Name the primary outcome that the animals were planned for."),
    ("Statistical methods", _methods, "Say how assumptions were looked at, and what if they failed."),
    ("Experimental animals", _animals, "Give species, strain, sex, age or weight, source and health."),
    ("Experimental procedures", _nothing, "Say what was done, how, when, where and why, by group."),
    ("Results", _results, "Report every outcome, with the number of animals behind it."),
)
