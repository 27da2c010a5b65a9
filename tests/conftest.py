"""What every test stands on, whoever starts the suite."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest
import yaml

from soleus.catalogue import Catalogue, load_catalogue, store

_DATA = Path(store.__file__).parent / "data"

# A job in the background is started with interrupts ignored, and so are its children: tests that interrupt
# something would wait for ever.
for number, handler in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGTERM, signal.SIG_DFL),
    (signal.SIGHUP, signal.SIG_DFL),
):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, handler)


@pytest.fixture
def catalogue_with(tmp_path: Path) -> Callable[[Mapping[str, object]], Catalogue]:
    """Makes a catalogue of the package in which some files hold other content: text, or what YAML holds."""
    folders = iter(range(10_000))

    def make(files: Mapping[str, object]) -> Catalogue:
        folder = tmp_path / f"catalogue-{next(folders)}"
        _linked(_DATA, folder, files)
        for name, content in files.items():
            text = content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False)
            (folder / name).write_text(text, encoding="utf-8")
        return load_catalogue(folder)

    return make


def _linked(source: Path, target: Path, changed: Iterable[str]) -> None:
    target.mkdir()
    for one in source.iterdir():
        inside = [name.partition("/")[2] for name in changed if name.startswith(f"{one.name}/")]
        if inside:
            _linked(one, target / one.name, inside)
        elif one.name not in changed:
            (target / one.name).symlink_to(one)
