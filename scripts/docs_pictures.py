"""Make the pictures, tables and data of the docs: ``python -m scripts.docs_pictures [NAME...]``.

Names: labels, markers, clones, stereology, panel, chase (``docs/assays.md``), matrix (``docs/evidence.md``);
all by default. Run from the project's root. ``panel`` takes half a minute, ``matrix`` minutes where no
stored responses apply; ``chase`` needs ``--data``, the folder with the tables of Jolly et al. 2022 that
``python -m benchmarks.chase`` reads, and is left as it is without.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scripts import assay_data as data
from scripts import assay_figures as figures
from scripts import docs_tables as tables
from scripts.matrix_tables import matrix_tables

from soleus.answers.panel.figures import panel_figures
from soleus.answers.written import answer_json
from soleus.report.specs import Spec

__all__ = ["main"]

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "assays.md"
PANEL = ROOT / "docs" / "panel.json"
EVIDENCE = ROOT / "docs" / "evidence.md"
CHASE = ROOT / "benchmarks" / "chase.json"


@dataclass
class Made:
    """What one job makes: pictures by name, tables by name, for which page."""

    pictures: dict[str, Spec] = field(default_factory=dict)
    tables: dict[str, str] = field(default_factory=dict)
    page: Path = PAGE


def _labels(folder: Path | None) -> Made:
    found = data.returned_lengths()
    spec = figures.labels_spec(data.cumulative_rows(found), data.dilution_rows())
    return Made({"labels": spec}, {"cumulative": tables.cumulative_table(found)})


def _markers(folder: Path | None) -> Made:
    return Made({"markers": figures.markers_spec(data.marker_rows())})


def _clones(folder: Path | None) -> Made:
    rows = data.clone_rows()
    return Made({"clones": figures.clones_spec(rows)}, {"clones": tables.clone_table(rows)})


def _stereology(folder: Path | None) -> Made:
    return Made({"stereology": figures.stereology_spec(data.stereology_rows())})


def _panel(folder: Path | None) -> Made:
    from soleus.api import panel

    answer = panel()
    PANEL.write_text(answer_json(answer), encoding="utf-8")
    result = answer.values
    return Made({f.name: f.spec for f in panel_figures(result)}, tables.panel_tables(result))


def _chase(folder: Path | None) -> Made:
    made = Made(tables={"chase": tables.chase_table(CHASE)})
    if folder is None:
        print("chase: no --data, so its picture is left as it is")
        return made
    made.pictures["chase"] = figures.chase_spec(data.chase_rows(folder, CHASE))
    return made


def _matrix(folder: Path | None) -> Made:
    from soleus.answers.matrix.figures.evidence import evidence_figure
    from soleus.answers.matrix.figures.heat_map import matrix_figure
    from soleus.api import matrix

    result = matrix().values
    drawn = {"matrix": matrix_figure(result).spec, "sign": evidence_figure(result).spec}
    return Made(drawn, matrix_tables(result), EVIDENCE)


JOBS: dict[str, Callable[[Path | None], Made]] = {
    "labels": _labels,
    "markers": _markers,
    "clones": _clones,
    "stereology": _stereology,
    "panel": _panel,
    "chase": _chase,
    "matrix": _matrix,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Make what was asked for and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m scripts.docs_pictures", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(JOBS)}; all by default")
    parser.add_argument("--data", type=Path, help="folder with the tables of the published chase")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in JOBS]
    if unknown:
        parser.error(f"unknown {', '.join(unknown)}; known: {', '.join(JOBS)}")
    for name in options.names or JOBS:
        made = JOBS[name](options.data)
        for picture, spec in made.pictures.items():
            _draw(spec, ROOT / "docs" / "images" / f"{made.page.stem}-{picture}.svg")
        page = made.page.read_text(encoding="utf-8")
        made.page.write_text(tables.put_tables(page, made.tables), encoding="utf-8")
        print(f"{name}: {', '.join([*made.pictures, *made.tables])}", flush=True)
    return 0


def _draw(spec: Spec, path: Path) -> None:
    import vl_convert

    svg = vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])
    path.write_text(svg if svg.endswith("\n") else svg + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
