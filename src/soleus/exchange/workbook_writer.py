"""Tables as Excel workbooks in which every text is text: no cell that we write is ever computed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["write_sheet"]


def write_sheet(frame: pd.DataFrame, path: str | Path, *, sheet: str = "Sheet1") -> None:
    """Write a table as the only sheet of an .xlsx file; missing cells are left empty.

    Parameters
    ----------
    frame
        Columns of text and of numbers.
    path
        The file to write.
    sheet
        Name of the sheet.
    """
    import pandas as pd

    as_text = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    options = {**as_text, "in_memory": True}  # a place for temporary files may not exist
    with pd.ExcelWriter(path, engine="xlsxwriter", engine_kwargs={"options": options}) as book:
        frame.to_excel(book, sheet_name=sheet, index=False)
