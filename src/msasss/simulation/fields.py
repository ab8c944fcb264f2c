"""Bone as signed-distance grids: vertebral bodies, processes, erosions, sclerosis, rough surfaces.

A grid lies in the frame of its structure (mm; x anterior, y up, z lateral) and knows, per node, the signed distance to
the bone surface, the thickness of the cortex under it and a multiplier of trabecular density.
"""

from dataclasses import astuple, dataclass

import numpy as np
import numpy.typing as npt

from msasss.simulation import primitives
from msasss.simulation.pose import Pose
from msasss.simulation.primitives import Lattice, Vector, Volume

FAR_MM = 30.0


class Grid:
    """A work buffer for one structure; its arrays are changed in place.

    Args:
        low_mm: (3,) lowest corner.
        high_mm: (3,) highest corner, rounded up to whole steps.
        step_mm: (3,) node spacing.
        cortex_mm: Cortical thickness to start from.
        density: Trabecular density multiplier to start from.

    Attributes:
        low_mm: (3,) float64.
        step_mm: (3,) float64.
        distance: (nx, ny, nz) float32 signed distance in mm, negative inside; starts far outside.
        cortex: (nx, ny, nz) float32 cortical thickness in mm.
        density: (nx, ny, nz) float32 multiplier of trabecular density.
    """

    __slots__ = ("cortex", "density", "distance", "low_mm", "step_mm")

    def __init__(
        self,
        low_mm: npt.ArrayLike,
        high_mm: npt.ArrayLike,
        step_mm: npt.ArrayLike,
        *,
        cortex_mm: float = 0.5,
        density: float = 1.0,
    ) -> None:
        self.low_mm: Vector = np.array(low_mm, dtype=np.float64)
        self.step_mm: Vector = np.array(step_mm, dtype=np.float64)
        shape = np.ceil((np.asarray(high_mm, dtype=np.float64) - self.low_mm) / self.step_mm).astype(int) + 1
        self.distance: Volume = np.full(shape, FAR_MM, dtype=np.float32)
        self.cortex: Volume = np.full(shape, cortex_mm, dtype=np.float32)
        self.density: Volume = np.full(shape, density, dtype=np.float32)

    @property
    def lattice(self) -> Lattice:
        """Where the nodes lie."""
        return Lattice(self.low_mm, self.step_mm)

    def axes(self) -> tuple[Vector, Vector, Vector]:
        """Return the node coordinates along x, y and z, in mm."""
        x, y, z = (self.low_mm[a] + self.step_mm[a] * np.arange(self.distance.shape[a]) for a in range(3))
        return x, y, z


@dataclass(frozen=True, slots=True)
class BodyShape:
    """A vertebral body, centred on its frame; lengths in mm.

    Args:
        depth_upper: Antero-posterior depth of the upper endplate.
        depth_lower: The same of the lower endplate.
        width_upper: Lateral width of the upper endplate.
        width_lower: The same of the lower endplate.
        height_anterior: Height of the anterior wall.
        height_posterior: Height of the posterior wall.
        waist_anterior: Depth of the concavity of the anterior wall; about 0 or less when squared.
        waist_posterior: The same of the posterior wall.
        waist_lateral: The same of each lateral wall.
        concavity_upper: Depth of the dish in the upper endplate.
        concavity_lower: The same in the lower endplate.
        fillet: Rounding of the edges between walls and endplates.
        exponent_anterior: Superellipse exponent of the anterior half of the axial section.
        exponent_posterior: The same of the posterior half.
        uncinate: Rise of the lateral upper edges (cervical).
        bevel_upper: Drop of the anterior upper edge (cervical).
        lip_lower: Downward lip of the anterior lower edge (cervical).
        posterior_concavity: Depth of the canal's imprint in the posterior wall.
        bias_upper: How far the upper dish is deeper behind than in front, per half depth.
        bias_lower: The same of the lower dish.
    """

    depth_upper: float
    depth_lower: float
    width_upper: float
    width_lower: float
    height_anterior: float
    height_posterior: float
    waist_anterior: float = 2.5
    waist_posterior: float = 1.0
    waist_lateral: float = 2.0
    concavity_upper: float = 1.2
    concavity_lower: float = 1.4
    fillet: float = 1.3
    exponent_anterior: float = 2.3
    exponent_posterior: float = 3.5
    uncinate: float = 0.0
    bevel_upper: float = 0.0
    lip_lower: float = 0.0
    posterior_concavity: float = 1.2
    bias_upper: float = 0.3
    bias_lower: float = 0.3


