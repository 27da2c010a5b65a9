"""What is independent: animals, or the cages, litters or batches in which all animals had one treatment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from soleus.analysis.linear import shown_name
from soleus.errors import InputError, unknown_name

if TYPE_CHECKING:
    import pandas as pd

    from soleus.analysis.declaration import AnalysisPlan

__all__ = [
    "Independence",
    "animals_of",
    "design_column",
    "design_columns",
    "independence",
    "nested_clusters",
]

_ANIMAL = ("animal", "animals", "culture")
_SHARED = ("litter", "cage")
_COLUMNS = ("sex", "litter", "cage", "observer", "strain")


@dataclass(frozen=True, slots=True)
class Independence:
    """What counts as one independent unit.

    Parameters
    ----------
    unit
        Column whose entries are the units; None takes animals.
    cluster
        Column of clusters that hold both groups, a random effect; None where there is none.
    chosen
        Whether the unit was found rather than declared.
    called
        What the animals of the table are, where they are units: "animal" or "culture".
    """

    unit: str | None = None
    cluster: str | None = None
    chosen: bool = False
    called: str = "animal"

    @property
    def noun(self) -> str:
        """What a unit is called."""
        return self.called if self.unit is None else shown_name(self.unit)


def design_columns(frame: pd.DataFrame) -> list[str]:
    """Return the columns that could be blocks, those that have any entry."""
    names = list(_COLUMNS)
    names += [str(c) for c in frame.columns if str(c).startswith("block:")]
    return [name for name in names if name in frame.columns and bool(frame[name].notna().any())]


def design_column(frame: pd.DataFrame, name: str, *, option: str, covariate: bool = False) -> str:
    """Return the column that a name means.

    Raises
    ------
    UnknownNameError
        The table has no such column.
    """
    if covariate:
        known = [str(c) for c in frame.columns if str(c).startswith("covariate:")]
        if bool(frame["age_days"].notna().any()):
            known.append("age_days")
    else:
        known = design_columns(frame)
    shown = {shown_name(column): column for column in known} | {column: column for column in known}
    if name in shown:
        return shown[name]
    folded = {key.casefold(): column for key, column in shown.items()}
    if name.casefold() in folded:
        return folded[name.casefold()]
    names = [shown_name(column) for column in known]
    if covariate:
        names += [str(readout) for readout in frame["readout"].drop_duplicates()]
    raise unknown_name(f"column of {option}", name, names or ["none"])


def animals_of(frame: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each animal and group, with the columns of the design."""
    blocks = [str(c) for c in frame.columns if str(c).startswith("block:")]
    narrow = frame[["study", "animal", "group", *_COLUMNS, *blocks]]
    return narrow.drop_duplicates(["study", "animal", "group"]).dropna(subset=["animal"])


def nested_clusters(frame: pd.DataFrame) -> list[str]:
    """Return columns of which every entry holds one group only, each group several, some several animals."""
    animals = animals_of(frame)
    found: list[tuple[int, str]] = []
    for name in (*_SHARED, *(str(c) for c in frame.columns if str(c).startswith("block:"))):
        if name not in frame.columns or animals[name].isna().any() or animals.empty:
            continue
        groups = animals.groupby(name)["group"].nunique()
        each = animals.groupby("group")[name].nunique()
        if (groups > 1).any() or each.min() < 2 or len(groups) >= len(animals):
            continue
        found.append((len(groups), name))
    return [name for _, name in sorted(found, key=lambda pair: pair[0])]


def independence(frame: pd.DataFrame, plan: AnalysisPlan) -> Independence:
    """Return what is independent in a table: what the plan declares, else what the design says.

    Raises
    ------
    InputError
        A unit that holds animals of several groups, or a column that the table does not have.
    """
    if plan.paired or plan.growth:
        if plan.unit is not None and plan.unit not in _ANIMAL:
            raise InputError(f"--unit {plan.unit}: pairs and growth take animals or cultures for units")
        return Independence()
    if plan.unit is not None:
        if plan.unit in _ANIMAL:
            called = "culture" if plan.unit == "culture" else "animal"
            return Independence(cluster=_cluster(frame, plan), called=called)
        unit = design_column(frame, plan.unit, option="--unit")
        if _mixed(frame, unit):
            raise InputError(
                f"--unit {plan.unit}: {_several(frame, unit)} hold several groups, so that it is no"
                f" unit; use --cluster {plan.unit} (random) or --block {plan.unit} (fixed)"
            )
        return Independence(unit)
    if plan.cluster is not None:
        column = design_column(frame, plan.cluster, option="--cluster")
        return Independence(cluster=column) if _mixed(frame, column) else Independence(column)
    found = [] if plan.factorial else nested_clusters(frame)
    found = [name for name in found if shown_name(name) not in plan.blocks and name not in plan.blocks]
    return Independence(found[0], chosen=True) if found else Independence()


def _cluster(frame: pd.DataFrame, plan: AnalysisPlan) -> str | None:
    return None if plan.cluster is None else design_column(frame, plan.cluster, option="--cluster")


def _mixed(frame: pd.DataFrame, column: str) -> bool:
    animals = animals_of(frame)
    return bool((animals.groupby(column)["group"].nunique() > 1).any())


def _several(frame: pd.DataFrame, column: str) -> str:
    animals = animals_of(frame)
    groups = animals.groupby(column, sort=False)["group"].nunique()
    names = [str(name) for name in groups.index[groups > 1]]
    return f"{len(names)} of them ({', '.join(names[:3])})"
