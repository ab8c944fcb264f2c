"""From grids to path lengths of bone along the rays of a point source.

The source lies at z = -source_object_mm, the detector in the plane z = object_detector_mm of the world frame (mm; x
anterior, y up, z lateral), so that images face right. Between two samples of a ray the signed distance is taken as
linear, which makes the shares of cortex and of trabecular bone exact and keeps shells of 0.4 mm free of aliasing.
"""

import math
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from msasss.simulation.fields import Grid
from msasss.simulation.pose import WORLD, Pose, rotation_of
from msasss.simulation.primitives import Vector, Volume, compiled, trilinear

__all__ = ["WORLD", "Camera", "Pose", "accumulate", "rotation_of"]

Thickness = npt.NDArray[np.float32]

# Beyond this distance from bone a ray may take longer steps; the distances are near enough to true ones for 0.6 of it.
_SKIP_MM = 3.0


@dataclass(frozen=True, slots=True)
class Camera:
    """A point source and a flat detector.

    Args:
        source_object_mm: From the source to the mid-sagittal plane.
        object_detector_mm: From there to the detector.
        pixel_mm: Side of a pixel at the detector.
        height_px: Rows.
        width_px: Columns.
        left_mm: World x of the outer left edge of the image, at the detector.
        top_mm: World y of its outer top edge.
        source_x_mm: World x of the source.
        source_y_mm: World y of the source.
    """

    source_object_mm: float
    object_detector_mm: float
    pixel_mm: float
    height_px: int
    width_px: int
    left_mm: float
    top_mm: float
    source_x_mm: float
    source_y_mm: float

    @property
    def magnification(self) -> float:
        """How much larger the mid-sagittal plane appears at the detector."""
        return (self.source_object_mm + self.object_detector_mm) / self.source_object_mm

    @property
    def source(self) -> Vector:
        """World position of the source, (3,)."""
        return np.array([self.source_x_mm, self.source_y_mm, -self.source_object_mm])

    def project(self, points: npt.ArrayLike) -> Vector:
        """Project (N, 3) world points to (N, 2) image points (x, y) in pixels, outer-corner origin."""
        world = np.asarray(points, dtype=np.float64).reshape(-1, 3)
        stretch = (self.object_detector_mm + self.source_object_mm) / (world[:, 2] + self.source_object_mm)
        x = self.source_x_mm + (world[:, 0] - self.source_x_mm) * stretch
        y = self.source_y_mm + (world[:, 1] - self.source_y_mm) * stretch
        return np.stack([(x - self.left_mm) / self.pixel_mm, (self.top_mm - y) / self.pixel_mm], axis=1)

    def object_grid(self) -> tuple[Thickness, Thickness]:
        """Return world x and y, each (H, W), of the points of the mid-sagittal plane seen by the pixel centres."""
        columns = self.left_mm + (np.arange(self.width_px) + 0.5) * self.pixel_mm
        rows = self.top_mm - (np.arange(self.height_px) + 0.5) * self.pixel_mm
        x = self.source_x_mm + (columns - self.source_x_mm) / self.magnification
        y = self.source_y_mm + (rows - self.source_y_mm) / self.magnification
        grid_x, grid_y = np.meshgrid(x.astype(np.float32), y.astype(np.float32))
        return grid_x, grid_y


class _Bone(NamedTuple):
    distance: Volume
    cortex: Volume
    density: Volume
    low: Vector
    step: Vector


class _Rays(NamedTuple):
    source: Vector
    first: Vector
    per_column: Vector
    per_row: Vector


class _Window(NamedTuple):
    top: int
    bottom: int
    left: int
    right: int


