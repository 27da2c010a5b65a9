"""Programs under comparison, each in a process of its own that answers JSON jobs line by line."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

__all__ = ["OURS", "PEERS_FOLDER", "Worker", "WorkerError", "ours", "peer"]

OURS = "soleus"
ROOT = Path(__file__).resolve().parent.parent
PEERS_FOLDER = Path(__file__).resolve().parent / "peers"


class WorkerError(RuntimeError):
    """A program that could not do a job; the message is its own."""


class Worker:
    """A program that answers jobs; it starts with the first job and keeps what it prepared.

    Parameters
    ----------
    command
        The command line that starts it.
    extra
        Environment variables to add or, where the value is None, to remove.
    """

    def __init__(
        self, name: str, command: Sequence[str], *, extra: Mapping[str, str | None] | None = None
    ) -> None:
        self.name = name
        self._command = list(command)
        self._environment = dict(os.environ)
        for key, value in (extra or {}).items():
            if value is None:
                self._environment.pop(key, None)
            else:
                self._environment[key] = value
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._errors: list[str] = []

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def ask(self, task: str, *, timeout_s: float = 300.0, **job: object) -> dict[str, Any]:
        """Return the program's answer.

        Raises
        ------
        WorkerError
            If it cannot do the job, dies, or takes longer than ``timeout_s``.
        """
        process = self._start()
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps({"task": task, **job}) + "\n")
            process.stdin.flush()
            line = self._lines.get(timeout=timeout_s)
        except queue.Empty:
            self.close()
            raise WorkerError(f"no answer within {timeout_s:g} s") from None
        except OSError:
            line = ""
        if not line:
            self.close()
            raise WorkerError(f"the process ended: {' | '.join(self._errors[-3:]) or 'no message'}")
        answer: dict[str, Any] = json.loads(line)
        if not answer.pop("ok"):
            raise WorkerError(answer["message"])
        return answer

    def close(self) -> None:
        """End the process, if it runs."""
        process, self._process = self._process, None
        if process is None:
            return
        # With its group, because some peers simulate in a program of their own.
        if os.name == "posix":
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                stream.close()

    def _start(self) -> subprocess.Popen[str]:
        if self._process is None:
            self._lines = queue.SimpleQueue()
            self._errors = []
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                text=True, encoding="utf-8", errors="replace", cwd=ROOT, env=self._environment,
                start_new_session=True,  # an interruption is for us, who then end the programs
            )  # fmt: skip
            threads = (
                threading.Thread(target=self._read, args=(self._process, self._lines), daemon=True),
                threading.Thread(target=self._keep, args=(self._process, self._errors), daemon=True),
            )
            for thread in threads:
                thread.start()
        return self._process

    @staticmethod
    def _read(process: subprocess.Popen[str], lines: queue.SimpleQueue[str]) -> None:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                lines.put(line)
        except ValueError:  # closed while it was read
            pass
        lines.put("")

    @staticmethod
    def _keep(process: subprocess.Popen[str], errors: list[str]) -> None:
        assert process.stderr is not None
        try:
            for line in process.stderr:
                errors.append(line.strip())
                del errors[:-40]
        except ValueError:
            pass


def ours(*, extra: Mapping[str, str | None] | None = None) -> Worker:
    """Return a worker of this project, by this interpreter."""
    return Worker(OURS, [sys.executable, "-m", "benchmarks.ours"], extra=extra)


def peer(name: str, interpreter: Path) -> Worker:
    """Return a worker of a peer, by the interpreter of the peer's environment."""
    return Worker(name, [str(interpreter), str(PEERS_FOLDER / f"{name}.py")], extra={"PYTHONPATH": None})
