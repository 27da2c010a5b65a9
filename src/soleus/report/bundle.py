"""The Vega libraries that the page embeds, so that it works with no network.

Building the bundle takes two seconds, so it is kept in the user's cache folder, one file for each
version of vl-convert.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from soleus.report.kept import cache_folder, keep, kept

__all__ = ["SNIPPET", "bundle_path", "vega_bundle"]

SNIPPET = "window.vegaEmbed = vegaEmbed;"


def bundle_path() -> Path | None:
    """Return where the bundle of this version is kept, or None without a home folder."""
    folder = cache_folder()
    return None if folder is None else folder / f"vega-{version('vl-convert-python')}.sealed"


@lru_cache(maxsize=1)
def vega_bundle() -> str:
    """Return Vega, Vega-Lite and Vega-Embed as one script, safe inside an HTML script element."""
    path = bundle_path()
    stored = None if path is None else kept(path)
    if stored is None:
        import vl_convert

        stored = str(vl_convert.javascript_bundle(SNIPPET)).encode()
        if path is not None:
            keep(path, stored)
    return stored.decode().replace("</script", "<\\/script").replace("<!--", "<\\!--")
