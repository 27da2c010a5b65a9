"""The page for a lay reader beside the page of a run, where claims are judged."""

from __future__ import annotations

from pathlib import Path

from soleus.answers.claims.lay_page import PAGE, lay_page
from soleus.answers.run.values import RunResult
from soleus.jobs import write_atomically

__all__ = ["write_article"]


def write_article(result: RunResult, folder: Path) -> dict[str, str]:
    """Write the page; return its file, none where no claim is judged."""
    if result.account is None or not result.claims:
        return {}
    version = result.versions.get("soleus", "")
    text = lay_page(result.account, result.claims, study=result.design.study, version=version)
    write_atomically(folder / PAGE, text.encode())
    return {"article": PAGE}
