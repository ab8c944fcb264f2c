"""From films as a hospital has them to a cohort folder that names nobody.

Films are paired into visits by patient and date; patients become P0001, P0002, ..., in an order that tells nothing.
Who is who is written to a file of its own, outside the cohort. By default the films are written as PNG, which has no
header; text burned into the pixels stays.
"""

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Final

import numpy as np

from msasss.anatomy import Region
from msasss.cohort.layout import IMAGE_FOLDER, image_path
from msasss.cohort.records import CohortVisit, ImageNote, RegionSource
from msasss.cohort.write import new_cohort, place_file, write_tables
from msasss.errors import InputError, PairingError, UsageError
from msasss.formats.png import write_png
from msasss.formats.tables import Columns, write_rows
from msasss.imaging import Facing, Landmarks, Radiograph
from msasss.models.ports import Localiser
from msasss.pipeline.intake import Failure
from msasss.pipeline.pairing import Located, Visit, pair_exams

KEY_COLUMNS: Final = Columns(("patient", "visit", "image", "patient_key", "source", "uid"))
# Pairing asks for nothing of the pixels; a whole archive of films would not fit in memory.
_NO_PIXELS: Final = np.linspace(0, 1, 64 * 64, dtype=np.float32).reshape(64, 64)


class ImageForm(Enum):
    """How films come into a cohort."""

    PNG = "png"  # grey values alone
    COPY = "copy"  # the file as it is, with its header
    LINK = "link"  # a symbolic link to the file


@dataclass(frozen=True, slots=True)
class CohortPlan:
    """How to build a cohort.

    Args:
        out: The cohort; must not exist.
        key_file: Where to write who is who; must not exist nor lie in the cohort.
        form: How films come into it.
        localiser: Finds the region in the pixels; None to believe what the files claim.

    Raises:
        UsageError: If the key would lie inside the cohort, or exists.
    """

    out: Path
    key_file: Path
    form: ImageForm = ImageForm.PNG
    localiser: Localiser | None = None

    def __post_init__(self) -> None:
        if self.key_file.resolve().is_relative_to(self.out.resolve()):
            msg = f"Expected the key to patients outside the cohort, got {self.key_file}. Keep them apart."
            raise UsageError(msg)
        if self.key_file.exists():
            msg = f"Expected a new file for the key to patients, got {self.key_file}, which exists. Name another."
            raise UsageError(msg)

    @property
    def region_from(self) -> RegionSource:
        """What the region of a film is taken from."""
        return RegionSource.HEADER if self.localiser is None else RegionSource.PIXELS


@dataclass(frozen=True, slots=True)
class BuiltCohort:
    """What became of the films.

    Args:
        visits: As written.
        failures: Films left out, each with the reason.
    """

    visits: tuple[CohortVisit, ...]
    failures: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A film with the names it gets."""

    film: Radiograph
    region: Region
    patient: str
    visit: str
    image: str


def build_cohort(
    films: Iterable[Radiograph | Failure], plan: CohortPlan, *, inputs: Sequence[Path] = ()
) -> BuiltCohort:
    """Build a cohort.

    Args:
        films: Films and files that are none, as `pipeline.intake.stream` gives them; taken one at a time.
        plan: How.
        inputs: The files and folders that the films were found under, to copy or link them from.

    Raises:
        PairingError: If no film makes a visit.
        UsageError: If the cohort or the key cannot be written.
    """
    with new_cohort(plan.out) as scratch:
        kept: list[Located] = []
        failures: list[Failure] = []
        for item in films:
            outcome = item if isinstance(item, Failure) else _taken_in(item, plan, scratch, inputs)
            if isinstance(outcome, Failure):
                failures.append(outcome)
            else:
                kept.append(outcome)
        pairing = pair_exams(kept)
        failures += [_unpaired(failure) for failure in pairing.failures]
        entries = _entries(pairing.visits, plan.form)
        if not entries:
            first = f" First: {failures[0].message}" if failures else ""
            msg = (
                f"Expected films that make a visit, got none among {len(kept)} read and {len(failures)} failed.{first}"
            )
            raise PairingError(msg)
        _name_files(scratch, kept, entries)
        visits = _visits(entries)
        write_tables(scratch, visits, notes=[_note(entry, plan.region_from) for entry in entries])
        _write_key(plan.key_file, entries)
    return BuiltCohort(visits, tuple(failures))


def _taken_in(film: Radiograph, plan: CohortPlan, scratch: Path, inputs: Sequence[Path]) -> Located | Failure:
    """Find the region of a film and put its file into the cohort, under a name for the time being."""
    try:
        landmarks = _claimed(film) if plan.localiser is None else plan.localiser.locate(film)
        target = image_path(scratch, _temporary(film))
        if plan.form is ImageForm.PNG:
            write_png(target, film)
        else:
            place_file(_origin(film, inputs), target, link=plan.form is ImageForm.LINK)
    except InputError as error:
        return Failure(film.source, str(error))
    return Located(replace(film, pixels=_NO_PIXELS), replace(landmarks, vertebrae=()))


def _claimed(film: Radiograph) -> Landmarks:
    if film.claimed_region is None:
        msg = f"{film.source}: Expected a header that names the region, got none. Take the region from the pixels."
        raise InputError(msg)
    return Landmarks(film.claimed_region, Facing.LEFT, ())


def _origin(film: Radiograph, inputs: Sequence[Path]) -> Path:
    """Return the file of a film; intake names it relative to the input it was found under, or to that one's parent."""
    places = [place for path in inputs for place in (path / film.source, path.parent / film.source)]
    found = next((place for place in [*places, Path(film.source)] if place.is_file()), None)
    if found is None:
        msg = f"{film.source}: Expected a file to copy or link, got one inside an archive. Unpack it, or write PNG."
        raise InputError(msg)
    return found


