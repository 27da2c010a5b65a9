"""Long work: in order for any number of workers, with progress, and nothing half-written left behind."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from pathlib import Path
from queue import SimpleQueue
from types import FrameType
from typing import Any, Protocol, TypeVar

from soleus.errors import InputError

__all__ = [
    "NoProgress",
    "Progress",
    "RichProgress",
    "interrupt_on_terminate",
    "map_ordered",
    "output_folder",
    "write_atomically",
]

Item = TypeVar("Item")
Answer = TypeVar("Answer")

_MARK = "manifest.json"


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
        self._bar = Bar(console=console, transient=True, disable=not console.is_terminal)
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


def map_ordered(
    fn: Callable[[Item], Answer],
    items: Iterable[Item],
    *,
    workers: int = 1,
    progress: Progress | None = None,
    executor: Executor | None = None,
    label: str = "working",
    size: Callable[[Item], int] | None = None,
) -> list[Answer]:
    """Apply ``fn`` to every item; the answers come in the order of the items for any number of workers.

    Parameters
    ----------
    fn
        Called once an item. Draws random numbers only from streams that the item names.
    items
        The work.
    workers
        Threads to use, at least 1; ignored where ``executor`` is given.
    progress
        Told of each item that is done.
    executor
        Anything with the :class:`concurrent.futures.Executor` interface; it is not shut down here.
    label
        What the work is called in the progress.
    size
        Steps of progress that an item is worth; 1 by default.

    Raises
    ------
    InputError
        ``workers`` below 1.

    Notes
    -----
    If ``fn`` raises, or the user interrupts, items that have not begun are cancelled, those that
    run are awaited, and the error of the first item (in their order) that failed is raised.
    """
    if workers < 1:
        raise InputError(f"workers must be at least 1, got {workers}")
    work = list(items)
    told = progress if progress is not None else NoProgress()
    steps = [1] * len(work) if size is None else [size(item) for item in work]
    told.start(label, sum(steps))
    try:
        if executor is not None:
            return _gather(fn, work, steps, executor=executor, progress=told)
        if workers == 1 or len(work) < 2:
            return [_tell(fn(item), step, told) for item, step in zip(work, steps, strict=True)]
        with ThreadPoolExecutor(max_workers=min(workers, len(work))) as own:
            return _gather(fn, work, steps, executor=own, progress=told)
    finally:
        told.finish()


def _tell(answer: Answer, step: int, progress: Progress) -> Answer:
    _raise_if_interrupted()
    progress.advance(step)
    return answer


def _gather(
    fn: Callable[[Item], Answer],
    work: Sequence[Item],
    steps: Sequence[int],
    *,
    executor: Executor,
    progress: Progress,
) -> list[Answer]:
    futures: list[Future[Answer]] = []
    # Not as_completed: an interrupt while it takes the locks of all futures would leave some taken.
    done: SimpleQueue[tuple[Future[Answer], int]] = SimpleQueue()
    try:
        with _interrupts_deferred():
            for item, step in zip(work, steps, strict=True):
                future = executor.submit(fn, item)
                futures.append(future)
                future.add_done_callback(lambda ended, step=step: done.put((ended, step)))  # type: ignore[misc]
        for _ in futures:
            ended, step = done.get()
            _raise_if_interrupted()
            if ended.exception() is not None:
                break
            progress.advance(step)
    except BaseException:
        _cancel(futures)
        raise
    _cancel(futures)
    for future in futures:
        if not future.cancelled() and (error := future.exception()) is not None:
            raise error
    return [future.result() for future in futures]


@contextlib.contextmanager
def _interrupts_deferred() -> Iterator[None]:
    """Let interrupts wait: raised while an executor holds a lock, they would leave it taken for ever."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    kinds = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    previous = {k: signal.getsignal(k) for k in kinds if callable(signal.getsignal(k))}
    came: list[tuple[int, FrameType | None]] = []
    for kind in previous:
        signal.signal(kind, lambda number, frame: came.append((number, frame)))
    try:
        yield
    finally:
        for kind, handler in previous.items():
            signal.signal(kind, handler)
    for number, frame in came[:1]:
        handler = previous[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)


