"""Analyse files one by one, each in a process of its own, and tell what each took.

Lines of JSON in: a list of arguments of ``soleus``; lines out: exit code, seconds, peak memory (MiB), words.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
import traceback

import pandas as pd
import yaml

import soleus.api.analyses
import soleus.exchange.instruments
import soleus.exchange.readers
from soleus.cli import main

# Imported once, before the processes part.
assert pd and yaml and soleus.api.analyses and soleus.exchange.instruments and soleus.exchange.readers

ADDRESS_SPACE = 4_000_000_000
SECONDS = 60


def child(arguments: list[str], said: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(said, 1)
    os.dup2(said, 2)
    sys.argv = ["soleus", *arguments]
    try:
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BaseException:
        traceback.print_exc()
        code = 99
    else:
        code = 0
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def run(arguments: list[str]) -> dict[str, object]:
    said = os.memfd_create("said")
    began = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        child(arguments, said)
    _, status, usage = os.wait4(pid, 0)
    with open(said, "rb") as file:
        file.seek(0)
        words = file.read().decode("utf-8", errors="replace")
    return {
        "code": os.waitstatus_to_exitcode(status),
        "seconds": time.perf_counter() - began,
        "cpu": usage.ru_utime + usage.ru_stime,
        "mib": usage.ru_maxrss / 1024,
        "words": words,
    }


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(json.dumps(run(json.loads(line))) + "\n")
        sys.stdout.flush()
