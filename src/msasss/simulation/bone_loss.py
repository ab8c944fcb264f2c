"""Lesions that change a body itself: squaring, erosion, sclerosis; each measured on what was built."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from msasss.anatomy import Endplate, Region
from msasss.simulation.fields import BodyShape, Grid, add_blobs, subtract_ellipsoids
from msasss.simulation.lesions import Criteria
from msasss.simulation.vertebra import corner_point

_NEAR_MM = {Region.CERVICAL: 5.0, Region.LUMBAR: 8.0}


def squared(shape: BodyShape, severity: float, region: Region, rng: np.random.Generator) -> BodyShape:
    """Return the shape with a straight or convex anterior wall and sharp corners."""
    if region is Region.LUMBAR:
        waist = 0.3 - 0.6 * severity + rng.uniform(-0.1, 0.1)
        return replace(shape, waist_anterior=waist, fillet=0.9)
    waist = 0.15 - 0.5 * severity + rng.uniform(-0.05, 0.05)
    less = 0.2 + 0.3 * (1 - severity)
    return replace(
        shape, waist_anterior=waist, fillet=0.5, bevel_upper=less * shape.bevel_upper, lip_lower=less * shape.lip_lower
    )


def is_squared(shape: BodyShape, criteria: Criteria) -> bool:
    """Tell whether the anterior wall is straight: its waist is the sagitta over the line between the two corners."""
    return shape.waist_anterior < criteria.squaring_sagitta_mm


def erode(
    grid: Grid,
    place: tuple[BodyShape, Endplate],
    severity: float,
    region: Region,
    rng: np.random.Generator,
) -> float:
    """Cut an erosion into a corner.

    Args:
        grid: The body, changed in place.
        place: Its shape, and the endplate whose anterior corner is eroded.
        severity: In (0, 1].
        region: The view.
        rng: Random stream of this lesion.

    Returns:
        The depth in mm to which bone is gone in the mid-sagittal plane, below the surface as it was.
    """
    centre, inwards = corner_point(*place), _inwards(place[1])
    small, spread, lateral = (0.9, 0.8, (4.0, 8.0)) if region is Region.CERVICAL else (1.4, 1.5, (9.0, 16.0))
    radius = small * (1 + severity)
    ellipsoids = []
    for _ in range(int(rng.integers(2, 5))):
        x = centre[0] - rng.uniform(0.0, 0.7) * radius
        y = centre[1] + inwards * rng.uniform(-0.1, 0.8) * radius
        z = rng.uniform(-2.0, 2.0) * spread
        ellipsoids.append([x, y, z, *(radius * rng.uniform(0.75, 1.1, 2)), rng.uniform(*lateral)])
    before = _mid_plane(grid.distance, grid)
    subtract_ellipsoids(grid, np.array(ellipsoids), blend_mm=0.5 * small)
    wall = [*centre, 1.2 * radius, 1.2 * radius, lateral[1], -rng.uniform(0.0, 0.4)]
    add_blobs(grid.cortex, grid, np.array([wall]))
    np.maximum(grid.cortex, 0.05, out=grid.cortex)
    gone = (before < 0) & (_mid_plane(grid.distance, grid) > 0) & _near(grid, centre, _NEAR_MM[region])
    return float(-before[gone].min()) if gone.any() else 0.0


def thicken(
    grid: Grid,
    place: tuple[BodyShape, Endplate],
    severity: float,
    region: Region,
    rng: np.random.Generator,
) -> float:
    """Make a corner sclerotic.

    Args:
        grid: The body, changed in place.
        place: Its shape, and the endplate whose anterior corner is dense.
        severity: In (0, 1].
        region: The view.
        rng: Random stream of this lesion.

    Returns:
        The greatest rise in density within 2 mm-wide bone: the factor that is exceeded over that diameter.
    """
    centre, inwards = corner_point(*place), _inwards(place[1])
    size = 1.0 if region is Region.CERVICAL else 1.9
    sigma = size * (1.1 + 0.9 * severity) * rng.uniform(0.9, 1.15, 3) * [1, 1, 3.2]
    amplitude = 1.3 + 2.2 * severity
    middle = centre + np.array([-0.8, 0.8 * inwards, 0.0]) * sigma
    before = _mid_plane(grid.density, grid)
    add_blobs(grid.density, grid, np.array([[*middle, *sigma, amplitude]]))
    add_blobs(grid.cortex, grid, np.array([[*middle, *sigma, rng.uniform(0.15, 0.35) * amplitude]]))
    inside = (_mid_plane(grid.distance, grid) < 0) & _near(grid, centre, _NEAR_MM[region])
    rise = np.sort((_mid_plane(grid.density, grid) / before)[inside])[::-1]
    node_area = grid.step_mm[0] * grid.step_mm[1]
    needed = int(np.ceil(np.pi / node_area))
    return float(rise[needed - 1]) if len(rise) >= needed else 1.0


def _inwards(endplate: Endplate) -> float:
    return -1.0 if endplate is Endplate.SUPERIOR else 1.0


def _mid_plane(array: npt.NDArray[np.float32], grid: Grid) -> npt.NDArray[np.float32]:
    return array[:, :, int(np.argmin(np.abs(grid.axes()[2])))].copy()


def _near(grid: Grid, centre: npt.NDArray[np.float64], radius_mm: float) -> npt.NDArray[np.bool_]:
    x, y, _ = grid.axes()
    near: npt.NDArray[np.bool_] = np.hypot(x[:, None] - centre[0], y[None, :] - centre[1]) < radius_mm
    return near
