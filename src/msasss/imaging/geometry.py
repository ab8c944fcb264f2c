"""Affine maps between images, and resampling along them.

An affine is a (2, 3) array that takes `(x, y)` px to `(x, y)` px, both with the origin at the outer corner of the
top-left pixel. Array axes: `H` rows, `W` columns, `N` points.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from msasss.imaging.radiograph import Pixels

Affine = npt.NDArray[np.float64]
Points = npt.NDArray[np.float64]


def transform(affine: Affine, points: npt.ArrayLike) -> Points:
    """Map points (N, 2) along an affine."""
    xy = np.asarray(points, dtype=np.float64)
    return xy @ affine[:, :2].T + affine[:, 2]


def invert(affine: Affine) -> Affine:
    """Return the affine that undoes another.

    Raises:
        numpy.linalg.LinAlgError: If the affine is singular.
    """
    linear = np.linalg.inv(affine[:, :2])
    return np.column_stack([linear, -linear @ affine[:, 2]])


def compose(outer: Affine, inner: Affine) -> Affine:
    """Return the affine that applies `inner` first and `outer` second."""
    return np.column_stack([outer[:, :2] @ inner[:, :2], outer[:, :2] @ inner[:, 2] + outer[:, 2]])


def similarity(*, scale: float, angle_rad: float, centre_from: Sequence[float], centre_to: Sequence[float]) -> Affine:
    """Return the affine that scales and turns (positive: from x to y) and takes one centre to another."""
    cosine, sine = scale * np.cos(angle_rad), scale * np.sin(angle_rad)
    linear = np.array([[cosine, -sine], [sine, cosine]])
    return np.column_stack([linear, np.asarray(centre_to) - linear @ np.asarray(centre_from)])


def mirror(width_px: float) -> Affine:
    """Return the affine that mirrors an image of that width left to right."""
    return np.array([[-1.0, 0.0, width_px], [0.0, 1.0, 0.0]])


def letterbox(shape_in: tuple[int, int], shape_out: tuple[int, int]) -> Affine:
    """Return the affine from a box of `shape_out` (H, W) to an image of `shape_in` that fits in it, centred."""
    scale = max(shape_in[0] / shape_out[0], shape_in[1] / shape_out[1])
    centre_out = (shape_out[1] / 2, shape_out[0] / 2)
    centre_in = (shape_in[1] / 2, shape_in[0] / 2)
    return similarity(scale=scale, angle_rad=0.0, centre_from=centre_out, centre_to=centre_in)


def resample(pixels: Pixels, to_image: Affine, shape: tuple[int, int], *, outside: float = 0.0) -> Pixels:
    """Sample an image on another grid, averaging over areas where it shrinks.

    Args:
        pixels: (H, W) float32.
        to_image: From px of the result to px of the image.
        shape: Rows and columns of the result.
        outside: Value beyond the image's border.

    Returns:
        The sampled image, `shape`, float32.
    """
    scale = float(np.sqrt(abs(np.linalg.det(to_image[:, :2]))))
    factor = max(1, int(scale + 0.25))
    pixels, to_image = _crop_to(pixels, to_image, shape, margin_px=2 * factor)
    if factor > 1:
        pixels = _shrink(pixels, factor)
        to_image = to_image / factor
    return _bilinear(pixels, to_image, shape, outside=outside)


def _crop_to(pixels: Pixels, to_image: Affine, shape: tuple[int, int], *, margin_px: int) -> tuple[Pixels, Affine]:
    """Leave out what the result never sees: shrinking a whole film for one patch would be slow."""
    corners = np.array([[0.0, 0.0], [shape[1], 0.0], [0.0, shape[0]], [shape[1], shape[0]]])
    seen = transform(to_image, corners)
    low = np.maximum(np.floor(seen.min(axis=0)).astype(int) - margin_px, 0)
    high = np.minimum(np.ceil(seen.max(axis=0)).astype(int) + margin_px, pixels.shape[::-1])
    if np.any(high <= low):
        return pixels[:1, :1], to_image
    moved = to_image.copy()
    moved[:, 2] -= low
    return pixels[low[1] : high[1], low[0] : high[0]], moved


def _shrink(pixels: Pixels, factor: int) -> Pixels:
    """Average over squares of `factor` px; the last ones are filled up with the border's value."""
    height, width = (-(-side // factor) * factor for side in pixels.shape)
    padded = np.pad(pixels, ((0, height - pixels.shape[0]), (0, width - pixels.shape[1])), mode="edge")
    blocks = padded.reshape(height // factor, factor, width // factor, factor)
    shrunk: Pixels = blocks.mean(axis=(1, 3), dtype=np.float32)
    return shrunk


def _bilinear(pixels: Pixels, to_image: Affine, shape: tuple[int, int], *, outside: float) -> Pixels:
    height, width = pixels.shape
    columns, rows = np.arange(shape[1]) + 0.5, np.arange(shape[0])[:, None] + 0.5
    x = to_image[0, 0] * columns + to_image[0, 1] * rows + to_image[0, 2]
    y = to_image[1, 0] * columns + to_image[1, 1] * rows + to_image[1, 2]
    inside = (x >= 0) & (x <= width) & (y >= 0) & (y <= height)
    u, v = np.clip(x - 0.5, 0, width - 1), np.clip(y - 0.5, 0, height - 1)
    left, top = np.minimum(u.astype(np.int32), max(width - 2, 0)), np.minimum(v.astype(np.int32), max(height - 2, 0))
    right, bottom = np.minimum(left + 1, width - 1), np.minimum(top + 1, height - 1)
    a, b = (u - left).astype(np.float32), (v - top).astype(np.float32)
    upper = pixels[top, left] * (1 - a) + pixels[top, right] * a
    lower = pixels[bottom, left] * (1 - a) + pixels[bottom, right] * a
    sampled: Pixels = np.where(inside, upper * (1 - b) + lower * b, np.float32(outside)).astype(np.float32)
    return sampled
