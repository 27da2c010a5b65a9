"""Compare soleus with other programs; write ``docs/benchmarks.md``, its figures and ``results.json``.

Peers are installed on demand into ``benchmarks/.environments``, one environment each. The whole comparison
takes some minutes on two cores; run it on an otherwise idle machine.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks import exact, figure, growth, lowcopy, memory, moments, startup, table
from benchmarks.context import Context
from benchmarks.environments import REQUIREMENTS
from benchmarks.goals import rows as goal_rows
from benchmarks.workers import WorkerError
from soleus.provenance import versions

_HERE = Path(__file__).resolve().parent
_PARTIAL = _HERE / ".partial"

SECTIONS: dict[str, Callable[[Context], dict[str, Any]]] = {
    "exact": exact.run_constant,
    "schedule": exact.run_schedule,
    "cycles": exact.run_cycles,
    "real": exact.run_real,
    "resting": exact.run_resting,
    "lowcopy": lowcopy.run,
    "moments": moments.run_moments,
    "cohort": moments.run_cohort,
    "cores": startup.run_cores,
    "first-call": startup.run_first_call,
    "growth": growth.run,
    "memory": memory.run,
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="few repetitions, to try the machinery; figures mean little"
    )
    parser.add_argument(
        "--only", nargs="+", metavar="NAME", choices=list(SECTIONS), help=f"sections: {', '.join(SECTIONS)}"
    )
    parser.add_argument(
        "--peers", nargs="*", metavar="PEER", choices=list(REQUIREMENTS), default=list(REQUIREMENTS),
        help=f"peers: {', '.join(REQUIREMENTS)}; none after --peers: soleus alone",
    )  # fmt: skip
    parser.add_argument(
        "--no-install", action="store_true", help="use only peers whose environments are there already"
    )
    parser.add_argument(
        "--write", action="store_true",
        help="write the documentation from a partial or quick run too (else into benchmarks/.partial)",
    )  # fmt: skip
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the comparison and return the exit status: 0 if every section ran."""
    options = _parser().parse_args(arguments)
    chosen = options.only or list(SECTIONS)
    results: dict[str, Any] = {}
    failed: dict[str, str] = {}
    interrupted = False
    context = Context.of(quick=options.quick, peers=options.peers, install=not options.no_install)
    with context:
        try:
            context.start()
            for name in (s for s in SECTIONS if s in chosen):
                try:
                    results[name] = SECTIONS[name](context)
                except (WorkerError, ValueError) as error:
                    failed[name] = str(error)
                    context.tell(f"{name}: FAILED: {error}")
        except KeyboardInterrupt:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second one must not stop the writing
            interrupted = True
            context.tell("interrupted: what was measured is written to benchmarks/.partial")
    results |= {"environment": _environment(context), "versions": context.versions}
    results |= {"problems": context.problems, "failed": failed}
    if options.only and options.write and (_HERE / "results.json").exists():
        # Sections that were not run again keep what the last full run measured.
        results = json.loads((_HERE / "results.json").read_text(encoding="utf-8")) | results
    results["goals"] = [row.plain() for row in goal_rows(results)]
    whole = not (options.quick or options.only or failed or interrupted) and set(options.peers) == {
        *REQUIREMENTS
    }
    _write(results, whole=whole or (options.write and not interrupted))
    return 130 if interrupted else int(bool(failed))


def _write(results: dict[str, Any], *, whole: bool) -> None:
    root = _HERE.parent
    data = _HERE / "results.json" if whole else _PARTIAL / "results.json"
    docs = root / "docs" if whole else _PARTIAL
    docs.mkdir(parents=True, exist_ok=True)
    data.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    text = table.page(results)
    (docs / "benchmarks.md").write_text(text, encoding="utf-8")
    figures = figure.draw(results, docs / "images")
    sys.stdout.write(text)
    for path in (data, docs / "benchmarks.md", *figures):
        sys.stdout.write(f"written: {path.relative_to(root)}\n")


def _environment(context: Context) -> dict[str, Any]:
    kept = {k: v for k, v in versions().items() if k not in ("soleus", "python")}
    return {
        "date": datetime.date.today().isoformat(),
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "libraries": ", ".join(f"{name} {number}" for name, number in kept.items()),
        "rounds": context.rounds,
        "budget_s": context.budget_s,
        "quick": context.quick,
    }


def _cpu() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


if __name__ == "__main__":
    sys.exit(main())
