"""Whether a corner of a simulated film can be read, from contrast against noise at the corner.

A corner is called not visible when it lies outside the image or the collimated field or under ink, when the anatomy
around it stands out too little from the noise of the detector, or when the processing left it without grey levels.
Deciding it from the picture's physics keeps the label honest: shoulders and underexposure hide corners, not decree.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from msasss.simulation.exposure import Signal
from msasss.simulation.noise import Field

# Region around the corner in which contrast and noise are compared, and the detail size at which the eye does so.
_REGION_MM = 6.0
_DETAIL_MM = 0.8

# Rose's criterion asks for 3 to 5 times the noise. By eye on simulated corners: below 3 outlines are lost or guessed,
# from 4 on they can be followed.
LEAST_CONTRAST_TO_NOISE = 3.0

# Robust range of grey around the corner in the finished picture, of a full range of 1: five levels of 256, by eye the
# point where a corner burnt out or sunk into black is gone.
LEAST_GREY_RANGE = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """All that decides about visibility.

    Args:
        signal: Detector signal with and without noise.
        picture: (H, W) finished picture in [0, 1].
        field: (H, W) in [0, 1]: exposed part.
        ink: (H, W) in [0, 1]: markers; None without.
        pixel_mm: Side of a pixel in the mid-sagittal plane of the patient.
    """

    signal: Signal
    picture: Field
    field: Field
    ink: Field | None
    pixel_mm: float


def is_inside(x: float, y: float, field: Field) -> bool:
    """Return whether a point (x, y) in pixels lies on the image and in the exposed field."""
    height, width = field.shape
    return 0.0 <= x < width and 0.0 <= y < height and bool(field[int(y), int(x)] > 0.5)


def is_readable(x: float, y: float, evidence: Evidence) -> bool:
    """Return whether a corner at (x, y) in pixels can be read."""
    if not is_inside(x, y, evidence.field):
        return False
    region = _region(x, y, evidence)
    if evidence.ink is not None and float((evidence.ink[region] > 0.3).mean()) > 0.15:
        return False
    return (
        contrast_to_noise(x, y, evidence) >= LEAST_CONTRAST_TO_NOISE and grey_range(x, y, evidence) >= LEAST_GREY_RANGE
    )


def contrast_to_noise(x: float, y: float, evidence: Evidence) -> float:
    """Return the robust range of the noiseless log signal around a point over the deviation of the noise."""
    region = _region(x, y, evidence)
    clean = _details(np.log(evidence.signal.noiseless[region]), evidence.pixel_mm)
    noisy = _details(np.log(evidence.signal.noisy[region]), evidence.pixel_mm)
    return _robust_range(_without_slope(clean)) / max(float(np.std(noisy - clean)), 1e-6)


def grey_range(x: float, y: float, evidence: Evidence) -> float:
    """Return the robust range of grey around a point in the finished picture."""
    return _robust_range(_details(evidence.picture[_region(x, y, evidence)], evidence.pixel_mm))


def _region(x: float, y: float, evidence: Evidence) -> tuple[slice, slice]:
    half = max(3, round(0.5 * _REGION_MM / evidence.pixel_mm))
    height, width = evidence.picture.shape
    column, row = int(x), int(y)
    return (
        slice(max(0, row - half), min(height, row + half + 1)),
        slice(max(0, column - half), min(width, column + half + 1)),
    )


def _details(values: Field, pixel_mm: float) -> npt.NDArray[np.float64]:
    """Return the means of blocks of about the size of a visible detail."""
    side = max(1, min(round(_DETAIL_MM / pixel_mm), min(values.shape)))
    rows, columns = (count // side for count in values.shape)
    blocks = values[: rows * side, : columns * side].reshape(rows, side, columns, side)
    return np.asarray(blocks.mean(axis=(1, 3)), dtype=np.float64)


def _without_slope(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Subtract the plane that fits best: the slow trend of soft tissue tells nothing about bone."""
    rows, columns = np.indices(values.shape).reshape(2, -1)
    plane = np.column_stack([rows, columns, np.ones(values.size)])
    fitted, *_ = np.linalg.lstsq(plane, values.ravel(), rcond=None)
    return np.asarray(values - (plane @ fitted).reshape(values.shape))


def _robust_range(values: npt.NDArray[np.float64]) -> float:
    low, high = np.percentile(values, (5.0, 95.0))
    return float(high - low)
