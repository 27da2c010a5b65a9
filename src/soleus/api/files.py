"""Read whatever file a laboratory has: a table, or an export of an instrument's program."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from soleus.errors import InputError

if TYPE_CHECKING:
    from soleus.exchange.instruments import Reading
    from soleus.exchange.readers import Answers, QuestionError, RawTable
    from soleus.exchange.readers import Mapping as ColumnMapping
    from soleus.exchange.reading import ReadingPlan, Wanted
    from soleus.observations import Observations

__all__ = ["TABLE", "ReadFile", "Request", "read_file"]

TABLE = "observations.parquet"
"""Every value, in the folders of runs and of analyses."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the user said of a file.

    Parameters
    ----------
    mapping
        File that says what the columns mean; None: the one kept beside the file, if any.
    sheet
        Sheet of a workbook, or table of a Prism file.
    pattern
        Where animal, section and side stand in names of images: a regular expression with named groups.
    answers
        Answers to questions: "control=sham", "Mouse ID=prefix".
    samples, key
        A sample table of ISA-Tab, or a table of codes, to be joined.
    control, contrasts, factorial
        Of the comparison.
    keep
        Keep what was answered in a mapping beside the file.
    write_mapping
        Write the plan, or what is left to answer, to this file.
    """

    mapping: str | Path | None = None
    sheet: str | None = None
    pattern: str | None = None
    answers: tuple[str, ...] = ()
    samples: str | Path | None = None
    key: str | Path | None = None
    control: str | None = None
    contrasts: tuple[tuple[str, str], ...] = ()
    factorial: bool = False
    keep: bool = True
    write_mapping: str | Path | None = None

    @property
    def wanted(self) -> Wanted:
        """What the reading plan has to know of the comparison."""
        from soleus.exchange.reading import Wanted

        return Wanted(self.control, self.contrasts, self.factorial)


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file as observations.

    Attributes
    ----------
    control, contrasts
        The control group, and planned comparisons, that its plan names.
    format
        What the file is, in words.
    notes
        What was guessed, dropped or translated on the way in.
    sha256
        Of the file; of a folder's files, of the first.
    plan
        How the file was read; None for a table of soleus.
    mapping
        The mapping file that was used.
    """

    observations: Observations
    control: str | None
    format: str
    notes: tuple[str, ...]
    sha256: str
    plan: ReadingPlan | None = None
    mapping: Path | None = None
    contrasts: tuple[tuple[str, str], ...] = field(default=())


def read_file(path: str | Path, request: Request) -> ReadFile:
    """Read a table or an instrument's export.

    Parameters
    ----------
    path
        A file, or a folder: of a run or an analysis, of CellProfiler's or Cell Counter's files, of tables.
    request
        What the user said of it.

    Raises
    ------
    QuestionError
        It can be read in two ways that give other numbers; nothing is written, unless ``write_mapping`` names
        a file.
    InputError
        With file, row and mend.
    """
    from soleus.exchange.instruments import detect_format
    from soleus.observations import is_table

    own = _table_in(path)
    if request.mapping is None:
        if is_table(own):
            return _own_table(own, request)
        again = _saved_again(own)
        if again is not None:
            return _own_table(own, request, again)
    found = detect_format(path)
    if found == "prism" and not _as_long_table(path, request):
        return _table(path, request, prism=True)
    if found is None or found == "isatab" and request.samples is None and _has_values(path):
        return _table(path, request)
    return _instrument(path, request)


def _table_in(path: str | Path) -> Path:
    """Return the table of the folder of a run or an analysis; anything else as it is."""
    inside = Path(path) / TABLE
    return inside if os.path.isfile(inside) else Path(path)  # which takes names of any length


def _as_long_table(path: str | Path, request: Request) -> bool:
    """Tell whether a mapping speaks of a Prism table by group, row and replicate, as earlier versions did."""
    from soleus.exchange.reading.read import known_mapping

    known = known_mapping(path, request.mapping)
    return (
        known is not None
        and bool(known.values)
        and known.values[0].column == "value"
        and known.layout is None
    )


def _has_values(path: str | Path) -> bool:
    from soleus.exchange.instruments.isatab import value_columns

    return bool(value_columns(path))


