"""Writes what was scored: one folder per exam, whole or not at all, and the list of what failed.

The folder of an exam is named by its date and a digest of its films, `exam-2024-05-31-1a2b3c4d`: the same films always
get the same name, and the name tells nothing about the patient.
"""

import hashlib
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from msasss.errors import UsageError
from msasss.exam import Exam, ExamFilm
from msasss.formats import corners_csv, exam_json, landmarks_csv
from msasss.formats.landmarks_json import LocatedFilm
from msasss.formats.raster import DRAWN_BY
from msasss.formats.tables import Columns, write_rows
from msasss.pipeline.intake import Failure
from msasss.report.overlay import draw_exam_film, draw_landmarks

FAILURES = "failures.csv"
FAILURE_COLUMNS = Columns(required=("file", "message"))
# A PNG of a film at this level takes a fifth of the time of the smallest one, at 10 % more bytes.
PNG_COMPRESSION = 3


def exam_name(exam: Exam) -> str:
    """Return the name of an exam's folder, free of anything the files say about the patient but the date."""
    digest = hashlib.sha256()
    for film in exam.films:
        digest.update(_film_digest(film))
    digest.update(f"{exam.reading.reader.kind.value} {exam.reading.reader.id}".encode())
    day = "undated" if exam.visit_date is None else exam.visit_date.isoformat()
    return f"exam-{day}-{digest.hexdigest()[:8]}"


def write_exam(exam: Exam, out: Path, *, overwrite: bool = False) -> tuple[Path, ...]:
    """Write the folder of an exam.

    Args:
        exam: The exam.
        out: Folder in which the exam's folder is made; made itself if it does not exist.
        overwrite: Replace the exam's folder where it already exists.

    Returns:
        The files written: `score.json`, `corners.csv`, `landmarks.csv` where points are known, and
        `overlay-<region>.png` for every film of which pixels and points are known.

    Raises:
        UsageError: If the exam's folder exists and may not be replaced, or the files cannot be written.
    """
    return _write_folder(out / exam_name(exam), lambda folder: _fill_exam(exam, folder), overwrite=overwrite)


def write_located(films: Sequence[LocatedFilm], out: Path, *, overwrite: bool = False) -> tuple[Path, ...]:
    """Write `landmarks.csv` and an overlay for each of some films into a new folder.

    Raises:
        UsageError: If the folder exists and may not be replaced, or the files cannot be written.
    """
    return _write_folder(out, lambda folder: _fill_located(films, folder), overwrite=overwrite)


def write_failures(failures: Sequence[Failure], out: Path) -> Path | None:
    """Write `failures.csv`, one row per failure; where nothing failed, remove the one of an earlier run.

    Returns:
        The file, or None where nothing failed.
    """
    path = out / FAILURES
    if not failures:
        path.unlink(missing_ok=True)
        return None
    rows = [(failure.source, failure.message) for failure in failures]
    with _made(out):
        scratch = out / f".{FAILURES}.{secrets.token_hex(4)}"
        scratch.write_text(write_rows(FAILURE_COLUMNS, rows), encoding="utf-8")
        os.replace(scratch, path)
    return path


def _film_digest(film: ExamFilm) -> bytes:
    digest = hashlib.sha256(film.uid.encode())
    if film.radiograph is not None:
        digest.update(film.radiograph.pixels.tobytes())
    return digest.digest()


def _fill_exam(exam: Exam, folder: Path) -> None:
    (folder / "score.json").write_text(exam_json.dump(exam), encoding="utf-8")
    (folder / "corners.csv").write_text(corners_csv.dump(exam), encoding="utf-8")
    reader = exam.reading.reader.id
    points = [
        landmarks_csv.ImageLandmarks(film.uid, reader, film.landmarks)
        for film in exam.films
        if film.landmarks is not None
    ]
    if points:
        (folder / "landmarks.csv").write_text(landmarks_csv.dump(points), encoding="utf-8")
    for film in exam.films:
        if film.radiograph is not None and film.landmarks is not None:
            picture = draw_exam_film(exam, film.region)
            _save_overlay(picture, folder / f"overlay-{film.region.value}.png")


def _fill_located(films: Sequence[LocatedFilm], folder: Path) -> None:
    points = [landmarks_csv.ImageLandmarks(film.radiograph.uid, "msasss", film.landmarks) for film in films]
    (folder / "landmarks.csv").write_text(landmarks_csv.dump(points), encoding="utf-8")
    for number, film in enumerate(films, start=1):
        picture = draw_landmarks(film.radiograph, film.landmarks, film.warnings)
        _save_overlay(picture, folder / f"overlay-{number:03d}-{film.landmarks.region.value}.png")


def _save_overlay(picture: Image.Image, path: Path) -> None:
    """Save a picture marked as drawn, so that nobody takes it for a film when the results lie among the inputs."""
    chunks = PngInfo()
    chunks.add_text("Software", DRAWN_BY)
    picture.save(path, pnginfo=chunks, compress_level=PNG_COMPRESSION)


def _write_folder(folder: Path, fill: Callable[[Path], None], *, overwrite: bool) -> tuple[Path, ...]:
    """Fill a folder beside its place and then move it there, so that nobody ever sees half of it."""
    if folder.exists() and not overwrite:
        msg = f"Expected a new folder, got {folder}, which exists. Use --overwrite to replace it."
        raise UsageError(msg)
    with _made(folder.parent):
        scratch = folder.parent / f".{folder.name}.{secrets.token_hex(4)}"
        try:
            scratch.mkdir()
            fill(scratch)
            names = sorted(path.name for path in scratch.iterdir())
            _move(scratch, folder)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    return tuple(folder / name for name in names)


def _move(scratch: Path, folder: Path) -> None:
    if not folder.exists():
        scratch.rename(folder)
        return
    former = scratch.with_name(f"{scratch.name}.former")
    folder.rename(former)
    scratch.rename(folder)
    shutil.rmtree(former)


@contextmanager
def _made(folder: Path) -> Iterator[None]:
    """Make a folder, and take it away again if what follows fails; say so where it cannot be written."""
    made = [folder, *folder.parents]
    made = made[: next((place for place, path in enumerate(made) if path.exists()), len(made))]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException as error:
        for path in made:
            if path.is_dir() and not any(path.iterdir()):
                path.rmdir()
        if isinstance(error, OSError):
            msg = f"Expected a folder that can be written, got {folder} ({error.strerror}). Choose another with -o."
            raise UsageError(msg) from error
        raise
