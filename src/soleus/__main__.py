"""``python -m soleus``: the command line."""

from __future__ import annotations

from soleus.cli import main

if __name__ == "__main__":
    main()
