"""What a reader is shown where the result holds a name: labels, plain words, units with signs."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from soleus.schema.run import Headline, RunResult

__all__ = ["Names", "lead_rows", "sentence_case", "unit_text", "words", "wrapped"]

_SNAKE = re.compile(r"\b[A-Za-z0-9]+(?:_[A-Za-z0-9]+)+\b")
_QUOTED = re.compile(r"(['‘“])([\w.-]+)(['’”])")
_SIGNS = {"mm2": "mm²", "mm3": "mm³", "um": "µm", "um2": "µm²", "um3": "µm³"}
_UNIT_WORD = re.compile(r"[A-Za-z]+[0-9]?")


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


def words(name: str) -> str:
    """Write a name in plain words: ``fate.amplify`` is ``fate: amplify``."""
    return name.replace("_", " ").replace(".", ": ").replace("readout", "read-out")


def sentence_case(text: str) -> str:
    """Begin with a capital, unless the first word is spelt in its own way (``mRNA``)."""
    first = text.split(" ", 1)[0]
    return text[:1].upper() + text[1:] if first.islower() else text


def unit_text(unit: str) -> str:
    """Write a unit with its signs; a number without one has an empty unit."""
    return "" if unit == "1" else _UNIT_WORD.sub(lambda hit: _SIGNS.get(hit[0], hit[0]), unit)


@lru_cache(maxsize=1024)
def wrapped(text: str, most: int) -> str:
    """Break a label into lines of at most ``most`` letters, as few lines and as even as can be.

    >>> wrapped("transit-amplifying cell 1", 14).split("\\n")
    ['transit-', 'amplifying', 'cell 1']
    """
    # At a hyphen only where a word does not fit otherwise.
    hyphens = max(map(len, text.split()), default=0) > most
    lines = textwrap.wrap(text, most, break_long_words=False, break_on_hyphens=hyphens) or [""]
    for width in range(max(1, len(text) // len(lines)), most):
        tighter = textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=hyphens)
        if len(tighter) == len(lines) and max(map(len, tighter)) <= most:
            return "\n".join(tighter)
    return "\n".join(lines)
