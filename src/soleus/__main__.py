"""The program ``soleus``, also as ``python -m soleus``."""

from __future__ import annotations

from soleus.interrupts import hold_interrupts

__all__ = ["main"]


def main() -> None:
    """Run the command line; the entry point of ``soleus``."""
    # First, so that an interrupt does not tear what is imported next.
    hold_interrupts()
    from soleus.cli import main as command_line

    command_line()


if __name__ == "__main__":
    main()
