"""What a run shows of the body and of the dentate gyrus, as lines on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.text import Text

from soleus.report.numbers import ratio_text

if TYPE_CHECKING:
    from soleus.schema.run import RunResult
    from soleus.schema.run_biology import BodyMeasure

__all__ = ["biology_lines"]


def biology_lines(result: RunResult) -> Iterator[Text]:
    """Yield a line for each read-out of the body on its last day, and one for the speculative index."""
    measures = [] if result.body is None else result.body.measures
    last = {(m.readout, m.contrast): m for m in measures}
    several = len({m.contrast for m in measures}) > 1
    if last:
        yield Text("")
    for one in last.values():
        yield Text.assemble(("body ", "bold"), _measure(one, several=several))
    if result.dentate is not None and result.dentate.buffering:
        yield Text.assemble(("index ", "bold"), result.dentate.buffering[0].statement)


def _measure(one: BodyMeasure, *, several: bool) -> str:
    whom = f", {one.contrast}" if several else ""
    if one.effect is None:
        return f"{one.label}{whom}, day {one.day:g}: {one.words}"
    low, high = ratio_text(one.effect.ratio.low), ratio_text(one.effect.ratio.high)
    ratio = f"ratio {ratio_text(one.effect.ratio.value)} ({low} to {high}), true {ratio_text(one.true_ratio)}"
    return f"{one.label}{whom}, day {one.day:g}: {ratio}; {one.words}"
