"""What `msasss report` does."""

import os
import secrets
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from msasss.anatomy import Region
from msasss.apps.cli.console import note
from msasss.apps.cli.networks_listing import installed_bundles
from msasss.errors import PairingError, RadiographError, UsageError, WeightsError
from msasss.exam import Exam, ExamFilm
from msasss.formats import exam_json
from msasss.imaging import Radiograph
from msasss.pipeline.intake import gather
from msasss.report.page import report_page
from msasss.report.pdf import page_to_pdf

SCORE_FILE = "score.json"
FORMATS = (".html", ".pdf")
UNKNOWN_WEIGHTS = "The networks used are not installed here; what they were trained on stands in their weight cards."


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for.

    Args:
        exam: Folder of an exam, or its `score.json`.
        output: File to write.
        films: Files, folders and zips that hold the exam's films.
        previous: An earlier exam, as `exam`.
        sdc: Smallest detectable change of the readers.
        overwrite: Replace the file if it exists.
    """

    exam: Path
    output: Path
    films: tuple[Path, ...] = ()
    previous: Path | None = None
    sdc: float = 2.0
    overwrite: bool = False


def run_report(request: Request) -> None:
    """Write a report.

    Raises:
        UsageError: If the file exists or is of another kind, or what a PDF needs is not installed.
        InputError: If an exam cannot be read, or the films or the earlier exam are not of this one.
    """
    _check(request)
    exam = with_films(exam_json.load_file(_score_file(request.exam)), request.films)
    page = report_page(
        exam,
        previous=None if request.previous is None else exam_json.load_file(_score_file(request.previous)),
        sdc=request.sdc,
        notices=notices_of(exam),
        exam_id=_score_file(request.exam).resolve().parent.name,
    )
    is_pdf = request.output.suffix.lower() == ".pdf"
    _write(request.output, page_to_pdf(page) if is_pdf else page.encode("utf-8"))
    note(f"Wrote {request.output}")


def with_films(exam: Exam, inputs: Iterable[Path]) -> Exam:
    """Give a stored exam its pixels back.

    Raises:
        PairingError: If a film is not one that was read, or nothing tells which of several it is.
        RadiographError: If a file is no radiograph.
    """
    paths = tuple(inputs)
    if not paths:
        return exam
    found = gather(paths)
    if found.failures:
        raise RadiographError(found.failures[0].message)
    if not found.radiographs:
        note("No film of this exam among the inputs: the report has no pictures. Name the films with --films.")
    shown = _by_name(exam.films, found.radiographs)
    shown |= _by_file_name(exam.films, found.radiographs, shown)
    return replace(exam, films=tuple(replace(film, radiograph=shown.get(film.region)) for film in exam.films))


def notices_of(exam: Exam) -> tuple[str, ...]:
    """Return what the weight cards of an exam's networks say that a user must know."""
    used = set(exam.provenance.weights.values())
    if not used:
        return ()
    try:
        known = {card.sha256: card.notice for bundle in installed_bundles() for card in bundle}
    except WeightsError:
        known = {}  # damaged weights are no reason to withhold a report of what they scored
    notices = [known.get(digest, UNKNOWN_WEIGHTS) for digest in used]
    return tuple(sorted(set(notices)))


def _by_name(films: Sequence[ExamFilm], radiographs: Iterable[Radiograph]) -> dict[Region, Radiograph]:
    """Return the radiograph of each film that one has the whole name of: its UID or, without one, its source."""
    shown: dict[Region, Radiograph] = {}
    for radiograph in radiographs:
        film = next((film for film in films if film.uid in (radiograph.uid, radiograph.source)), None)
        if film is None:
            continue
        if film.region in shown:
            msg = (
                f"{radiograph.source}: Expected one file of {film.source}, got also {shown[film.region].source}. "
                "Leave out the one that was not read."
            )
            raise PairingError(msg)
        shown[film.region] = radiograph
    return shown


def _by_file_name(
    films: Sequence[ExamFilm], radiographs: Sequence[Radiograph], shown: Mapping[Region, Radiograph]
) -> dict[Region, Radiograph]:
    """Return the radiographs left over, each with the one film without a UID that has its file name, in any folder."""
    rest = [radiograph for radiograph in radiographs if all(radiograph is not known for known in shown.values())]
    unnamed = [film for film in films if film.region not in shown and film.uid == film.source]
    named: dict[Region, Radiograph] = {}
    for radiograph in rest:
        name = _file_name(radiograph.source)
        choices = [film for film in unnamed if _file_name(film.source) == name]
        if not choices:
            names = ", ".join(film.source for film in films)
            msg = f"{radiograph.source}: Expected a film of this exam ({names}), got another one. Leave it out."
            raise PairingError(msg)
        files = [other.source for other in rest if _file_name(other.source) == name]
        if len(choices) > 1 or len(files) > 1:
            msg = (
                f"{', '.join(files)}: Expected one film named {name} in the exam and among the inputs, got "
                f"{len(choices)} ({', '.join(film.source for film in choices)}) and {len(files)}. "
                "Name the inputs as they were named when the exam was scored."
            )
            raise PairingError(msg)
        named[choices[0].region] = radiograph
    return named


def _file_name(source: str) -> str:
    return PurePosixPath(source).name


def _check(request: Request) -> None:
    if request.output.suffix.lower() not in FORMATS:
        msg = f"Expected a file that ends in .html or .pdf, got {request.output.name}. Name it so with -o."
        raise UsageError(msg)
    if request.output.exists() and not request.overwrite:
        msg = f"Expected a new file, got {request.output}, which exists. Use --overwrite to replace it."
        raise UsageError(msg)


def _score_file(path: Path) -> Path:
    file = path / SCORE_FILE if path.is_dir() else path
    if not file.is_file():
        msg = f"Expected the folder of an exam or its {SCORE_FILE}, got {path}. Score the films first."
        raise UsageError(msg)
    return file


def _write(path: Path, content: bytes) -> None:
    """Write the file whole or not at all."""
    scratch = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch.write_bytes(content)
        os.replace(scratch, path)
    except OSError as error:
        with suppress(OSError):
            scratch.unlink()
        msg = f"Expected a file that can be written, got {path} ({error.strerror}). Choose another with -o."
        raise UsageError(msg) from error