def _saved_again(path: Path) -> Observations | None:
    """Return a table of soleus that a spreadsheet has saved."""
    from soleus.exchange.reading.own import read_saved_again

    return read_saved_again(path)


def _own_table(path: str | Path, request: Request, again: Observations | None = None) -> ReadFile:
    """Read a table as soleus writes it: its columns say all that a mapping would."""
    from soleus.exchange.reading.own import own_plan
    from soleus.observations import read
    from soleus.provenance import file_sha256

    for name, given in (("sheet", request.sheet), ("pattern", request.pattern), ("key", request.key)):
        if given is not None:
            raise InputError(f"{path} is a table of soleus and has no {name}; leave --{name} out")
    observations = read(path) if again is None else again
    known = observations.provenance.get("control")
    control = known if known in observations.groups else None
    saved = "" if again is None else ", saved again by another program"
    return ReadFile(
        observations,
        control,
        f"a table of soleus{saved}",
        (f"read as a table of soleus{saved}: its own columns say what each value is",),
        file_sha256(path),
        own_plan(observations, control, said=request.control),
    )


def _table(path: str | Path, request: Request, *, prism: bool = False) -> ReadFile:
    from soleus.exchange.readers import Answers, QuestionError, mapping_path
    from soleus.exchange.reading.read import known_mapping, read_prepared
    from soleus.exchange.reading.tables import join_key, read_raw, read_table

    known = known_mapping(path, request.mapping)
    used = request.mapping or (mapping_path(path) if known is not None else None)
    said = Answers(request.answers, {} if known is None else known.answers)
    try:
        raw = _of_prism(path, request, known, said) if prism else None
        if raw is None:
            raw = read_table(path, sheet=request.sheet, mapping=known, answers=said)
        if request.samples is not None:
            raw = _with_samples(raw, request.samples)
        if request.key is not None:
            raw = join_key(raw, read_raw(request.key))
        imported = read_prepared(raw, mapping=known, said=said, wanted=request.wanted)
    except QuestionError as open_question:
        _write_open(path, request, said.settled, open_question)
        raise QuestionError(path, open_question.question, open_question.others) from None
    where = "" if raw.sheet is None else f", sheet {raw.sheet!r}"
    words = f"{Path(path).suffix.lstrip('.').upper() or 'text'}{where}"
    notes = imported.notes
    answered = imported.answered or (imported.proposed and bool(request.control or request.contrasts))
    written = _write(path, request, imported.mapping, answered=answered)
    return ReadFile(
        imported.observations,
        imported.mapping.groups.control,
        words,
        (*notes, *written),
        raw.source.sha256,
        imported.plan,
        None if used is None else Path(used),
        imported.mapping.groups.contrasts,
    )


def _of_prism(path: str | Path, request: Request, known: ColumnMapping | None, said: Answers) -> RawTable:
    from soleus.exchange.instruments.prism import prism_raw

    sheet = request.sheet or (None if known is None else known.sheet)
    return prism_raw(path, table=sheet, answers=said)


def _with_samples(raw: RawTable, samples: str | Path) -> RawTable:
    from soleus.exchange.instruments import join_samples, read_samples

    known = read_samples(samples)
    column = known.column_of(raw)
    return join_samples(raw, known, column)


def _write(path: str | Path, request: Request, mapping: ColumnMapping, *, answered: bool) -> tuple[str, ...]:
    """Write the plan where it is asked for, or where the user answered something; say so."""
    from soleus.exchange.readers import mapping_path, save_mapping

    if request.write_mapping is not None:
        save_mapping(mapping, path, to=Path(request.write_mapping))
        return (f"the plan of reading is written to {request.write_mapping}",)
    if not (answered and request.keep and request.mapping is None):
        return ()
    beside = mapping_path(path)
    try:
        save_mapping(mapping, path)
    except InputError as error:
        if not isinstance(error.__cause__, OSError):
            raise
        return (
            f"What you answered could not be kept beside the file as {beside.name}"
            f" ({error.__cause__.strerror}); copy the file to a folder of your own to keep it there",
        )
    return (
        f"what you answered is kept in {beside.name}, and is used again; remove the file to be asked anew",
    )


