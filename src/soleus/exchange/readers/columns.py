"""Large plain text by columns: the rows are never made one by one."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LARGE", "plain_columns"]

LARGE = 8 * 2**20
"""Characters from which on a text is tried by columns first."""


def plain_columns(text: str, separator: str) -> pd.DataFrame | None:
    """Read a text whose every line is a row of the same width, with the header in the first line.

    Parameters
    ----------
    text
        The file's text.
    separator
        Between cells.

    Returns
    -------
    pandas.DataFrame or None
        Columns of text, empty cells missing; row k stands in line k + 2 of the file. None where anything is
        out of the ordinary (quotes, blank lines, rows of another width): the careful reader then says what.
    """
    import pyarrow as pa
    from pyarrow import csv

    first, _, _ = text.partition("\n")
    names = [" ".join(name.split()) for name in first.split(separator)]
    while names and not names[-1]:
        names.pop()
    surplus = first.count(separator) + 1 - len(names)
    if '"' in text or "" in names or len(set(names)) < len(names) or len(names) < 2 or surplus:
        return None
    lone_returns = text.count("\r") != text.count("\r\n")
    if lone_returns or "\n\n" in text or "\n\r\n" in text or "\f" in text or "\v" in text:
        return None
    try:
        table = csv.read_csv(
            io.BytesIO(text.encode()),
            read_options=csv.ReadOptions(column_names=names, skip_rows=1),
            parse_options=csv.ParseOptions(delimiter=separator, quote_char=False, ignore_empty_lines=False),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=True,
                null_values=["", " "],
            ),
        )
    except pa.ArrowInvalid:
        return None
    frame: pd.DataFrame = table.to_pandas()
    if frame.empty or bool(frame.isna().all(axis=1).any()):
        return None
    return frame
