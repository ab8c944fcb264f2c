"""A cohort in memory: the small tables at once, the large ones and the pixels when they are asked for.

cohort = load_cohort(Path("my-cohort"))
for visit in cohort.visits_in(Fold.TRAIN):
    film = cohort.film(visit.images[Region.CERVICAL])
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from msasss.anatomy import Region
from msasss.cohort.check_tables import (
    IMAGE_TABLE,
    PATIENT_TABLE,
    SPLIT_TABLE,
    VISIT_TABLE,
    TableRules,
    check_image_notes,
    check_patients,
    check_split,
    check_visits,
)
from msasss.cohort.films import read_film
from msasss.cohort.layout import LANDMARKS, PROBABILITIES, READINGS, VISITS
from msasss.cohort.problems import Problem
from msasss.cohort.records import CohortVisit, Fold, ImageNote, Patient
from msasss.cohort.tables import row_fold, row_image, row_patient, row_visit
from msasss.errors import InputError, UsageError
from msasss.formats import landmarks_csv, probabilities_csv, readings_csv
from msasss.formats.landmarks_csv import ImageLandmarks
from msasss.formats.probabilities_csv import CornerProbability
from msasss.formats.tables import Row, read_rows
from msasss.imaging import Radiograph
from msasss.reading import Reading


@dataclass(frozen=True)  # without slots: a cached property needs a dictionary to keep its value in
class Cohort:
    """Labelled visits of many patients.

    Args:
        folder: Where it lies.
        visits: In the order of `visits.csv`.
        patients: What is known about them, by pseudonym; those without a row are absent.
        images: What is noted about images, by name; those without a row are absent.
        folds: The fold of each patient; empty if the cohort was not split.
    """

    folder: Path
    visits: tuple[CohortVisit, ...]
    patients: Mapping[str, Patient] = field(default_factory=dict)
    images: Mapping[str, ImageNote] = field(default_factory=dict)
    folds: Mapping[str, Fold] = field(default_factory=dict)

    @cached_property
    def readings(self) -> tuple[Reading, ...]:
        """One per image and reader, with a network's probabilities where the cohort has them; read at first use.

        Raises:
            ReadingError: If a table is not well formed.
        """
        path = self.folder / READINGS
        readings = readings_csv.load(path) if path.exists() else ()
        return probabilities_csv.with_probabilities(readings, self.probabilities)

    @cached_property
    def probabilities(self) -> tuple[CornerProbability, ...]:
        """As `probabilities.csv` holds them; read at first use.

        Raises:
            ReadingError: If the table is not well formed.
        """
        path = self.folder / PROBABILITIES
        return probabilities_csv.load(path) if path.exists() else ()

    @cached_property
    def landmarks(self) -> tuple[ImageLandmarks, ...]:
        """One per image and reader; read at first use.

        Raises:
            LandmarkError: If the table is not well formed.
        """
        path = self.folder / LANDMARKS
        return landmarks_csv.load(path) if path.exists() else ()

    @cached_property
    def visit_of(self) -> Mapping[str, tuple[CohortVisit, Region]]:
        """The visit and the region of each image."""
        return {image: (visit, region) for visit in self.visits for region, image in visit.images.items()}

    def visits_in(self, fold: Fold) -> tuple[CohortVisit, ...]:
        """Return the visits of the patients of a fold."""
        return tuple(visit for visit in self.visits if self.folds.get(visit.patient) is fold)

    def film(self, image: str) -> Radiograph:
        """Read an image; patient, date and, where the file has none, spacing are those of the tables.

        Raises:
            InputError: If the visits do not name it.
            RadiographError: If the file is missing or no radiograph.
        """
        if image not in self.visit_of:
            msg = f"Expected an image that {VISITS} names, got {image!r}. Correct the name."
            raise InputError(msg)
        visit, region = self.visit_of[image]
        note = self.images.get(image)
        return read_film(
            self.folder,
            image,
            patient=visit.patient,
            taken_on=visit.dates.get(region),
            spacing=None if note is None else note.spacing,
        )


def load_cohort(folder: Path) -> Cohort:
    """Read the small tables of a cohort.

    Raises:
        UsageError: If the folder does not exist.
        InputError: If a table is missing or inconsistent; `check_cohort` lists every fault.
    """
    if not folder.is_dir():
        msg = f"Expected the folder of a cohort, but {folder.name} is none. Check the path."
        raise UsageError(msg)
    _refuse_problems(folder)
    return Cohort(
        folder,
        tuple(row_visit(row) for row in _rows(folder, VISIT_TABLE)),
        {row["patient"]: row_patient(row) for row in _rows(folder, PATIENT_TABLE)},
        {row["image"]: row_image(row) for row in _rows(folder, IMAGE_TABLE)},
        dict(row_fold(row) for row in _rows(folder, SPLIT_TABLE)),
    )


def _refuse_problems(folder: Path) -> None:
    problems: list[Problem] = []
    visits = check_visits(folder, problems)
    check_patients(folder, visits, problems)
    check_image_notes(folder, visits, problems)
    check_split(folder, visits, problems)
    if problems:
        more = f" {len(problems) - 1} more; msasss cohort check lists them." if len(problems) > 1 else ""
        msg = f"{problems[0]}{more}"
        raise InputError(msg)


def _rows(folder: Path, table: TableRules) -> tuple[Row, ...]:
    path = folder / table.file
    return read_rows(path, table.columns) if path.exists() else ()