def _write_open(path: str | Path, request: Request, settled: dict[str, str], error: QuestionError) -> None:
    """Write what is left to answer to the file that was asked for."""
    from soleus.exchange.readers import Mapping, save_mapping

    if request.write_mapping is None:
        return
    asked = [error.question, *error.others]
    answers = {**settled, **{question.id: "?" for question in asked}}
    comments = tuple(
        f"{question.id}: {question.text}\n"
        + "\n".join(f"   {choice.word}: {choice.meaning}" for choice in question.choices)
        for question in asked
    )
    save_mapping(Mapping(answers=answers), path, comments=comments, to=Path(request.write_mapping))


def _instrument(path: str | Path, request: Request) -> ReadFile:
    from soleus.exchange.instruments import read_instrument
    from soleus.exchange.readers import Answers, QuestionError, load_mapping, mapping_path

    beside = mapping_path(path)
    given = request.mapping or (beside if beside.is_file() else None)
    known = None if given is None else load_mapping(given)
    said = Answers(request.answers, {} if known is None else known.answers)
    full = known if known is not None and known.values else None
    try:
        readings = [
            # A pattern that was given once is used again without asking.
            r
            if request.pattern is None
            else replace(r, mapping=r.mapping.model_copy(update={"pattern": request.pattern}))
            for r in read_instrument(
                path,
                pattern=request.pattern or (None if full is None else full.pattern) or said,
                table=request.sheet,
                mapping=full,
            )
        ]
        first = said.first()
        if first is not None:
            raise QuestionError(path, first, [q for q in said.open if q is not first])
    except QuestionError as open_question:
        _write_open(path, request, said.settled, open_question)
        raise
    readings = [_grouped(reading, request, known) for reading in readings]
    _refuse_open(path, request, readings)
    return _of_readings(path, request, readings, used=given, said=said)


def _of_readings(
    path: str | Path, request: Request, readings: Sequence[Reading], *, used: str | Path | None, said: Answers
) -> ReadFile:
    from soleus.exchange.readers import QuestionError
    from soleus.exchange.reading.instrument import with_control
    from soleus.exchange.reading.told import plan_of

    try:
        readings = [with_control(reading, said, request.wanted) for reading in readings]
    except QuestionError as open_question:
        _write_open(path, request, said.settled, open_question)
        raise
    first = readings[0]
    observations = _joined(readings)
    answered = (
        bool(said.settled) or request.pattern is not None or (used is None and request.control is not None)
    )
    mapping = first.mapping.model_copy(update={"answers": dict(said.settled)})
    written = _write(path, request, mapping, answered=answered)
    notes = tuple(dict.fromkeys(note for r in readings for note in r.table.notes))
    seen = () if first.pattern is None else (f"names of images were read as {first.pattern.words}",)
    return ReadFile(
        observations,
        first.mapping.groups.control,
        first.format,
        (*notes, *seen, *written),
        first.table.source.sha256,
        plan_of(first.table, mapping, observations, proposed=used is None),
        None if used is None else Path(used),
        first.mapping.groups.contrasts,
    )


def _grouped(reading: Reading, request: Request, known: ColumnMapping | None) -> Reading:
    """Give each animal its group: from a key, or from the labels of a mapping that holds answers only."""
    from soleus.exchange.reading.instrument import with_groups, with_key

    if request.key is not None:
        return with_key(reading, request.key)
    if known is not None and not known.values and known.groups.labels:
        return with_groups(reading, dict(known.groups.labels))
    return reading


def _refuse_open(path: str | Path, request: Request, readings: Sequence[Reading]) -> None:
    """Refuse what a mapping has to say: groups of animals, read-outs of buttons."""
    from soleus.exchange.readers import save_mapping

    questions = list(dict.fromkeys(q for reading in readings for q in reading.questions))
    if not questions:
        return
    first = readings[0]
    if request.write_mapping is not None:
        save_mapping(first.mapping, path, comments=tuple(questions), to=Path(request.write_mapping))
        raise InputError(
            f"{path}: {first.format}; before it can be analysed: {'; '.join(questions)} It is written to"
            f" {request.write_mapping} as far as it could be told: complete it and give it by --mapping"
        )
    raise InputError(
        f"{path}: {first.format}; before it can be analysed: {'; '.join(questions)} Give a table of"
        f" animals and their"
        " groups by --key FILE, or have the open points written by --write-mapping FILE and complete"
        " them there"
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
