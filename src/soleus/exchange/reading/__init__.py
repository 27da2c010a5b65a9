"""What a laboratory's table means: the plan of every column and row, with its reasons and its questions.

:func:`read` draws a :class:`ReadingPlan` by headers in five languages and by what the cells hold, asks
(:class:`Question`) where two readings would give other numbers, and makes observations.
"""

from __future__ import annotations

from soleus.exchange.readers.question import Answers, Choice, Question, QuestionError
from soleus.exchange.reading.control import likely_control
from soleus.exchange.reading.draft import Wanted
from soleus.exchange.reading.plan import ColumnReading, ReadingPlan, RowsLeftOut
from soleus.exchange.reading.propose import mapping_of, propose
from soleus.exchange.reading.read import Imported, read
from soleus.exchange.reading.tables import join_key, read_raw

__all__ = [
    "Answers",
    "Choice",
    "ColumnReading",
    "Imported",
    "Question",
    "QuestionError",
    "ReadingPlan",
    "RowsLeftOut",
    "Wanted",
    "join_key",
    "likely_control",
    "mapping_of",
    "propose",
    "read",
    "read_raw",
]
