"""Writes a cohort folder, whole or not at all."""

import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from msasss.cohort.layout import IMAGE_FOLDER, IMAGES, LANDMARKS, PATIENTS, VISITS
from msasss.cohort.records import CohortVisit, ImageNote, Patient
from msasss.cohort.tables import dump_images, dump_patients, dump_visits
from msasss.errors import UsageError
from msasss.formats import landmarks_csv
from msasss.formats.landmarks_csv import ImageLandmarks


@contextmanager
def new_cohort(folder: Path) -> Iterator[Path]:
    """Give a scratch folder that becomes the cohort once it is filled, and vanishes if that fails.

    Raises:
        UsageError: If the folder exists, or cannot be written.
    """
    if folder.exists():
        msg = f"Expected a new folder, got {folder}, which exists. Choose another with -o."
        raise UsageError(msg)
    scratch = folder.parent / f".{folder.name}.{secrets.token_hex(4)}"
    try:
        (scratch / IMAGE_FOLDER).mkdir(parents=True)
        yield scratch
        scratch.rename(folder)
    except OSError as error:
        msg = f"Expected a folder that can be written, got {folder} ({error.strerror}). Choose another with -o."
        raise UsageError(msg) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def write_tables(
    folder: Path,
    visits: Sequence[CohortVisit],
    *,
    patients: Sequence[Patient] = (),
    notes: Sequence[ImageNote] = (),
    landmarks: Sequence[ImageLandmarks] = (),
) -> None:
    """Write the tables of a cohort; a table without rows is left out."""
    tables = {
        VISITS: dump_visits(visits),
        PATIENTS: dump_patients(patients) if patients else None,
        IMAGES: dump_images(notes) if notes else None,
        LANDMARKS: landmarks_csv.dump(landmarks) if landmarks else None,
    }
    for name, text in tables.items():
        if text is not None:
            (folder / name).write_text(text, encoding="utf-8")


def place_file(source: Path, target: Path, *, link: bool) -> None:
    """Copy a file, or make a symbolic link to it, which spares the space but breaks when the original moves."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if link:
        os.symlink(source.resolve(), target)
    else:
        shutil.copyfile(source, target)