def add_body(grid: Grid, shape: BodyShape) -> None:
    """Write the distance to a vertebral body over the whole grid."""
    primitives.fill_body(grid.distance, grid.lattice, np.array(astuple(shape), dtype=np.float64))


def add_round_cones(grid: Grid, cones: npt.ArrayLike, *, blend_mm: float) -> None:
    """Unite with round cones, rounding the seams.

    Args:
        grid: Changed in place.
        cones: (N, 8): start (3), end (3), radius at the start and at the end, in mm.
        blend_mm: Size of the rounding.
    """
    primitives.unite_round_cones(grid.distance, grid.lattice, _rows(cones, 8), blend_mm)


def add_boxes(grid: Grid, boxes: npt.ArrayLike, *, blend_mm: float) -> None:
    """Unite with rounded boxes, rounding the seams.

    Args:
        grid: Changed in place.
        boxes: (N, 9): centre (3), half sides (3) and rounding in mm, rotation about z in radians, shear of y along x.
        blend_mm: Size of the rounding.
    """
    primitives.unite_boxes(grid.distance, grid.lattice, _rows(boxes, 9), blend_mm)


def subtract_ellipsoids(grid: Grid, ellipsoids: npt.ArrayLike, *, blend_mm: float) -> None:
    """Cut ellipsoids out of the bone: erosions.

    Args:
        grid: Changed in place.
        ellipsoids: (N, 6): centre (3), radii (3), in mm.
        blend_mm: Size of the rounding.
    """
    primitives.cut_ellipsoids(grid.distance, grid.lattice, _rows(ellipsoids, 6), blend_mm)


def add_blobs(array: Volume, grid: Grid, blobs: npt.ArrayLike) -> None:
    """Add gaussians to an array of the grid: sclerosis to its density, thickening to its cortex.

    Args:
        array: (nx, ny, nz) of the grid's shape, changed in place.
        grid: Tells where the nodes of the array lie.
        blobs: (N, 7): centre (3) and sigma (3) in mm, amplitude in the unit of the array.
    """
    primitives.add_gaussians(array, grid.lattice, _rows(blobs, 7))


def roughen(grid: Grid, noise: Volume, *, amplitude_mm: float, cell_mm: float) -> None:
    """Shift the surface by noise.

    Args:
        grid: Changed in place.
        noise: (n, n, n) float32 of unit deviation; repeats periodically.
        amplitude_mm: Deviation of the surface.
        cell_mm: Distance of the noise's nodes.
    """
    primitives.displace(grid.distance, grid.lattice, noise, amplitude_mm, cell_mm)


def carve(grid: Grid, other: Grid, pose: Pose, *, inset_mm: float) -> None:
    """Remove another structure from a grid, so that bone is not counted twice.

    Args:
        grid: In the world frame; changed in place.
        other: The structure to remove, in its own frame.
        pose: Where that structure lies.
        inset_mm: Thickness of its outer layer that is left in place.
    """
    place = (np.ascontiguousarray(pose.rotation, float), np.ascontiguousarray(pose.translation, float))
    primitives.cut_placed(grid.distance, grid.lattice, other.distance + np.float32(inset_mm), other.lattice, place)


def _rows(values: npt.ArrayLike, columns: int) -> Vector:
    return np.ascontiguousarray(np.asarray(values, dtype=np.float64).reshape(-1, columns))
