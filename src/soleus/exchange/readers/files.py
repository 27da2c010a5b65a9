"""Files looked at before they are read: nonsense of any size is refused after its first block.

What is hashed is what is parsed.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from soleus.errors import InputError

__all__ = [
    "FILE_LIMIT",
    "SheetsError",
    "Source",
    "is_folder",
    "open_source",
    "read_bytes",
    "read_small_text",
    "read_start",
    "refusal",
]

FILE_LIMIT = 256 * 2**20
"""Bytes that :func:`read_bytes` accepts unless told otherwise."""

_BLOCK = 2**20
# Formats that hold NUL bytes by right: zip (xlsx, ods, prism) and OLE (xls).
_CONTAINERS = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_ANY = 2**62
_DEVICES = (Path("/dev"), Path("/dev/fd"), Path("/proc/self/fd"))
# Longest quotations in a message.
_PLACE, _WORDS = 300, 1200
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Source:
    """A file, and the hash of the very bytes that were read.

    Parameters
    ----------
    path
        The file as the user named it.
    sha256
        Hash of its bytes, 64 hexadecimal digits.
    """

    path: Path
    sha256: str

    @property
    def id(self) -> str:
        """What the column ``source`` of the observations holds: ``file:<sha256>``."""
        return f"file:{self.sha256}"


class SheetsError(InputError):
    """A workbook of several sheets, none of which was named.

    Parameters
    ----------
    text
        What to say.
    sheets
        Those that hold something.
    """

    def __init__(self, text: str, sheets: tuple[str, ...] = ()) -> None:
        super().__init__(text)
        self.sheets = sheets


def refusal(
    path: str | Path,
    text: str,
    *,
    sheet: str | None = None,
    row: int | None = None,
    column: str | None = None,
) -> InputError:
    """Build the error for a file: where in it, what is wrong, what to do.

    Parameters
    ----------
    path
        The file.
    text
        What is wrong and the mend, without a full stop.
    sheet, row, column
        Where: sheet of a workbook, row of the file (1-based), header of the column.
    """
    place = [_cut(str(path), _PLACE)]
    if sheet is not None:
        place.append(f"sheet {_cut(sheet, _PLACE)!r}")
    if row is not None:
        place.append(f"row {row}")
    if column is not None:
        place.append(f"column {_cut(column, _PLACE)!r}")
    return InputError(f"{', '.join(place)}: {_cut(text, _WORDS)}")


def _cut(text: str, length: int) -> str:
    """Leave out the middle of a very long text: what a file holds is quoted, the mend stands at the end."""
    if len(text) <= length:
        return text
    return f"{text[: length // 2]} [...] {text[-length // 3 :]}"


def read_bytes(path: str | Path, limit: int = FILE_LIMIT) -> tuple[Source, bytes]:
    """Read a whole file that is small enough and is not nonsense.

    Parameters
    ----------
    path
        The file.
    limit
        Largest size accepted, bytes.

    Returns
    -------
    tuple
        The source, and the bytes that its hash is of.

    Raises
    ------
    InputError
        Missing, a folder, a device, empty, unreadable, too large, or neither text nor a container
        (zip, OLE) in its first 1 MiB; the rest is not read then.
    """
    where = Path(path)
    with _opened(where, limit) as (file, head):
        _check_head(where, head)
        data = head + _rest(file, limit - len(head))
    if len(data) > limit:
        raise _too_large(where, len(data), limit)
    return Source(where, hashlib.sha256(data).hexdigest()), data


def read_start(path: str | Path, size: int) -> bytes:
    """Read the first bytes of a file of the disk, which may be empty (raises InputError if it is none)."""
    with _opened(Path(path), _ANY, empty=True) as (_, head):
        return head[:size]


def read_small_text(path: str | Path, limit: int) -> str:
    """Read a small text file in UTF-8.

    Raises
    ------
    InputError
        Missing, no plain file, empty, too large, or not UTF-8.
    """
    where = Path(path)
    with _opened(where, limit) as (file, head):
        data = head + _rest(file, limit - len(head))
    if len(data) > limit:
        raise _too_large(where, len(data), limit)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        text = f"is not UTF-8 (byte {error.start + 1}: {error.reason}); write it again as UTF-8"
        raise refusal(where, text) from None


def open_source(path: str | Path, *, limit: int = 16 * 2**30) -> Source:
    """Check and hash a file in blocks, for readers that stream it.

    Raises
    ------
    InputError
        As for :func:`read_bytes`.
    """
    where = Path(path)
    with _opened(where, limit) as (file, head):
        _check_head(where, head)
        digest = hashlib.sha256(head)
        while block := file.read(_BLOCK):
            digest.update(block)
    return Source(where, digest.hexdigest())


@contextmanager
def _opened(path: Path, limit: int, *, empty: bool = False) -> Iterator[tuple[BinaryIO, bytes]]:
    """Open a file of the disk whose first block has been read."""
    try:
        _check_plain(path)
        with path.open("rb") as file:
            size = path.stat().st_size
            if size == 0 and not empty:
                raise refusal(path, "is empty; export or write it again")
            head = file.read(min(_BLOCK, limit + 1))
            # Nonsense is told as such first, whatever its size.
            if size > limit and limit >= _BLOCK:
                _check_head(path, head)
            if size > limit:
                raise _too_large(path, size, limit)
            yield file, head
    except OSError as error:
        raise refusal(path, f"cannot be read ({error.strerror}); check the name and permissions") from error


def _rest(file: BinaryIO, most: int) -> bytes:
    """Read on to the end, or one byte too far: a file may grow while it is read."""
    left = os.fstat(file.fileno()).st_size - file.tell()
    # Python sets the memory aside that is asked for, so that no more is asked for than there is.
    return file.read(min(max(left, 0), most) + 1)


def is_folder(path: Path) -> bool:
    """Tell whether a path is a folder; a name that cannot be one is none."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _check_plain(path: Path) -> None:
    """Refuse what is no file of the disk: reading a pipe may wait for ever, reading a device never ends."""
    if path.is_dir():
        raise refusal(path, "is a folder, not a file; name the file in it")
    if not path.exists():
        loop = path.is_symlink()
        why = "is a link that leads nowhere" if loop else "does not exist"
        raise refusal(path, f"{why}; check the name and the folder")
    if not path.is_file() or path.parent in _DEVICES:
        raise refusal(path, "is not a plain file; give a file of the disk")


