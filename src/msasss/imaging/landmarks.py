"""The points that place the corners: per vertebra its upper and lower anterior corner and its centre."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from msasss.anatomy import Corner, Endplate, Region, Vertebra, vertebrae_of
from msasss.errors import LandmarkError


class Facing(Enum):
    """The side of the image to which the front of the patient points."""

    LEFT = "left"
    RIGHT = "right"


class PointKind(Enum):
    """Which point of a vertebra a landmark is."""

    UPPER_ANTERIOR = "upper_anterior"
    LOWER_ANTERIOR = "lower_anterior"
    CENTRE = "centre"


@dataclass(frozen=True, slots=True)
class Point:
    """A point in the image.

    Args:
        x: Pixels to the right of the outer corner of the top-left pixel.
        y: Pixels below it.
        confidence: In [0, 1]; 1 for a point set by a person.

    Raises:
        LandmarkError: If a coordinate is not finite or the confidence is outside [0, 1].
    """

    x: float
    y: float
    confidence: float = 1.0

    def __post_init__(self) -> None:
        if not (np.isfinite(self.x) and np.isfinite(self.y)):
            msg = f"Expected finite coordinates, got ({self.x}, {self.y}). Leave a missing point out."
            raise LandmarkError(msg)
        if not 0.0 <= self.confidence <= 1.0:
            msg = f"Expected a confidence in [0, 1], got {self.confidence}."
            raise LandmarkError(msg)


@dataclass(frozen=True, slots=True)
class VertebraLandmarks:
    """The points of one vertebra; one that was not found is None."""

    vertebra: Vertebra
    upper_anterior: Point | None = None
    lower_anterior: Point | None = None
    centre: Point | None = None

    def point(self, kind: PointKind) -> Point | None:
        """Return the point of that kind, or None if it was not found."""
        point: Point | None = getattr(self, kind.value)
        return point


@dataclass(frozen=True, slots=True)
class Landmarks:
    """What was found on one image.

    Args:
        region: The view, as found in the pixels.
        facing: Where the front of the patient points, as found in the pixels.
        vertebrae: Kept cranio-caudally; a vertebra of which no point was found may be left out.
        level_margin: How sure the naming of the levels is, in [0, 1]: 1 for a person's naming, 0 when naming the
            column one level higher or lower fits as well.

    Raises:
        LandmarkError: If a vertebra is repeated or of another region, or the margin is outside [0, 1].
    """

    region: Region
    facing: Facing
    vertebrae: tuple[VertebraLandmarks, ...]
    level_margin: float = 1.0

    def __post_init__(self) -> None:
        column = vertebrae_of(self.region)
        names = [item.vertebra for item in self.vertebrae]
        for name in names:
            if name not in column or names.count(name) > 1:
                msg = f"Expected each vertebra of the {self.region.value} view at most once, got {name.value}."
                raise LandmarkError(msg)
        if not 0.0 <= self.level_margin <= 1.0:
            msg = f"Expected a level margin in [0, 1], got {self.level_margin}."
            raise LandmarkError(msg)
        ordered = tuple(sorted(self.vertebrae, key=lambda item: column.index(item.vertebra)))
        object.__setattr__(self, "vertebrae", ordered)

    def __iter__(self) -> Iterator[VertebraLandmarks]:
        return iter(self.vertebrae)

    def of(self, vertebra: Vertebra) -> VertebraLandmarks:
        """Return the points of a vertebra; all are None where it was not found."""
        return next((item for item in self.vertebrae if item.vertebra is vertebra), VertebraLandmarks(vertebra))

    def point(self, vertebra: Vertebra, kind: PointKind) -> Point | None:
        """Return one point, or None where it was not found."""
        return self.of(vertebra).point(kind)

    def corner(self, corner: Corner) -> Point | None:
        """Return the point of a scored corner, or None where it was not found."""
        upper = corner.endplate is Endplate.SUPERIOR
        return self.point(corner.vertebra, PointKind.UPPER_ANTERIOR if upper else PointKind.LOWER_ANTERIOR)


def shift_levels(landmarks: Landmarks, by: int) -> Landmarks:
    """Rename every vertebra by so many levels, downwards if positive; those shifted past an end are dropped.

    The naming is then a person's decision, so the level margin becomes 1.
    """
    column = vertebrae_of(landmarks.region)
    shifted = []
    for item in landmarks:
        place = column.index(item.vertebra) + by
        if 0 <= place < len(column):
            shifted.append(replace(item, vertebra=column[place]))
    return replace(landmarks, vertebrae=tuple(shifted), level_margin=1.0)
