"""A user's regular expression is tried on names in a process of its own, which can be ended.

Python's regular expressions have no time limit, and some need longer than anybody waits for a name of thirty
letters.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence

from soleus.errors import InputError

__all__ = ["SECONDS", "match_names"]

SECONDS = 10.0
"""Time that all names together may take."""

_PROGRAM = """
import json, re, sys
pattern, names = json.load(sys.stdin)
search = re.compile(pattern).search
found = (search(name) for name in names)
json.dump([None if match is None else match.groupdict() for match in found], sys.stdout)
"""


def match_names(pattern: str, names: Sequence[str]) -> list[dict[str, str | None] | None]:
    """Search each name for the pattern.

    Parameters
    ----------
    pattern
        A regular expression that compiles.
    names
        Names of images.

    Returns
    -------
    list
        Named groups of each name's match, None where it does not match.

    Raises
    ------
    InputError
        It takes more than :data:`SECONDS`.
    """
    if not sys.executable:  # an embedded Python: there is nothing to start
        found = (re.search(pattern, name) for name in names)
        return [None if match is None else match.groupdict() for match in found]
    try:
        done = subprocess.run(
            # UTF-8 on both sides, whatever the locale says.
            [sys.executable, "-I", "-S", "-X", "utf8", "-c", _PROGRAM],
            input=json.dumps([pattern, list(names)]),
            capture_output=True,
            encoding="utf-8",
            timeout=SECONDS,
            check=True,
        )
    except subprocess.TimeoutExpired:
        raise InputError(
            f"the pattern {pattern!r} takes more than {SECONDS:g} s on {len(names)} name(s): it tries the"
            " same letters in too many ways; write it without a repeat inside a repeat, such as (a+)+"
        ) from None
    except subprocess.CalledProcessError as error:
        last = (error.stderr or "").strip().splitlines()[-1:] or ["no reason given"]
        raise InputError(f"the pattern {pattern!r} could not be tried on the names: {last[0]}") from None
    result: list[dict[str, str | None] | None] = json.loads(done.stdout)
    return result
