"""One folder for each question that soleus answers, and the envelope that every answer comes in.

A folder holds the question's model (``values``), its builder, its pictures and its words (``sections``).
No face is known here: page, terminal, spreadsheet and JSON draw the sections.
"""

from __future__ import annotations

from soleus.answers.answer import Answer, AnswerValues

__all__ = ["Answer", "AnswerValues"]
