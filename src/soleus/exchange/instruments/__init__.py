"""Files of instruments and of their programs, read into tables with a mapping.

:func:`read_instrument` tells the format by what a file holds. A :class:`Reading` is a table, the mapping
proposed for it and the questions that are open; ``soleus.exchange.readers.table`` makes observations of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from soleus.late import late

if TYPE_CHECKING:
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

_HOMES = {
    "FORMATS": "soleus.exchange.instruments.detect",
    "NamePattern": "soleus.exchange.instruments.pattern",
    "PrismTable": "soleus.exchange.instruments.prism",
    "Reading": "soleus.exchange.instruments.reading",
    "Samples": "soleus.exchange.instruments.isatab",
    "animals_table": "soleus.exchange.instruments.prism_writer",
    "detect_format": "soleus.exchange.instruments.detect",
    "guess_pattern": "soleus.exchange.instruments.pattern",
    "join_samples": "soleus.exchange.instruments.isatab",
    "preview": "soleus.exchange.instruments.pattern",
    "prism_table": "soleus.exchange.instruments.prism_writer",
    "read_instrument": "soleus.exchange.instruments.detect",
    "read_prism": "soleus.exchange.instruments.prism",
    "read_prism_tables": "soleus.exchange.instruments.prism",
    "read_samples": "soleus.exchange.instruments.isatab",
    "write_pzfx": "soleus.exchange.instruments.prism_writer",
}

__getattr__ = late(__name__, _HOMES)
