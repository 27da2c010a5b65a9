"""Laboratories' tables, read into observations: CSV and its relatives, Excel and OpenDocument sheets.

A file becomes a :class:`RawTable`; a :class:`Mapping` says what its columns mean; :func:`to_observations`
joins the two. Every value keeps its file and its row.
"""

from __future__ import annotations

from soleus.exchange.readers.mapping import (
    MAPPING_VERSION,
    Columns,
    Constants,
    Exposure,
    Factor,
    Filter,
    Groups,
    LeftOut,
    Mapping,
    NameRule,
    Values,
)
from soleus.exchange.readers.question import Answers, Choice, Question, QuestionError
from soleus.exchange.readers.raw import Cell, RawTable, Source, open_source, read_bytes, refusal
from soleus.exchange.readers.store import load_mapping, mapping_path, mapping_text, save_mapping
from soleus.exchange.readers.table import to_observations

__all__ = [
    "MAPPING_VERSION",
    "Cell",
    "Columns",
    "Constants",
    "Exposure",
    "Factor",
    "Filter",
    "Answers",
    "Choice",
    "Groups",
    "LeftOut",
    "Mapping",
    "NameRule",
    "Question",
    "QuestionError",
    "RawTable",
    "Source",
    "Values",
    "load_mapping",
    "mapping_path",
    "mapping_text",
    "open_source",
    "read_bytes",
    "refusal",
    "save_mapping",
    "to_observations",
]
