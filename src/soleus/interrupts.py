"""Ctrl-C and polite kills: a flag at once, an exception only where nothing can break.

An exception that a signal handler raises wherever the program happens to be tears whatever is running: a
compiler between two calls into its library (the interpreter then crashes), an import (the module stays half
loaded), a lock, a folder that was made and not yet noted. So the handler sets a flag, and raises only where
the code that runs is ours or the user's and none of those is on the stack; elsewhere it is asked again soon,
and long work looks at the flag itself (:func:`stop_if_asked`).
"""

from __future__ import annotations

import _thread
import contextlib
import functools
import opcode
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import CodeType, FrameType
from typing import Any, ParamSpec, TypeVar

__all__ = [
    "hold_interrupts",
    "ignore_interrupts",
    "interrupt_on_terminate",
    "interruptible",
    "stop_if_asked",
    "uninterrupted",
]

Given = ParamSpec("Given")
Answer = TypeVar("Answer")

_POLITE = ("SIGINT", "SIGTERM", "SIGHUP")
_ASK_AGAIN_S = 0.002
# What must not be torn while it is on the stack: imports, the compiler, and our own files half made.
_WHOLE = frozenset(("importlib", "_frozen_importlib", "numba", "llvmlite"))
_WHOLE_OURS = frozenset(("soleus.jobs.folders", "soleus.jobs.writing", "soleus.report.kept"))
# From Python 3.12 on, what is raised at the jump back of a loop may leave a `with` without its end.
_JUMPS = frozenset(number for name, number in opcode.opmap.items() if "JUMP_BACKWARD" in name)
# Code of ours that holds locks or processes looks at the flag where it can stop.
_SELF_ASKING = ("soleus.interrupts", "soleus.jobs.", "soleus.report.export", "soleus.cli.failures")


class _Watch:
    """What is known of interrupts; signals come to one thread of a process only."""

    def __init__(self) -> None:
        self.asked: int | None = None  # the signal that came
        self.raised = False  # whether the exception was raised for it
        self.armed = 0  # how many enclosing functions may be stopped
        self.waiting = 0  # how many enclosing functions may not
        self.kept = False  # whether the handlers stay until the process ends
        self.asking = False  # whether a thread asks again
        self.lock = threading.Lock()  # between that thread and the end of the watch
        self.before: dict[int, Any] = {}  # the handlers that were there


_watch = _Watch()


def stop_if_asked() -> None:
    """Raise KeyboardInterrupt if the user asked to stop: a safe point of long work, in any thread."""
    if _watch.asked is not None and _watch.armed:
        _watch.raised = True
        raise KeyboardInterrupt


def hold_interrupts() -> None:
    """Only note interrupts from now on, until the process ends, outside :func:`interrupt_on_terminate`.

    For programs, as their first step: what is imported then is not torn, and at the end all that was
    written is told.
    """
    if threading.current_thread() is threading.main_thread():
        _watch.kept = True
        _begin()


def ignore_interrupts() -> None:
    """Ignore interrupts from now on, until the process ends: its last step."""
    for kind in _watch.before:
        signal.signal(kind, signal.SIG_IGN)


