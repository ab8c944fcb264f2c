"""Films with points as annotation tools and public data sets give them, before they become a cohort."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Final

from msasss.anatomy import Vertebra, vertebrae_of
from msasss.errors import InputError, LandmarkError
from msasss.imaging import Facing, Landmarks, Point, PointKind, VertebraLandmarks

Points = Mapping[tuple[Vertebra, PointKind], Point]

# What reading a JSON entry of another form than expected raises.
MALFORMED: Final = (AttributeError, KeyError, TypeError, ValueError)

_NAME: Final = re.compile(
    r"(?:(?P<vertebra>C[2-7]|T12|T1|L[1-5]|S1)[\s_.:/-]*)?(?P<kind>upper[\s_-]?anterior|lower[\s_-]?anterior|cent(?:re|er))?",
    re.IGNORECASE,
)


class Sex(Enum):
    """As the patient's record has it."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class AnnotatedFilm:
    """The points one reader set on one image.

    Args:
        file: The image file.
        image: What the cohort shall call it: a path with / between folders.
        reader: Pseudonym of who set the points.
        landmarks: The points.
        patient: Pseudonym of the patient; None if the source does not say whose film it is.
        sex: None if the source does not say.
        age: Years; None if the source does not say.
    """

    file: Path
    image: str
    reader: str
    landmarks: Landmarks
    patient: str | None = None
    sex: Sex | None = None
    age: float | None = None


@dataclass(frozen=True, slots=True)
class Annotations:
    """What a source holds.

    Args:
        films: One per image and reader.
        faults: Files or entries left out, each with the reason.
    """

    films: tuple[AnnotatedFilm, ...]
    faults: tuple[str, ...] = ()


def read_json(path: Path) -> Any:  # noqa: ANN401 - JSON of unknown form; the callers check every part they use
    """Return the content of a JSON file.

    Raises:
        InputError: If it cannot be read as JSON.
    """
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        msg = f"{path.name}: Expected a readable JSON file, got: {error.strerror}. Check the path."
        raise InputError(msg) from error
    except ValueError as error:
        msg = f"{path.name}: Expected JSON, got something else ({error}). Export it again."
        raise InputError(msg) from error


def named_point(*names: str) -> tuple[Vertebra, PointKind] | None:
    """Return the point that labels name between them, such as "C3 upper_anterior", or "C3" and "upper_anterior".

    Returns:
        None if they name no point of ours.
    """
    vertebra: str | None = None
    kind: str | None = None
    for name in names:
        match = _NAME.fullmatch(name.strip())
        if match is not None:
            vertebra, kind = vertebra or match["vertebra"], kind or match["kind"]
    if vertebra is None or kind is None:
        return None
    return Vertebra(vertebra.upper()), _KINDS[kind[:2].lower()]


_KINDS: Final = {"up": PointKind.UPPER_ANTERIOR, "lo": PointKind.LOWER_ANTERIOR, "ce": PointKind.CENTRE}


def landmarks_from(points: Points, facing: Facing | None = None) -> Landmarks:
    """Return points as the landmarks of one view.

    Args:
        points: Of one region.
        facing: Where the patient faces; None to tell it from the points.

    Raises:
        LandmarkError: If there is none, they are of both regions, or the side cannot be told from them.
    """
    regions = {vertebra.region for vertebra, _ in points}
    if len(regions) != 1:
        given = " and ".join(sorted(region.value for region in regions)) or "none"
        msg = f"Expected points of one region on a film, got {given}. Correct the names of the vertebrae."
        raise LandmarkError(msg)
    (region,) = regions
    vertebrae = tuple(
        VertebraLandmarks(
            vertebra, **{kind.value: points[vertebra, kind] for kind in PointKind if (vertebra, kind) in points}
        )
        for vertebra in vertebrae_of(region)
        if any((vertebra, kind) in points for kind in PointKind)
    )
    told = facing or facing_told(vertebrae)
    if told is None:
        msg = "Expected a centre beside an anterior corner to tell where the patient faces, got none. Add one."
        raise LandmarkError(msg)
    return Landmarks(region, told, vertebrae)


def facing_told(vertebrae: Sequence[VertebraLandmarks]) -> Facing | None:
    """Return the side on which the anterior corners lie of the centres; None if no corner has a centre beside it."""
    forward = sum(
        corner.x - item.centre.x
        for item in vertebrae
        for corner in (item.upper_anterior, item.lower_anterior)
        if corner is not None and item.centre is not None
    )
    if forward == 0:
        return None
    return Facing.LEFT if forward < 0 else Facing.RIGHT


def anterior_of(first: Point, second: Point, facing: Facing) -> Point:
    """Return which of the two ends of an endplate lies towards the front."""
    leftmost, rightmost = sorted((first, second), key=lambda point: point.x)
    return leftmost if facing is Facing.LEFT else rightmost


def middle_of(points: Sequence[Point]) -> Point:
    """Return the mean of points, such as the four corners of a vertebral body."""
    return Point(sum(it.x for it in points) / len(points), sum(it.y for it in points) / len(points))
