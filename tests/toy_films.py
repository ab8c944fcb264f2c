"""Drawn films: seven bright boxes with known points, on which a bridge and a lost corner are plain to see."""

import numpy as np

from msasss.anatomy import Corner, Endplate, Region, corners_of, vertebrae_of
from msasss.imaging.landmarks import Facing, Landmarks, Point, VertebraLandmarks
from msasss.reading import CornerFinding, Lesion
from msasss.training.examples import Example

HEIGHT_PX, GAP_PX, DEPTH_PX = 30, 12, 40
TOP_PX, FRONT_PX = 20, 60
SHAPE = (2 * TOP_PX + 7 * HEIGHT_PX + 6 * GAP_PX, 160)


def toy_landmarks(region: Region) -> Landmarks:
    """Return the points of the drawn column, which faces left."""
    points = []
    for place, vertebra in enumerate(vertebrae_of(region)):
        top = TOP_PX + place * (HEIGHT_PX + GAP_PX)
        upper, lower = Point(FRONT_PX, top), Point(FRONT_PX, top + HEIGHT_PX)
        centre = Point(FRONT_PX + DEPTH_PX / 2, top + HEIGHT_PX / 2)
        first, last = place == 0, place == 6
        points.append(VertebraLandmarks(vertebra, None if first else upper, None if last else lower, centre))
    return Landmarks(region, Facing.LEFT, tuple(points))


def toy_example(region: Region, seed: int) -> Example:
    """Draw a film; at each disc space a bridge, and at each corner an erosion or a hidden corner, may stand."""
    rng = np.random.default_rng(seed)
    pixels = rng.normal(60, 6, SHAPE)
    landmarks = toy_landmarks(region)
    for item in landmarks:
        assert item.centre is not None
        row = int(item.centre.y) - HEIGHT_PX // 2
        pixels[row : row + HEIGHT_PX, FRONT_PX : FRONT_PX + DEPTH_PX] += 120
    lesions: dict[Corner, set[Lesion]] = {corner: set() for corner in corners_of(region)}
    for corner, found in lesions.items():
        point = landmarks.corner(corner)
        assert point is not None
        x, y = int(point.x), int(point.y)
        if corner.endplate is Endplate.INFERIOR and rng.random() < 0.4:
            pixels[y - 2 : y + GAP_PX + 2, x - 7 : x] += 120
            found.add(Lesion.BRIDGE)
            lesions[corner.opposite].add(Lesion.BRIDGE)
        if rng.random() < 0.3:
            inside = slice(y, y + 7) if corner.endplate is Endplate.SUPERIOR else slice(y - 7, y)
            pixels[inside, x : x + 7] -= 110
            found.add(Lesion.EROSION)
    hidden = {corner for corner in lesions if rng.random() < 0.1}
    for corner in hidden:
        point = landmarks.corner(corner)
        assert point is not None
        x, y = int(point.x), int(point.y)
        pixels[y - 5 : y + 5, x - 12 : x + 12] = 255
    findings = tuple(
        CornerFinding(corner, frozenset(() if corner in hidden else found), not_visible=corner in hidden)
        for corner, found in lesions.items()
    )
    return Example(np.clip(np.round(pixels), 0, 255).astype(np.uint8), 0.5, landmarks, findings)
