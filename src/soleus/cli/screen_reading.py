"""How a file was read, on the screen."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from soleus.schema.analysis import AnalysisReading

__all__ = ["reading_lines", "show_reading"]


def reading_lines(reading: AnalysisReading) -> list[str]:
    """Return how a file was read, one fact a line; what is not there is not said."""
    used = [f"{c.column} = {c.role}" for c in reading.columns if c.used and c.role != "value"]
    values = [c.column for c in reading.columns if c.role == "value"]
    lines = [
        f"columns: {', '.join(used)}" if used else "",
        f"read-outs: {', '.join(values)}" if values else "",
    ]
    if reading.control is not None:
        lines.append(f"control: {reading.control} ({reading.control_reason})")
    lines += reading.divided
    lines += reading.within
    lines += reading.summed
    lines += reading.made_of
    for entry in reading.left_out:
        rows = f"row{'s' if len(entry.rows) > 1 else ''} {_few(entry.rows)} " if entry.rows else ""
        lines.append(f"left out: {rows}{'- ' if rows else ''}{entry.why}")
    unused = [f"{c.column} ({c.role})" for c in reading.columns if not c.used]
    if unused:
        lines.append(f"not analysed: {', '.join(unused)}")
    lines += reading.notes
    lines += [f"you said: {question} = {word}" for question, word in reading.answers.items()]
    if reading.mapping is not None:
        lines.append(f"read by the mapping {reading.mapping}")
    return [line for line in lines if line]


def _few(rows: list[int]) -> str:
    shown = ", ".join(map(str, rows[:8]))
    return f"{shown} and {len(rows) - 8} more" if len(rows) > 8 else shown


def show_reading(console: Console, reading: AnalysisReading) -> None:
    """Print how a file was read."""
    console.print(Text("How your file was read", style="bold"))
    for line in reading_lines(reading):
        console.print(Text(f"  {line}"))
