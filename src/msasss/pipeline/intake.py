"""From the files, folders and zips a user names to radiographs, with a reason for each file that is none."""

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Final

from msasss.dicom import is_dicom, read_radiograph
from msasss.errors import NoImageError, RadiographError, UsageError
from msasss.formats.archive import ARCHIVE_SUFFIXES, is_archive, read_members
from msasss.formats.raster import is_raster, read_raster
from msasss.imaging.radiograph import Radiograph

_HEAD_BYTES: Final = 1024
_IMAGE_SUFFIXES: Final = frozenset({".dcm", ".dicom", ".ima", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".zip"})
_CLUTTER: Final = frozenset({"dicomdir", "thumbs.db", "desktop.ini", "__macosx"})


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be used.

    Args:
        source: Its name, without the folder that was named.
        message: Rule, value and cure.
    """

    source: str
    message: str


@dataclass(frozen=True, slots=True)
class Intake:
    """What was found under the inputs.

    Args:
        radiographs: In the order of the inputs, and of the names within a folder or zip; each image once. Of different
            images with one SOP instance UID the first; the others are failures.
        failures: Files that should have been radiographs but are not.
        ignored: Number of files in folders and zips that are of another kind: text, tables, reports.
    """

    radiographs: tuple[Radiograph, ...]
    failures: tuple[Failure, ...]
    ignored: int


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A file to look at: on disk, or the content of a zip's member."""

    source: str
    file: Path | bytes
    root: Path  # the folder that was named, or that the named file lies in
    is_named: bool  # by the user, rather than found in a folder or zip


