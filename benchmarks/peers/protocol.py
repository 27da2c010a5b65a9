"""How a program is asked to work: one JSON job a line in, one JSON answer a line out.

Standard library only, because every peer's own interpreter runs it. Every answer holds ``cpu_s``, the
CPU seconds of this process and of the programs that it started (some peers simulate in a compiled
program of their own). Whatever a library prints goes to the error stream, never among the answers.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

Made = TypeVar("Made")

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def single_thread() -> None:
    """Hold this process to one core and its libraries to one thread; call before they are imported."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    for name in ONE_THREAD:
        os.environ[name] = "1"
    flags = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    os.environ.setdefault("XLA_FLAGS", flags)
    os.environ.setdefault("JAX_PLATFORMS", "cpu")


def cpu_seconds() -> float:
    """Return CPU seconds of this process and of the processes that it has waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def peak_mib() -> float:
    """Return the largest resident memory of this process so far, in MiB.

    The kernel's own mark where there is one: ``ru_maxrss`` of a started program can be that of the
    process which started it.
    """
    try:
        with open("/proc/self/status", encoding="utf-8") as lines:
            for line in lines:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) / 1024.0
    except OSError:
        pass
    unit = 1024.0**2 if sys.platform == "darwin" else 1024.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


class Timed:
    """Times a block: CPU seconds in ``cpu_s`` and seconds on the wall in ``wall_s``."""

    def __enter__(self) -> Timed:
        self._cpu, self._wall = cpu_seconds(), time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.cpu_s = cpu_seconds() - self._cpu
        self.wall_s = time.perf_counter() - self._wall


def law_text(law: Mapping[str, Any], time_name: str, power: str = "^") -> str:
    """Return a law of :mod:`benchmarks.models` as an infix formula of ``time_name`` (not the step)."""
    a, b, c = law["a"], law["b"], law["c"]
    if law["kind"] == "relax":
        return f"{a!r} + {b!r}*exp(-{time_name}/{c!r})"
    if law["kind"] == "power":
        return f"{a!r} + ({time_name}/{b!r}){power}{c!r}"
    raise ValueError(f"law {law['kind']!r} has no plain formula")


def serve(tasks: Mapping[str, Callable[..., dict[str, Any]]]) -> None:
    """Answer jobs until the input ends. ``tasks`` maps the name of a task to its function."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        job: dict[str, Any] = json.loads(line)
        name = job.pop("task")
        try:
            if name == "peak":
                answer: dict[str, Any] = {"peak_mib": peak_mib()}
            else:
                answer = tasks[name](**job)
            answer = {"ok": True, **answer}
        except KeyboardInterrupt:
            return
        except BaseException as error:
            traceback.print_exc()
            answer = {"ok": False, "message": f"{type(error).__name__}: {error}"[:500]}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


class Prepared(Generic[Made]):
    """Keeps what a program has prepared (a compiled or loaded model) between jobs, with its cost."""

    def __init__(self, build: Callable[..., Made]) -> None:
        self._build = build
        self._kept: dict[str, tuple[Made, dict[str, float]]] = {}

    def get(self, **key: object) -> tuple[Made, dict[str, float]]:
        """Return what ``build(**key)`` made, and the cost of making it the first time."""
        text = json.dumps(key, sort_keys=True)
        if text not in self._kept:
            with Timed() as spent:
                made = self._build(**key)
            self._kept[text] = (made, {"prepare_cpu_s": spent.cpu_s, "prepare_wall_s": spent.wall_s})
        return self._kept[text]
