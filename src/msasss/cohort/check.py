"""Checks a cohort folder and lists everything that is wrong with it, not only the first fault.

report = check_cohort(Path("my-cohort"))
for problem in report.problems:
    print(problem)
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from msasss.anatomy import Region
from msasss.cohort.check_labels import Size, check_landmarks, check_probabilities, check_readings
from msasss.cohort.check_tables import Visits, check_image_notes, check_patients, check_split, check_visits
from msasss.cohort.films import read_film
from msasss.cohort.layout import TABLES, image_path, is_inside
from msasss.cohort.problems import Problem, in_order, problem_at
from msasss.cohort.tables import image_column
from msasss.errors import RadiographError, UsageError

Progress = Callable[[list[str]], Iterable[str]]


@dataclass(frozen=True, slots=True)
class CohortReport:
    """What a check found.

    Args:
        patients: Number of patients with a visit.
        visits: Number of visits.
        sets: Visits with both views.
        images: Number of images named.
        readings: Number of readings of one image by one reader.
        readers: Pseudonyms of the readers.
        problems: Every fault, by file and row.
    """

    patients: int
    visits: int
    sets: int
    images: int
    readings: int
    readers: tuple[str, ...]
    problems: tuple[Problem, ...]


def check_cohort(folder: Path, *, pixels: bool = True, progress: Progress = iter) -> CohortReport:
    """Check a cohort.

    Args:
        folder: The cohort.
        pixels: Also decode every image, which takes a moment per film; without it, files need only be there.
        progress: Passes on the images as they are checked, to show how far it is.

    Raises:
        UsageError: If the folder does not exist.
    """
    if not folder.is_dir():
        msg = f"Expected the folder of a cohort, but {folder.name} is none. Check the path."
        raise UsageError(msg)
    problems: list[Problem] = []
    visits = check_visits(folder, problems)
    check_patients(folder, visits, problems)
    check_image_notes(folder, visits, problems)
    check_split(folder, visits, problems)
    sizes = _check_images(folder, visits, problems, progress if pixels else None)
    check_landmarks(folder, visits, sizes, problems)
    read = check_readings(folder, visits, problems)
    check_probabilities(folder, visits, read, problems)
    return CohortReport(
        patients=len(visits.patients),
        visits=len(visits.rows),
        sets=sum(all(row[image_column(region)] for region in Region) for row in visits.rows),
        images=len(visits.places),
        readings=len(read),
        readers=tuple(sorted({reader for _, reader in read})),
        problems=in_order(problems, TABLES),
    )


def _check_images(folder: Path, visits: Visits, problems: list[Problem], progress: Progress | None) -> dict[str, Size]:
    """Check that every image is there and, with progress, can be read; return the sizes of those that can."""
    sizes: dict[str, Size] = {}
    images = [image for image in visits.places if is_inside(image)]
    for image in images if progress is None else progress(images):
        place = visits.places[image]
        try:
            if progress is not None:
                film = read_film(folder, image)
                sizes[image] = (film.width_px, film.height_px)
            elif not image_path(folder, image).is_file():
                read_film(folder, image)
        except RadiographError as error:
            problems.append(problem_at(place.row, place.column, str(error)))
    return sizes
