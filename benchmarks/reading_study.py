"""Animals of made-up laboratories before they are written down, and a table with what is true of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.reading_words import LANGUAGES, Words

__all__ = ["Made", "Rng", "Save", "Study", "Wanted", "base", "new_study"]

Rng = np.random.Generator
Save = Callable[["Made", Path, Rng], Path]
"""Writes a table into a folder and returns its path."""


@dataclass(frozen=True)
class Wanted:
    """One effect that is right: ratio of geometric means, and animals of treated and control."""

    estimate: float
    n: tuple[int, int]


@dataclass
class Made:
    """A table and its truth.

    Parameters
    ----------
    kind, language
        What was complicated, and how it is written.
    header, rows
        The table.
    wanted
        Effects that must come out.
    allowed
        Further effects that may (other read-outs of the same animals).
    ask_only, asks
        The table must be asked about by this question. With ``ask_only`` no answer is right, and it may be
        refused.
    answers
        Question (its id, or what it is about) to the word that is right.
    plain
        Its headers say their roles, so that a question is one too many.
    options
        Of the command: layout, contrasts.
    head
        Further rows of the header, below the first.
    save
        How it is written, where that is what is complicated; else as any table.
    value_kind
        What its values must be taken for; empty where the effects tell.
    largest
        Largest value that must come out, where marks of thousands decide it; 0: not looked at.
    paired
        Each animal had all treatments.
    bare
        Written as it is: no columns beside it, headers as they stand.
    """

    kind: str
    language: str
    header: list[str]
    rows: list[list[object]]
    wanted: list[Wanted]
    allowed: list[Wanted] = field(default_factory=list)
    ask_only: bool = False
    asks: str = ""
    answers: dict[str, str] = field(default_factory=dict)
    plain: bool = True
    options: dict[str, str] = field(default_factory=dict)
    control: str = ""
    head: list[list[object]] = field(default_factory=list)
    save: Save | None = None
    value_kind: str = ""
    largest: float = 0.0
    paired: bool = False
    bare: bool = False


@dataclass
class Study:
    """Animals before they are written down."""

    rng: Rng
    language: str
    words: Words
    groups: list[str]
    ids: list[str]
    group_of: list[str]

    def pick(self, options: tuple[str, ...]) -> str:
        """Return one of several words."""
        return str(options[int(self.rng.integers(len(options)))])

    def values(self, *, base: float | None = None) -> np.ndarray:
        """Draw one mean for each animal, with an effect for each group but the first."""
        base = float(self.rng.uniform(25, 120)) if base is None else base
        effects = {
            g: 1.0 if k == 0 else float(np.exp(self.rng.uniform(-0.7, 0.4)))
            for k, g in enumerate(self.groups)
        }
        return np.array([base * effects[g] * math.exp(self.rng.normal(0, 0.15)) for g in self.group_of])

    def effects(self, values: np.ndarray, keep: np.ndarray | None = None) -> list[Wanted]:
        """Return the right effects of one value an animal."""
        found = []
        kept = np.ones(len(values), dtype=bool) if keep is None else keep
        logs = np.log(values)
        of = np.array(self.group_of)
        control = kept & (of == self.groups[0])
        for group in self.groups[1:]:
            mine = kept & (of == group)
            ratio = float(np.exp(logs[mine].mean() - logs[control].mean()))
            found.append(Wanted(ratio, (int(mine.sum()), int(control.sum()))))
        return found


def new_study(rng: Rng) -> Study:
    """Draw a language, two or three groups and their animals."""
    language = str(rng.choice(list(LANGUAGES)))
    words = LANGUAGES[language]
    groups = [str(rng.choice(words.controls))]
    groups += [str(g) for g in rng.choice(words.treated, size=int(rng.integers(1, 3)), replace=False)]
    n = [int(rng.integers(4, 8)) for _ in groups]
    style = int(rng.integers(5))
    ids: list[str] = []
    of: list[str] = []
    start = int(rng.choice([1, 1, 11, 101, 340]))
    for group, size in zip(groups, n, strict=True):
        for _ in range(size):
            k = start + len(ids)
            ids.append([f"m{k}", f"{k}", f"M{k:02d}", f"A-{k}", f"R{k:03d}"][style])
            of.append(group)
    return Study(rng, language, words, groups, ids, of)


def base(study: Study, name: str, *, value: str | None = None) -> tuple[Made, np.ndarray]:
    """Return the plain table of animal, group and count, and the counts."""
    counts = np.round(study.values()) + 5
    header = [
        study.pick(study.words.animal),
        study.pick(study.words.group),
        value or study.pick(study.words.counts),
    ]
    rows: list[list[object]] = [
        [i, g, int(v)] for i, g, v in zip(study.ids, study.group_of, counts, strict=True)
    ]
    made = Made(name, study.language, header, rows, study.effects(counts), control=study.groups[0])
    made.answers["control"] = study.groups[0]
    return made, counts
