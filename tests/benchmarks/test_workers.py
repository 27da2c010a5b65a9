"""Programs that fail, die, hang or print where they should not are reported, never waited for."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from benchmarks.context import Context
from benchmarks.environments import REQUIREMENTS, make
from benchmarks.workers import PEERS_FOLDER, Worker, WorkerError

from benchmarks import environments

PROGRAM = """
import sys, time
sys.path.insert(0, {folder!r})
from protocol import Prepared, Timed, serve

kept = Prepared(lambda n: [n])

def double(n):
    print("a library prints")
    made, cost = kept.get(n=n)
    with Timed() as spent:
        sum(range(100_000))
    return {{"result": 2 * made[0], "cpu_s": spent.cpu_s, "id": id(made), **cost}}

def fail():
    raise ValueError("it cannot")

def die():
    sys.stderr.write("the last words\\n")
    sys.stderr.flush()
    time.sleep(0.2)
    import os
    os._exit(3)

serve({{"double": double, "fail": fail, "die": die, "hang": lambda: time.sleep(60)}})
"""


@pytest.fixture
def worker(tmp_path: Path):
    script = tmp_path / "program.py"
    script.write_text(PROGRAM.format(folder=str(PEERS_FOLDER)), encoding="utf-8")
    with Worker("program", [sys.executable, str(script)]) as made:
        yield made


def test_a_program_answers_keeps_what_it_prepared_and_may_print(worker):
    first = worker.ask("double", n=4)
    again = worker.ask("double", n=4)
    assert first["result"] == 8 and first["cpu_s"] > 0.0 and first["prepare_cpu_s"] >= 0.0
    assert first["id"] == again["id"]
    assert worker.ask("double", n=5)["id"] != first["id"]
    assert worker.ask("peak")["peak_mib"] > 1.0


def test_a_failure_is_told_and_the_program_goes_on(worker):
    with pytest.raises(WorkerError, match="ValueError: it cannot"):
        worker.ask("fail")
    assert worker.ask("double", n=1)["result"] == 2


def test_a_death_is_told_with_its_last_words_and_the_next_job_starts_anew(worker):
    with pytest.raises(WorkerError, match="the last words"):
        worker.ask("die")
    assert worker.ask("double", n=1)["result"] == 2


def test_a_program_that_hangs_is_ended(worker):
    with pytest.raises(WorkerError, match="no answer within 0.5 s"):
        worker.ask("hang", timeout_s=0.5)


def test_every_peer_has_a_script_that_is_sound_python():
    for name in REQUIREMENTS:
        text = (PEERS_FOLDER / f"{name}.py").read_text(encoding="utf-8")
        compile(text, name, "exec")
        assert "single_thread()" in text and "serve(" in text


def test_a_peer_that_is_not_installed_is_reported(tmp_path):
    found = make("copasi", install=False, folder=tmp_path)
    assert found.problem == "not installed (--no-install)"
    with Context(peers=()) as context:
        context.problems["copasi"] = "no wheel"
        with pytest.raises(WorkerError, match="no wheel"):
            context.worker("copasi")
        with pytest.raises(WorkerError, match="left out"):
            context.worker("bioscrape")


def test_a_peer_that_does_not_install_is_reported_with_its_message(tmp_path, monkeypatch):
    commands = []

    def fails_at_pip(command):
        commands.append(command)
        return "ERROR: no matching distribution" if "pip" in command else None

    monkeypatch.setattr(environments, "_run", fails_at_pip)
    found = make("copasi", folder=tmp_path)
    assert found.problem == "ERROR: no matching distribution"
    assert commands[0][1:3] == ["-m", "venv"] and commands[1][-1].startswith("copasi-basico")
    assert not (tmp_path / "copasi" / "ready.txt").exists()


def test_an_environment_that_is_ready_is_not_made_again_unless_its_needs_change(tmp_path, monkeypatch):
    commands = []
    (tmp_path / "copasi").mkdir()
    monkeypatch.setattr(environments, "_run", commands.append)
    assert make("copasi", folder=tmp_path).problem is None
    made = len(commands)
    assert made == 2
    assert make("copasi", install=False, folder=tmp_path).problem is None
    assert len(commands) == made
    monkeypatch.setitem(environments.REQUIREMENTS, "copasi", ("copasi-basico>=99",))
    assert make("copasi", install=False, folder=tmp_path).problem == "not installed (--no-install)"


def test_the_message_of_a_failed_command_is_its_last_line_that_is_no_warning():
    said = "import sys; sys.stderr.write('first\\nthe cause\\nWARNING: old\\n'); sys.exit(4)"
    assert environments._run([sys.executable, "-c", said]) == "the cause"
    assert environments._run([sys.executable, "-c", "raise SystemExit(5)"]) == "exit status 5"
    assert environments._run([sys.executable, "-c", "pass"]) is None
    assert "FileNotFoundError" in str(environments._run(["/no/such/program"]))
