"""Label Studio: points as its JSON export gives them.

The form is https://labelstud.io/guide/task_format with https://labelstud.io/tags/keypointlabels: points are set with
`KeyPointLabels` whose labels are named after vertebra and point, such as `C3 upper_anterior`.
Coordinates are percentages of the image, which count from the outer corner of the top-left pixel as ours do. Each
annotator of a task is a reader of their own, named by number, never by mail address. Cancelled annotations and
predictions are left out.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

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

# Uploaded files get eight hexadecimal digits before their name.
_UPLOAD: Final = re.compile(r"[0-9a-f]{8}-(?P<name>.+)")


def load(path: Path, images: Path) -> Annotations:
    """Read the annotated images of an export.

    Args:
        path: The export, of the kind "JSON" (not "JSON-MIN").
        images: Folder with the image files.

    Raises:
        InputError: If it is no such file.
    """
    tasks = read_json(path)
    if not isinstance(tasks, list) or not all(isinstance(task, dict) and "annotations" in task for task in tasks):
        msg = f"{path.name}: Expected a list of tasks with annotations, got something else. Export as JSON."
        raise InputError(msg)
    films: list[AnnotatedFilm] = []
    faults: list[str] = []
    for task in tasks:
        try:
            films += _films(task, images)
        except InputError as error:
            faults.append(f"Task {task.get('id')}: {error}")
        except MALFORMED as error:
            faults.append(
                f"Task {task.get('id')}: Expected a task as exported, got another form ({error}). Export again."
            )
    return Annotations(tuple(films), tuple(faults))


def _films(task: Mapping[str, Any], images: Path) -> Iterator[AnnotatedFilm]:
    given = [it for it in task["annotations"] if isinstance(it, dict) and not it.get("was_cancelled")]
    if not given:
        return
    file = _file(task, images)
    for annotation in given:
        image = file.relative_to(images).as_posix()
        yield AnnotatedFilm(file, image, _reader(annotation), landmarks_from(_points(annotation.get("result", []))))


def _file(task: Mapping[str, Any], images: Path) -> Path:
    """Return the image file of a task: by the path it gives, or that name without the prefix of an upload."""
    data = task.get("data")
    address = next((str(it) for it in data.values() if isinstance(it, str)), "") if isinstance(data, dict) else ""
    split = urlsplit(address)
    name = PurePosixPath(unquote(next(iter(parse_qs(split.query).get("d", [])), split.path))).name
    upload = _UPLOAD.fullmatch(name)
    for candidate in (name, upload["name"] if upload else None):
        if candidate and (images / candidate).is_file():
            return images / candidate
    msg = f"Expected an image file {name or '(no name)'}, got none. Name the folder that holds it."
    raise InputError(msg)


def _reader(annotation: Mapping[str, Any]) -> str:
    by = annotation.get("completed_by")
    number = by.get("id") if isinstance(by, dict) else by
    return "label-studio" if number is None else f"label-studio-{number}"


def _points(results: list[Any]) -> dict[tuple[Vertebra, PointKind], Point]:
    points: dict[tuple[Vertebra, PointKind], Point] = {}
    for result in results:
        if result.get("type") != "keypointlabels":
            continue
        place, point = _named(result), _point(result)
        if place in points:
            msg = f"Expected {place[0].value} {place[1].value} once per annotation, got it again. Remove one."
            raise LandmarkError(msg)
        points[place] = point
    return points


def _named(result: Mapping[str, Any]) -> tuple[Vertebra, PointKind]:
    labels = result.get("value", {}).get("keypointlabels", [])
    place = named_point(str(labels[0])) if len(labels) == 1 else None
    if place is None:
        msg = f"Expected one label such as 'C3 upper_anterior', got {labels!r}. Rename the labels of the project."
        raise LandmarkError(msg)
    return place


def _point(result: Mapping[str, Any]) -> Point:
    if result.get("image_rotation"):
        msg = f"Expected an image as it is, got one turned by {result['image_rotation']} degrees. Turn it back."
        raise LandmarkError(msg)
    value = result["value"]
    return Point(value["x"] / 100 * result["original_width"], value["y"] / 100 * result["original_height"])
