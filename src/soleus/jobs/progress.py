"""How far long work has come, for whoever wants to know."""

from __future__ import annotations

from typing import Any, Protocol

__all__ = ["NoProgress", "Progress", "RichProgress"]


class Progress(Protocol):
    """Who is told how far long work has come."""

    def start(self, label: str, total: int) -> None:
        """Begin a stage of ``total`` steps."""

    def advance(self, count: int = 1) -> None:
        """Report ``count`` further steps of the stage."""

    def finish(self) -> None:
        """End the stage, done or not."""


class NoProgress:
    """Tells nobody."""

    def start(self, label: str, total: int) -> None:
        """Do nothing."""

    def advance(self, count: int = 1) -> None:
        """Do nothing."""

    def finish(self) -> None:
        """Do nothing."""


class RichProgress:
    """A progress bar on standard error; silent where that is no terminal."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._task: Any = None

    def start(self, label: str, total: int) -> None:
        """Show a bar."""
        from rich.console import Console
        from rich.progress import Progress as Bar

        self.finish()
        console = Console(stderr=True)
        if not console.is_terminal:  # not even disabled, since rich before 13.8 then ends with an empty line
            return
        self._bar = Bar(console=console, transient=True)
        self._bar.start()
        self._task = self._bar.add_task(label, total=total)

    def advance(self, count: int = 1) -> None:
        """Move the bar."""
        if self._bar is not None:
            self._bar.advance(self._task, count)

    def finish(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
