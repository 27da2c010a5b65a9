"""What ``soleus analyse`` shows on the screen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from soleus.cli.failures import printable
from soleus.cli.screen_reading import show_reading
from soleus.errors import InputError
from soleus.report.numbers import p_text
from soleus.schema.analysis import AnalysisResult, Comparison, Finding

if TYPE_CHECKING:
    from soleus.analysis.declaration import Contrast

__all__ = ["contrasts", "pairs", "show_analysis"]


def contrasts(given: Sequence[str] | None) -> tuple[Contrast, ...]:
    """Return TREATED/CONTROL options as pairs, and A/B:C/D as four names.

    Raises
    ------
    InputError
        If one is neither.
    """
    found: list[Contrast] = []
    for text in given or ():
        halves = [tuple(part.strip() for part in half.split("/")) for half in text.split(":")]
        names = [name for half in halves for name in half]
        if len(halves) > 2 or any(len(half) != 2 for half in halves) or not all(names):
            raise InputError(
                f"--contrast: {text!r} must be TREATED/CONTROL, two groups of the table, or A/B:C/D"
                " for the ratio"
                " of two such"
            )
        found.append((names[0], names[1]) if len(names) == 2 else (names[0], names[1], names[2], names[3]))
    return tuple(found)


def pairs(given: Sequence[str] | None, option: str) -> dict[str, str]:
    """Return NAME=VALUE options as a mapping.

    Raises
    ------
    InputError
        If one has no equals sign, or a name comes twice.
    """
    found: dict[str, str] = {}
    for text in given or ():
        name, equals, value = text.partition("=")
        if not (name.strip() and equals and value.strip()):
            raise InputError(f"{option}: {text!r} must be NAME=VALUE")
        if name.strip() in found:
            raise InputError(f"{option}: {name.strip()!r} is given twice")
        found[name.strip()] = value.strip()
    return found


def show_analysis(result: AnalysisResult, out: Path | None) -> None:
    """Print effects, what cannot be told, and what the design does to them."""
    console = Console(highlight=False, soft_wrap=False)
    table = Table(title=Text(printable(result.source.file)), title_justify="left", box=None, pad_edge=False)
    for heading in ("read-out", "contrast", "effect (interval)", "p", "in family", "n"):
        table.add_column(heading, overflow="fold")
    days = _has_days(result)
    for one in result.comparisons:
        table.add_row(*[Text(cell) for cell in _cells(one, days=days)])
    console.print(table)
    if result.reading is not None:
        show_reading(console, result.reading)
    for one in result.comparisons:
        if one.effect is None:
            console.print(Text(f"{one.readout}, {one.contrast}: {one.cannot}"))
        if one.equivalence is not None:
            console.print(Text(f"{one.readout}, {one.contrast}: {one.equivalence.statement}"))
        if one.leave_one_out is not None and one.leave_one_out.gross and one.effect is not None:
            left = one.leave_one_out
            said = (
                f"{one.readout}, {one.contrast}: leaving one {one.effect.unit} out gives {left.low:.3g} to"
                f" {left.high:.3g} ({left.estimate:.3g} without {left.without})"
            )
            console.print(Text(said))
    _show_checks(console, result.findings)
    for line in result.warnings:
        console.print(Text(f"note: {line}"))
    if out is not None:
        console.print(Text(f"report {printable(out / 'report.html')}"), soft_wrap=True)


def _show_checks(console: Console, findings: Sequence[Finding]) -> None:
    by_code: dict[str, list[Finding]] = {}
    for finding in findings:
        by_code.setdefault(finding.code, []).append(finding)
    if by_code:
        console.print(Text("checks"))
    for same in by_code.values():
        more = f" ({len(same) - 1} more in the report)" if len(same) > 1 else ""
        first = same[0]
        said = (
            f"{first.severity}, {first.code}{more}: {first.where}: {first.consequence}. To do: {first.mend}."
        )
        console.print(Text(said))


def _has_days(result: AnalysisResult) -> bool:
    """Tell whether the file names days: where it does not, all values stand on day 0."""
    return any(one.day not in (None, 0.0) for one in result.comparisons)


def _cells(one: Comparison, *, days: bool) -> list[str]:
    place = f" ({one.within})" if one.within else ""
    when = place if one.day is None or not days else f"{place} day {one.day:g}"
    if one.effect is None:
        return [f"{one.readout}{when}", one.contrast, "cannot be told", "", "", _sizes(one)]
    effect = one.effect
    low, high = effect.shown(effect.low), effect.shown(effect.high)
    unit = f" {effect.unit_of_difference}" if effect.unit_of_difference not in ("", "1") else ""
    text = f"{effect.scale} {effect.shown(effect.estimate)}{unit} ({low} to {high})"
    adjusted = "" if one.p_adjusted is None else p_text(one.p_adjusted)
    return [f"{one.readout}{when}", one.contrast, text, p_text(effect.p_value), adjusted, _sizes(one)]


def _sizes(one: Comparison) -> str:
    return " / ".join(str(group.n) for group in one.groups)
