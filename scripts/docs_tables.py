"""The tables of ``docs/assays.md``, written between its markers so that nobody types a number."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.chase import rows as chase_lines
from scripts.assay_data import CLONE_CLASSES, CLONE_PLACES, Lengths

from soleus.answers.panel.figures import animals_text, mark_text
from soleus.answers.panel.values import PanelMark, PanelResult
from soleus.assays.thymidine import CumulativeFit
from soleus.report.names import sentence_case, words
from soleus.report.numbers import change, figures3

__all__ = ["chase_table", "clone_table", "cumulative_table", "panel_tables", "put_tables", "table_of"]

_TOLD_DAYS = (2.0, 7.0, 14.0, 28.0, 56.0)
_BOLD_FROM = 2.0


def put_tables(text: str, tables: dict[str, str]) -> str:
    """Return a page with tables put between their markers; a marker that is missing is an error."""
    for name, table in tables.items():
        begin, end = _markers(name)
        if text.count(begin) != 1 or text.count(end) != 1:
            raise SystemExit(f"the page must hold {begin} and {end} once each")
        head, rest = text.split(begin)
        text = f"{head}{begin}\n\n{table}\n\n{end}{rest.split(end)[1]}"
    return text


def table_of(text: str, name: str) -> str:
    """Return what a page holds between the markers of a table."""
    begin, end = (re.escape(m) for m in _markers(name))
    found = re.search(f"{begin}\n\n(.*?)\n\n{end}", text, flags=re.DOTALL)
    if found is None:
        raise SystemExit(f"the page holds no table {name!r}")
    return found[1]


def _markers(name: str) -> tuple[str, str]:
    return f"<!-- begin: {name} -->", f"<!-- end: {name} -->"


def panel_tables(result: PanelResult) -> dict[str, str]:
    """Return the tables of causes, marks and pairs, and what of all this is provisional."""
    return {
        "causes": _causes(result),
        "signs": _signs(result),
        "pairs": _pairs(result),
        "provisional": _provisional(result),
    }


def _causes(result: PanelResult) -> str:
    rows = []
    for c in result.causes:
        fallen = change(1.0 + c.leading_percent / 100.0) + ("" if c.reaches_fall else " at most")
        rows.append([words(c.name), c.label, c.quantity, f"× {figures3(c.told_at, 2)}", fallen])
    return _table(["cause", "in words", "what changes", "told at", result.leading], rows, right=2)


def _signs(result: PanelResult) -> str:
    found = {(m.statistic, m.cause): m for m in result.marks}
    rows = []
    for s in result.statistics:
        name = sentence_case(s.label) if s.scale == "log odds ratio" else f"{s.name}: {s.label}"
        rows.append([name, *(_mark(found[s.name, c.name]) for c in result.causes)])
    return _table(["read-out", *(words(c.name) for c in result.causes)], rows, right=len(result.causes))


def _mark(mark: PanelMark) -> str:
    return f"**{mark_text(mark)}**" if abs(mark.signal) >= _BOLD_FROM else mark_text(mark)


def _pairs(result: PanelResult) -> str:
    rows = []
    for s in result.separations:
        needed = animals_text(s)
        if s.panel is None:
            panel, number = "cannot be told apart", "–"
            needed = f"{needed} with all of them"
        else:
            panel, number = "; ".join(s.panel), str(len(s.panel))
        rows.append([words(s.first), words(s.second), panel, number, needed])
    return _table(["one", "other", "smallest panel", "read-outs", "animals a group"], rows, right=2)


def _provisional(result: PanelResult) -> str:
    kinds = {
        "the markers": ("marker.",),
        "the panel's labels": ("label.",),
        "how counts and shares are read": ("counts.", "shares."),
        "how animals vary": ("variation.",),
    }
    of_kind = {k: [n for n in result.numbers if n.name.startswith(p)] for k, p in kinds.items()}
    lineage = [n for n in result.numbers if not any(n in rows for rows in of_kind.values())]
    parts = [
        f"{sum(n.status == 'provisional' for n in rows)} of {len(rows)} of {kind}"
        for kind, rows in {"the lineage": lineage, **of_kind}.items()
    ]
    fitted = sum(n.status == "fitted" for n in result.numbers)
    return (
        f"**Not yet checked in a source: {result.provisional} of the {len(result.numbers)} numbers** behind "
        f"both tables: {', '.join(parts)}. {fitted} are fitted to published counts by age. `docs/panel.json` "
        "lists each with its source and reason."
    )


def cumulative_table(found: Sequence[Lengths]) -> str:
    """Return true hours of cycle and S phase and what the formula gives back of three populations."""
    rows = []
    for one in found:
        true = (one.svz.cycle_hours, one.svz.s_hours)
        fits = (one.alike, one.spread, one.svz.fit)
        rows.append([one.population, f"{true[0]:.1f} / {true[1]:.1f}", *(_read(f, true) for f in fits)])
    head = ["population", "true cycle / S", "by itself, cells alike", "by itself, cells differ", "in the SVZ"]
    return _table(head, rows, right=4)


def _read(fit: CumulativeFit, true: tuple[float, float]) -> str:
    cycle, s = fit.cycle_hours.estimate, fit.s_hours.estimate
    return f"{cycle:.1f} / {s:.1f} ({change(cycle / true[0])} / {change(s / true[1])})"


def clone_table(rows: Sequence[dict[str, Any]]) -> str:
    """Return shares of clones in per cent at some days, anywhere and in the SVZ."""
    share = {(r["place"], r["day"], r["class"]): r["share"] for r in rows}
    classes = list(CLONE_CLASSES.values())
    head = ["days", *(f"{c}, {where}" for where in ("anywhere", "in the SVZ") for c in classes)]
    body = [
        [f"{day:g}", *(f"{100 * share[place, day, c]:.1f}" for place in CLONE_PLACES for c in classes)]
        for day in _TOLD_DAYS
    ]
    return _table(head, body, right=len(head))


def chase_table(summary: Path) -> str:
    """Return the table of both fits of the published chase, as the benchmark wrote it."""
    return "\n".join(chase_lines(json.loads(summary.read_text(encoding="utf-8"))))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], *, right: int) -> str:
    """Return a table in Markdown whose last columns are aligned to the right."""
    rule = ["---"] * (len(head) - right) + ["---:"] * right
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))
