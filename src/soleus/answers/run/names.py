"""What a reader is shown where the result of a run holds a name: labels of read-outs, causes and signals."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from soleus.answers.run.values import Headline, RunResult
from soleus.report.names import words

__all__ = ["Names", "lead_rows"]

_SNAKE = re.compile(r"\b[A-Za-z0-9]+(?:_[A-Za-z0-9]+)+\b")
_QUOTED = re.compile(r"(['‘“])([\w.-]+)(['’”])")


@dataclass(frozen=True)
class Names:
    """The labels of one result, by name."""

    readouts: Mapping[str, str]
    mechanisms: Mapping[str, str]
    signals: Mapping[str, str]

    @classmethod
    def of(cls, result: RunResult) -> Names:
        """Collect the labels that a result holds."""
        return cls(
            readouts=_distinct(
                {h.readout: h.label for h in result.headline} | {r.readout: r.label for r in result.readouts}
            ),
            mechanisms=_distinct({m.name: m.label for m in result.mechanisms}),
            signals=_distinct({s.signal: s.label for s in result.signals}),
        )

    def readout(self, name: str) -> str:
        """Return the label of a read-out, or its name in plain words."""
        return self.readouts.get(name) or words(name)

    def mechanism(self, name: str) -> str:
        """Return the label of a mechanism, or its name as it is."""
        return self.mechanisms.get(name) or name

    def prose(self, text: str) -> str:
        """Put labels in the place of names like ``ki67_density`` and of quoted mechanism names."""
        text = _QUOTED.sub(
            lambda hit: f"“{self.mechanism(hit[2])}”" if hit[2] in self.mechanisms else hit[0], text
        )
        return _SNAKE.sub(lambda hit: self.signals.get(hit[0]) or self.readout(hit[0]), text)


def _distinct(labels: Mapping[str, str]) -> dict[str, str]:
    """Add the name to labels that several names share: what stands in one row must be one thing."""
    every = list(labels.values())
    return {name: label if every.count(label) == 1 else f"{label} ({name})" for name, label in labels.items()}


def lead_rows(headline: Sequence[Headline]) -> list[Headline]:
    """Return the rows of the treated group that the headline is about, which is the first."""
    return [row for row in headline if row.group == headline[0].group]
