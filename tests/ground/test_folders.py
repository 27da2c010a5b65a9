"""Output folders: nobody's file is lost, two runs do not mix, and a killed run leaves nothing in the way."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from soleus.errors import InputError
from soleus.jobs import folders, output_folder, resolved_path, write_manifest

HEAD = {"schema_version": "soleus.test/1", "run_id": "0123456789abcdef"}


def fill(target: Path, *, text: str = "1", overwrite: bool = False) -> None:
    with output_folder(target, overwrite=overwrite) as folder:
        (folder / "figures").mkdir()
        (folder / "figures" / "a.svg").write_text(f"<svg>{text}</svg>")
        (folder / "said.txt").write_text(text)
        write_manifest(folder, HEAD)


def tree(folder: Path) -> dict[str, str]:
    """Every file below a folder, and what it says."""
    return {str(p.relative_to(folder)): p.read_text() for p in sorted(folder.rglob("*")) if p.is_file()}


OURS = {"out/figures/a.svg", "out/manifest.json", "out/said.txt"}


def test_neighbours_with_names_like_ours_are_not_touched(tmp_path: Path) -> None:
    mine = [tmp_path / f"out.{kind}" / "thesis.txt" for kind in ("partial", "replaced", "old", "earlier")]
    for file in mine:
        file.parent.mkdir()
        file.write_text("three years of work")
    fill(tmp_path / "out")
    fill(tmp_path / "out", text="2", overwrite=True)
    assert all(file.read_text() == "three years of work" for file in mine)
    assert set(tree(tmp_path)) == OURS | {str(file.relative_to(tmp_path)) for file in mine}
    assert (tmp_path / "out" / "said.txt").read_text() == "2"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"notes.txt": "mine"}, "holds what no run wrote: notes.txt"),
        ({"figures/mine.svg": "mine"}, "holds what no run wrote: figures/mine.svg"),
        ({f"{n}.txt": "mine" for n in range(5)}, "0.txt, 1.txt, 2.txt and 2 more"),
        ({"said.txt": "edited"}, "holds files changed since the run: said.txt"),
        ({"said.txt": "2"}, "holds files changed since the run: said.txt"),
        (
            {"manifest.json": json.dumps({"name": "a browser extension"})},
            r"holds no manifest\.json that lists",
        ),
        ({"manifest.json": "[1, 2"}, r"holds no manifest\.json that lists"),
        ({"manifest.json": json.dumps(HEAD)}, r"holds no manifest\.json that lists"),
        ({"manifest.json": json.dumps(HEAD | {"written": {"x": 1}})}, r"holds no manifest\.json that lists"),
        (
            {"manifest.json": json.dumps({"schema_version": "other/1", "run_id": "1", "written": {}})},
            r"holds no manifest\.json that lists",
        ),
        ({"manifest.json": "\xff"}, r"holds no manifest\.json that lists"),
    ],
)
def test_what_the_user_put_there_or_changed_is_a_reason_to_refuse(
    tmp_path: Path, changes: dict[str, str], words: str
) -> None:
    out = tmp_path / "out"
    fill(out)
    for name, text in changes.items():
        (out / name).write_text(text, encoding="latin-1")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(InputError, match=words), output_folder(out, overwrite=True):
        raise AssertionError("work was begun")
    assert before == {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}


def test_a_note_within_the_manifest_is_noticed(tmp_path: Path) -> None:
    fill(tmp_path / "out")
    manifest = tmp_path / "out" / "manifest.json"
    content = json.loads(manifest.read_text()) | {"note": "mouse 4 was ill"}
    manifest.write_text(json.dumps(content))
    with pytest.raises(InputError, match=r"changed since the run: manifest\.json"):
        fill(tmp_path / "out", overwrite=True)


def test_a_link_or_an_empty_folder_of_the_user_counts_too(tmp_path: Path) -> None:
    fill(tmp_path / "out")
    (tmp_path / "out" / "raw").symlink_to("/nowhere")
    with pytest.raises(InputError, match="what no run wrote: raw"):
        fill(tmp_path / "out", overwrite=True)
    (tmp_path / "out" / "raw").unlink()
    (tmp_path / "out" / "raw").mkdir()
    with pytest.raises(InputError, match="what no run wrote: raw/"):
        fill(tmp_path / "out", overwrite=True)
    (tmp_path / "out" / "raw").rmdir()
    (tmp_path / "out" / "said.txt").unlink()  # what the user removed is no reason
    (tmp_path / "out" / ".DS_Store").write_text("dust")
    fill(tmp_path / "out", overwrite=True)
    assert set(tree(tmp_path)) == OURS


def test_a_note_that_comes_during_the_run_survives(tmp_path: Path) -> None:
    out = tmp_path / "out"
    fill(out)
    with pytest.raises(InputError, match=r"no run wrote: notes\.txt"):
        with output_folder(out, overwrite=True) as folder:
            write_manifest(folder, HEAD)
            (out / "notes.txt").write_text("mine")
    assert set(tree(tmp_path)) == OURS | {"out/notes.txt"}
    assert (out / "said.txt").read_text() == "1"


def test_a_note_that_comes_at_the_last_moment_survives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    fill(out)
    rename = Path.rename

    def noted(path: Path, new: Path) -> Path:
        if path == out and not new.exists():
            (out / "notes.txt").write_text("mine")
        return rename(path, new)

    monkeypatch.setattr(Path, "rename", noted)
    with pytest.raises(InputError, match=r"no run wrote: notes\.txt"):
        fill(out, text="2", overwrite=True)
    assert set(tree(tmp_path)) == OURS | {"out/notes.txt"} and (out / "said.txt").read_text() == "1"


def test_the_current_folder_is_written_into_when_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "out"
    here.mkdir(mode=0o750)
    number = here.stat().st_ino
    monkeypatch.chdir(here)
    fill(Path())
    assert set(tree(tmp_path)) == OURS and sorted(os.listdir()) == ["figures", "manifest.json", "said.txt"]
    assert (here.stat().st_ino, here.stat().st_mode & 0o777) == (number, 0o750)
    with pytest.raises(InputError, match="exists already"):
        fill(Path())
    for path in (Path(), tmp_path):
        with pytest.raises(
            InputError, match="is the folder that you are in|not the folder of an earlier run"
        ):
            with output_folder(path, overwrite=True):
                raise AssertionError("work was begun")
    assert set(tree(tmp_path)) == OURS


@pytest.fixture
def volume(tmp_path: Path) -> Iterator[Path]:
    """A folder that is a mount point, on the same disk."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "out").mkdir()
    command = ["mount", "--bind", str(tmp_path / "disk"), str(tmp_path / "out")]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("no mount on this system")
    if done.returncode:
        pytest.skip("mounting is not permitted here")
    yield tmp_path / "out"
    subprocess.run(["umount", str(tmp_path / "out")], check=True)


