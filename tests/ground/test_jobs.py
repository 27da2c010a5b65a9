"""Jobs: order, errors, interrupts, and folders that are whole or not there."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from soleus.errors import InputError
from soleus.jobs import (
    NoProgress,
    RichProgress,
    interrupt_on_terminate,
    map_ordered,
    output_folder,
    write_manifest,
)


class Told:
    def __init__(self) -> None:
        self.events: list[object] = []

    def start(self, label: str, total: int) -> None:
        self.events.append((label, total))

    def advance(self, count: int = 1) -> None:
        self.events.append(count)

    def finish(self) -> None:
        self.events.append("finish")


class LastFirst(Executor):
    """Runs everything when asked for the first result, the last submitted first."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Future[Any], Callable[[], Any]]] = []

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.waiting.append((future, lambda: fn(*args, **kwargs)))
        if len(self.waiting) == 3:
            for late, call in reversed(self.waiting):
                late.set_result(call())
        return future


def slow_square(number: int) -> int:
    time.sleep(random.Random(number).random() / 200)
    return number * number


@pytest.mark.parametrize("workers", [1, 2, 7])
def test_answers_come_in_order_for_any_number_of_workers(workers: int) -> None:
    told = Told()
    assert map_ordered(slow_square, range(20), workers=workers, progress=told, label="mice") == [
        number * number for number in range(20)
    ]
    assert told.events == [("mice", 20), *[1] * 20, "finish"]


def test_any_executor_will_do_and_stays_open() -> None:
    assert map_ordered(slow_square, [1, 2, 3], executor=LastFirst()) == [1, 4, 9]
    with ThreadPoolExecutor(2) as pool:
        assert map_ordered(slow_square, [1, 2], executor=pool) == [1, 4]
        assert pool.submit(slow_square, 3).result() == 9


def test_nothing_to_do_and_no_workers() -> None:
    assert map_ordered(slow_square, [], workers=3, progress=NoProgress()) == []
    with pytest.raises(InputError, match="at least 1, got 0"):
        map_ordered(slow_square, [1], workers=0)


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_the_first_failing_item_is_raised_and_the_rest_is_cancelled(workers: int) -> None:
    begun: list[int] = []

    def fail(number: int) -> int:
        begun.append(number)
        # Item 2 fails at once, item 1 fails later: item 1 is what a single worker would have raised.
        time.sleep(0.05 if number == 1 else 0.001)
        if number in (1, 2):
            raise ValueError(f"item {number}")
        return number

    told = Told()
    with pytest.raises(ValueError, match="item 1"):
        map_ordered(fail, range(500), workers=workers, progress=told)
    assert len(begun) < 400
    assert told.events[-1] == "finish"


def test_an_interrupt_cancels_what_has_not_begun() -> None:
    begun: list[int] = []

    def work(number: int) -> int:
        begun.append(number)
        if number == 3:
            os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.01)
        return number

    with pytest.raises(KeyboardInterrupt):
        map_ordered(work, range(2000), workers=2)
    assert len(begun) < 500


def test_rich_progress_is_silent_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert map_ordered(slow_square, [1, 2], workers=2, progress=RichProgress()) == [1, 4]
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.strip() == ""


def test_terminate_becomes_an_interrupt_inside_only() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), interrupt_on_terminate():
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) == before


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def fill(target: Path, *, text: str, overwrite: bool = False) -> None:
    with output_folder(target, overwrite=overwrite) as folder:
        (folder / "said.txt").write_text(text)
        write_manifest(folder, {"schema_version": "soleus.test/1", "run_id": "0"})


def test_folder_appears_when_all_went_well(tmp_path: Path) -> None:
    fill(tmp_path / "deep" / "out", text="1")
    assert names(tmp_path / "deep") == ["out"]
    assert names(tmp_path / "deep" / "out") == ["manifest.json", "said.txt"]
    assert (tmp_path / "deep" / "out" / "said.txt").read_text() == "1"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_nothing_is_left_after_an_error_or_interrupt(tmp_path: Path, error: type[BaseException]) -> None:
    with pytest.raises(error), output_folder(tmp_path / "deep" / "er" / "out") as folder:
        (folder / "half").write_text("x")
        raise error
    assert names(tmp_path) == []


def test_an_existing_folder_is_kept_unless_overwritten(tmp_path: Path) -> None:
    out = tmp_path / "out"
    fill(out, text="1")
    with pytest.raises(InputError, match="exists already; give another folder"):
        fill(out, text="2")
    assert (out / "said.txt").read_text() == "1"
    fill(out, text="2", overwrite=True)
    assert (out / "said.txt").read_text() == "2"
    with pytest.raises(ValueError, match="boom"), output_folder(out, overwrite=True):
        raise ValueError("boom")
    assert (out / "said.txt").read_text() == "2"
    assert names(tmp_path) == ["out"]


def test_a_folder_that_is_not_ours_is_never_replaced(tmp_path: Path) -> None:
    out = tmp_path / "home"
    out.mkdir()
    (out / "thesis.txt").write_text("x")
    with pytest.raises(InputError, match=r"holds no manifest\.json"):
        fill(out, text="1", overwrite=True)
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="is a file"):
        fill(tmp_path / "file", text="1", overwrite=True)
    assert (out / "thesis.txt").read_text() == "x"


def test_an_empty_folder_is_used(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    fill(tmp_path / "out", text="1")
    assert names(tmp_path) == ["out"]


def test_two_runs_do_not_share_a_folder(tmp_path: Path) -> None:
    with output_folder(tmp_path / "out") as folder:
        with pytest.raises(InputError, match="another run is writing it"):
            fill(tmp_path / "out", text="2")
        assert folder.is_dir()
    assert names(tmp_path) == ["out"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_process_told_to_stop_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    script = textwrap.dedent(
        """
        import sys, time
        from soleus.jobs import interrupt_on_terminate, output_folder
        with interrupt_on_terminate(), output_folder(sys.argv[1]) as folder:
            (folder / "half").write_text("x")
            print("ready", flush=True)
            time.sleep(60)
        """
    )
    command = [sys.executable, "-c", script, str(tmp_path / "out")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        process.send_signal(number)
        assert process.wait(timeout=20) != 0
    assert names(tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_that_the_interpreter_drops_still_stops_the_work(tmp_path: Path, number: int) -> None:
    """In a finaliser, as in a compiler's callback, the exception is printed and forgotten."""

    class Finalised:
        def __del__(self) -> None:
            with contextlib.suppress(KeyboardInterrupt):
                os.kill(os.getpid(), number)
                time.sleep(0.05)

    begun: list[int] = []

    def work(item: int) -> int:
        begun.append(item)
        return item

    with pytest.raises(KeyboardInterrupt), interrupt_on_terminate(), output_folder(tmp_path / "out"):
        held = Finalised()
        del held
        map_ordered(work, range(100))
    assert len(begun) < 100
    assert list(tmp_path.iterdir()) == []
    # A later run is not stopped by an interrupt of an earlier one.
    with interrupt_on_terminate():
        fill(tmp_path / "out", text="1")
    assert (tmp_path / "out").is_dir()
