"""Soft tissue, flat bones and tubes around the spine, shared by both views.

Thicknesses are in mm along the ray, positions in mm of the world frame (x anterior, y up, z lateral); (H, W) arrays of
positions are those of `Camera.object_grid`.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw
from scipy import ndimage
from scipy.interpolate import CubicSpline, splev, splprep

from msasss.simulation.noise import (
    Field,
    low_frequency_field,
    noise_field,
    noise_tile,
    trabecular_texture,
)
from msasss.simulation.primitives import Vector
from msasss.simulation.projection import Camera

__all__ = [
    "Field",
    "Plate",
    "add_plate",
    "clutter_mm",
    "ellipse_mm",
    "low_frequency_field",
    "noise_field",
    "noise_tile",
    "plate_mask",
    "smooth_outline",
    "trabecular_texture",
    "trunk_mm",
    "tube_cones",
]

_CLUTTER_EXPONENTS = (1.25, 1.5, 1.8)

# Attenuation against muscle: fat about -12 %, a filled bowel loop +6 %.
_FAT, _LOOP = -0.12, 0.06

# How far outside the image a plate is still drawn, so that the border of the image is no edge of the bone.
_MARGIN_PX = 64


def clutter_mm(
    rng: np.random.Generator,
    x_mm: Field,
    y_mm: Field,
    spine_x_mm: Field,
    *,
    behind_mm: float,
    front_mm: float,
    blobs: int,
    radii_mm: tuple[float, float] = (4.0, 22.0),
) -> Field:
    """Return small anatomy that is not modelled: noise, stronger in front of the spine, with organs and fat planes.

    Calibrated on the lateral projection of a CT: 1.5-3 mm behind and 3-6 mm in front for the lumbar view, 0.5-1.1 and
    0.8-1.6 mm for the cervical one.

    Args:
        rng: Source of randomness.
        x_mm: (H, W) world x.
        y_mm: (H, W) world y.
        spine_x_mm: (H, W) world x of the spine at that height.
        behind_mm: Deviation of the noise behind the spine.
        front_mm: Deviation in front of it.
        blobs: Number of ellipsoids.
        radii_mm: Their smallest and greatest half axes.

    Returns:
        (H, W) thickness to add, of either sign.
    """
    in_front = _rising((x_mm - spine_x_mm - 16.0) / 6.0)
    noise = noise_field(rng, (x_mm.shape[0], x_mm.shape[1]), exponent=float(rng.choice(_CLUTTER_EXPONENTS)))
    total = noise * (behind_mm + (front_mm - behind_mm) * in_front)
    strength = 0.35 + 0.65 * in_front
    for _ in range(blobs):
        centre = (rng.uniform(x_mm.min(), x_mm.max()), rng.uniform(y_mm.min(), y_mm.max()))
        half = rng.uniform(*radii_mm, 2)
        excess = rng.choice([_FAT, _FAT, _LOOP]) * 2.0 * rng.uniform(5.0, 40.0)
        box = _box_around(x_mm, y_mm, centre, float(half.max()))
        angle = rng.uniform(0.0, np.pi)
        total[box] += excess * strength[box] * ellipse_mm(x_mm[box], y_mm[box], centre, half, angle_rad=angle)
    return np.asarray(total, dtype=np.float32)


def ellipse_mm(
    x_mm: Field, y_mm: Field, centre: tuple[float, float], half_axes: npt.ArrayLike, *, angle_rad: float = 0.0
) -> Field:
    """Return the profile of an ellipsoid, 1 in its middle and 0 outside: multiply by its thickness in mm."""
    a, b = np.asarray(half_axes, dtype=float)
    c, s = np.cos(angle_rad), np.sin(angle_rad)
    dx, dy = x_mm - np.float32(centre[0]), y_mm - np.float32(centre[1])
    inside = 1.0 - ((dx * c + dy * s) / a) ** 2 - ((dy * c - dx * s) / b) ** 2
    return np.asarray(np.sqrt(np.clip(inside, 0.0, None)), dtype=np.float32)


def trunk_mm(
    x_mm: Field,
    y_mm: Field,
    back_x_mm: Field | float,
    *,
    depth_mm: float,
    width_mm: float,
    waist_y_mm: float,
) -> Field:
    """Return the thickness of the trunk along the ray: an egg-shaped section, wider above and below the waist.

    Args:
        x_mm: (H, W) world x.
        y_mm: (H, W) world y.
        back_x_mm: World x of the skin of the back, (H, W) or one value.
        depth_mm: From back to front.
        width_mm: From side to side at the waist.
        waist_y_mm: World y of the waist.
    """
    widest = 0.42  # of the depth, from the back
    width = width_mm * (1.0 + 1.17e-5 * (y_mm - waist_y_mm) ** 2)
    from_widest = x_mm - (back_x_mm + depth_mm * widest)
    share = np.where(from_widest < 0, -from_widest / (depth_mm * widest), from_widest / (depth_mm * (1 - widest)))
    return np.asarray(width * np.sqrt(np.clip(1.0 - share**2, 0.0, None)), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Plate:
    """What a flat bone such as the ilium or the skull adds along the ray, in mm.

    Args:
        cortical_mm: Cortex over its whole face.
        trabecular_mm: Trabecular bone over its whole face.
        rim_cortical_mm: More cortex at the very edge.
        rim_trabecular_mm: More trabecular bone towards the edge.
        rim_width_mm: How far the edge's trabecular bone reaches.
        line_mm: Width of the cortical line at the edge.
    """

    cortical_mm: float = 2.0
    trabecular_mm: float = 6.0
    rim_cortical_mm: float = 3.0
    rim_trabecular_mm: float = 8.0
    rim_width_mm: float = 6.0
    line_mm: float = 1.0


def add_plate(
    camera: Camera, cortical: Field, trabecular: Field, outline: npt.ArrayLike, z_mm: float, *, plate: Plate
) -> None:
    """Add a flat bone parallel to the detector.

    Args:
        camera: The image.
        cortical: (H, W) layer, changed in place.
        trabecular: (H, W) layer, changed in place.
        outline: (N, 2) world x and y in mm; see `smooth_outline`.
        z_mm: Lateral position.
        plate: Its thickness.
    """
    box, mask, edge = _silhouette(camera, outline, z_mm)
    face = mask * np.clip(edge / 0.8, 0.0, 1.0)
    line, rim = np.exp(-((edge / plate.line_mm) ** 2)), np.exp(-((edge / plate.rim_width_mm) ** 2))
    _add(cortical, box, face * (plate.cortical_mm + plate.rim_cortical_mm * line))
    _add(trabecular, box, face * (plate.trabecular_mm + plate.rim_trabecular_mm * rim))


def plate_mask(camera: Camera, outline: npt.ArrayLike, z_mm: float) -> Field:
    """Return (H, W) in [0, 1]: the share of each pixel that a flat outline at `z_mm` covers."""
    mask = np.zeros((camera.height_px, camera.width_px), np.float32)
    box, half, _ = _silhouette(camera, outline, z_mm)
    _add(mask, box, half)
    return mask


def smooth_outline(points: npt.ArrayLike, *, count: int = 160) -> Vector:
    """Return a smooth closed curve (count, 2) through (N, 2) points, N at least 4."""
    closed = np.asarray(points, dtype=np.float64)
    closed = np.concatenate([closed, closed[:1]])
    spline, _ = splprep([closed[:, 0], closed[:, 1]], s=0, per=True)
    return np.stack(splev(np.linspace(0.0, 1.0, count), spline), axis=1)


def tube_cones(path: npt.ArrayLike, *, start_radius_mm: float, end_radius_mm: float) -> Vector:
    """Return the round cones of a smooth tube that thins at its end: ribs, clavicles, hyoid.

    Args:
        path: (N, 3) points in mm.
        start_radius_mm: Radius at the first.
        end_radius_mm: Radius near the last.

    Returns:
        (4 N - 1, 8) for `fields.add_round_cones`.
    """
    points = np.asarray(path, dtype=np.float64)
    count = 4 * len(points)
    along = CubicSpline(np.arange(len(points)), points)(np.linspace(0, len(points) - 1, count))
    radius = np.linspace(start_radius_mm, end_radius_mm, count)
    radius *= np.sqrt(np.clip((count - np.arange(count)) / 4.0, 0.35, 1.0))
    return np.column_stack([along[:-1], along[1:], radius[:-1], radius[1:]])


def _silhouette(camera: Camera, outline: npt.ArrayLike, z_mm: float) -> tuple[tuple[int, int], Field, Field]:
    """Return top and left of a box, then the mask and the distance to its edge in mm, both at half the resolution."""
    flat = np.asarray(outline, dtype=np.float64)
    seen = camera.project(np.column_stack([flat, np.full(len(flat), z_mm)]))
    limit = np.array([camera.width_px, camera.height_px]) + _MARGIN_PX
    low = np.clip(np.floor(seen.min(axis=0)) - 2, -_MARGIN_PX, limit).astype(int)
    high = np.clip(np.ceil(seen.max(axis=0)) + 2, -_MARGIN_PX, limit).astype(int)
    width, height = np.maximum((high - low + 1) // 2, 1)
    image = Image.new("L", (2 * int(width), 2 * int(height)), 0)
    ImageDraw.Draw(image).polygon([(float(x), float(y)) for x, y in seen - low], fill=255)
    mask = np.asarray(image.resize((int(width), int(height)), Image.Resampling.BOX), np.float32) / 255.0
    inside = mask > 0.5
    edge = np.full(mask.shape, np.inf) if inside.all() else ndimage.distance_transform_edt(inside)
    edge_mm = (edge * 2.0 * camera.pixel_mm / camera.magnification).astype(np.float32)
    return (int(low[1]), int(low[0])), mask, edge_mm


def _add(layer: Field, corner: tuple[int, int], half: npt.NDArray[np.floating]) -> None:
    """Add values of half the resolution to the part of a layer that they cover."""
    small = Image.fromarray(np.ascontiguousarray(half, dtype=np.float32))
    full = np.asarray(small.resize((2 * small.width, 2 * small.height), Image.Resampling.BILINEAR))
    top, left = max(corner[0], 0), max(corner[1], 0)
    bottom, right = min(corner[0] + full.shape[0], layer.shape[0]), min(corner[1] + full.shape[1], layer.shape[1])
    if bottom > top and right > left:
        part = full[top - corner[0] : bottom - corner[0], left - corner[1] : right - corner[1]]
        layer[top:bottom, left:right] += part


def _box_around(x_mm: Field, y_mm: Field, centre: tuple[float, float], reach_mm: float) -> tuple[slice, slice]:
    """Return the rows and columns within reach; x grows along the columns, y falls along the rows."""
    columns = np.flatnonzero(np.abs(x_mm[0] - centre[0]) < reach_mm)
    rows = np.flatnonzero(np.abs(y_mm[:, 0] - centre[1]) < reach_mm)
    if not len(rows) or not len(columns):
        return slice(0, 0), slice(0, 0)
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _rising(values: Field) -> Field:
    """Return the logistic function."""
    return np.asarray(1.0 / (1.0 + np.exp(-values)), dtype=np.float32)
