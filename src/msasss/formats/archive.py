"""The members of a zip file, in memory and within bounds; nothing is ever extracted to disk.

A member's name is only shown, never used as a path, so `../` in it reaches nothing.
"""

import lzma
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

from msasss.errors import RadiographError
from msasss.imaging.content import LARGEST_FILE_BYTES

SIGNATURES: Final = (b"PK\x03\x04", b"PK\x05\x06")

# Office documents are zips too, but hold no radiographs.
ARCHIVE_SUFFIXES: Final = frozenset({"", ".zip"})

_MOST_MEMBERS: Final = 10_000
_LARGEST_TOTAL_BYTES: Final = 2 * 2**30
# A radiograph deflates to between a third and a tenth; deflate itself reaches 1,032. Small members may be anything.
_HIGHEST_RATIO: Final = 200
_RATIO_COUNTS_FROM_BYTES: Final = 10 * 2**20
_ENCRYPTED: Final = 0x1


@dataclass(frozen=True, slots=True)
class ArchiveMember:
    """One file of an archive.

    Args:
        name: Path inside the archive, for messages only.
        content: Its bytes, or None if it could not be read.
        problem: Why not, with a cure; None if it was read.
    """

    name: str
    content: bytes | None = None
    problem: str | None = None


def is_archive(head: bytes) -> bool:
    """Say whether a file that begins with these bytes is a zip file."""
    return head.startswith(SIGNATURES)


def read_members(file: Path | str | bytes, *, source: str | None = None) -> Iterator[ArchiveMember]:
    """Yield the files of a zip, sorted by name; folders are left out, and one bad file does not stop the others.

    Args:
        file: Path of the zip, or its content.
        source: Name for messages; by default the file name without its folder.

    Raises:
        RadiographError: If it is no zip, is truncated, or unpacks to more than a collection of radiographs would.
    """
    name = source or ("archive" if isinstance(file, bytes) else Path(file).name)
    try:
        with zipfile.ZipFile(BytesIO(file) if isinstance(file, bytes) else file) as archive:
            members = sorted((item for item in archive.infolist() if not item.is_dir()), key=lambda item: item.filename)
            _check_bounds(members, name)
            for member in members:
                yield _read_member(archive, member)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        msg = f"{name}: The zip file is truncated or damaged. Pack it again."
        raise RadiographError(msg) from error


def _check_bounds(members: list[zipfile.ZipInfo], source: str) -> None:
    if len(members) > _MOST_MEMBERS:
        msg = f"{source}: Expected at most {_MOST_MEMBERS} files in a zip, got {len(members)}. Split it."
        raise RadiographError(msg)
    total = sum(member.file_size for member in members)
    if total > _LARGEST_TOTAL_BYTES:
        msg = f"{source}: Expected a zip of at most {_LARGEST_TOTAL_BYTES >> 20} MB, got {total >> 20} MB. Split it."
        raise RadiographError(msg)
    for member in members:
        ratio = member.file_size / max(1, member.compress_size)
        if member.file_size > _RATIO_COUNTS_FROM_BYTES and ratio > _HIGHEST_RATIO:
            msg = f"{source}: Expected radiographs, got a file packed {ratio:.0f} to 1, a zip bomb. Pack it again."
            raise RadiographError(msg)


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> ArchiveMember:
    name = member.filename
    if member.flag_bits & _ENCRYPTED:
        return ArchiveMember(name, problem="Expected an open zip, got an encrypted file. Pack it without a password.")
    if member.file_size > LARGEST_FILE_BYTES:
        limit, size = LARGEST_FILE_BYTES >> 20, member.file_size >> 20
        return ArchiveMember(name, problem=f"Expected at most {limit} MB, got {size} MB. Give one radiograph a file.")
    try:
        content = archive.read(member)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, NotImplementedError):
        return ArchiveMember(name, problem="The file is damaged inside the zip. Pack it again.")
    if is_archive(content) and Path(name).suffix.lower() in ARCHIVE_SUFFIXES:
        return ArchiveMember(name, problem="Expected radiographs, got a zip inside a zip. Unpack the inner one.")
    return ArchiveMember(name, content)
