"""The table on disk: Parquet (the same table gives the same bytes) and CSV."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from soleus.errors import InputError
from soleus.observations.csv_rows import csv_blocks
from soleus.observations.csv_text import guarded_frame, unguarded_frame
from soleus.observations.schema import (
    COLUMNS,
    FACTOR_PREFIX,
    READ_VERSIONS,
    SCHEMA_VERSION,
    design_column,
)
from soleus.observations.table import Observations

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["is_table", "read", "read_csv", "read_parquet", "write_csv", "write_parquet"]

_METADATA_KEY = "soleus.observations"
_ROW_GROUP = 65536
_PARQUET = b"PAR1"
_LONGEST_HEADER = 100_000


def write_parquet(observations: Observations, path: str | Path) -> None:
    """Write the table as Parquet.

    Notes
    -----
    No time and no pandas version goes into the file, so the same table gives the same bytes (with
    the same pyarrow). Factors and provenance travel in the file's metadata.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = _arrow_schema(observations)
    table = pa.Table.from_pandas(observations.frame, schema=schema, preserve_index=False)
    # from_pandas adds a block that names the pandas version; ours replaces it.
    table = table.replace_schema_metadata(schema.metadata)
    # Arrow takes a path for UTF-8, which the name of a folder need not be.
    with Path(path).open("wb") as stream:
        pq.write_table(table, stream, compression="zstd", row_group_size=_ROW_GROUP)


def read_parquet(path: str | Path) -> Observations:
    """Read a table that :func:`write_parquet` wrote, or any Parquet file with the same columns.

    Raises
    ------
    InputError
        No such file, not Parquet, or a table that cannot be right.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    where = _existing(path)
    try:
        with where.open("rb") as stream:
            table = pq.read_table(stream)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{where} cannot be read as Parquet: {error}") from error
    text = (table.schema.metadata or {}).get(_METADATA_KEY.encode())
    frame = table.to_pandas(ignore_metadata=True, integer_object_nulls=True)
    return _assemble(frame, None if text is None else _parsed(text.decode(), where), where)


def write_csv(observations: Observations, path: str | Path) -> None:
    """Write the table as CSV (UTF-8), with ``<name>.csv-metadata.json`` for factors and provenance.

    Text that a spreadsheet would take for a formula gets an apostrophe in front
    (:mod:`soleus.observations.csv_text`), which :func:`read_csv` takes off again.
    """
    target = Path(path)
    with target.open("w", encoding="utf-8", newline="") as file:
        file.writelines(csv_blocks(guarded_frame(observations.frame)))
    text = json.dumps(_metadata(observations), indent=2, ensure_ascii=False)
    _beside(target).write_text(text + "\n", encoding="utf-8")


def read_csv(path: str | Path) -> Observations:
    """Read a table from CSV with the columns of the schema.

    Factors and provenance come from ``<name>.csv-metadata.json`` where that exists; else the levels
    of a factor are those that occur, in order of appearance.

    Raises
    ------
    InputError
        No such file, not UTF-8 CSV, or a table that cannot be right.
    """
    import pandas as pd

    where = _existing(path)
    try:
        frame = pd.read_csv(where, dtype=str, keep_default_na=False, na_values=[""], encoding="utf-8-sig")
    except pd.errors.EmptyDataError:
        raise InputError(f"{where} is empty; it needs a header and at least one row") from None
    except (UnicodeDecodeError, pd.errors.ParserError) as error:
        raise InputError(f"{where} cannot be read as UTF-8 CSV: {error}") from error
    frame = unguarded_frame(frame)
    beside = _beside(where)
    known = _parsed(beside.read_text(encoding="utf-8"), beside) if beside.is_file() else None
    return _assemble(frame, known, where)


def read(path: str | Path) -> Observations:
    """Read a table, Parquet or CSV by its first bytes or the ending of its name.

    Raises
    ------
    InputError
        Neither of them, or whatever the reader of that format refuses.
    """
    where = _existing(path)
    if where.suffix.lower() == ".parquet" or _is_parquet(where):
        return read_parquet(where)
    if where.suffix.lower() == ".csv" or is_table(where):
        return read_csv(where)
    raise InputError(f"{where} is neither Parquet nor CSV with the columns of the table; convert it to one")


def is_table(path: str | Path) -> bool:
    """Whether a file says by its own content that it is such a table, whatever its name.

    It is if it is Parquet, or if its first line is that of CSV with every column that a row must have, which
    no other program writes. Whether the rows can be right is for :func:`read` to say.
    """
    where = Path(path)
    if not os.path.isfile(where):
        return False
    if _is_parquet(where):
        return True
    with where.open("rb") as stream:
        first = stream.readline(_LONGEST_HEADER)
    names = first.decode("utf-8-sig", errors="replace").rstrip("\r\n").replace('"', "").split(",")
    return {column.name for column in COLUMNS if column.required} <= set(names)


def _is_parquet(where: Path) -> bool:
    with where.open("rb") as stream:
        return stream.read(len(_PARQUET)) == _PARQUET


def _arrow_schema(observations: Observations) -> pa.Schema:
    import pyarrow as pa

    types = {"text": pa.string(), "float": pa.float64(), "integer": pa.int64(), "flag": pa.bool_()}
    fields = [pa.field(column.name, types[column.kind]) for column in COLUMNS]
    fields += [pa.field(f"{FACTOR_PREFIX}{name}", pa.string()) for name in observations.factors]
    designed = filter(None, map(design_column, map(str, observations.frame.columns)))
    fields += [pa.field(column.name, types[column.kind]) for column in designed]
    text = json.dumps(_metadata(observations), sort_keys=True)
    return pa.schema(fields, metadata={_METADATA_KEY: text})


def _metadata(observations: Observations) -> dict[str, Any]:
    # Factors as a list: their order is part of the table.
    return {
        "schema_version": SCHEMA_VERSION,
        "factors": [[name, list(levels)] for name, levels in observations.factors.items()],
        "provenance": dict(observations.provenance),
    }


def _assemble(frame: pd.DataFrame, metadata: Mapping[str, Any] | None, where: Path) -> Observations:
    if metadata is None:
        names = [str(name) for name in frame.columns if str(name).startswith(FACTOR_PREFIX)]
        factors = {name.removeprefix(FACTOR_PREFIX): tuple(frame[name].dropna().unique()) for name in names}
        provenance: dict[str, str] = {}
    else:
        factors = {name: tuple(levels) for name, levels in metadata["factors"]}
        provenance = metadata["provenance"]
    try:
        return Observations(frame, factors=factors, provenance=provenance)
    except InputError as error:
        raise type(error)(f"{where}: {error}") from error


def _parsed(text: str, where: Path) -> dict[str, Any]:
    try:
        metadata = json.loads(text)
        version = metadata["schema_version"]
        dict(metadata["factors"]), dict(metadata["provenance"])
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{where}: the description of the table is damaged ({error}); remove it") from error
    if version not in READ_VERSIONS:
        known = " and ".join(map(repr, READ_VERSIONS))
        raise InputError(f"{where} is of version {version!r}; this program reads {known}")
    return dict(metadata)


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}-metadata.json")


def _existing(path: str | Path) -> Path:
    where = Path(path)
    if not where.is_file():
        raise InputError(f"{where} is not a file; check the name")
    return where
