"""The results as a page of the documentation, in Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.goals import rows as goal_rows

__all__ = ["markdown", "page"]

Results = Mapping[str, Any]

_INTRO = """# Benchmarks

One run of `python -m benchmarks` from the project's root makes this page, its figures and
`benchmarks/results.json`. Every program is given the same table of reactions, runs in a process of its own
on one core, and is timed in turn with the others, round after round: CPU time (of the program and of
whatever it starts), medians over the rounds; a ratio is the median of the ratios within the same round.
Absolute times move by tens of per cent from day to day; ratios hold.
"""


def markdown(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table; the first column is text, the others are right-aligned.

    Raises
    ------
    ValueError
        If a row does not have as many cells as the head.
    """
    for row in body:
        if len(row) != len(head):
            raise ValueError(f"a row has {len(row)} cells, the head has {len(head)}: {row}")
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *body]
    return "\n".join("| " + " | ".join(_cell(c) for c in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "/").replace("\n", " ")


def page(results: Results) -> str:
    """Return the whole page."""
    parts = [_INTRO, _environment(results), _goals(results), "![Exact engines](images/benchmarks.svg)\n"]
    sections = (
        ("exact", "Exact simulation, constant rates", _race),
        ("schedule", "Exact simulation under the movement schedule", _race),
        ("cycles", "Erlang and gamma cycles", _cycles),
        ("real", "The exact engine at the SVZ lineage of the catalogue, unloaded group", _race),
        ("resting", "The same lineage at rest, given to the peers as SBML", _race),
        ("lowcopy", "Twenty molecules under a schedule", _lowcopy),
        ("moments", "Means and covariances", _moments),
        ("cohort", "Cohorts, each mouse with its own rates", _cohort),
        ("cores", "Two cores", _cores),
        ("first-call", "First calls", _first_call),
        ("growth", "Growth of cost", _growth),
        ("memory", "Peak memory", _memory),
    )
    for name, title, render in sections:
        if name in results:
            parts.append(f"## {title}\n\n{render(results[name])}\n")
    return "\n".join(parts)


def _environment(results: Results) -> str:
    e = results["environment"]
    programs = "; ".join([*results["versions"].values()])
    machine = f"{e['cpu']} ({e['cores']} cores), {e['system']}, Python {e['python']}, {e['libraries']}"
    effort = f"{e['rounds']} rounds of about {e['budget_s']:g} s a program"
    text = f"Made on {e['date']} on {machine}. Programs: {programs}. {effort}.\n"
    if results["problems"]:
        lines = [f"- {name}: {message}" for name, message in results["problems"].items()]
        text += "\nNot available:\n\n" + "\n".join(lines) + "\n"
    return text


def _goals(results: Results) -> str:
    said = {True: "**reached**", False: "not reached", None: "-"}
    body = [[r.job, r.best_peer, r.goal, r.measured, said[r.reached]] for r in goal_rows(results)]
    table = markdown(["job, one core", "best peer, same run", "goal", "measured", ""], body)
    return f"## Goals\n\n{table}\n"


def _number(value: float | None, pattern: str) -> str:
    return "-" if value is None else format(value, pattern)


def _agreement(row: Mapping[str, Any]) -> str:
    found = row.get("agreement")
    if found is None:
        return "-"
    word = "agrees" if found["agrees"] else "DISAGREES"
    z = f"z {found['worst_mean_z']:+.1f}, variance z {found['worst_variance_z']:+.1f}"
    return f"{word} (p {found['mean_p']:.2g}, {z}, n {found['animals']})"


def _race(section: Results) -> str:
    body = []
    for row in section["rows"]:
        label = row["label"] + ("" if row["exact"] else " (approximate)")
        if row["problem"]:
            body.append([label, "-", "-", "-", "-", row["problem"]])
            continue
        prepared = row["last"].get("prepare_wall_s")
        body.append(
            [
                label,
                _number(row.get("ns_per_event"), ".1f"),
                _number(row.get("ms_per_mouse"), ".2f"),
                _number(row["ratio"], ".1f"),
                _number(prepared, ".2f"),
                _agreement(row),
            ]
        )
    head = [
        "program",
        "ns per event",
        "ms per mouse",
        "times ours",
        "preparing, s",
        "against the exact moments",
    ]
    text = f"{section['events']:,.0f} expected events a mouse.\n\n{markdown(head, body)}\n"
    if "microstates" in section:
        sizes = f"{section['microstates']} microstates, {section['intervals']} intervals"
        text = f"{sizes}, from day {section['first_day']:g} to day 28. " + text
    return text + (
        "\nAgreement: p of all final means together (chi-squared, both tails, 0.001), largest z of a mean, "
        "largest z of a variance (both directions, 0.001 over the read-outs)."
    )


def _cycles(section: Results) -> str:
    return "\n".join(f"### {name.capitalize()}\n\n{_race(part)}\n" for name, part in section.items())


def _lowcopy(section: Results) -> str:
    grids = section["grids"]
    body = [["exact", *[f"{section['exact'][g]:.3f}" for g in grids]]]
    for row in section["rows"]:
        body.append([row["label"], *[_left(row["cells"].get(g)) for g in grids]])
    text = markdown(["mean left of 20", *grids], body)
    lines = []
    for row in section["rows"]:
        problems = {c["problem"] for c in row["cells"].values() if "problem" in c}
        lines += [f"- {row['label']}: {text}" for text in [row["note"], *sorted(problems)] if text]
    said = "\n".join(lines)
    return (
        "X -> Y at 0.0005 + (t/10)^8 a day up to day 10, and at 0.0005 that steps to 1 at day 5, up to "
        f"day 7. A program fails where its mean is more than {section['limit_z']:g} exact standard errors "
        "off.\n\n"
        f"{text}\n\n{said}"
    )


def _left(cell: Mapping[str, Any] | None) -> str:
    if cell is None:
        return "-"
    if "problem" in cell:
        return "cannot"
    return f"{cell['left']:.2f}{'' if cell['passed'] else ' **wrong**'} (z {cell['z']:+.1f})"


def _moments(section: Results) -> str:
    parts = []
    for name, part in section.items():
        body = []
        for row in part["rows"]:
            if row["problem"]:
                body.append([row["label"], "-", "-", "-", row["problem"]])
                continue
            body.append(
                [
                    row["label"],
                    _number(row["ms"], ".3f"),
                    _number(row["ratio"], ".1f"),
                    _number(row["mean_error"], ".0e"),
                    _number(row["covariance_error"], ".0e"),
                ]
            )
        table = markdown(["program", "ms", "times ours", "error of means", "error of covariances"], body)
        size = f" ({part['microstates']} states, {part['readouts']} read-outs)" if name == "real" else ""
        parts.append(f"### {name.capitalize()}{size}\n\n{table}\n")
    return "Mean and covariance of all 12 species on day 28.\n\n" + "\n".join(parts)


def _cohort(section: Results) -> str:
    body = [
        [r["label"], _number(r["microstates"], "d"), _number(r["ms_per_mouse"], ".3f"), r["problem"] or ""]
        for r in section["rows"]
    ]
    return markdown(["case", "microstates", "ms per mouse", ""], body)


def _cores(section: Results) -> str:
    body = []
    for engine in ("moments", "cells"):
        f = section.get(engine)
        if f is None or "problem" in f:
            body.append([engine, "-", "-", "-", (f or section).get("problem", "")])
            continue
        same = "the same" if f["same"] else "DIFFERENT"
        body.append([engine, f"{f['wall_1_s']:.2f}", f"{f['wall_2_s']:.2f}", f"{f['speed_up']:.2f}x", same])
    return markdown(["engine", "one worker, s", "two workers, s", "speed-up", "tables"], body)


def _first_call(section: Results) -> str:
    keys = ("cold_s", "warm_s", "again_s", "changed_s")
    body = [[engine, *[f"{found[k]:.3f}" for k in keys]] for engine, found in section.items()]
    head = ["engine, s on the wall", "no cache", "cache on disk", "second call", "other rates, 3 mice"]
    return markdown(head, body)


def _growth(section: Results) -> str:
    body = [
        [
            f"{r['engine']}, {r['along']}",
            f"{r['value']:,.0f}",
            _number(r["ms"], ".3f"),
            _number(r.get("ns_per_event"), ".1f"),
        ]
        for r in section["rows"]
    ]
    return markdown(["engine, along", "value", "ms", "ns per event"], body)


def _memory(section: Results) -> str:
    body = []
    for r in section["rows"]:
        if "problem" in r:
            body.append([r["label"], "-", "-", r["problem"]])
        else:
            body.append(
                [r["label"], f"{r['loaded']:.0f}", f"{r['one']:.0f}", f"{r['many']:.0f} ({r['mice']} mice)"]
            )
    peers = markdown(["program, MiB", "loaded", "one mouse", "many mice"], body)
    mine = [
        [r["label"], f"{r['peak_mib']:.0f}" if "peak_mib" in r else r["problem"]] for r in section["ours"]
    ]
    return f"{peers}\n\n{markdown(['soleus, larger cases', 'peak MiB'], mine)}"
