"""One call for a laboratory's table: read the file, draw or take its plan, make observations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from soleus.exchange.readers.mapping import Mapping
from soleus.exchange.readers.question import Answers
from soleus.exchange.readers.raw import RawTable
from soleus.exchange.readers.store import load_mapping, mapping_path
from soleus.exchange.readers.table import to_observations
from soleus.exchange.reading.draft import NOTHING_SAID, Wanted
from soleus.exchange.reading.layouts import transposed
from soleus.exchange.reading.plan import ReadingPlan
from soleus.exchange.reading.propose import mapping_of, propose
from soleus.exchange.reading.tables import join_key, read_raw, read_table
from soleus.exchange.reading.told import plan_of
from soleus.observations import Observations

__all__ = ["Imported", "known_mapping", "read", "read_prepared"]


@dataclass(frozen=True, slots=True)
class Imported:
    """A file as observations.

    Parameters
    ----------
    observations
        The table.
    plan
        How it was read, and why.
    raw
        The table as it stands in the file.
    proposed
        The plan was drawn just now; False where a mapping gave it.
    answered
        The user answered something on the way.
    """

    observations: Observations
    plan: ReadingPlan
    raw: RawTable
    proposed: bool
    answered: bool = False

    @property
    def mapping(self) -> Mapping:
        """The instructions by which it was read."""
        return self.plan.mapping

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know of the file itself: separator, hidden sheets, codes."""
        return self.raw.notes


def read(
    path: str | Path,
    *,
    mapping: Mapping | str | Path | None = None,
    sheet: str | None = None,
    answers: Sequence[str] = (),
    wanted: Wanted = NOTHING_SAID,
    key: str | Path | None = None,
) -> Imported:
    """Read a laboratory's table as observations.

    Parameters
    ----------
    path
        CSV, TSV or other text with separators, .xlsx, .xls or .ods; or a folder of such files, one a group or
        an animal.
    mapping
        A mapping, or the path of one; None: the one kept beside the file, else a plan is drawn.
    sheet
        Sheet of a workbook.
    answers
        Such as "control=sham"; see :class:`Answers`.
    wanted
        What else the caller said.
    key
        A table of codes with the animal or group of each, for a table that was counted blind.

    Raises
    ------
    QuestionError
        The file can be read in two ways that give other numbers.
    InputError
        The file or the mapping cannot be right; names file, row and mend.
    """
    known = known_mapping(path, mapping)
    said = Answers(answers, {} if known is None else known.answers)
    raw = read_table(path, sheet=sheet, mapping=known, answers=said)
    if key is not None:
        raw = join_key(raw, read_raw(key))
    return read_prepared(raw, mapping=known, said=said, wanted=wanted)


def read_prepared(raw: RawTable, *, mapping: Mapping | None, said: Answers, wanted: Wanted) -> Imported:
    """Read a table that is at hand (see :func:`read`)."""
    raw = transposed(raw) or raw
    if mapping is not None and mapping.values:
        observations = to_observations(raw, mapping)
        return Imported(
            observations, plan_of(raw, mapping, observations, proposed=False), raw, proposed=False
        )
    made = mapping_of(propose(raw, answers=said, wanted=wanted))
    observations = to_observations(raw, made)
    plan = plan_of(raw, made, observations, proposed=True)
    return Imported(observations, plan, raw, proposed=True, answered=bool(said.settled))


def known_mapping(path: str | Path, mapping: Mapping | str | Path | None) -> Mapping | None:
    """Return the mapping that is given, or the one beside the file; None where there is none."""
    if isinstance(mapping, Mapping):
        return mapping
    if mapping is not None:
        return load_mapping(mapping)
    beside = mapping_path(path)
    return load_mapping(beside) if beside.is_file() else None
