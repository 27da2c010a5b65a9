"""Every check of the project by one command: style, types, imports, speed, then the tests.

The tests run last, whatever the others said, so that their closing line ends the output; the
command fails if anything failed. Arguments are handed on to pytest; ``-m slow`` runs the long
statistical tests instead.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

CHECKS: dict[str, list[str]] = {
    "ruff check": ["-m", "ruff", "check", "--quiet"],
    "ruff format --check": ["-m", "ruff", "format", "--check", "--quiet"],
    "mypy": ["-m", "mypy"],
    "lint-imports": [
        "-c",
        "import sys; from importlinter.cli import lint_imports_command as c; sys.exit(c())",
    ],
    "time and memory": ["-m", "benchmarks.regression"],
}
# Whoever is done first takes tests from the other.
TESTS = ["-m", "pytest", "-q", "-n", "2", "--dist", "worksteal", "-m", "not slow"]


def run(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    """Run this interpreter with ``arguments`` from the root of the project, keeping its output."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )


def main(arguments: list[str]) -> int:
    """Run all checks and return the exit status: 0 if all passed."""
    failed: list[str] = []
    for name, command in CHECKS.items():
        done = run(command)
        print(f"{name}: {'ok' if done.returncode == 0 else 'FAILED'}", flush=True)
        if done.returncode != 0:
            failed.append(name)
            print(done.stdout, flush=True)
    if failed:
        print(f"failed before the tests: {', '.join(failed)}", flush=True)
    tests = subprocess.run([sys.executable, *TESTS, *arguments], cwd=ROOT, check=False)
    return tests.returncode or int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