@dataclass(slots=True)
class _Sorted:
    """What was sorted out so far."""

    radiographs: list[Radiograph] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    ignored: int = 0


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is remembered of an image: where it came from, and a digest of its pixels."""

    source: str
    digest: bytes


def gather(inputs: Sequence[Path]) -> Intake:
    """Read every radiograph among files, folders (with their subfolders) and zips.

    Hidden files, DICOMDIR and what operating systems leave behind are passed over; links to folders inside a folder are
    not followed. A file that the user named, or that looks like an image, and cannot be read is a failure, and never
    stops the others.

    Args:
        inputs: Files and folders.

    Raises:
        UsageError: If one of them does not exist.
    """
    _check_exist(inputs)
    result = _Sorted()
    for candidate in _distinct(_candidates(inputs, result)):
        _sort(candidate, result)
    items = list(_handed_on(result, {}))
    return Intake(
        tuple(item for item in items if isinstance(item, Radiograph)),
        tuple(item for item in items if isinstance(item, Failure)),
        result.ignored,
    )


def stream(inputs: Sequence[Path]) -> Iterator[Radiograph | Failure]:
    """Read what `gather` reads, but hand on each film at once, so that an archive need not fit in memory.

    Args:
        inputs: Files and folders.

    Raises:
        UsageError: If one of them does not exist.
    """
    _check_exist(inputs)
    result = _Sorted()
    seen: dict[str, _Seen] = {}
    for candidate in _distinct(_candidates(inputs, result)):
        _sort(candidate, result)
        yield from _handed_on(result, seen)
    yield from _handed_on(result, seen)


def _handed_on(result: _Sorted, seen: dict[str, _Seen]) -> Iterator[Radiograph | Failure]:
    """Yield and forget what was sorted out, each image once."""
    for radiograph in result.radiographs:
        this = _Seen(radiograph.source, hashlib.sha256(radiograph.pixels.tobytes()).digest())
        first = seen.setdefault(radiograph.uid, this)
        if first is this:
            yield radiograph
        elif first.digest != this.digest:
            yield _two_images(first.source, radiograph.source)
    yield from result.failures
    result.radiographs.clear()
    result.failures.clear()


def _two_images(first: str, second: str) -> Failure:
    message = (
        f"{second}: Expected a SOP instance UID of its own, but two different images carry one SOP instance UID: "
        f"{first} and {second}. Leave out the wrong one, or export both again."
    )
    return Failure(second, message)


def _check_exist(inputs: Sequence[Path]) -> None:
    missing = [path for path in inputs if not path.exists()]
    if missing:
        msg = f"Expected files or folders, but {missing[0].name} does not exist. Check the path."
        raise UsageError(msg)


def _candidates(inputs: Sequence[Path], result: _Sorted) -> Iterator[_Candidate]:
    for path in inputs:
        if path.is_dir():
            yield from _in_folder(path, result)
        else:
            yield _Candidate(path.name, path, path.resolve().parent, is_named=True)


def _in_folder(folder: Path, result: _Sorted) -> Iterator[_Candidate]:
    def refuse(error: OSError) -> None:
        name = Path(error.filename).name
        message = f"{name}: The folder could not be read. Check your permission to read it."
        result.failures.append(Failure(name, message))

    for parent, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not _is_clutter(name))
        for name in sorted(names):
            path = Path(parent, name)
            if not _is_clutter(name):
                yield _Candidate(path.relative_to(folder).as_posix(), path, folder.resolve(), is_named=False)


def names_apart(files: Sequence[tuple[str, Path]]) -> list[str]:
    """Tell files of one name apart by the folder they were found under, whatever their order.

    Args:
        files: Name of each file, and the folder it is relative to; no file twice.
    """
    counts = Counter(name for name, _ in files)
    names = [name if counts[name] == 1 else f"{root.name}/{name}" for name, root in files]
    counts = Counter(names)
    places = [Path(root, name).resolve().as_posix() for name, root in files]
    return [name if counts[name] == 1 else place for name, place in zip(names, places, strict=True)]


def _distinct(candidates: Iterable[_Candidate]) -> list[_Candidate]:
    """Leave out files already seen, and give the others names of their own."""
    by_place: dict[Path, _Candidate] = {}
    for candidate in candidates:
        by_place.setdefault(Path(candidate.root, candidate.source).resolve(), candidate)
    kept = list(by_place.values())
    names = names_apart([(candidate.source, candidate.root) for candidate in kept])
    return [replace(candidate, source=name) for candidate, name in zip(kept, names, strict=True)]


def _sort(candidate: _Candidate, result: _Sorted) -> None:
    try:
        head = _head(candidate)
        if is_archive(head) and Path(candidate.source).suffix.lower() in ARCHIVE_SUFFIXES:
            _sort_members(candidate, result)
        elif is_dicom(head):
            result.radiographs.append(read_radiograph(candidate.file, source=candidate.source))
        elif is_raster(head):
            result.radiographs.append(read_raster(candidate.file, source=candidate.source))
        elif candidate.is_named or _should_be_image(candidate.source, head):
            result.failures.append(_unrecognised(candidate.source, head))
        else:
            result.ignored += 1
    except NoImageError as error:
        if candidate.is_named:
            result.failures.append(Failure(candidate.source, str(error)))
        else:
            result.ignored += 1
    except RadiographError as error:
        result.failures.append(Failure(candidate.source, str(error)))


def _sort_members(archive: _Candidate, result: _Sorted) -> None:
    for member in read_members(archive.file, source=archive.source):
        source = f"{archive.source}/{member.name}"
        if any(_is_clutter(part) for part in PurePosixPath(member.name).parts if part not in {".", ".."}):
            continue
        if member.content is not None:
            _sort(_Candidate(source, member.content, archive.root, is_named=False), result)
        elif member.problem is not None:
            result.failures.append(Failure(source, f"{source}: {member.problem}"))


def _head(candidate: _Candidate) -> bytes:
    """Return the first bytes; of a device or pipe none, as reading it might never end."""
    if isinstance(candidate.file, bytes):
        return candidate.file[:_HEAD_BYTES]
    if not candidate.file.is_file():
        return b""
    try:
        with candidate.file.open("rb") as stream:
            return stream.read(_HEAD_BYTES)
    except OSError as error:
        msg = f"{candidate.source}: The file could not be read ({error.strerror}). Check your permission to read it."
        raise RadiographError(msg) from error


def _should_be_image(source: str, head: bytes) -> bool:
    """Say whether an unrecognised file was meant as an image: by its suffix, or, without one, by not being text."""
    suffix = Path(source).suffix.lower()
    return suffix in _IMAGE_SUFFIXES or (not suffix and not _is_text(head))


def _is_text(head: bytes) -> bool:
    return bool(head) and all(byte >= 0x20 or byte in b"\t\n\f\r" for byte in head)


def _is_clutter(name: str) -> bool:
    return name.startswith(".") or name.lower() in _CLUTTER


def _unrecognised(source: str, head: bytes) -> Failure:
    found = "an empty file" if not head else "text" if _is_text(head) else "something else (or an encrypted file)"
    message = (
        f"{source}: Expected a DICOM, PNG, JPEG, TIFF or zip file, got {found}. "
        "Give the radiograph as the PACS or the device exported it."
    )
    return Failure(source, message)
