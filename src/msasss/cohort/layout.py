"""The files of a cohort folder.

visits.csv         one row per visit: its images and their dates
images/            the films, named as `visits.csv` names them
patients.csv       optional: sex, age, eligibility, clinical variables
images.csv         optional: quality, implants, centre, vendor, spacing
landmarks.csv      optional: points, by image and reader
readings.csv       optional: findings, by image and reader
probabilities.csv  optional: a network's probabilities, by image and reader
split.csv          optional: train, validation, test, by patient
"""

from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Final

VISITS: Final = "visits.csv"
PATIENTS: Final = "patients.csv"
IMAGES: Final = "images.csv"
LANDMARKS: Final = "landmarks.csv"
READINGS: Final = "readings.csv"
PROBABILITIES: Final = "probabilities.csv"
SPLIT: Final = "split.csv"
TABLES: Final = (VISITS, PATIENTS, IMAGES, LANDMARKS, READINGS, PROBABILITIES, SPLIT)

IMAGE_FOLDER: Final = "images"


def image_path(folder: Path, image: str) -> Path:
    """Return where an image of a cohort lies."""
    return folder / IMAGE_FOLDER / image


def is_inside(image: str) -> bool:
    """Say whether the name of an image leads to a place inside the image folder, on any operating system."""
    path = PurePosixPath(image)
    is_absolute = path.is_absolute() or bool(PureWindowsPath(image).anchor)
    return bool(path.parts) and not is_absolute and ".." not in path.parts and "\\" not in image
