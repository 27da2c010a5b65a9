"""What instruments' readers leave to say: groups of animals, and the control."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from soleus.exchange.instruments.reading import Reading
from soleus.exchange.readers.identity import words
from soleus.exchange.readers.mapping import Mapping, Values
from soleus.exchange.readers.question import Answers, QuestionError
from soleus.exchange.reading.control import choose_control
from soleus.exchange.reading.draft import Draft, Wanted
from soleus.exchange.reading.tables import read_raw
from soleus.exchange.reading.view import View

__all__ = ["with_control", "with_groups", "with_key"]

_ANY = Mapping(values=(Values(column="?", readout="?"),))


def with_control(reading: Reading, answers: Answers, wanted: Wanted) -> Reading:
    """Return the reading with its control group, chosen or asked for.

    Raises
    ------
    QuestionError
        Several groups or none are named like a control.
    """
    mapping = reading.mapping
    if mapping.groups.control is not None and wanted.control is None:
        return reading
    labels = tuple(dict.fromkeys(mapping.groups.labels.values()))
    if not labels and isinstance(mapping.columns.group, str):
        found = words(reading.table, mapping.columns.group, _ANY).dropna().drop_duplicates()
        labels = tuple(str(word) for word in found)
    draft = Draft(reading.table, View(reading.table), answers, wanted)
    choose_control(draft, labels)
    first = answers.first()
    if first is not None:
        raise QuestionError(reading.table.path, first)
    groups = mapping.groups.model_copy(
        update={
            "control": draft.control if draft.control in labels else None,
            "reason": draft.control_reason or None,
            "contrasts": wanted.contrasts,
        }
    )
    return replace(reading, mapping=mapping.model_copy(update={"groups": groups}))


def with_groups(reading: Reading, labels: dict[str, str]) -> Reading:
    """Return the reading with the group of each animal."""
    groups = reading.mapping.groups.model_copy(update={"labels": labels})
    questions = tuple(q for q in reading.questions if not q.startswith("Which group"))
    return replace(
        reading, mapping=reading.mapping.model_copy(update={"groups": groups}), questions=questions
    )


def with_key(reading: Reading, key: str | Path) -> Reading:
    """Return the reading with the group of each animal from a table of animals and groups.

    Raises
    ------
    InputError
        The key has no column with the animals, or none with their groups.
    """
    table = read_raw(key)
    animals = {str(cell) for cell in reading.table.cells("animal") if cell is not None}
    texts = {
        name: [str(word) if word is not None else "" for word in words(table, name, _ANY)]
        for name in table.header
    }
    code = next((name for name, cells in texts.items() if animals <= set(cells)), None)
    if code is None:
        raise table.refusal(
            f"no column holds all animals of {reading.table.path.name}: {', '.join(sorted(animals)[:6])}"
        )
    group = next((n for n, cells in texts.items() if n != code and 1 < len(set(cells)) < len(cells)), None)
    if group is None:
        raise table.refusal("no column holds the groups; give two columns, the animal and its group")
    pairs = dict(zip(texts[code], texts[group], strict=True))
    return with_groups(reading, {animal: pairs[animal] for animal in sorted(animals)})