def accumulate(
    camera: Camera,
    grid: Grid,
    pose: Pose,
    cortical: Thickness,
    trabecular: Thickness,
    *,
    step_mm: float = 0.8,
) -> None:
    """Add the path lengths of a structure to the layers of bone.

    Args:
        camera: Source, detector and image.
        grid: The structure in its own frame.
        pose: Where it lies.
        cortical: (H, W) float32 path length through cortex in mm, changed in place.
        trabecular: (H, W) float32 path length through trabecular bone times its density, in mm, changed in place.
        step_mm: Distance of the samples near bone.
    """
    window = _seen(camera, grid, pose)
    if window.bottom <= window.top or window.right <= window.left:
        return
    bone = _Bone(grid.distance, grid.cortex, grid.density, grid.low_mm, grid.step_mm)
    pixel = camera.pixel_mm
    first = np.array([camera.left_mm + 0.5 * pixel, camera.top_mm - 0.5 * pixel, camera.object_detector_mm])
    source, first = pose.to_local(np.stack([camera.source, first]))
    turned = np.array([[pixel, 0.0, 0.0], [0.0, -pixel, 0.0]]) @ pose.rotation
    rays = _Rays(source.copy(), first.copy(), turned[0].copy(), turned[1].copy())
    _project(bone, rays, window, float(step_mm), (cortical, trabecular))


def _seen(camera: Camera, grid: Grid, pose: Pose) -> _Window:
    """Return the rows and columns that can see the grid."""
    high = grid.low_mm + grid.step_mm * (np.array(grid.distance.shape) - 1)
    corners = np.array(list(product(*zip(grid.low_mm, high, strict=True))))
    seen = camera.project(pose.to_world(corners))
    left, top = np.maximum(np.floor(seen.min(axis=0) - 0.5), 0.0).astype(int)
    right, bottom = np.ceil(seen.max(axis=0) + 0.5).astype(int)
    return _Window(int(top), min(camera.height_px, int(bottom)), int(left), min(camera.width_px, int(right)))


@compiled
def _clip(origin: float, direction: float, low: float, high: float, part: tuple[float, float]) -> tuple[float, float]:
    """Cut a part of a ray to a slab; an empty part has its end before its start."""
    if abs(direction) < 1e-9:
        return part if low <= origin <= high else (1.0, 0.0)
    a, b = (low - origin) / direction, (high - origin) / direction
    return max(part[0], min(a, b)), min(part[1], max(a, b))


@compiled
def _march(bone: _Bone, start: Vector, per_mm: Vector, part: tuple[float, float], step: float) -> tuple[float, float]:
    """Return cortical and trabecular path lengths; `start` and `per_mm` are in node indices."""
    t, end = part[0] + 1e-4, part[1] - 1e-4
    before = trilinear(bone.distance, start[0] + t * per_mm[0], start[1] + t * per_mm[1], start[2] + t * per_mm[2])
    cortical = 0.0
    trabecular = 0.0
    while t < end - 1e-4:
        length = min(max(step, before * 0.6) if before > _SKIP_MM else step, end - t)
        t += length
        x, y, z = start[0] + t * per_mm[0], start[1] + t * per_mm[1], start[2] + t * per_mm[2]
        after = trilinear(bone.distance, x, y, z)
        low = min(before, after)
        if low < 0.0:
            spread = max(before, after) - low + 1e-6
            inside = min(1.0, -low / spread)
            core = min(1.0, max(0.0, (-trilinear(bone.cortex, x, y, z) - low) / spread))
            cortical += length * max(0.0, inside - core)
            if core > 0.0:
                trabecular += length * core * trilinear(bone.density, x, y, z)
        before = after
    return cortical, trabecular


@compiled
def _project(bone: _Bone, rays: _Rays, window: _Window, step: float, out: tuple[Thickness, Thickness]) -> None:
    direction = np.empty(3)
    start = np.empty(3)
    per_mm = np.empty(3)
    for row in range(window.top, window.bottom):
        for column in range(window.left, window.right):
            square = 0.0
            for a in range(3):
                direction[a] = rays.first[a] + column * rays.per_column[a] + row * rays.per_row[a] - rays.source[a]
                square += direction[a] * direction[a]
            length = math.sqrt(square)
            part = (0.0, length)
            for a in range(3):
                direction[a] /= length
                high = bone.low[a] + (bone.distance.shape[a] - 1.001) * bone.step[a]
                part = _clip(rays.source[a], direction[a], bone.low[a], high, part)
                start[a] = (rays.source[a] - bone.low[a]) / bone.step[a]
                per_mm[a] = direction[a] / bone.step[a]
            if part[1] > part[0]:
                cortical, trabecular = _march(bone, start, per_mm, part, step)
                out[0][row, column] += cortical
                out[1][row, column] += trabecular