@contextlib.contextmanager
def interrupt_on_terminate(*, resend: bool = False) -> Iterator[None]:
    """Raise KeyboardInterrupt, where it is safe, for Ctrl-C, SIGTERM and a closed terminal.

    A signal that the caller ignores (as nohup does) stays ignored. Does nothing outside the main thread,
    where handlers cannot be set.

    Parameters
    ----------
    resend
        After cleaning up, give a SIGTERM or SIGHUP to whoever would have had it: by default it ends the
        process, as it would have.

    Raises
    ------
    KeyboardInterrupt
        Also at the end, if one was asked for and there was no place to stop before.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _begin()
    _watch.armed += 1
    try:
        stop_if_asked()
        yield
        stop_if_asked()
    finally:
        _watch.armed -= 1
        _end(resend=resend)


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Let interrupts wait while inside, for code that they would tear; they come at its end."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _begin()
    _watch.waiting += 1
    try:
        yield
    finally:
        _watch.waiting -= 1
        _end(resend=True)


def _begin() -> None:
    if _watch.before:
        return
    known = [getattr(signal, name) for name in _POLITE if hasattr(signal, name)]
    # None: a handler that was not set from Python, and could not be set again.
    watched = [kind for kind in known if signal.getsignal(kind) not in (signal.SIG_IGN, None)]
    _watch.asked, _watch.raised = None, False
    for kind in watched:
        _watch.before[kind] = signal.signal(kind, _note)


def _end(*, resend: bool) -> None:
    if _watch.armed or _watch.waiting or _watch.kept:
        return
    with _watch.lock:
        _watch.asking = False
    for kind, handler in _watch.before.items():
        signal.signal(kind, handler)
    _watch.before.clear()
    asked, _watch.asked = _watch.asked, None
    if asked is not None and (not _watch.raised or (resend and asked != signal.SIGINT)):
        signal.raise_signal(asked)


def interruptible(function: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """Make a function stop where it is safe when it is interrupted, and leave nothing half done."""

    @functools.wraps(function)
    def watched(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
        with interrupt_on_terminate(resend=True):
            return function(*args, **kwargs)

    return watched


def _note(number: int, frame: FrameType | None) -> None:
    if _watch.asked is None:
        _watch.asked = number
    if _watch.raised or not _watch.armed:
        return
    if not _watch.waiting and _is_safe(frame):
        _watch.raised = True
        raise KeyboardInterrupt
    if not _watch.asking:
        _watch.asking = True
        with contextlib.suppress(RuntimeError):  # no thread can be had: the safe points must do
            # Not threading, whose locks the interrupted code may hold.
            _thread.start_new_thread(_ask_again, (number,))


def _ask_again(number: int) -> None:
    """Have the handler run again and again until it could raise, or the watch is over."""
    while True:
        time.sleep(_ASK_AGAIN_S)
        with _watch.lock:
            if not _watch.asking or _watch.raised:
                _watch.asking = False
                return
            _thread.interrupt_main(signal.Signals(number))


def _is_safe(frame: FrameType | None) -> bool:
    """Whether an exception may be raised in a frame: ours or the user's, with nothing fragile around it."""
    if frame is None or not _may_stop(frame) or _is_outside_its_with(frame):
        return False
    around: FrameType | None = frame
    while around is not None:
        name = str(around.f_globals.get("__name__", ""))
        if name.partition(".")[0] in _WHOLE or name in _WHOLE_OURS or around.f_code.co_name == "__del__":
            return False
        around = around.f_back
    return True


def _is_outside_its_with(frame: FrameType) -> bool:
    """Whether the frame is at a jump back that the compiler left out of the `with` or `try` around it."""
    code, here = frame.f_code, frame.f_lasti
    return code.co_code[here] in _JUMPS and _handler(code, here) != _handler(code, here - 2)


def _handler(code: CodeType, offset: int) -> int | None:
    """Return where an exception at an offset is handled; the table is that of CPython 3.11 and later."""
    table = iter(code.co_exceptiontable)

    def number() -> int:
        byte = next(table)
        value = byte & 63
        while byte & 64:
            byte = next(table)
            value = value << 6 | byte & 63
        return value

    try:
        while True:
            start, length, target, _ = number(), number(), number(), number()
            if 0 <= offset // 2 - start < length:
                return target
    except StopIteration:
        return None


def _may_stop(frame: FrameType) -> bool:
    name = str(frame.f_globals.get("__name__", ""))
    top = name.partition(".")[0]
    if top == "soleus":
        return not name.startswith(_SELF_ASKING)
    return top not in sys.stdlib_module_names and "site-packages" not in frame.f_code.co_filename
