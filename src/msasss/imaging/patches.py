"""A square around each disc space that holds both facing corners, in one pose for every film."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from msasss.anatomy import Disc, Vertebra, discs_of, vertebrae_of
from msasss.errors import LandmarkError
from msasss.imaging.geometry import Affine, Points, resample
from msasss.imaging.landmarks import Facing, Landmarks, PointKind
from msasss.imaging.radiograph import Pixels, Radiograph

# The corners stand at 40 % of the side from the left, the anterior, edge: room for a bridge or an osteophyte in front.
ANTERIOR_SHARE = 0.4
# Gap between the facing corners in heights of a vertebra, used where only one of the two was found: the mean of real
# cervical (CSXA 0.35 to 0.47) and lumbar (BUU-LSPINE 0.38 to 0.55) spines.
USUAL_GAP = 0.43


@dataclass(frozen=True, slots=True, eq=False)
class DiscPatch:
    """A disc space in canonical pose: anterior left, superior up.

    Args:
        pixels: (S, S) float32 in [0, 1]; beyond the film's border 0.
        disc: The disc space shown.
        to_image: Affine from px of the patch to px of the film.
    """

    pixels: Pixels
    disc: Disc
    to_image: Affine


def disc_patches(radiograph: Radiograph, landmarks: Landmarks, *, side: float, side_px: int) -> tuple[DiscPatch, ...]:
    """Crop one patch around each disc space.

    Args:
        radiograph: Lateral radiograph; its spacing is not needed.
        landmarks: Points found on it.
        side: Side of a patch, in mean heights of the two vertebrae.
        side_px: Side of a patch, in its own pixels.

    Returns:
        Patches cranio-caudally; disc spaces of which neither corner was found are left out.

    Raises:
        LandmarkError: If no vertebra shows both its corners and no two neighbours their centres, so that nothing
            tells the scale.
    """
    heights = vertebral_heights(landmarks)
    patches = []
    for disc in discs_of(landmarks.region):
        frame = _disc_frame(landmarks, disc, heights)
        if frame is None:
            continue
        middle, up, height = frame
        to_image = _patch_affine(middle, up, landmarks.facing, step=side * height / side_px, side_px=side_px)
        pixels = resample(radiograph.pixels, to_image, (side_px, side_px))
        patches.append(DiscPatch(pixels, disc, to_image))
    return tuple(patches)


def vertebral_heights(landmarks: Landmarks) -> dict[Vertebra, float]:
    """Return the anterior height in px of every vertebra of the view.

    A vertebra that does not show both corners (C2, T1, T12 and S1 never do) gets the mean of its neighbours that do,
    and failing these the median of the column.

    Raises:
        LandmarkError: If nothing tells the scale.
    """
    column = vertebrae_of(landmarks.region)
    measured = {name: height for name in column if (height := _anterior_height(landmarks, name)) is not None}
    usual = float(np.median(list(measured.values()))) if measured else _height_from_centres(landmarks)
    heights = {}
    for place, name in enumerate(column):
        near = [measured[other] for other in column[max(place - 1, 0) : place + 2] if other in measured]
        heights[name] = measured.get(name, float(np.mean(near)) if near else usual)
    return heights


def _anterior_height(landmarks: Landmarks, vertebra: Vertebra) -> float | None:
    upper, lower = (
        _xy(landmarks, vertebra, PointKind.UPPER_ANTERIOR),
        _xy(landmarks, vertebra, PointKind.LOWER_ANTERIOR),
    )
    if upper is None or lower is None:
        return None
    return max(float(np.linalg.norm(lower - upper)), 1.0)


def _height_from_centres(landmarks: Landmarks) -> float:
    """A body and its disc make up the way from centre to centre; the body's share is 1 / (1 + gap)."""
    centres = [_xy(landmarks, name, PointKind.CENTRE) for name in vertebrae_of(landmarks.region)]
    steps = [
        float(np.linalg.norm(below - above))
        for above, below in pairwise(centres)
        if above is not None and below is not None
    ]
    if not steps:
        msg = f"Expected two neighbouring {landmarks.region.value} vertebrae, got none. Set their points by hand."
        raise LandmarkError(msg)
    return float(np.median(steps)) / (1 + USUAL_GAP)


def _disc_frame(
    landmarks: Landmarks, disc: Disc, heights: dict[Vertebra, float]
) -> tuple[Points, Points, float] | None:
    """Return the middle of the facing corners, the unit vector to the head and the mean height; None if unseen."""
    above = _xy(landmarks, disc.upper, PointKind.LOWER_ANTERIOR)
    below = _xy(landmarks, disc.lower, PointKind.UPPER_ANTERIOR)
    up = _upwards(landmarks, disc)
    height = (heights[disc.upper] + heights[disc.lower]) / 2
    if above is not None and below is not None:
        return (above + below) / 2, up, height
    if above is not None:
        return above - up * height * USUAL_GAP / 2, up, height
    if below is not None:
        return below + up * height * USUAL_GAP / 2, up, height
    return None


def _upwards(landmarks: Landmarks, disc: Disc) -> Points:
    """Return the direction of the column at a disc space: from the lowest to the highest point known near it."""
    ladder = [_xy(landmarks, vertebra, PointKind.CENTRE) for vertebra in (disc.upper, disc.lower)]
    if ladder[0] is None or ladder[1] is None:
        ladder = _anterior_ladder(landmarks, disc)
    if ladder[0] is None or ladder[1] is None:
        return np.array([0.0, -1.0])
    way = ladder[0] - ladder[1]
    length = float(np.linalg.norm(way))
    return way / length if length > 0 else np.array([0.0, -1.0])


def _anterior_ladder(landmarks: Landmarks, disc: Disc) -> list[Points | None]:
    order = (
        (disc.upper, PointKind.UPPER_ANTERIOR),
        (disc.upper, PointKind.LOWER_ANTERIOR),
        (disc.lower, PointKind.UPPER_ANTERIOR),
        (disc.lower, PointKind.LOWER_ANTERIOR),
    )
    known = [point for vertebra, kind in order if (point := _xy(landmarks, vertebra, kind)) is not None]
    return [known[0], known[-1]] if len(known) > 1 else [None, None]


def _patch_affine(middle: Points, up: Points, facing: Facing, *, step: float, side_px: int) -> Affine:
    """Return the map from the patch to the film: its x runs backwards from the front, its y from head to feet."""
    down = -up
    across = np.array([down[1], -down[0]])  # down turned so that it points to the right of an upright film
    backwards = across if facing is Facing.LEFT else -across
    linear = step * np.column_stack([backwards, down])
    anchor = np.array([ANTERIOR_SHARE * side_px, side_px / 2])
    return np.column_stack([linear, middle - linear @ anchor])


def _xy(landmarks: Landmarks, vertebra: Vertebra, kind: PointKind) -> Points | None:
    point = landmarks.point(vertebra, kind)
    return None if point is None else np.array([point.x, point.y])
