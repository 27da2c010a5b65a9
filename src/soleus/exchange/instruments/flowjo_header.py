"""The header of FlowJo's table: gates, their counts, and what their frequencies are shares of."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from soleus.exchange.readers.files import Source, refusal

__all__ = ["Gate", "Share", "keywords", "read_gates", "short_names"]

_SHARE = re.compile(r"(?i)freq\.? of (?P<of>.+?)\s*(\(%\))?")
_KEYWORDS = {
    "animal": "animal", "animal id": "animal", "mouse": "animal", "mouse id": "animal", "rat": "animal",
    "group": "group", "treatment": "group", "condition": "group", "day": "day",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Share:
    """A column of percentages, and the path of the gate that they are shares of (None: not to be told)."""

    column: str
    of: str | None


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate.

    Parameters
    ----------
    path
        Its path; empty for the whole sample.
    count
        Column of its Count; empty where there is none.
    shares
        Its frequencies.
    """

    path: str
    count: str = ""
    shares: tuple[Share, ...] = ()

    @property
    def parent(self) -> str:
        """Path of the gate around it."""
        return self.path.rpartition("/")[0]


def read_gates(header: tuple[str, ...], source: Source) -> dict[str, Gate]:
    """Return the gates by their paths, in order; statistics that are neither count nor share are left out.

    Raises
    ------
    InputError
        A doubled column, or none of FlowJo's.
    """
    gates: dict[str, Gate] = {}
    for name in header[1:]:
        if name and header.count(name) > 1:
            raise refusal(source.path, f"column {name!r} occurs more than once; export it again", row=1)
        path, bar, statistic = name.rpartition("|")
        path, statistic = path.strip(), statistic.strip()
        if not bar and statistic.lower() != "count":
            continue
        gate = gates.get(path, Gate(path))
        if statistic.lower() in ("count", "#cells", "# cells"):
            gates[path] = replace(gate, count=name)
        elif match := _SHARE.fullmatch(statistic):
            share = Share(name, _of(path, match["of"]))
            gates[path] = replace(gate, shares=(*gate.shares, share))
    if not gates:
        mend = "export it from FlowJo's table editor with the statistics Count and Freq. of Parent"
        raise refusal(source.path, f"no column is of the form 'gate | statistic'; {mend}", row=1)
    return gates


def _of(path: str, word: str) -> str | None:
    """Return the path of the gate that a frequency is a share of."""
    parts = path.split("/")
    if word.lower() == "total":
        return ""
    if word.lower() in ("parent", "grandparent"):
        up = 1 if word.lower() == "parent" else 2
        return "/".join(parts[:-up]) if len(parts) >= up else None
    # FlowJo names an ancestor: Freq. of Lymphocytes.
    around = [k for k, part in enumerate(parts[:-1]) if part == word.rpartition("/")[2]]
    return "/".join(parts[: around[-1] + 1]) if around else None


def keywords(header: tuple[str, ...]) -> dict[str, int]:
    """Return the columns of keywords that name animal, group or day."""
    found: dict[str, int] = {}
    for index, name in enumerate(header):
        role = _KEYWORDS.get(name.lower().strip("$: "))
        if role is not None:
            found.setdefault(role, index)
    return found


def short_names(paths: list[str]) -> list[str]:
    """Return the last part of each path where that is unique, else the whole path."""
    last = [path.rpartition("/")[2] for path in paths]
    return [name if last.count(name) == 1 else path for name, path in zip(last, paths, strict=True)]
