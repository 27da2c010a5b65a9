"""Turn Vega-Lite specifications into SVG and PNG; run as a program, in a process of its own.

The renderer holds Python's global lock, so two figures at a time need two processes. This file is
run by its path and imports nothing of soleus, so that a process starts quickly. It reads one JSON
line ``{"spec": ..., "svg": path, "png": path}`` at a time and answers each with ``ok`` or an error.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TextIO

__all__ = ["render_one", "serve"]

_PNG_SCALE = 1.5


def render_one(spec: dict[str, object], *, svg_path: str, png_path: str) -> None:
    """Write one figure as SVG and PNG, each whole or not at all."""
    import vl_convert

    # No figure needs data from elsewhere: an address in a specification is refused.
    svg = vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])
    _put(svg_path, svg.encode())
    _put(png_path, vl_convert.svg_to_png(svg, scale=_PNG_SCALE))


def _warm_up() -> None:
    import vl_convert

    vl_convert.vegalite_to_svg({"mark": "point", "data": {"values": []}})


def _make_bundle(path: str, snippet: str) -> None:
    """Keep the page's libraries; without a place to keep them the page makes its own."""
    import vl_convert

    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        _put(path, vl_convert.javascript_bundle(snippet).encode())
    except OSError:
        return


def _put(path: str, data: bytes) -> None:
    partial = f"{path}.{os.getpid()}.partial"
    with open(partial, "wb") as file:
        file.write(data)
    os.replace(partial, path)


def serve(jobs: TextIO, answers: TextIO) -> None:
    """Answer the lines of ``jobs`` in turn; one without a specification only warms the renderer up."""
    for line in jobs:
        job = json.loads(line)
        if job.get("bundle"):
            _make_bundle(job["bundle"], job["snippet"])
            continue
        if not job["spec"]:
            _warm_up()
            continue
        try:
            render_one(job["spec"], svg_path=job["svg"], png_path=job["png"])
            answer = "ok"
        except Exception as error:
            answer = f"{type(error).__name__}: {error}".replace("\n", " ")
        answers.write(answer + "\n")
        answers.flush()


if __name__ == "__main__":
    serve(sys.stdin, sys.stdout)
