"""Turn Vega-Lite specifications into SVG and PNG; run as a program, in a process of its own.

The renderer holds Python's global lock, so two figures at a time need two processes. This file is
run by its path and imports nothing of soleus, so that a process starts quickly. It reads one JSON
line ``{"spec": ..., "svg": path, "png": path}`` at a time and answers each with a line: ``{}``, or an error
as ``{"error": words, "errno": number or null}``.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from typing import TextIO

__all__ = ["render_one", "serve"]

_PNG_SCALE = 1.5


def render_one(spec: dict[str, object], *, svg_path: str, png_path: str) -> None:
    """Write one figure as SVG and PNG, each whole or not at all."""
    import vl_convert

    # No figure needs data from elsewhere: an address in a specification is refused.
    svg = _own_ids(vl_convert.vegalite_to_svg(spec, allowed_base_urls=[]))
    _put(svg_path, svg.encode())
    _put(png_path, vl_convert.svg_to_png(svg, scale=_PNG_SCALE))


def _own_ids(svg: str) -> str:
    """Number what a figure defines from 0: the renderer counts on from the figures that it drew before."""
    found = dict.fromkeys(re.findall(r'\bid="((?:clip|gradient_|pattern_)\d+)"', svg))
    new = {name: f"{name.rstrip('0123456789')}{number}" for number, name in enumerate(found)}
    return re.sub(
        r'(\bid="|\bhref="#|\burl\(#)((?:clip|gradient_|pattern_)\d+)(?=["\)])',
        lambda use: use[1] + new.get(use[2], use[2]),
        svg,
    )


def _warm_up() -> None:
    import vl_convert

    vl_convert.vegalite_to_svg({"mark": "point", "data": {"values": []}})


def _make_bundle(path: str, snippet: str) -> None:
    """Keep the page's libraries; without a place to keep them the page makes its own."""
    import vl_convert

    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        made = vl_convert.javascript_bundle(snippet).encode()
        # The seal of soleus.jobs.sealed, which this file cannot import.
        seal = hashlib.sha256(os.path.basename(path).encode() + b"\0" + made).hexdigest()
        _put(path, seal.encode() + b"\n" + made)
    except OSError:
        return


def _put(path: str, data: bytes) -> None:
    partial = os.path.join(os.path.dirname(path), f".soleus-{os.getpid()}")
    try:
        with open(partial, "wb") as file:
            file.write(data)
        os.replace(partial, path)
    except BaseException:
        if os.path.exists(partial):
            os.unlink(partial)
        raise


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
            answer: dict[str, object] = {}
        except Exception as error:
            number = error.errno if isinstance(error, OSError) else None
            answer = {"error": f"{type(error).__name__}: {error}".replace("\n", " "), "errno": number}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    serve(sys.stdin, sys.stdout)
