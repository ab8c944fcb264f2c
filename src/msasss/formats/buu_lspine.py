"""BUU-LSPINE: lumbar radiographs as JPEG, each with the corners of L1 to S1 as CSV.

Klinwichit P et al., Appl Sci 2023;13:8646, 10.3390/app13158646. The lateral films lie in a folder `LA`, named as
`0169-F-044Y1.jpg` (number of the patient, sex, age), each beside a CSV without header of eleven rows: the upper and the
lower endplate of L1 to L5 and the upper one of S1, as x and y of its two ends, and a label of slippage, not read.
The paper describes the annotation; the form of the files is as several public programs read it, which we could not
compare with the data set itself. Patients face left: the end of the sacral endplate on the left is the lower one in
nearly all films, as the promontory is.

T12 and the centre of S1 are not annotated. The centres of L1 to L5 are the means of their corners. Coordinates have
fractions and are taken to count from the outer corner of the top-left pixel, as ours do. Of the two ends of an
endplate the front one is that further left, as some files have them swapped.
"""

import csv
import re
from pathlib import Path
from typing import Final

from msasss.anatomy import Vertebra
from msasss.errors import InputError, LandmarkError
from msasss.formats.annotated_films import AnnotatedFilm, Annotations, Sex, anterior_of, landmarks_from, middle_of
from msasss.imaging import Facing, Point, PointKind

READER: Final = "buu-lspine"
LATERAL: Final = "LA"
_BODIES: Final = (Vertebra.L1, Vertebra.L2, Vertebra.L3, Vertebra.L4, Vertebra.L5)
_ENDPLATES: Final = (
    *((body, kind) for body in _BODIES for kind in (PointKind.UPPER_ANTERIOR, PointKind.LOWER_ANTERIOR)),
    (Vertebra.S1, PointKind.UPPER_ANTERIOR),
)
_COORDINATES: Final = 4
_NAME: Final = re.compile(r"(?P<patient>\d+)-(?P<sex>[FM])-(?P<age>\d{3})Y\d*")
_SEXES: Final = {"F": Sex.FEMALE, "M": Sex.MALE}


def load(folder: Path, *, facing: Facing = Facing.LEFT) -> Annotations:
    """Read the lateral films of a folder: those in folders named `LA`, or all where there is no such folder.

    Args:
        folder: Such as `BUU-LSPINE_400`.
        facing: Where the patients face.

    Raises:
        InputError: If there is no CSV file.
    """
    found = sorted(folder.rglob("*.csv"))
    files = [path for path in found if path.parent.name.upper() == LATERAL] or found
    if not files:
        msg = f"Expected CSV files below {folder.name}, got none. Name the folder that holds the folder {LATERAL}."
        raise InputError(msg)
    films: list[AnnotatedFilm] = []
    faults: list[str] = []
    for path in files:
        try:
            films.append(_film(path, facing))
        except InputError as error:
            faults.append(str(error))
    return Annotations(tuple(films), tuple(faults))


def _film(path: Path, facing: Facing) -> AnnotatedFilm:
    picture = next((it for it in (path.with_suffix(".jpg"), path.with_suffix(".JPG")) if it.is_file()), None)
    if picture is None:
        msg = f"{path.name}: Expected an image {path.stem}.jpg beside it, got none. Add it."
        raise InputError(msg)
    landmarks = landmarks_from(_points(_endplates(path), facing), facing)
    match = _NAME.fullmatch(path.stem)
    if match is None:
        return AnnotatedFilm(picture, picture.name, READER, landmarks, patient=f"buu-{path.stem}")
    patient, sex, age = f"buu-{match['patient']}", _SEXES[match["sex"]], float(match["age"])
    return AnnotatedFilm(picture, picture.name, READER, landmarks, patient=patient, sex=sex, age=age)


def _endplates(path: Path) -> list[tuple[Point, Point]]:
    """Return the two ends of each endplate, cranio-caudally."""
    try:
        rows = [row for row in csv.reader(path.read_text(encoding="utf-8-sig").splitlines()) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        msg = f"{path.name}: Expected a readable CSV file, got: {error}. Give the file as published."
        raise InputError(msg) from error
    if len(rows) != len(_ENDPLATES):
        msg = f"{path.name}: Expected {len(_ENDPLATES)} rows, L1 to S1, got {len(rows)}. Give the file as published."
        raise LandmarkError(msg)
    return [_ends(path.name, number, row) for number, row in enumerate(rows, start=1)]


def _ends(source: str, number: int, row: list[str]) -> tuple[Point, Point]:
    try:
        x1, y1, x2, y2 = (float(cell) for cell in row[:_COORDINATES])
    except ValueError as error:
        msg = f"{source}, row {number}: Expected x1, y1, x2, y2, got {','.join(row)!r}. Correct the row."
        raise LandmarkError(msg) from error
    return Point(x1, y1), Point(x2, y2)


def _points(endplates: list[tuple[Point, Point]], facing: Facing) -> dict[tuple[Vertebra, PointKind], Point]:
    points = {
        place: anterior_of(first, second, facing) for place, (first, second) in zip(_ENDPLATES, endplates, strict=True)
    }
    for number, body in enumerate(_BODIES):
        upper, lower = endplates[2 * number : 2 * number + 2]
        points[body, PointKind.CENTRE] = middle_of([*upper, *lower])
    return points
