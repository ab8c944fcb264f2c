"""Where the grades and the names of the vertebrae stand on a film, in px of the picture they are laid over."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from msasss.exam import Exam
from msasss.imaging import Facing, Landmarks, Point
from msasss.imaging.geometry import Affine, invert, transform
from msasss.report.marks import graded_marks

CHIP_PX = 34.0
# From the corner to the middle of its chip, forwards, and towards its own vertebra.
FORWARDS_PX, ALONG_PX = 62.0, 8.0
# Least distance between the middles of two chips one above the other.
LEAST_STEP_PX = CHIP_PX + 4.0


@dataclass(frozen=True, slots=True)
class FilmChip:
    """The grade of a corner beside the spine, with the corner it belongs to.

    Args:
        label: Its grade, or a dash.
        grade: 0 to 3; None where it is not scored.
        x, y: Middle of the chip.
        corner_x, corner_y: The corner.
        doubtful: The finding or the position should be checked.
    """

    label: str
    grade: int | None
    x: float
    y: float
    corner_x: float
    corner_y: float
    doubtful: bool


@dataclass(frozen=True, slots=True)
class LevelName:
    """The name of a vertebra, in the middle of its body."""

    name: str
    x: float
    y: float


def film_chips(exam: Exam, landmarks: Landmarks, to_film: Affine) -> tuple[FilmChip, ...]:
    """Place the grades of the corners found on a film, in front of the spine.

    Args:
        exam: The exam.
        landmarks: The points of the film.
        to_film: From px of the picture to px of the film.
    """
    to_picture = invert(to_film)
    forwards = -FORWARDS_PX if landmarks.facing is Facing.LEFT else FORWARDS_PX
    chips = []
    for mark in graded_marks(exam, landmarks):
        x, y = _at(mark.point, to_picture)
        along = ALONG_PX if mark.is_upper else -ALONG_PX
        grade = exam.score.grades[mark.corner]
        label = "–" if grade is None else str(grade)
        chips.append(FilmChip(label, grade, x + forwards, y + along, x, y, mark.doubtful))
    heights = spread([chip.y for chip in chips], LEAST_STEP_PX)
    return tuple(replace(chip, y=height) for chip, height in zip(chips, heights, strict=True))


def level_names(landmarks: Landmarks, to_film: Affine) -> tuple[LevelName, ...]:
    """Place the names of the vertebrae whose centre is known."""
    to_picture = invert(to_film)
    placed = [(item.vertebra.value, _at(item.centre, to_picture)) for item in landmarks if item.centre is not None]
    return tuple(LevelName(name, x, y) for name, (x, y) in placed)


def spread(heights: Sequence[float], least: float) -> list[float]:
    """Move heights, given from above to below, apart until neighbours are `least` apart, and keep their mean."""
    if not heights:
        return []
    moved = [heights[0]]
    for height in heights[1:]:
        moved.append(max(height, moved[-1] + least))
    shift = float(np.mean(heights)) - float(np.mean(moved))
    return [height + shift for height in moved]


def _at(point: Point, to_picture: Affine) -> tuple[float, float]:
    x, y = transform(to_picture, [[point.x, point.y]])[0]
    return float(x), float(y)
