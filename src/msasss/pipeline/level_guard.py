"""Doubts about the naming of the levels: a column named one level off shifts every grade to the wrong corner."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from msasss.anatomy import vertebrae_of
from msasss.imaging import Landmarks, Point, VertebraLandmarks

# Neighbouring steps from centre to centre differ by at most 1.43 (cervical) and 1.44 (lumbar) times in 99.9 % of the
# point sets of CSXA (4,459) and BUU-LSPINE (1,755); leaving out one level makes it at least 1.49 in 99 %.
WIDEST_STEP_RATIO = 1.45
# A margin of 0 means that naming the column one level off fits as well. On simulated validation films wrong namings had
# 0 and 99 % of the right ones more than 0.4 (studies/level_margin).
SMALLEST_LEVEL_MARGIN = 0.4

Vector = npt.NDArray[np.float64]


def level_warnings(landmarks: Landmarks, source: str) -> tuple[str, ...]:
    """Return what makes the naming of a film's levels doubtful; empty if nothing does.

    Args:
        landmarks: The points found on it.
        source: File name of the film, for the messages.
    """
    problems = (_gap(landmarks), _disorder(landmarks), _uneven_step(landmarks), _small_margin(landmarks))
    view = landmarks.region.value
    return tuple(f"Check levels of the {view} film {source}: {problem}." for problem in problems if problem)


def _gap(landmarks: Landmarks) -> str | None:
    column = vertebrae_of(landmarks.region)
    found = [place for place, vertebra in enumerate(column) if _middle(landmarks.of(vertebra)) is not None]
    if not found:
        return "no vertebra was found"
    missing = [column[place].value for place in range(found[0], found[-1]) if place not in found]
    return f"{', '.join(missing)} not found between its neighbours" if missing else None


def _disorder(landmarks: Landmarks) -> str | None:
    found = [(item, middle) for item in landmarks if (middle := _middle(item)) is not None]
    if len(found) < 2:
        return None
    downwards = found[-1][1] - found[0][1]
    for (upper, above), (lower, below) in pairwise(found):
        if float((below - above) @ downwards) <= 0:
            return f"{lower.vertebra.value} does not lie below {upper.vertebra.value}"
    return None


def _uneven_step(landmarks: Landmarks) -> str | None:
    column = vertebrae_of(landmarks.region)
    steps = [_step(landmarks.of(upper), landmarks.of(lower)) for upper, lower in pairwise(column)]
    for place, (first, second) in enumerate(pairwise(steps)):
        if not first or not second:
            continue
        ratio = max(first / second, second / first)
        if ratio > WIDEST_STEP_RATIO:
            names = "-".join(vertebra.value for vertebra in column[place : place + 3])
            return f"the spacing of {names} is uneven ({ratio:.1f} times, at most {WIDEST_STEP_RATIO} is usual)"
    return None


def _small_margin(landmarks: Landmarks) -> str | None:
    if landmarks.level_margin >= SMALLEST_LEVEL_MARGIN:
        return None
    return f"naming them one level higher or lower fits nearly as well (margin {landmarks.level_margin:.2f})"


def _step(upper: VertebraLandmarks, lower: VertebraLandmarks) -> float | None:
    """Return the distance between two centres; None where one of them is missing."""
    if upper.centre is None or lower.centre is None:
        return None
    return float(np.linalg.norm(_xy(lower.centre) - _xy(upper.centre)))


def _middle(item: VertebraLandmarks) -> Vector | None:
    if item.centre is not None:
        return _xy(item.centre)
    corners = [_xy(point) for point in (item.upper_anterior, item.lower_anterior) if point is not None]
    middle: Vector | None = np.mean(corners, axis=0) if corners else None
    return middle


def _xy(point: Point) -> Vector:
    return np.array([point.x, point.y])
