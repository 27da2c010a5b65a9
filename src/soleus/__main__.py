"""The program ``soleus``, also as ``python -m soleus``."""

from __future__ import annotations

from soleus.interrupts import hold_interrupts, ignore_interrupts

__all__ = ["main"]


def main() -> None:
    """Run the command line; the entry point of ``soleus``."""
    # First, so that an interrupt does not tear what is imported next.
    hold_interrupts()
    try:
        from soleus.cli import main as command_line

        command_line()
    finally:
        # What was asked for is done or undone by now; only the interpreter has still to end.
        ignore_interrupts()


if __name__ == "__main__":
    main()
