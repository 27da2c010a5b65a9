"""Figures as SVG and PNG files: two at a time, and none that an earlier run has drawn already."""

from __future__ import annotations

import hashlib
import json
import os
import queue
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from types import TracebackType

from soleus.errors import SoleusError
from soleus.jobs import map_ordered
from soleus.report.bundle import SNIPPET, bundle_path
from soleus.report.kept import cache_folder, keep, kept, prune
from soleus.report.render_worker import render_one
from soleus.report.specs import Spec

__all__ = ["FigureExporter", "spec_key"]

_ENDED = "the process that draws figures has ended (is memory limited, as by ulimit -v?); run again"
_WORKER = Path(__file__).with_name("render_worker.py")
_KEPT_IN_CACHE = 400


def spec_key(spec: Spec) -> str:
    """Return the name under which a drawn figure is kept: what was drawn, and by which renderer."""
    text = (
        json.dumps(spec, sort_keys=True) + version("vl-convert-python") + _WORKER.read_text(encoding="utf-8")
    )
    return hashlib.sha256(text.encode()).hexdigest()[:32]


class FigureExporter:
    """Draws figures to files, in worker processes that may start while the study still runs.

    Use it as a context manager. ``workers=0`` draws in this process.
    """

    def __init__(self, *, workers: int | None = None, cache: bool = True) -> None:
        wanted = min(2, os.cpu_count() or 1) if workers is None else workers
        self._count = wanted if sys.executable else 0
        caches = cache_folder() if cache else None
        self._cache = None if caches is None else caches / "figures"
        self._idle: queue.SimpleQueue[subprocess.Popen[str]] = queue.SimpleQueue()
        self._all: list[subprocess.Popen[str]] = []

    def __enter__(self) -> FigureExporter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Start the workers now, so that they are warm when the figures come."""
        while len(self._all) < self._count:
            worker = subprocess.Popen(
                [sys.executable, "-I", str(_WORKER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, text=True, encoding="utf-8",
                # Ctrl-C in a terminal goes to a whole session; who started the workers ends them.
                start_new_session=True,
            )  # fmt: skip
            self._all.append(worker)
            self._idle.put(worker)
            # The worker answers only real jobs, so nobody has to wait for these.
            _send(worker, {"spec": None})
            if len(self._all) == 1:
                self._prepare_bundle(worker)

    def _prepare_bundle(self, worker: subprocess.Popen[str]) -> None:
        """Have the page's libraries made while the study runs, if no earlier run has."""
        path = bundle_path()
        if path is not None and self._cache is not None and not path.exists():
            _send(worker, {"spec": None, "bundle": str(path), "snippet": SNIPPET})

    def close(self) -> None:
        """End the workers."""
        for worker in self._all:
            if worker.stdin is not None:
                try:
                    worker.stdin.close()
                except OSError:  # it is gone already
                    pass
            worker.terminate()
            worker.wait()
            if worker.stdout is not None:
                worker.stdout.close()
        self._all.clear()
        self._idle = queue.SimpleQueue()

    def export(self, specs: Mapping[str, Spec], folder: Path) -> dict[str, str]:
        """Write every figure as SVG and PNG.

        Parameters
        ----------
        specs
            Vega-Lite specification of each figure, by name.
        folder
            Where the files go; it is made if it does not exist.

        Returns
        -------
        dict
            File names in ``folder`` by ``NAME.svg`` and ``NAME.png``.

        Raises
        ------
        SoleusError
            Where a figure cannot be drawn.
        """
        folder.mkdir(parents=True, exist_ok=True)
        missing = [name for name, spec in specs.items() if not self._fetch(name, spec, folder=folder)]
        # The largest first, so that no worker is left with it at the end.
        missing.sort(key=lambda name: -len(json.dumps(specs[name])))
        if missing and self._count:
            self.start()
            with ThreadPoolExecutor(self._count) as threads:
                map_ordered(
                    lambda name: self._draw(name, specs[name], folder=folder), missing, executor=threads
                )
        else:
            for name in missing:
                self._draw(name, specs[name], folder=folder)
        if self._cache is not None:
            prune(self._cache, most=_KEPT_IN_CACHE)
        return {f"{name}.{kind}": f"{name}.{kind}" for name in specs for kind in ("svg", "png")}

    def _draw(self, name: str, spec: Spec, *, folder: Path) -> None:
        svg, png = (str((folder / f"{name}.{kind}").resolve()) for kind in ("svg", "png"))
        if self._count:
            worker = self._idle.get()
            try:
                _send(worker, {"spec": spec, "svg": svg, "png": png})
                answer = _answer(worker)
            finally:
                self._idle.put(worker)
            if answer.get("errno"):
                number = int(str(answer["errno"]))
                raise OSError(number, os.strerror(number), svg)
            if answer:
                raise SoleusError(f"figure {name!r} could not be drawn: {answer['error']}")
        else:
            render_one(spec, svg_path=svg, png_path=png)
        self._keep(name, spec, folder=folder)

    def _fetch(self, name: str, spec: Spec, *, folder: Path) -> bool:
        cache = self._cache
        if cache is None:
            return False
        key = spec_key(spec)
        found = {kind: kept(cache / f"{key}.{kind}") for kind in ("svg", "png")}
        for kind, data in found.items():
            if data is None:
                return False
            (folder / f"{name}.{kind}").write_bytes(data)
        return True

    def _keep(self, name: str, spec: Spec, *, folder: Path) -> None:
        cache = self._cache
        if cache is None:
            return
        key = spec_key(spec)
        for kind in ("svg", "png"):
            if not keep(cache / f"{key}.{kind}", (folder / f"{name}.{kind}").read_bytes()):
                self._cache = None  # it would be tried in vain for every figure
                return


def _send(worker: subprocess.Popen[str], job: Mapping[str, object]) -> None:
    if worker.stdin is None:
        raise SoleusError("the figure worker has no input")
    try:
        worker.stdin.write(json.dumps(job) + "\n")
        worker.stdin.flush()
    except OSError as error:
        raise SoleusError(_ENDED) from error


def _answer(worker: subprocess.Popen[str]) -> dict[str, object]:
    if worker.stdout is None:
        raise SoleusError("the figure worker has no output")
    line = worker.stdout.readline()
    if not line:
        raise SoleusError(_ENDED)
    answer: dict[str, object] = json.loads(line)
    return answer
