"""The film being drawn, and what both views draw on it: bones, tubes, the truth about the corners."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from msasss.anatomy import Corner, Endplate, Region, Vertebra, corners_of, vertebrae_of
from msasss.imaging import Facing, Landmarks, Point, VertebraLandmarks
from msasss.reading import CornerFinding, Lesion
from msasss.simulation.clearance import bound_empty_space
from msasss.simulation.fields import Grid, add_round_cones, carve, roughen
from msasss.simulation.noise import trabecular_texture
from msasss.simulation.pose import WORLD, Pose
from msasss.simulation.projection import Camera, accumulate
from msasss.simulation.tissue import Field, tube_cones
from msasss.simulation.vertebra import Bone, corner_point


class Canvas:
    """Layers in the making; the arrays are changed in place.

    Attributes:
        camera: Source, detector and image.
        cortical: (H, W) float32 mm.
        trabecular: (H, W) float32 mm.
        soft: (H, W) float32 mm.
        metal: (H, W) float32 mm.
    """

    __slots__ = ("camera", "cortical", "metal", "soft", "trabecular")

    def __init__(self, camera: Camera) -> None:
        size = (camera.height_px, camera.width_px)
        self.camera = camera
        self.cortical: Field = np.zeros(size, np.float32)
        self.trabecular: Field = np.zeros(size, np.float32)
        self.soft: Field = np.zeros(size, np.float32)
        self.metal: Field = np.zeros(size, np.float32)

    def half_grid(self) -> tuple[Field, Field]:
        """Return world x and y of every other pixel, for soft tissue, which has no fine detail."""
        x, y = self.camera.object_grid()
        return x[::2, ::2], y[::2, ::2]

    def enlarged(self, half: Field) -> Field:
        """Return a field of the half grid at full size."""
        image = Image.fromarray(np.ascontiguousarray(half, dtype=np.float32))
        size = (2 * half.shape[1], 2 * half.shape[0])
        full = np.asarray(image.resize(size, Image.Resampling.BILINEAR))
        return full[: self.camera.height_px, : self.camera.width_px]


@dataclass(frozen=True, slots=True)
class Bony:
    """How a bone that is given by round cones is made.

    Args:
        cortex_mm: Thickness of its cortex.
        density: Of its trabecular bone.
        step_mm: (3,) step of its grid.
        blend_mm: Rounding of the seams.
        sample_mm: Distance of the samples along a ray.
    """

    cortex_mm: float
    density: float
    step_mm: tuple[float, float, float]
    blend_mm: float = 2.0
    sample_mm: float = 1.0


def draw_cones(canvas: Canvas, cones: npt.NDArray[np.float64], made: Bony) -> None:
    """Draw a bone given by (N, 8) round cones in the world."""
    accumulate_grid(canvas, cone_grid(cones, made), made.sample_mm)


def accumulate_grid(canvas: Canvas, grid: Grid, sample_mm: float) -> None:
    """Draw a bone whose grid lies in the world frame."""
    accumulate(canvas.camera, grid, WORLD, canvas.cortical, canvas.trabecular, step_mm=sample_mm)


def cone_grid(cones: npt.NDArray[np.float64], made: Bony) -> Grid:
    """Return the grid of a bone given by (N, 8) round cones, in their frame."""
    ends = np.vstack([cones[:, :3], cones[:, 3:6]])
    margin = float(cones[:, 6:].max()) + 2.5
    low, high = ends.min(axis=0) - margin, ends.max(axis=0) + margin
    grid = Grid(low, high, made.step_mm, cortex_mm=made.cortex_mm, density=made.density)
    add_round_cones(grid, cones, blend_mm=made.blend_mm)
    bound_empty_space(grid)
    return grid


def draw_tube(
    canvas: Canvas, path: npt.ArrayLike, radii_mm: tuple[float, float], *, cortex_mm: float, density: float
) -> None:
    """Draw a rib, clavicle or the like along (N, 3) world points."""
    cones = tube_cones(path, start_radius_mm=radii_mm[0], end_radius_mm=radii_mm[1])
    step = max(1.1, 0.4 * min(radii_mm))
    draw_cones(canvas, cones, Bony(cortex_mm, density, (step, step, step), blend_mm=0.3, sample_mm=1.5))


def draw_new_bone(
    canvas: Canvas,
    cones: npt.NDArray[np.float64],
    made: Bony,
    bodies: Sequence[tuple[Grid, Pose]],
    rng: np.random.Generator,
) -> None:
    """Draw new bone between bodies, leaving out what lies within them."""
    grid = cone_grid(cones, made)
    roughen(grid, rng.standard_normal((24, 24, 24)).astype(np.float32), amplitude_mm=0.15, cell_mm=3.0)
    for body, pose in bodies:
        carve(grid, body, pose, inset_mm=0.35)
    accumulate_grid(canvas, grid, made.sample_mm)


def draw_body(
    canvas: Canvas, grid: Grid, pose: Pose, *, sample_mm: float, texture: float, rng: np.random.Generator
) -> None:
    """Draw a body, its inside textured by trabeculae.

    Args:
        canvas: The film.
        grid: The body in its own frame.
        pose: Where it lies.
        sample_mm: Distance of the samples along a ray.
        texture: Relative deviation of the trabecular pattern.
        rng: Random stream of the pattern.
    """
    camera = canvas.camera
    box = _box(camera, grid, pose)
    if box is None:
        return
    rows, columns = box
    size = (rows.stop - rows.start, columns.stop - columns.start)
    window = _cropped(camera, rows.start, columns.start, size)
    cortical, trabecular = np.zeros(size, np.float32), np.zeros(size, np.float32)
    accumulate(window, grid, pose, cortical, trabecular, step_mm=sample_mm)
    pattern = trabecular_texture(rng, camera, pose, box)
    trabecular *= np.clip(1 + texture * pattern, 0.3, 2.0)
    cortical *= np.clip(1 + 0.35 * texture * pattern, 0.5, 1.5)
    canvas.cortical[box] += cortical
    canvas.trabecular[box] += trabecular


def _box(camera: Camera, grid: Grid, pose: Pose) -> tuple[slice, slice] | None:
    high = grid.low_mm + grid.step_mm * (np.array(grid.distance.shape) - 1)
    ends = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)]) * (high - grid.low_mm) + grid.low_mm
    seen = camera.project(pose.to_world(ends))
    left, top = np.maximum(np.floor(seen.min(axis=0)) - 1, 0).astype(int)
    right, bottom = np.minimum(np.ceil(seen.max(axis=0)) + 1, [camera.width_px, camera.height_px]).astype(int)
    if right - left < 2 or bottom - top < 2:
        return None
    return slice(int(top), int(bottom)), slice(int(left), int(right))


def _cropped(camera: Camera, top: int, left: int, size: tuple[int, int]) -> Camera:
    return Camera(
        source_object_mm=camera.source_object_mm,
        object_detector_mm=camera.object_detector_mm,
        pixel_mm=camera.pixel_mm,
        height_px=size[0],
        width_px=size[1],
        left_mm=camera.left_mm + left * camera.pixel_mm,
        top_mm=camera.top_mm - top * camera.pixel_mm,
        source_x_mm=camera.source_x_mm,
        source_y_mm=camera.source_y_mm,
    )


def landmarks_of(camera: Camera, bones: Mapping[str, Bone], region: Region) -> Landmarks:
    """Return the corners and centres of the seven vertebrae in the image; a point outside it is None."""
    return Landmarks(
        region, Facing.RIGHT, tuple(_points(camera, bones[item.value], item) for item in vertebrae_of(region))
    )


def _points(camera: Camera, bone: Bone, vertebra: Vertebra) -> VertebraLandmarks:
    column = vertebrae_of(vertebra.region)
    corners = {end: bone.level.at(*corner_point(bone.shape, end)) for end in Endplate}
    top, bottom = vertebra is column[0], vertebra is column[-1]
    return VertebraLandmarks(
        vertebra,
        upper_anterior=None if top else _seen(camera, corners[Endplate.SUPERIOR]),
        lower_anterior=None if bottom else _seen(camera, corners[Endplate.INFERIOR]),
        centre=_seen(camera, bone.level.centre),
    )


def _seen(camera: Camera, point: npt.NDArray[np.float64]) -> Point | None:
    x, y = (float(value) for value in camera.project(point)[0])
    return Point(x, y) if 0 <= x <= camera.width_px and 0 <= y <= camera.height_px else None


def findings_of(landmarks: Landmarks, lesions: Mapping[Corner, frozenset[Lesion]]) -> tuple[CornerFinding, ...]:
    """Return the findings of the twelve corners; one outside the image is not visible and bears no lesion."""
    findings = []
    for corner in corners_of(landmarks.region):
        hidden = landmarks.corner(corner) is None
        findings.append(CornerFinding(corner, frozenset() if hidden else lesions[corner], hidden))
    return tuple(findings)
