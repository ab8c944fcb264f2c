"""What a network sees of a grey image: brightness and contrast taken out, globally and locally.

Training and inference both call `network_input`, so that a network meets the same numbers in both.
"""

import numpy as np
import numpy.typing as npt

from msasss.imaging.geometry import Affine

Grey = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

# Added to a standard deviation, so that noise in an even background is not blown up.
CONTRAST_FLOOR = 0.02
LOCAL_LIMIT = 4.0


def network_input(grey: Grey, *, radius_px: int, inside: Mask | None = None) -> Grey:
    """Return the image standardised as a whole and standardised in each pixel's neighbourhood.

    Args:
        grey: (H, W) in [0, 1].
        radius_px: The neighbourhood reaches so many pixels to each side.
        inside: (H, W), False where the image was padded; None if it was not.

    Returns:
        (2, H, W) float32; 0 in both channels where the image was padded.
    """
    weight = np.ones(grey.shape, np.float32) if inside is None else inside.astype(np.float32)
    total = max(float(weight.sum()), 1.0)
    centred = (grey - float((grey * weight).sum()) / total) * weight
    spread = float(np.sqrt((centred * centred).sum() / total)) + CONTRAST_FLOOR
    count = np.maximum(_box_sum(weight, radius_px), 1.0)
    mean = _box_sum(centred, radius_px) / count
    variance = _box_sum(centred * centred, radius_px) / count - mean * mean
    local = (centred - mean) / (np.sqrt(np.maximum(variance, 0.0)) + CONTRAST_FLOOR) * weight
    return np.stack([centred / np.float32(spread), np.clip(local, -LOCAL_LIMIT, LOCAL_LIMIT)]).astype(np.float32)


def inside_mask(to_image: Affine, shape_in: tuple[int, int], shape_out: tuple[int, int]) -> Mask:
    """Return which pixels of a resampled image lie inside the image they were taken from.

    Args:
        to_image: From px of the result to px of the image.
        shape_in: Rows and columns of the image.
        shape_out: Rows and columns of the result.
    """
    columns, rows = np.arange(shape_out[1]) + 0.5, np.arange(shape_out[0])[:, None] + 0.5
    x = to_image[0, 0] * columns + to_image[0, 1] * rows + to_image[0, 2]
    y = to_image[1, 0] * columns + to_image[1, 1] * rows + to_image[1, 2]
    mask: Mask = (x >= 0) & (x <= shape_in[1]) & (y >= 0) & (y <= shape_in[0])
    return mask


def _box_sum(values: Grey, radius_px: int) -> Grey:
    # Summing along rows of a contiguous copy is three times as fast as summing along columns.
    down = _running_sum(np.ascontiguousarray(_running_sum(values, radius_px).T), radius_px)
    return np.ascontiguousarray(down.T)


def _running_sum(values: Grey, radius_px: int) -> Grey:
    """Sum along rows over 2 radius + 1 neighbours; beyond the border counts as 0."""
    side = 2 * radius_px + 1
    sums = np.cumsum(np.pad(values, ((0, 0), (radius_px + 1, radius_px))), axis=1, dtype=np.float32)
    return sums[:, side:] - sums[:, :-side]