def test_a_mount_point_is_written_into_and_told_before_any_work(volume: Path) -> None:
    fill(volume)
    assert set(tree(volume.parent / "disk")) == {name.removeprefix("out/") for name in OURS}
    with pytest.raises(InputError, match="cannot be replaced .* may be a mount point"):
        with output_folder(volume, overwrite=True):
            raise AssertionError("work was begun")
    assert sorted(path.name for path in volume.parent.iterdir()) == ["disk", "out"]
    assert (volume / "said.txt").read_text() == "1"


def test_a_folder_that_cannot_be_renamed_is_told_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path / "out")

    def busy(path: Path, new: Path) -> None:
        raise OSError(errno.EBUSY, "Device or resource busy")

    monkeypatch.setattr(Path, "rename", busy)
    with pytest.raises(InputError, match="cannot be replaced .Device or resource busy"):
        with output_folder(tmp_path / "out", overwrite=True):
            raise AssertionError("work was begun")
    assert set(tree(tmp_path)) == OURS


@pytest.mark.parametrize("failing", [1, 2, 3])
@pytest.mark.parametrize("empty", [True, False])
def test_a_move_that_fails_leaves_all_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: int, empty: bool
) -> None:
    if empty:
        (tmp_path / "out").mkdir()
    else:
        fill(tmp_path / "out")
    before = tree(tmp_path)
    rename, calls = Path.rename, []

    def fails(path: Path, new: Path) -> Path:
        calls.append(path)
        # The first of an overwrite only asks whether the folder could be renamed.
        if len(calls) == failing + (not empty):
            raise OSError(errno.EIO, "Input/output error")
        return rename(path, new)

    monkeypatch.setattr(Path, "rename", fails)
    if not empty and failing == 3:  # an overwrite has two moves only
        fill(tmp_path / "out", overwrite=True)
        return
    with pytest.raises(OSError, match="Input/output error"):
        fill(tmp_path / "out", text="2", overwrite=True)
    assert tree(tmp_path) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


