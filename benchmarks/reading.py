"""Is a laboratory's table read right, asked about, or read wrong in silence?

``python -m benchmarks.reading`` draws tables of all kinds (``benchmarks.reading_tables``), names and
languages, writes each as a file, analyses it and holds the outcome against the truth: *right* (all
effects that must come out and none that must not), *asked* (its questions are answered rightly, and the
outcome must then be right), *refused*, or *wrong*. ``--keep`` writes the figures to
``benchmarks/reading.json``.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.reading_study import Made, Wanted
from benchmarks.reading_tables import draw
from benchmarks.workers import ROOT
from soleus.analysis.answers import Effect
from soleus.analysis.declaration import AnalysisPlan
from soleus.analysis.plan import analyse
from soleus.api.files import ReadFile, Request, read_file
from soleus.errors import InputError
from soleus.exchange.reading import QuestionError
from soleus.observations import PAIRED

__all__ = ["Outcome", "judge", "main", "run", "write"]

STORE = ROOT / "benchmarks" / "reading.json"
_MOST_QUESTIONS = 6


@dataclass
class Outcome:
    """What became of one table."""

    seed: int
    kind: str
    language: str
    plain: bool
    verdict: str
    questions: list[str] = field(default_factory=list)
    why: str = ""


def write(made: Made, folder: Path, rng: np.random.Generator) -> Path:
    """Write a table as one of the forms that laboratories use."""
    if made.save is not None:
        return made.save(made, folder, rng)
    form = int(rng.integers(4))
    path = folder / ("table.csv" if form < 2 else "table.tsv" if form == 2 else "table.xlsx")
    rows: list[list[object]] = [list(made.header), *made.rows]
    if form == 3:
        import xlsxwriter

        with xlsxwriter.Workbook(str(path)) as book:
            sheet = book.add_worksheet("Sheet1")
            for r, row in enumerate(rows):
                for c, cell in enumerate(row):
                    if cell != "":
                        sheet.write(r, c, cell)
        return path
    separator = {0: ",", 1: ";", 2: "\t"}[form]

    def text(cell: object) -> str:
        shown = str(cell).replace(".", ",") if form == 1 and isinstance(cell, float) else str(cell)
        return f'"{shown}"' if separator in shown else shown

    path.write_text("\n".join(separator.join(map(text, row)) for row in rows) + "\n", encoding="utf-8")
    return path


def judge(made: Made, path: Path, *, seed: int) -> Outcome:
    """Analyse a table, answering its questions rightly, and hold the effects against the truth."""
    outcome = Outcome(seed, made.kind, made.language, made.plain, "right")
    answers = [f"{key}={word}" for key, word in made.options.items()]
    done: ReadFile | None = None
    while done is None:
        try:
            done = read_file(path, Request(answers=tuple(answers), keep=False))
        except QuestionError as error:
            question = error.question
            outcome.questions.append(question.id)
            word = made.answers.get(question.id) or made.answers.get(question.about)
            if made.ask_only and question.id == made.asks:
                return outcome
            if word is None or question.word(word) is None or len(outcome.questions) > _MOST_QUESTIONS:
                outcome.verdict, outcome.why = "stuck", f"{question.id}: {question.text}"
                return outcome
            answers.append(f"{question.id}={word}")
        except InputError as error:
            outcome.verdict, outcome.why = ("right" if made.ask_only else "refused"), str(error)
            return outcome
    outcome.why = _fault(made, _effects(done)) or _unsaid(made, done, outcome)
    if outcome.why:
        outcome.verdict = "wrong"
    return outcome


def _effects(done: ReadFile) -> list[Wanted]:
    control = done.control or done.observations.groups[0]
    paired = done.observations.provenance.get("design") == PAIRED
    plan = AnalysisPlan(control=control, contrasts=done.contrasts, paired=paired, seed=1)
    found = []
    for one in analyse(done.observations, plan).comparisons:
        if one.treated is None or one.control is None or "change by day" in one.contrast:
            continue
        if isinstance(one.effect, Effect):
            n = one.effect.n
            found.append(Wanted(one.effect.estimate, (n[one.treated], n[one.control])))
    return found


def _unsaid(made: Made, done: ReadFile, outcome: Outcome) -> str:
    """Return what effects cannot show: a question that was not asked, values of another kind or size."""
    frame = done.observations.frame
    if made.asks and made.asks not in outcome.questions:
        return f"answered without asking about {made.asks!r}"
    if made.value_kind and set(frame["value_kind"]) != {made.value_kind}:
        return f"values are taken for {sorted(set(frame['value_kind']))}, not {made.value_kind}"
    if made.largest and frame["value"].max() != made.largest:
        return f"the largest value is {frame['value'].max():g}, not {made.largest:g}"
    return ""


def _fault(made: Made, found: Sequence[Wanted]) -> str:
    """Return what is wrong with the effects; empty where nothing is."""
    if made.ask_only:
        return f"answered, where it cannot be told: {[round(f.estimate, 3) for f in found]}"

    def same(a: Wanted, b: Wanted) -> bool:
        return abs(a.estimate - b.estimate) <= 0.01 * abs(b.estimate) and sorted(a.n) == sorted(b.n)

    lacking = [w for w in made.wanted if not any(same(f, w) for f in found)]
    stray = [f for f in found if not any(same(f, w) for w in (*made.wanted, *made.allowed))]
    said = []
    if lacking:
        said.append("lacks " + ", ".join(f"{w.estimate:.3f} {w.n}" for w in lacking[:3]))
    if stray:
        said.append("has " + ", ".join(f"{f.estimate:.3f} {f.n}" for f in stray[:3]))
    return "; ".join(said)


def run(seeds: Sequence[int]) -> list[Outcome]:
    """Draw, write and judge a table for each seed."""
    found = []
    with tempfile.TemporaryDirectory() as top:
        for seed in seeds:
            made = draw(seed)
            folder = Path(top) / str(seed)
            folder.mkdir()
            path = write(made, folder, np.random.default_rng([seed, 1]))
            found.append(judge(made, path, seed=seed))
            path.unlink()
    return found


def figures(outcomes: Sequence[Outcome]) -> dict[str, object]:
    """Return the figures that are kept."""
    plain = [o for o in outcomes if o.plain]
    counts = Counter(o.verdict for o in outcomes)
    return {
        "tables": len(outcomes),
        "right": counts["right"],
        "wrong": counts["wrong"],
        "refused": counts["refused"],
        "stuck": counts["stuck"],
        "asked": sum(bool(o.questions) for o in outcomes),
        "plain": {
            "tables": len(plain),
            "asked": sum(bool(o.questions) for o in plain),
            "refused": sum(o.verdict == "refused" for o in plain),
        },
        "median questions": float(np.median([len(o.questions) for o in outcomes])),
        "kinds": {
            kind: {
                verdict: sum(o.kind == kind and o.verdict == verdict for o in outcomes)
                for verdict in ("right", "wrong", "refused", "stuck")
            }
            | {"asked": sum(o.kind == kind and bool(o.questions) for o in outcomes)}
            for kind in sorted({o.kind for o in outcomes})
        },
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; the exit status tells whether any table was read wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reading", description=__doc__)
    parser.add_argument("--tables", type=int, default=2400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=40, help="faults to print")
    parser.add_argument("--keep", action="store_true", help=f"write the figures to {STORE.name}")
    options = parser.parse_args(arguments)
    outcomes = run(range(options.seed * 100_000, options.seed * 100_000 + options.tables))
    for outcome in [o for o in outcomes if o.verdict in ("wrong", "stuck", "refused")][: options.show]:
        what = f"{outcome.verdict} {outcome.seed} {outcome.kind} ({outcome.language}): {outcome.why}"
        sys.stdout.write(f"{what}\n")
    found = figures(outcomes)
    sys.stdout.write(json.dumps(found, indent=1) + "\n")
    if options.keep:
        STORE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return int(any(o.verdict == "wrong" for o in outcomes))


if __name__ == "__main__":
    sys.exit(main())
