"""Consensus of the landmarks that several readers set on one image: the median."""

from collections.abc import Sequence

import numpy as np

from msasss.anatomy import Vertebra, vertebrae_of
from msasss.errors import LandmarkError
from msasss.imaging.landmarks import Facing, Landmarks, Point, PointKind, VertebraLandmarks


def consensus_landmarks(readings: Sequence[Landmarks]) -> Landmarks:
    """Take the median of each point over the readers who set it.

    Coordinates, confidences and the level margin are medians; with two readers this is the mean. Readers are taken
    to name the levels alike: check their margins first.

    Args:
        readings: One per reader, all of one image.

    Returns:
        The points that more than half of the readers set; vertebrae without one are left out.

    Raises:
        LandmarkError: If there is no reading, or the readers name different regions or no facing has a majority.
    """
    if not readings:
        msg = "Expected landmarks of at least one reader, got none."
        raise LandmarkError(msg)
    region = readings[0].region
    for reading in readings:
        if reading.region is not region:
            msg = f"Expected landmarks of one image, got {region.value} and {reading.region.value}. Match by image."
            raise LandmarkError(msg)
    found = (_vertebra(readings, vertebra) for vertebra in vertebrae_of(region))
    vertebrae = tuple(item for item in found if any(item.point(kind) for kind in PointKind))
    return Landmarks(region, _facing(readings), vertebrae, float(np.median([item.level_margin for item in readings])))


def _facing(readings: Sequence[Landmarks]) -> Facing:
    left = sum(reading.facing is Facing.LEFT for reading in readings)
    if 2 * left == len(readings):
        msg = f"Expected a majority for where the patient faces, got {left} left and {left} right. Decide it together."
        raise LandmarkError(msg)
    return Facing.LEFT if 2 * left > len(readings) else Facing.RIGHT


def _vertebra(readings: Sequence[Landmarks], vertebra: Vertebra) -> VertebraLandmarks:
    points = {kind: _point(readings, vertebra, kind) for kind in PointKind}
    return VertebraLandmarks(
        vertebra,
        upper_anterior=points[PointKind.UPPER_ANTERIOR],
        lower_anterior=points[PointKind.LOWER_ANTERIOR],
        centre=points[PointKind.CENTRE],
    )


def _point(readings: Sequence[Landmarks], vertebra: Vertebra, kind: PointKind) -> Point | None:
    points = [point for reading in readings if (point := reading.point(vertebra, kind))]
    if 2 * len(points) <= len(readings):
        return None
    x, y, confidence = np.median([(point.x, point.y, point.confidence) for point in points], axis=0)
    return Point(float(x), float(y), float(confidence))
