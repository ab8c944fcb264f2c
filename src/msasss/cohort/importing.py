"""Makes a cohort of annotated films, as public data sets and annotation tools give them."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from msasss.anatomy import Region
from msasss.cohort.layout import VISITS, image_path, is_inside
from msasss.cohort.records import CohortVisit, ImageNote, Patient, RegionSource
from msasss.cohort.tables import VISIT_COLUMNS, row_visit
from msasss.cohort.write import new_cohort, place_file, write_tables
from msasss.errors import InputError
from msasss.formats.annotated_films import AnnotatedFilm
from msasss.formats.landmarks_csv import ImageLandmarks
from msasss.formats.tables import read_rows


def read_visits(path: Path) -> tuple[CohortVisit, ...]:
    """Read a table of visits that lies outside a cohort.

    Raises:
        InputError: If it is not well formed.
    """
    return tuple(row_visit(row) for row in read_rows(path, VISIT_COLUMNS))


def write_imported(
    films: Sequence[AnnotatedFilm], out: Path, *, visits: Sequence[CohortVisit] = (), link: bool = False
) -> tuple[CohortVisit, ...]:
    """Write annotated films as a new cohort.

    Args:
        films: One per image and reader.
        out: The cohort; must not exist.
        visits: Which images belong together, and to whom; without them every image is a visit of its own, of the
            patient its source names or, where it names none, of a patient of its own.
        link: Link to the images instead of copying them.

    Returns:
        The visits written.

    Raises:
        InputError: If there is no film, or two images have one name, or the visits do not name an image as what it is.
        UsageError: If the cohort exists or cannot be written.
    """
    files = _files(films)
    regions = _regions(films)
    kept = _visits_named(visits, regions) if visits else _single_visits(films)
    with new_cohort(out) as scratch:
        for image, file in files.items():
            place_file(file, image_path(scratch, image), link=link)
        write_tables(
            scratch,
            kept,
            patients=() if visits else _patients(films),
            notes=[ImageNote(image, region_from=RegionSource.PERSON) for image in files],
            landmarks=[ImageLandmarks(film.image, film.reader, film.landmarks) for film in films],
        )
    return kept


def _files(films: Sequence[AnnotatedFilm]) -> dict[str, Path]:
    if not films:
        msg = "Expected at least one annotated film, got none. Check the folder and the kind of annotations."
        raise InputError(msg)
    files: dict[str, Path] = {}
    for film in films:
        if not is_inside(film.image):
            msg = f"Expected the path of an image below its folder, got {film.image!r}. Correct the name."
            raise InputError(msg)
        if files.setdefault(film.image, film.file) != film.file:
            msg = f"Expected each image name once, got two files named {film.image}. Rename one."
            raise InputError(msg)
    return files


def _regions(films: Iterable[AnnotatedFilm]) -> dict[str, Region]:
    regions: dict[str, Region] = {}
    for film in films:
        region = film.landmarks.region
        if regions.setdefault(film.image, region) is not region:
            msg = f"Expected one region per image, got points of both on {film.image}. Correct the vertebrae."
            raise InputError(msg)
    return regions


def _visits_named(visits: Sequence[CohortVisit], regions: Mapping[str, Region]) -> tuple[CohortVisit, ...]:
    """Return the visits with an imported image; each image must be there, as of the region its points show."""
    named = {image: region for visit in visits for region, image in visit.images.items()}
    for image, region in regions.items():
        if named.get(image) is not region:
            told = named[image].value if image in named else "none"
            msg = f"Expected {image} as a {region.value} image of a visit in {VISITS}, got {told}. Correct the table."
            raise InputError(msg)
    kept: list[CohortVisit] = []
    for visit in visits:
        images = {region: image for region, image in visit.images.items() if image in regions}
        if images:
            dates = {region: taken_on for region, taken_on in visit.dates.items() if region in images}
            kept.append(CohortVisit(visit.patient, visit.visit, images, dates))
    return tuple(kept)


def _single_visits(films: Iterable[AnnotatedFilm]) -> tuple[CohortVisit, ...]:
    of_patient: dict[str, dict[str, Region]] = {}
    for film in films:
        of_patient.setdefault(_patient_of(film), {})[film.image] = film.landmarks.region
    return tuple(
        CohortVisit(patient, str(number), {region: image})
        for patient, images in of_patient.items()
        for number, (image, region) in enumerate(images.items(), start=1)
    )


def _patient_of(film: AnnotatedFilm) -> str:
    return film.patient or PurePosixPath(film.image).with_suffix("").as_posix()


def _patients(films: Iterable[AnnotatedFilm]) -> list[Patient]:
    known: dict[str, AnnotatedFilm] = {}
    for film in films:
        if film.sex is not None or film.age is not None:
            known.setdefault(_patient_of(film), film)
    return [Patient(patient, film.sex, age=film.age) for patient, film in known.items()]
