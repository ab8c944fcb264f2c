"""COCO keypoints: points of many images in one JSON file (https://cocodataset.org/#format-data).

A keypoint is named after its vertebra and point, such as `C3_upper_anterior`, in one category for the whole column; or
only `upper_anterior`, `lower_anterior` and `centre`, in a category per vertebra. Of its visibility flag 2 is taken;
0 (not labelled) and 1 (labelled but hidden) are missing points, as a corner that cannot be seen is not invented.

COCO counts pixels from 0, so the centre of the first pixel is (0, 0), half a pixel off ours; tools that count from the
outer corner of that pixel need `PixelOrigin.CORNER`.
"""

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any, Final

from msasss.anatomy import Vertebra
from msasss.errors import InputError, LandmarkError
from msasss.formats.annotated_films import (
    MALFORMED,
    AnnotatedFilm,
    Annotations,
    landmarks_from,
    named_point,
    read_json,
)
from msasss.imaging import Point, PointKind

READER: Final = "coco"
_VISIBLE: Final = 2
_PARTS: Final = ("images", "annotations", "categories")
_PER_POINT: Final = 3


class PixelOrigin(Enum):
    """Where a file's coordinates count from."""

    CENTRE = "centre"  # of the top-left pixel
    CORNER = "corner"  # its outer one

    @property
    def shift_px(self) -> float:
        """What to add for our frame."""
        return 0.5 if self is PixelOrigin.CENTRE else 0.0


def load(path: Path, images: Path, *, origin: PixelOrigin = PixelOrigin.CENTRE) -> Annotations:
    """Read the annotated images of a file; those without annotations are left out.

    Args:
        path: The JSON file.
        images: Folder that the file names of the images are relative to.
        origin: Where coordinates count from.

    Raises:
        InputError: If it is no such file.
    """
    content = read_json(path)
    if not isinstance(content, dict) or not all(isinstance(content.get(name), list) for name in _PARTS):
        msg = f"{path.name}: Expected COCO JSON with images, annotations and categories, got none. Export keypoints."
        raise InputError(msg)
    try:
        categories = {entry["id"]: entry for entry in content["categories"]}
        of_image: dict[object, list[Any]] = {}
        for annotation in content["annotations"]:
            of_image.setdefault(annotation["image_id"], []).append(annotation)
        annotated = [(entry, of_image[entry["id"]]) for entry in content["images"] if entry["id"] in of_image]
    except MALFORMED as error:
        msg = f"{path.name}: Expected entries with the identifiers COCO has, got another form ({error}). Export again."
        raise InputError(msg) from error
    return _each(annotated, partial(_film, categories=categories, images=images, origin=origin))


def _each(annotated: Iterable[tuple[Any, list[Any]]], read: Callable[[Any, list[Any]], AnnotatedFilm]) -> Annotations:
    films: list[AnnotatedFilm] = []
    faults: list[str] = []
    for entry, annotations in annotated:
        try:
            films.append(read(entry, annotations))
        except InputError as error:
            faults.append(f"{entry.get('file_name')}: {error}")
        except MALFORMED as error:
            form = f"Expected keypoints as COCO has them, got another form ({error}). Export again."
            faults.append(f"{entry.get('file_name')}: {form}")
    return Annotations(tuple(films), tuple(faults))


def _film(
    entry: Mapping[str, Any],
    annotations: list[Any],
    *,
    categories: Mapping[object, Any],
    images: Path,
    origin: PixelOrigin,
) -> AnnotatedFilm:
    name = str(entry.get("file_name"))
    if not (images / name).is_file():
        msg = "Expected an image file of that name, got none. Name the folder that holds it."
        raise InputError(msg)
    points: dict[tuple[Vertebra, PointKind], Point] = {}
    for annotation in annotations:
        category = categories.get(annotation.get("category_id"), {})
        for place, point in _points(annotation, category, origin):
            if place in points:
                msg = f"Expected {place[0].value} {place[1].value} once per image, got it again. Remove one."
                raise LandmarkError(msg)
            points[place] = point
    return AnnotatedFilm(images / name, name, READER, landmarks_from(points))


def _points(
    annotation: Mapping[str, Any], category: Mapping[str, Any], origin: PixelOrigin
) -> list[tuple[tuple[Vertebra, PointKind], Point]]:
    names, numbers = category.get("keypoints", []), annotation.get("keypoints", [])
    if len(numbers) != _PER_POINT * len(names):
        msg = (
            f"Expected {_PER_POINT} numbers for each of {len(names)} keypoints of {category.get('name')!r}, "
            f"got {len(numbers)}. Export again."
        )
        raise LandmarkError(msg)
    found = []
    for number, name in enumerate(names):
        x, y, visibility = numbers[_PER_POINT * number : _PER_POINT * (number + 1)]
        place = named_point(str(name), str(category.get("name", "")))
        if place is None:
            msg = f"Expected a keypoint such as C3_upper_anterior, got {name!r}. Rename it."
            raise LandmarkError(msg)
        if visibility == _VISIBLE:
            found.append((place, Point(float(x) + origin.shift_px, float(y) + origin.shift_px)))
    return found