def _cancel(futures: Sequence[Future[Answer]]) -> None:
    for future in futures:
        future.cancel()
    wait(futures)


_INTERRUPTED = threading.Event()


def _raise_if_interrupted() -> None:
    if _INTERRUPTED.is_set():
        raise KeyboardInterrupt


@contextlib.contextmanager
def interrupt_on_terminate() -> Iterator[None]:
    """Treat a polite kill (SIGTERM, a closed terminal) as Ctrl-C while inside, so that cleaning up happens.

    Does nothing outside the main thread, where handlers cannot be set.

    Notes
    -----
    An interrupt that arrives while a library calls back into Python (a compiler, a finaliser) is printed
    and dropped by the interpreter; it is remembered here and raised again at the next safe point.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: object) -> None:
        _INTERRUPTED.set()
        raise KeyboardInterrupt

    _INTERRUPTED.clear()
    known = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    # A signal that the caller ignores (as nohup does) stays ignored.
    polite = [kind for kind in known if signal.getsignal(kind) is not signal.SIG_IGN]
    previous = [signal.signal(kind, interrupt) for kind in polite]
    try:
        yield
    finally:
        _INTERRUPTED.clear()
        for kind, handler in zip(polite, previous, strict=True):
            signal.signal(kind, handler)


@contextlib.contextmanager
def output_folder(path: str | Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Give a folder ``PATH.partial`` to write in, renamed to ``PATH`` when all went well.

    Parameters
    ----------
    path
        The folder that the user asked for. An empty one may exist already.
    overwrite
        Replace the folder of an earlier run. A folder without a manifest.json is never replaced:
        it is not ours.

    Yields
    ------
    Path
        The partial folder. On any error or interrupt it is removed, and ``path`` is as before.

    Raises
    ------
    InputError
        ``path`` exists and may not be replaced, or another run is writing it.
    """
    target = Path(path).expanduser().resolve()
    _check_target(target, overwrite)
    partial = target.with_name(f"{target.name}.partial")
    made = _make_parents(target.parent)
    if overwrite and partial.is_dir():
        shutil.rmtree(partial)
    try:
        partial.mkdir()
    except FileExistsError:
        raise InputError(
            f"{partial} exists: another run is writing it, or one was killed. Wait for it, remove that"
            " folder, or ask to overwrite"
        ) from None
    try:
        yield partial
        _raise_if_interrupted()
        _check_target(target, overwrite)
        _replace(target, partial)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        for parent in made:
            with contextlib.suppress(OSError):
                parent.rmdir()
        raise


def _check_target(target: Path, overwrite: bool) -> None:
    if not target.exists() or (target.is_dir() and not any(target.iterdir())):
        return
    if not target.is_dir():
        raise InputError(f"{target} is a file; give the name of a folder that does not exist yet")
    if not overwrite:
        raise InputError(f"{target} exists already; give another folder, or ask to overwrite it")
    if not (target / _MARK).is_file():
        raise InputError(
            f"{target} holds no {_MARK}, so it is not the folder of an earlier run and is not replaced;"
            " give another folder"
        )


def _make_parents(parent: Path) -> list[Path]:
    """Make the missing parents and return them, innermost first."""
    missing = [folder for folder in (parent, *parent.parents) if not folder.exists()]
    parent.mkdir(parents=True, exist_ok=True)
    return missing


def _replace(target: Path, partial: Path) -> None:
    """Put ``partial`` in the place of ``target``; if that fails, ``target`` is as before."""
    if not target.exists():
        partial.rename(target)
        return
    old = target.with_name(f"{target.name}.replaced")
    shutil.rmtree(old, ignore_errors=True)
    target.rename(old)
    try:
        partial.rename(target)
    except BaseException:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def write_atomically(path: Path, data: bytes) -> None:
    """Write ``data`` beside ``path`` and rename it into place; the folder is made where needed.

    Raises
    ------
    OSError
        Where the folder cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