KILLED = """
import os, signal, sys
from pathlib import Path
from soleus.jobs import output_folder, write_manifest
target, overwrite, moves = sys.argv[1], sys.argv[2] == "over", int(sys.argv[3])
rename, done = Path.rename, []
def kills(path, new):
    if len(done) == moves:
        os.kill(os.getpid(), signal.SIGKILL)
    done.append(path)
    return rename(path, new)
with output_folder(target, overwrite=overwrite) as folder:
    (folder / "figures").mkdir()
    (folder / "figures" / "a.svg").write_text("<svg>2</svg>")
    (folder / "said.txt").write_text("2")
    write_manifest(folder, {"schema_version": "soleus.test/1", "run_id": "0"})
    Path.rename = kills
    if moves < 0:
        os.kill(os.getpid(), signal.SIGKILL)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
@pytest.mark.parametrize("moves", [-1, 0, 1, 2, 3])
@pytest.mark.parametrize("before", ["nothing", "empty", "over"])
def test_a_run_that_was_killed_is_cleared_by_the_next(tmp_path: Path, before: str, moves: int) -> None:
    out = tmp_path / "deep" / "out"
    if before == "empty":
        out.mkdir(parents=True)
    if before == "over":
        fill(out)
    done = subprocess.run([sys.executable, "-c", KILLED, str(out), before, str(moves)], check=False)
    assert done.returncode == -signal.SIGKILL
    # Whatever moment it was: an earlier result is whole, in its place or put back by whoever asks next.
    try:
        fill(out, text="3")
    except InputError as error:
        assert "exists already" in str(error)
    said = (out / "said.txt").read_text()
    assert said in ("1", "2") if before == "over" else said in ("2", "3")
    assert set(tree(out)) == {name.removeprefix("out/") for name in OURS}
    fill(out, text="4", overwrite=True)
    assert [path.name for path in out.parent.iterdir()] == ["out"]
    assert set(tree(out.parent)) == OURS and (out / "said.txt").read_text() == "4"


def test_what_the_user_put_into_a_killed_run_is_kept(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    subprocess.run([sys.executable, "-c", KILLED, str(out), "empty", "2"], check=False)
    (out / "figures" / "note.txt").write_text("mine")
    with pytest.raises(InputError, match="exists already"):
        fill(out)
    with pytest.raises(InputError, match="holds no manifest"):
        fill(out, overwrite=True)
    assert (out / "figures" / "note.txt").read_text() == "mine"


@pytest.mark.parametrize("exists", [True, False])
def test_two_processes_do_not_share_a_folder(tmp_path: Path, exists: bool) -> None:
    if exists:
        fill(tmp_path / "out")
    script = textwrap.dedent(
        """
        import sys
        from soleus.jobs import output_folder
        with output_folder(sys.argv[1], overwrite=True):
            print("ready", flush=True)
            sys.stdin.read()
            raise SystemExit
        """
    )
    command = [sys.executable, "-c", script, str(tmp_path / "out")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None and other.stdout.readline() == "ready\n"
        with pytest.raises(InputError, match="out: another run is writing it; wait for it"):
            fill(tmp_path / "out", overwrite=True)
        fill(tmp_path / "beside")
        other.communicate()
    fill(tmp_path / "out", text="2", overwrite=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["beside", "out"]


def test_a_disk_without_locks_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fcntl = pytest.importorskip("fcntl")

    def unknown(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", unknown)
    with output_folder(tmp_path / "out"):
        with pytest.raises(InputError, match="or one was killed. Wait for it, or remove that folder"):
            fill(tmp_path / "out")
    fill(tmp_path / "out")


def test_a_folder_of_the_users_where_ours_would_be_is_left_alone(tmp_path: Path) -> None:
    working = folders._working(tmp_path / "out", tmp_path)
    working.mkdir()
    (working / "thesis.txt").write_text("x")
    with pytest.raises(InputError, match="is in the way and not ours"):
        fill(tmp_path / "out")
    assert (working / "thesis.txt").read_text() == "x"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("~nobody-of-that-name/out", "no home folder of that user is known"),
        ("a\0b", "'a\\\\x00b' is no path that can"),
    ],
)
def test_paths_that_cannot_be_are_told(path: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        resolved_path(path)
    with pytest.raises(InputError, match=words), output_folder(path):
        raise AssertionError("work was begun")


def test_a_circle_of_links_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises((InputError, OSError)):
        fill(tmp_path / "a")


def test_a_name_that_is_too_long_is_told_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="too long"), output_folder(tmp_path / ("n" * 300)):
        raise AssertionError("work was begun")
    longest = tmp_path / ("n" * 255)
    fill(longest)
    fill(longest, text="2", overwrite=True)
    assert list(tmp_path.iterdir()) == [longest]


def test_a_folder_that_stayed_empty_is_not_kept(tmp_path: Path) -> None:
    """Where figures could not be drawn, their folder is there and has no hash."""
    out = tmp_path / "out"
    for number in range(2):
        with output_folder(out, overwrite=number == 1) as folder:
            (folder / "figures").mkdir()
            (folder / "table.csv").write_text("a\n", encoding="utf-8")
            write_manifest(folder, {"schema_version": "soleus.run/2", "run_id": "0" * 16})
    assert sorted(p.name for p in out.iterdir()) == ["manifest.json", "table.csv"]
