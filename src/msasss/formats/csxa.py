"""CSXA, the cervical spine X-ray atlas: lateral cervical radiographs as PNG, each with 23 points as LabelMe JSON.

Ran Y et al., Sci Data 2024;11, 10.1038/s41597-024-03383-0. The points are the centroid and the two lower corners of
C2 and the four corners of C3 to C7, labelled "C2 centroid", "C3 top left" and so on, as the authors' own code reads
them (github.com/yran888/CSXA-dataset). Patients face left: that code calls the left points the front. T1 is not
annotated, so C7/T1 lacks its lower corner.

LabelMe counts from the outer corner of the top-left pixel, as we do. The centres of C3 to C7 are the means of their
corners; that of C2 is as annotated. The front end of an endplate is the one further left, whatever its label says, as
some files have left and right swapped.

Sex, age, symptoms and pixel size are published in a spreadsheet whose columns we have not seen; it is not read. Each
image is taken as one of a patient of its own, as the names tell nothing else.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from msasss.anatomy import Vertebra
from msasss.errors import InputError, LandmarkError
from msasss.formats.annotated_films import (
    AnnotatedFilm,
    Annotations,
    anterior_of,
    landmarks_from,
    middle_of,
    read_json,
)
from msasss.imaging import Facing, Point, PointKind

READER: Final = "csxa"
_BODIES: Final = (Vertebra.C3, Vertebra.C4, Vertebra.C5, Vertebra.C6, Vertebra.C7)
_ENDS: Final = ("left", "right")
_LABELS: Final = frozenset(
    {"c2 centroid", *(f"c2 bottom {end}" for end in _ENDS)}
    | {f"{body.value.lower()} {edge} {end}" for body in _BODIES for edge in ("top", "bottom") for end in _ENDS}
)
# A few points were clicked two to four times in one place; further apart they are two points of one name.
_SAME_PLACE_PX: Final = 2.0


def load(folder: Path, *, facing: Facing = Facing.LEFT) -> Annotations:
    """Read the films of a folder, with its subfolders: each JSON file with the PNG of its name.

    Args:
        folder: Such as the one that holds `datasets-JSON` and `datasets-PNG`.
        facing: Where the patients face.

    Raises:
        InputError: If there is no JSON file.
    """
    pictures = {path.stem: path for path in sorted(folder.rglob("*.png"))}
    files = sorted(folder.rglob("*.json"))
    if not files:
        msg = f"Expected JSON files below {folder.name}, got none. Name the folder with datasets-JSON and datasets-PNG."
        raise InputError(msg)
    films: list[AnnotatedFilm] = []
    faults: list[str] = []
    for path in files:
        try:
            films.append(_film(path, pictures, facing))
        except InputError as error:
            faults.append(str(error))
    return Annotations(tuple(films), tuple(faults))


def _film(path: Path, pictures: Mapping[str, Path], facing: Facing) -> AnnotatedFilm:
    picture = pictures.get(path.stem)
    if picture is None:
        msg = f"{path.name}: Expected an image {path.stem}.png beside it, got none. Add it."
        raise InputError(msg)
    content = read_json(path)
    shapes = content.get("shapes") if isinstance(content, dict) else None
    if not isinstance(shapes, list):
        msg = f"{path.name}: Expected LabelMe JSON with a list of shapes, got none. Give the files as published."
        raise InputError(msg)
    try:
        landmarks = landmarks_from(_points(_clicked(shapes), facing), facing)
    except LandmarkError as error:
        msg = f"{path.name}: {error}"
        raise LandmarkError(msg) from error
    return AnnotatedFilm(picture, picture.name, READER, landmarks, patient=f"csxa-{path.stem}")


def _clicked(shapes: Iterable[Any]) -> dict[str, Point]:
    places: dict[str, list[Point]] = {}
    for shape in shapes:
        label = " ".join(str(shape.get("label", "")).lower().split()) if isinstance(shape, dict) else ""
        if label not in _LABELS:
            msg = f"Expected one of the 23 points such as 'C3 top left', got {label!r}. Correct the label."
            raise LandmarkError(msg)
        places.setdefault(label, []).extend(_point(label, it) for it in shape.get("points", []))
    return {label: _one(label, found) for label, found in places.items() if found}


def _point(label: str, given: object) -> Point:
    try:
        x, y = given  # type: ignore[misc]  # any pair will do, and nothing else
        return Point(float(x), float(y))  # type: ignore[has-type]
    except (TypeError, ValueError) as error:
        msg = f"Expected two coordinates of {label}, got {given!r}. Correct the file."
        raise LandmarkError(msg) from error


def _one(label: str, found: list[Point]) -> Point:
    middle = middle_of(found)
    furthest = max(max(abs(it.x - middle.x), abs(it.y - middle.y)) for it in found)
    if furthest > _SAME_PLACE_PX:
        msg = f"Expected {label} in one place, got {len(found)} up to {furthest:.0f} px from their middle. Keep one."
        raise LandmarkError(msg)
    return middle


def _points(clicked: Mapping[str, Point], facing: Facing) -> dict[tuple[Vertebra, PointKind], Point]:
    points: dict[tuple[Vertebra, PointKind], Point] = {}
    if "c2 centroid" in clicked:
        points[Vertebra.C2, PointKind.CENTRE] = clicked["c2 centroid"]
    for body in (Vertebra.C2, *_BODIES):
        corners: list[Point] = []
        for edge, kind in (("top", PointKind.UPPER_ANTERIOR), ("bottom", PointKind.LOWER_ANTERIOR)):
            ends = [clicked[name] for end in _ENDS if (name := f"{body.value.lower()} {edge} {end}") in clicked]
            if len(ends) == len(_ENDS):
                points[body, kind] = anterior_of(ends[0], ends[1], facing)
                corners += ends
        if len(corners) == 2 * len(_ENDS):
            points[body, PointKind.CENTRE] = middle_of(corners)
    return points
