"""Work on many items: in order for any number of workers, with progress."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from typing import TypeVar

from soleus.errors import InputError
from soleus.interrupts import interrupt_on_terminate, stop_if_asked
from soleus.jobs.progress import NoProgress, Progress

__all__ = ["map_ordered"]

Item = TypeVar("Item")
Answer = TypeVar("Answer")

_LOOK_UP_S = 0.1  # how long a wait may last before the flag of interrupts is looked at


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
    with interrupt_on_terminate(resend=True):
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
    stop_if_asked()
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
    def unless_asked(item: Item) -> Answer:
        stop_if_asked()
        return fn(item)

    futures: list[Future[Answer]] = []
    done: queue.SimpleQueue[tuple[Future[Answer], int]] = queue.SimpleQueue()
    try:
        for item, step in zip(work, steps, strict=True):
            future = executor.submit(unless_asked, item)
            futures.append(future)
            future.add_done_callback(lambda ended, step=step: done.put((ended, step)))  # type: ignore[misc]
        for _ in futures:
            ended, step = _next(done)
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


def _next(done: queue.SimpleQueue[tuple[Future[Answer], int]]) -> tuple[Future[Answer], int]:
    while True:
        stop_if_asked()
        try:
            return done.get(timeout=_LOOK_UP_S)
        except queue.Empty:
            continue


def _cancel(futures: Sequence[Future[Answer]]) -> None:
    for future in futures:
        future.cancel()
    wait(futures)