def _check_head(path: Path, head: bytes) -> None:
    if head.startswith(b"\x1f\x8b"):
        raise refusal(path, "is compressed by gzip; unpack it first")
    if head.startswith(_CONTAINERS) or head.startswith(_WIDE_MARKS) or _looks_wide(head):
        return
    at = next((i for i, byte in enumerate(head) if byte < 32 and byte not in b"\t\n\v\f\r"), None)
    if at is not None:
        text = f"is neither text nor a spreadsheet (byte {at + 1} is {head[at]}); export it as CSV or .xlsx"
        raise refusal(path, text)
    if len(head) >= _BLOCK and b"\n" not in head and b"\r" not in head:
        raise refusal(path, "has no line break in its first 1 MiB; that is no table: export it again")


def _looks_wide(head: bytes) -> bool:
    """Tell UTF-16 without a mark: Latin text has every other byte zero."""
    sample = head[:4096]
    halves = sample[0::2], sample[1::2]
    zeros = [half.count(0) / max(len(half), 1) for half in halves]
    return max(zeros) > 0.7 and min(zeros) < 0.05


def _too_large(path: Path, size: int, limit: int) -> InputError:
    return refusal(
        path,
        f"has {size / 2**20:,.0f} MiB, more than the {limit / 2**20:,.0f} MiB that this reader accepts;"
        " is it the right file? If so, split it or export fewer columns",
    )
