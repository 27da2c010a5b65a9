"""What every section of the comparison shares: the programs, how thorough to be, where to tell progress."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from benchmarks.environments import REQUIREMENTS, make
from benchmarks.workers import OURS, Worker, WorkerError, ours, peer

__all__ = ["Context"]


@dataclass
class Context:
    """The programs and how thorough to be.

    Attributes
    ----------
    rounds
        Rounds of every interleaved comparison.
    budget_s
        CPU seconds of one program in one round, about.
    sample
        Animals of the agreement tests.
    """

    peers: Sequence[str] = tuple(REQUIREMENTS)
    install: bool = True
    quick: bool = False
    rounds: int = 7
    budget_s: float = 0.5
    sample: int = 300
    problems: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    _workers: dict[str, Worker] = field(default_factory=dict)
    _began: float = field(default_factory=time.monotonic)

    @staticmethod
    def of(*, quick: bool, peers: Sequence[str], install: bool) -> Context:
        """Return a context; ``quick`` is for tests of the machinery, its figures mean little."""
        if quick:
            return Context(peers, install, quick, rounds=2, budget_s=0.05, sample=40)
        return Context(peers, install, quick)

    def __enter__(self) -> Context:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._workers.values():
            worker.close()

    def tell(self, text: str) -> None:
        """Print a line of progress with the time since the start."""
        spent = time.monotonic() - self._began
        sys.stderr.write(f"[{int(spent // 60):3d}:{int(spent % 60):02d}] {text}\n")
        sys.stderr.flush()

    def start(self) -> None:
        """Make the environments and say what does not install or start."""
        self.versions[OURS] = self.worker(OURS).ask("hello")["version"]
        self.tell(self.versions[OURS])
        for name in self.peers:
            self.tell(f"{name}: environment ...")
            environment = make(name, install=self.install)
            if environment.problem is None:
                self._workers[name] = peer(name, environment.python)
                try:
                    self.versions[name] = self._workers[name].ask("hello")["version"]
                except WorkerError as error:
                    environment_problem: str | None = str(error)
                else:
                    environment_problem = None
            else:
                environment_problem = environment.problem
            if environment_problem is not None:
                self.problems[name] = environment_problem
                self._workers.pop(name, None)
            self.tell(f"{name}: {self.versions.get(name) or 'NOT AVAILABLE: ' + self.problems[name]}")

    def worker(self, name: str) -> Worker:
        """Return a program's worker.

        Raises
        ------
        WorkerError
            If the peer is not available; the message says why.
        """
        if name == OURS and OURS not in self._workers:
            self._workers[OURS] = ours()
        if name not in self._workers:
            raise WorkerError(self.problems.get(name, "left out (--peers)"))
        return self._workers[name]

    def fresh(self, name: str) -> Worker:
        """Return a new worker of a program, with nothing prepared; the caller closes it."""
        if name == OURS:
            return ours()
        self.worker(name)
        return peer(name, make(name, install=False).python)

    def ask(self, name: str, task: str, **job: Any) -> dict[str, Any]:
        """Ask a program's worker."""
        return self.worker(name).ask(task, **job)
