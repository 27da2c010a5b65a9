"""Read whatever file a laboratory has: a table, or an export of an instrument's program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from soleus.errors import InputError

if TYPE_CHECKING:
    from soleus.exchange.instruments import Reading
    from soleus.exchange.readers import Guess
    from soleus.exchange.readers import Mapping as ColumnMapping
    from soleus.observations import Observations

__all__ = ["TABLE", "ReadFile", "read_file"]

TABLE = "observations.parquet"
"""Every value, in the folders of runs and of analyses."""


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file as observations.

    Attributes
    ----------
    control
        The control group that its mapping names; None if it names none.
    format
        What the file is, in words.
    notes
        What was guessed, dropped or translated on the way in.
    sha256
        Of the file; of a folder's files, of the first.
    """

    observations: Observations
    control: str | None
    format: str
    notes: tuple[str, ...]
    sha256: str


def read_file(
    path: str | Path,
    *,
    mapping: str | Path | None = None,
    sheet: str | None = None,
    control: str | None = None,
    pattern: str | None = None,
    paired: bool = False,
    keep: bool = True,
) -> ReadFile:
    """Read a table or an instrument's export.

    Parameters
    ----------
    path
        A file, or a folder: of a run or an analysis, or of CellProfiler's or Cell Counter's files.
    mapping
        File that says what the columns mean; None: the one kept beside ``path``, else a guess. A table that
        soleus wrote needs none.
    sheet
        Sheet of a workbook, or table of a Prism file.
    control
        The control group, if the caller knows it.
    pattern
        Where animal, section and side stand in names of images: a regular expression with named groups.
    paired
        The same animals stand in several groups, on purpose.
    keep
        Write a guessed mapping beside the file; a folder that cannot be written is told in the notes.

    Raises
    ------
    InputError
        With file, row and mend. If something is left open, the mapping is written beside the file, to be
        completed.
    """
    from soleus.exchange.instruments import detect_format
    from soleus.observations import is_table

    own = _table_in(path)
    if mapping is None and is_table(own):
        return _own_table(own, sheet=sheet, pattern=pattern)
    if detect_format(path) is None:
        return _table(path, mapping=mapping, sheet=sheet, control=control, paired=paired, keep=keep)
    return _instrument(path, mapping=mapping, table=sheet, pattern=pattern, keep=keep)


def _table_in(path: str | Path) -> Path:
    """Return the table of the folder of a run or an analysis; anything else as it is."""
    inside = Path(path) / TABLE
    return inside if inside.is_file() else Path(path)


def _own_table(path: Path, *, sheet: str | None, pattern: str | None) -> ReadFile:
    """Read a table as soleus writes it: its columns say all that a mapping would."""
    from soleus.observations import read
    from soleus.provenance import file_sha256

    for name, given in (("sheet", sheet), ("pattern", pattern)):
        if given is not None:
            raise InputError(f"{path} is a table of soleus and has no {name}; leave --{name} out")
    observations = read(path)
    known = observations.provenance.get("control")
    return ReadFile(
        observations,
        known if known in observations.groups else None,
        "a table of soleus",
        ("read as a table of soleus: its own columns say what each value is",),
        file_sha256(path),
    )


def _table(
    path: str | Path,
    *,
    mapping: str | Path | None,
    sheet: str | None,
    control: str | None,
    paired: bool,
    keep: bool,
) -> ReadFile:
    from soleus.exchange.readers import UndecidedError, mapping_path, read

    unkept = ""
    try:
        imported = read(path, mapping=mapping, sheet=sheet, paired=paired)
    except UndecidedError as undecided:
        told = _with_control(undecided.guess, control)
        if told is None:
            if mapping is None and not mapping_path(path).exists():
                unkept = _keep_beside(undecided.guess.mapping, path, comments=undecided.guess.doubts)
                where = unkept or "It is written there as far as it could be told"
                raise InputError(f"{undecided}. {where}") from None
            raise
        if keep:
            unkept = _keep_beside(told, path)
        imported = read(path, mapping=told, sheet=sheet, paired=paired)
    if imported.guessed and keep:
        unkept = _keep_beside(imported.mapping, path)
    raw = imported.raw
    where = "" if raw.sheet is None else f", sheet {raw.sheet!r}"
    words = f"{Path(path).suffix.lstrip('.').upper() or 'text'}{where}"
    return ReadFile(
        imported.observations,
        imported.mapping.groups.control,
        words,
        (*imported.notes, *([unkept] if unkept else [])),
        raw.source.sha256,
    )


def _keep_beside(mapping: ColumnMapping, path: str | Path, *, comments: tuple[str, ...] = ()) -> str:
    """Write a mapping beside its file; where the folder cannot be written, as archives are, return words."""
    from soleus.exchange.readers import mapping_path, save_mapping

    try:
        save_mapping(mapping, path, comments=comments)
    except InputError as error:
        if not isinstance(error.__cause__, OSError):
            raise
        return (
            f"What the columns mean could not be kept beside the file as {mapping_path(path).name}"
            f" ({error.__cause__.strerror}); copy the file to a folder of your own to change it there"
        )
    return ""


def _with_control(guess: Guess, control: str | None) -> ColumnMapping | None:
    """Return the guess with the control given, if that was all that was left open."""
    from soleus.exchange.readers import OPEN_CONTROL

    if control is None or not all(doubt.startswith(OPEN_CONTROL) for doubt in guess.doubts):
        return None
    groups = guess.mapping.groups.model_copy(update={"control": control})
    return guess.mapping.model_copy(update={"groups": groups})


def _instrument(
    path: str | Path, *, mapping: str | Path | None, table: str | None, pattern: str | None, keep: bool
) -> ReadFile:
    from soleus.exchange.instruments import read_instrument
    from soleus.exchange.readers import load_mapping, mapping_path

    beside = mapping_path(path)
    known = (
        load_mapping(mapping) if mapping is not None else load_mapping(beside) if beside.is_file() else None
    )
    named = pattern or (None if known is None else known.pattern)
    readings = [
        # A pattern that was given once is used again without asking.
        r if pattern is None else replace(r, mapping=r.mapping.model_copy(update={"pattern": pattern}))
        for r in read_instrument(path, pattern=named, table=table, mapping=known)
    ]
    unkept = ""
    questions = list(dict.fromkeys(q for reading in readings for q in reading.questions))
    first = readings[0]
    if questions:
        if known is None:
            unkept = _keep_beside(first.mapping, path, comments=tuple(questions))
        where = unkept or f"Write it in {beside.name}, which holds what could be told"
        raise InputError(
            f"{path}: {first.format}; before it can be analysed: {'; '.join(questions)}. {where}"
        )
    if known is None and keep:
        unkept = _keep_beside(first.mapping, path)
    notes = tuple(dict.fromkeys(note for r in readings for note in (*r.table.notes, *r.assumed)))
    seen = () if first.pattern is None else (f"names of images were read as {first.pattern.text}",)
    return ReadFile(
        _joined(readings),
        first.mapping.groups.control,
        first.format,
        (*notes, *seen, *([unkept] if unkept else [])),
        first.table.source.sha256,
    )


def _joined(readings: Sequence[Reading]) -> Observations:
    from soleus.exchange.readers import to_observations

    found = [to_observations(reading.table, reading.mapping) for reading in readings]
    if len(found) == 1:
        return found[0]
    import pandas as pd

    from soleus.observations import Observations as Table

    frame = pd.concat([one.frame for one in found], ignore_index=True)
    return Table(frame, found[0].factors, found[0].provenance)
