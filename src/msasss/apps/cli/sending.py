"""What `msasss send` does."""

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from msasss.apps.cli.console import note, result
from msasss.apps.cli.remote import Access, parse_target
from msasss.apps.cli.report_run import SCORE_FILE, notices_of
from msasss.apps.node.courier import send_files
from msasss.dicom import is_dicom, read_radiograph
from msasss.dicom.source_headers import read_header, read_headers
from msasss.dicom.transfer import DicomTarget
from msasss.dicom.web import WebTarget
from msasss.errors import NetworkError, PairingError, RadiographError, UsageError
from msasss.exam import Exam
from msasss.formats import exam_json
from msasss.pipeline.result_objects import ResultKind, ResultOptions, exam_key, kinds_available, result_files

_HEAD_BYTES = 132


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for; the fields are the options of `msasss send`."""

    exams: tuple[Path, ...]
    to: str
    source: tuple[Path, ...] = ()
    only: tuple[str, ...] = ()
    access: Access = field(default_factory=Access)


def run_send(request: Request) -> int:
    """Send exams.

    Returns:
        The exit code: 0; 5 if the PACS refused an object.

    Raises:
        UsageError: If the address or a folder is none.
        InputError: If an exam cannot be read, or a film of it is missing.
        NetworkError: If the PACS does not answer.
    """
    target = parse_target(request.to, request.access)
    films = _films_by_uid(request.source)
    refused = sent = 0
    with tempfile.TemporaryDirectory(prefix="msasss-") as scratch:
        for number, exam in enumerate(request.exams):
            files = _files(exam, films, request, Path(scratch, str(number)))
            for refusal in _send(target, files):
                sent += refusal is None
                refused += refusal is not None
    result(f"Sent {sent} objects of {len(request.exams)} exams to {target}")
    return NetworkError.exit_code if refused else 0


def _send(target: DicomTarget | WebTarget, files: Sequence[Path]) -> Iterator[str | None]:
    for receipt in send_files(target, files):
        if receipt.refusal is not None:
            note(f"Failed: {receipt.file.name}: {receipt.refusal}")
        yield receipt.refusal


def _films_by_uid(sources: Iterable[Path]) -> dict[str, Path]:
    """Return the DICOM files among files and folders by their SOP instance UID."""
    films: dict[str, Path] = {}
    for path in (file for source in sources for file in _below(source)):
        try:
            uid = str(read_header(path).get("SOPInstanceUID", ""))
        except RadiographError:
            continue  # a damaged file is missed where it is needed
        films.setdefault(uid, path)
    return films


def _below(source: Path) -> Iterator[Path]:
    if not source.exists():
        msg = f"Expected films, but {source.name} does not exist. Correct --source."
        raise UsageError(msg)
    files = [source] if source.is_file() else [Path(top, name) for top, _, names in os.walk(source) for name in names]
    for file in sorted(files):
        with file.open("rb") as stream:
            if is_dicom(stream.read(_HEAD_BYTES)):
                yield file


def _files(folder: Path, films: Mapping[str, Path], request: Request, scratch: Path) -> list[Path]:
    """Return the DICOM files of an exam: those in its folder, else new ones."""
    if not folder.is_dir():
        msg = f"Expected the folder of an exam, got {folder}. Score the films first."
        raise UsageError(msg)
    ready = sorted(folder.glob("*.dcm"))
    if ready:
        return [path for path in ready if not request.only or path.name.partition("-")[0] in request.only]
    exam = _with_pixels(exam_json.load_file(folder / SCORE_FILE), films)
    kinds = tuple(kind for kind in kinds_available() if not request.only or kind.value in request.only)
    if len(kinds) < len(request.only or ResultKind):
        note("No PDF is sent: the extra 'pdf' is not installed.")
    headers = read_headers([films[film.uid] for film in exam.films])
    made = result_files(exam, headers, ResultOptions(kinds, notices=notices_of(exam)), uid_seed=exam_key(exam))
    scratch.mkdir()
    for name, content in made.items():
        (scratch / name).write_bytes(content)
    return [scratch / name for name in made]


def _with_pixels(exam: Exam, films: Mapping[str, Path]) -> Exam:
    shown = []
    for film in exam.films:
        path = films.get(film.uid)
        if path is None:
            msg = (
                f"{film.source}: Expected the DICOM film that was scored, got none. "
                "DICOM results refer to their films; name them with --source."
            )
            raise PairingError(msg)
        shown.append(replace(film, radiograph=read_radiograph(path)))
    return replace(exam, films=tuple(shown))
