"""The Vega libraries that the page embeds, so that it works with no network.

Building the bundle takes two seconds, so it is kept in the user's cache folder, one file for each
version of vl-convert. A cache that cannot be read or written costs time, never a result.
"""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from soleus.jobs import write_atomically

__all__ = ["SNIPPET", "bundle_path", "cache_folder", "vega_bundle"]

SNIPPET = "window.vegaEmbed = vegaEmbed;"
_LANDMARK = "window.vegaEmbed"


def cache_folder() -> Path:
    """Return the folder for what can be made again: ``SOLEUS_CACHE``, or the system's place for it."""
    given = os.environ.get("SOLEUS_CACHE")
    if given:
        return Path(given)
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "soleus"


def bundle_path() -> Path | None:
    """Return where the bundle of this version is kept, or None without a home folder."""
    try:
        return cache_folder() / f"vega-{version('vl-convert-python')}.js"
    except RuntimeError:
        return None


@lru_cache(maxsize=1)
def vega_bundle() -> str:
    """Return Vega, Vega-Lite and Vega-Embed as one script, safe inside an HTML script element."""
    path = bundle_path()
    script = _read(path)
    if script is None:
        import vl_convert

        script = str(vl_convert.javascript_bundle(SNIPPET))
        if path is not None:
            try:
                write_atomically(path, script.encode())
            except OSError:
                pass
    return script.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def _read(path: Path | None) -> str | None:
    try:
        script = path.read_text(encoding="utf-8") if path is not None else ""
    except (OSError, UnicodeDecodeError):
        return None
    return script if _LANDMARK in script else None
