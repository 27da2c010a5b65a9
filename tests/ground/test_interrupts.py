"""Interrupts stop long work where nothing can break, and are never lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from soleus.interrupts import (
    _watch,
    interrupt_on_terminate,
    interruptible,
    stop_if_asked,
    uninterrupted,
)

POLITE = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.fixture(autouse=True)
def default_handlers() -> Iterator[None]:
    """As in the foreground, whatever started the suite; and nothing may be left of a watch."""
    wanted = {kind: signal.SIG_DFL for kind in POLITE} | {signal.SIGINT: signal.default_int_handler}
    before = {kind: signal.signal(kind, handler) for kind, handler in wanted.items()}
    yield
    assert {kind: signal.getsignal(kind) for kind in POLITE} == wanted
    assert not (_watch.before or _watch.armed or _watch.waiting or _watch.asking or _watch.asked)
    for kind, handler in before.items():
        signal.signal(kind, handler)


def tell(done: list[str]) -> None:
    done.append("after")


def in_module(name: str, source: str, **given: Any) -> Callable[[], None]:
    """A function ``run`` whose code says that it is of another module."""
    scope: dict[str, Any] = {"__name__": name, "signal": signal, **given}
    exec(textwrap.dedent(source), scope)
    run: Callable[[], None] = scope["run"]
    return run


@pytest.mark.parametrize("number", POLITE)
@pytest.mark.parametrize(
    "module",
    ["numba.core.compiler", "llvmlite.binding", "importlib._bootstrap", "soleus.jobs.folders", "threading"],
)
def test_what_would_be_torn_is_finished_first(module: str, number: signal.Signals) -> None:
    done: list[str] = []
    source = """
        def run():
            signal.raise_signal(number)
            for _ in range(100):
                done.append("whole")
    """
    run = in_module(module, source, number=number, done=done)
    end = time.monotonic() + 10
    with pytest.raises(KeyboardInterrupt), interrupt_on_terminate():
        run()
        while time.monotonic() < end:  # the exception comes here, as soon as it may
            tell(done)
    assert done[:100] == ["whole"] * 100
    assert time.monotonic() < end, "it came at the end only"


@pytest.mark.parametrize("caller", ["numba.core.dispatcher", "soleus.jobs.folders", "soleus.report.kept"])
def test_code_that_is_called_by_what_must_be_whole_is_not_stopped(caller: str) -> None:
    done: list[str] = []

    def ours() -> None:
        signal.raise_signal(signal.SIGINT)
        done.append("whole")

    run = in_module(caller, "def run(): ours()", ours=ours)
    with pytest.raises(KeyboardInterrupt), interrupt_on_terminate():
        run()
        stop_if_asked()
    assert done == ["whole"]


def test_a_finaliser_is_not_stopped() -> None:
    done: list[str] = []

    class Held:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGINT)
            done.append("whole")

    with pytest.raises(KeyboardInterrupt), interrupt_on_terminate():
        Held()
        stop_if_asked()
    assert done == ["whole"]


def test_an_interrupt_at_the_very_end_is_not_lost() -> None:
    run = in_module("numba.x", "def run(): signal.raise_signal(signal.SIGINT)")

    @interruptible
    def short() -> None:
        run()

    with pytest.raises(KeyboardInterrupt):
        short()
    with pytest.raises(KeyboardInterrupt), uninterrupted():
        run()
    came: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, frame: came.append(number))
    run = in_module("numba.x", "def run(): signal.raise_signal(signal.SIGTERM)")
    with pytest.raises(KeyboardInterrupt), interrupt_on_terminate():
        run()
    assert came == []
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def test_only_the_outermost_gives_the_signal_on() -> None:
    came: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, frame: came.append(number))

    @interruptible
    def inner() -> None:
        signal.raise_signal(signal.SIGTERM)
        time.sleep(5)

    @interruptible
    def outer() -> None:
        try:
            inner()
        finally:
            assert came == []

    try:
        with pytest.raises(KeyboardInterrupt):
            outer()
        assert came == [signal.SIGTERM]
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def test_a_second_interrupt_does_not_tear_the_cleaning_up() -> None:
    done: list[str] = []
    with pytest.raises(KeyboardInterrupt), interrupt_on_terminate():
        try:
            signal.raise_signal(signal.SIGINT)
        finally:
            signal.raise_signal(signal.SIGINT)
            done.append("cleaned")
    assert done == ["cleaned"]


def test_other_threads_stop_at_their_safe_points() -> None:
    stopped: list[bool] = []

    def work() -> None:
        try:
            for _ in range(1000):
                stop_if_asked()
                time.sleep(0.01)
        except KeyboardInterrupt:
            stopped.append(True)

    thread = threading.Thread(target=work)
    with pytest.raises(KeyboardInterrupt), interrupt_on_terminate():
        thread.start()
        try:
            signal.raise_signal(signal.SIGINT)
        finally:
            thread.join(10)
    assert stopped == [True]


def test_what_the_caller_ignores_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interrupt_on_terminate():
            signal.raise_signal(signal.SIGHUP)
            stop_if_asked()
    finally:
        signal.signal(signal.SIGHUP, before)


def program(script: str, *args: str, env: dict[str, str] | None = None) -> subprocess.Popen[str]:
    def foreground() -> None:
        for kind in POLITE:
            signal.signal(kind, signal.SIG_DFL)

    return subprocess.Popen(
        [sys.executable, "-X", "faulthandler", "-c", textwrap.dedent(script), *args],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **(env or {})},
        preexec_fn=foreground,
    )  # fmt: skip


@pytest.mark.parametrize("number", POLITE)
def test_a_function_of_the_library_cleans_up_and_ends_as_the_signal_would(
    tmp_path: Path, number: signal.Signals
) -> None:
    script = """
        import sys, time
        from soleus.jobs import interruptible, output_folder
        @interruptible
        def work():
            with output_folder(sys.argv[1]):
                print("ready", flush=True)
                time.sleep(60)
        work()
    """
    process = program(script, str(tmp_path / "deep" / "out"))
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    process.send_signal(number)
    process.communicate(timeout=30)
    assert process.returncode == -number
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_kernel_that_is_interrupted_while_it_is_compiled_is_whole(tmp_path: Path) -> None:
    script = """
        import os, signal, threading, time
        from numba.core import compiler
        from soleus.engines.compiled import kernel
        begun, whole = threading.Event(), compiler.compile_extra
        def slowly(*args, **kwargs):
            begun.set()
            time.sleep(0.3)
            return whole(*args, **kwargs)
        compiler.compile_extra = slowly
        @kernel
        def add(a, b):
            return a + b
        def kill():
            begun.wait()
            os.kill(os.getpid(), signal.SIGINT)
        threading.Thread(target=kill).start()
        try:
            add(1.0, 2.0)
        except KeyboardInterrupt:
            print("interrupted with", len(add.signatures), flush=True)
        print(add(2.0, 3.0))
    """
    process = program(script, env={"NUMBA_CACHE_DIR": str(tmp_path)})
    stdout, stderr = process.communicate(timeout=120)
    assert (process.returncode, stdout) == (0, "interrupted with 1\n5.0\n"), stderr


class Ended:
    def __init__(self) -> None:
        self.ended = False

    def __enter__(self) -> Ended:
        return self

    def __exit__(self, *_: object) -> None:
        self.ended = True


def busy(held: Ended) -> None:
    end = time.monotonic() + 10
    with held:
        while time.monotonic() < end:
            tell([])


def test_no_with_is_left_without_its_end() -> None:
    """Python 3.13 leaves it if the exception comes at the jump back to the head of the loop."""
    for number in range(60):
        held = Ended()
        late = threading.Timer(0.003 + number / 20000, os.kill, (os.getpid(), signal.SIGINT))
        with pytest.raises(KeyboardInterrupt), interrupt_on_terminate():
            late.start()
            busy(held)
        assert held.ended
