"""Zip files (xlsx, ods, prism, ISA-Tab) judged by their directory before anything is unpacked."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

from soleus.exchange.readers.files import FILE_LIMIT, Source, refusal

__all__ = ["UNPACKED_LIMIT", "member_pieces", "open_archive", "read_member"]

UNPACKED_LIMIT = 2**30
"""Bytes that all members together may unpack to."""

_LARGEST_RATIO = 300.0
# Small members may shrink as they like: an empty sheet packs very well and harms nobody.
_FREE = 2**20
_MEMBERS = 10_000
_PIECE = 2**16
# What each entry of a directory begins with.
_ENTRY = b"PK\x01\x02"


def open_archive(data: bytes, source: Source) -> zipfile.ZipFile:
    """Open a zip file held in memory, once its directory promises a sensible size.

    Parameters
    ----------
    data
        The file's bytes.
    source
        The file, for messages.

    Raises
    ------
    InputError
        Damaged, encrypted, too many members, too large when unpacked, or packed beyond belief.
    """
    if (entries := data.count(_ENTRY)) > _MEMBERS:
        # Counted before the directory is read: a million entries take a gigabyte.
        text = f"is a zip file of {entries:,} parts, {_MEMBERS:,} are accepted: export the table again"
        raise refusal(source.path, text)
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError) as error:
        text = f"is a damaged zip file ({error}); was it cut short? Copy or export it again"
        raise refusal(source.path, text) from error
    total = sum(member.file_size for member in members)
    if len(members) > _MEMBERS or total > UNPACKED_LIMIT:
        text = (
            f"would unpack to {total / 2**20:,.0f} MiB in {len(members):,} parts; at most"
            f" {UNPACKED_LIMIT / 2**20:,.0f} MiB in {_MEMBERS:,} parts are accepted (a zip bomb?):"
            " export the table again"
        )
        raise refusal(source.path, text)
    for member in members:
        if member.flag_bits & 1:
            raise refusal(source.path, "is protected by a password; save it without one")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            text = f"part {member.filename!r} is packed in a way that no spreadsheet uses; save it again"
            raise refusal(source.path, text)
        if member.file_size > _FREE and member.file_size > _LARGEST_RATIO * max(member.compress_size, 1):
            text = (
                f"part {member.filename!r} unpacks to {member.file_size / max(member.compress_size, 1):,.0f}"
                f" times its size, more than the {_LARGEST_RATIO:g} accepted (a zip bomb?): export it again"
            )
            raise refusal(source.path, text)
    return archive


def member_pieces(archive: zipfile.ZipFile, name: str, *, source: Source) -> Iterator[bytes]:
    """Unpack one member piece by piece, never beyond the size that the directory promised.

    Raises
    ------
    InputError
        No such member, or one that is damaged.
    """
    try:
        info = archive.getinfo(name)
        with archive.open(info) as member:
            left = info.file_size
            while left > 0 and (piece := member.read(min(_PIECE, left))):
                left -= len(piece)
                yield piece
    except (KeyError, zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        text = f"part {name!r} of the zip file cannot be read ({error}); copy or export the file again"
        raise refusal(source.path, text) from error
    except Exception as error:  # zlib.error, lzma.LZMAError: the decompressors' own
        text = f"part {name!r} of the zip file is damaged ({error}); copy or export the file again"
        raise refusal(source.path, text) from error


def read_member(archive: zipfile.ZipFile, name: str, *, source: Source) -> bytes:
    """Read one member whole (raises as :func:`member_pieces`, and for one that is too large)."""
    if name in archive.namelist() and archive.getinfo(name).file_size > FILE_LIMIT:
        text = f"part {name!r} unpacks to more than {FILE_LIMIT / 2**20:,.0f} MiB; unpack it and split it"
        raise refusal(source.path, text)
    return b"".join(member_pieces(archive, name, source=source))
