"""Files of instruments and of their programs, read into tables with a mapping.

:func:`read_instrument` tells the format by what a file holds. A :class:`Reading` is a table, the mapping
proposed for it and the questions that are open; ``soleus.exchange.readers.table`` makes observations of it.
"""

from __future__ import annotations

from soleus.exchange.instruments.detect import FORMATS, detect_format, read_instrument
from soleus.exchange.instruments.isatab import Samples, join_samples, read_samples
from soleus.exchange.instruments.pattern import NamePattern, guess_pattern, preview
from soleus.exchange.instruments.prism import PrismTable, read_prism, read_prism_tables
from soleus.exchange.instruments.prism_writer import animals_table, prism_table, write_pzfx
from soleus.exchange.instruments.reading import Reading

__all__ = [
    "FORMATS",
    "NamePattern",
    "PrismTable",
    "Reading",
    "Samples",
    "animals_table",
    "detect_format",
    "guess_pattern",
    "join_samples",
    "preview",
    "prism_table",
    "read_instrument",
    "read_prism",
    "read_prism_tables",
    "read_samples",
    "write_pzfx",
]
