"""The order in which the localiser's network answers for the points of a column.

Per region seven centres, six lower anterior and six upper anterior corners, each cranio-caudally; the cervical region
first. The upper corner of the first vertebra and the lower corner of the last are not scored and not looked for.
"""

import numpy as np
import numpy.typing as npt

from msasss.anatomy import Region, Vertebra, vertebrae_of
from msasss.imaging.landmarks import Landmarks, PointKind

LEVELS = 7
POINTS_PER_REGION = 19
CENTRES = slice(0, 7)
LOWER = slice(7, 13)
UPPER = slice(13, 19)

Positions = npt.NDArray[np.float64]


def points_of(region: Region) -> tuple[tuple[Vertebra, PointKind], ...]:
    """Return vertebra and kind of the 19 points of a region, in the network's order."""
    column = vertebrae_of(region)
    return (
        *((vertebra, PointKind.CENTRE) for vertebra in column),
        *((vertebra, PointKind.LOWER_ANTERIOR) for vertebra in column[:-1]),
        *((vertebra, PointKind.UPPER_ANTERIOR) for vertebra in column[1:]),
    )


POINTS: tuple[tuple[Vertebra, PointKind], ...] = tuple(point for region in Region for point in points_of(region))
POINT_NAMES: tuple[str, ...] = tuple(f"{vertebra.value} {kind.value}" for vertebra, kind in POINTS)


def level_of(index: int) -> int:
    """Return the place of a point's vertebra in its column, 0 to 6."""
    if index < LOWER.start:
        return index
    return index - LOWER.start if index < UPPER.start else index - UPPER.start + 1


def region_slice(region: Region) -> slice:
    """Return where a region's points stand among the network's answers."""
    start = list(Region).index(region) * POINTS_PER_REGION
    return slice(start, start + POINTS_PER_REGION)


def positions_of(landmarks: Landmarks) -> Positions:
    """Return the points (19, 2) in the network's order, NaN where one is missing."""
    positions = np.full((POINTS_PER_REGION, 2), np.nan)
    for index, (vertebra, kind) in enumerate(points_of(landmarks.region)):
        point = landmarks.point(vertebra, kind)
        if point is not None:
            positions[index] = point.x, point.y
    return positions