def _temporary(film: Radiograph) -> str:
    return hashlib.sha256(f"{film.source} {film.uid}".encode()).hexdigest()


def _unpaired(failure: Failure) -> Failure:
    message = (
        f"{failure.source}: Expected films with a patient and a date, one of each region on a day, got films that "
        "do not pair into visits so. Leave out repeats; give DICOM files, which say whose they are and from when."
    )
    return Failure(failure.source, message)


def _entries(visits: Sequence[Visit], form: ImageForm) -> tuple[_Entry, ...]:
    of_patient: dict[str, list[Visit]] = {}
    for visit in visits:
        of_patient.setdefault(visit.patient_key or "", []).append(visit)
    # By the digest of the key, so that the numbers tell nothing of names, identifiers or dates.
    keys = sorted(of_patient, key=lambda key: hashlib.sha256(key.encode()).digest())
    width = max(4, len(str(len(keys))))
    return tuple(
        _entry(film, f"P{number:0{width}d}", f"V{count}", form)
        for number, key in enumerate(keys, start=1)
        for count, visit in enumerate(of_patient[key], start=1)
        for film in visit.films
    )


def _entry(film: Located, patient: str, visit: str, form: ImageForm) -> _Entry:
    suffix = ".png" if form is ImageForm.PNG else Path(film.radiograph.source).suffix.lower() or ".dcm"
    return _Entry(film.radiograph, film.region, patient, visit, f"{patient}-{visit}-{film.region.value}{suffix}")


def _name_files(scratch: Path, kept: Sequence[Located], entries: Sequence[_Entry]) -> None:
    """Give the files their names, and remove those of films that make no visit."""
    images = {_temporary(entry.film): entry.image for entry in entries}
    for film in kept:
        temporary = _temporary(film.radiograph)
        path = image_path(scratch, temporary)
        if temporary in images:
            path.rename(scratch / IMAGE_FOLDER / images[temporary])
        else:
            path.unlink()


def _visits(entries: Sequence[_Entry]) -> tuple[CohortVisit, ...]:
    of_visit: dict[tuple[str, str], list[_Entry]] = {}
    for entry in entries:
        of_visit.setdefault((entry.patient, entry.visit), []).append(entry)
    return tuple(
        CohortVisit(
            patient,
            visit,
            {it.region: it.image for it in films},
            {it.region: it.film.acquired_on for it in films if it.film.acquired_on is not None},
        )
        for (patient, visit), films in of_visit.items()
    )


def _note(entry: _Entry, region_from: RegionSource) -> ImageNote:
    return ImageNote(entry.image, spacing=entry.film.spacing, region_from=region_from)


def _write_key(path: Path, entries: Sequence[_Entry]) -> None:
    """Write who is who, readable by its owner alone."""
    rows = [(it.patient, it.visit, it.image, it.film.patient_key or "", it.film.source, it.film.uid) for it in entries]
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
        stream.write(write_rows(KEY_COLUMNS, rows))
