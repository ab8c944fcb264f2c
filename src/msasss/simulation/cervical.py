"""The cervical view: column from T3 to C2 with dens, C1, skull, mandible, hyoid, airway and shoulders."""

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from msasss.anatomy import Region
from msasss.simulation.neck import draw_neck
from msasss.simulation.projection import Camera
from msasss.simulation.scene import Canvas
from msasss.simulation.shape import Bend, Level, Proportions, bend, stack
from msasss.simulation.skull import draw_atlas, draw_skull
from msasss.simulation.streams import stream
from msasss.simulation.vertebra import Bone, body_shape

_LEVELS = ("T3", "T2", "T1", "C7", "C6", "C5", "C4", "C3", "C2")
_FAR = ("T3", "T2")
_REGION = Region.CERVICAL


def bones_of(seed: int) -> dict[str, Bone]:
    """Draw the healthy column, from T3 upwards."""
    proportions = _proportions(stream(seed, "proportions"))
    rng = stream(seed, "bend")
    tilt = math.radians(rng.normal(0, 1.5))
    how = Bend(rng.normal(0, 5), math.radians(rng.normal(0, 3.5)), tilt, math.radians(1.6))
    column = bend(stack(_LEVELS, proportions, _REGION, stream(seed, "layout")), how, rng)
    return {level.name: _bone(level, proportions, seed) for level in column}


def _bone(level: Level, proportions: Proportions, seed: int) -> Bone:
    shape = body_shape(level, _REGION, stream(seed, "body", level.name), immaturity=proportions.immaturity)
    dens = _dens(level, proportions.scale, stream(seed, "dens")) if level.name == "C2" else np.empty((0, 8))
    return Bone(level, shape, dens, level.name not in _FAR)


def _proportions(rng: np.random.Generator) -> Proportions:
    young = rng.uniform(0.05, 0.3) if rng.random() < 0.15 else 0.0
    return Proportions(
        scale=rng.uniform(0.85, 1.1),
        height=rng.uniform(0.7, 1.12),
        depth=rng.uniform(0.88, 1.12),
        disc=rng.uniform(0.5, 1.05) if rng.random() < 0.85 else rng.uniform(0.35, 0.6),
        lordosis=rng.normal(1.4, 0.6),
        tilt_deg=rng.normal(8, 8) if rng.random() < 0.85 else rng.normal(15, 18),
        segment_sd_deg=float(rng.choice([2.0, 3.5, 5.0])),
        wedge_sd=float(rng.choice([0.02, 0.05])),
        disc_sd=float(rng.choice([0.08, 0.18])),
        axis_height=rng.uniform(0.95, 1.25),
        immaturity=0.7 * young,
    )


def _dens(level: Level, scale: float, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    tall, half = level.dimensions.height, 0.5 * level.dimensions.height
    x, lean, length = rng.uniform(-1, 1), rng.uniform(-2.5, 1.5), rng.uniform(11, 18) * scale
    thick = rng.uniform(5.0, 6.2) * scale
    shoulders = [[-1.0, 0.2 * half, 6 * side, -2.5, 0.75 * half, 12 * side, 5.0, 4.2] for side in (-1, 1)]
    neck = [x, -0.1 * tall, 0, x + 0.3, 0.9 * half, 0, 1.25 * thick, 1.1 * thick]
    peg = [x + 0.3, 0.9 * half, 0, lean, half + length, 0, 1.05 * thick, 0.8 * thick]
    return np.array([neck, peg, *shoulders])


def camera_of(bones: Mapping[str, Bone], seed: int) -> Camera:
    """Draw the geometry of the exposure, centred near C4; some films cut off one end of the column."""
    rng = stream(seed, "camera")
    width, height = int(880 * rng.uniform(0.85, 1.15)), int(1160 * rng.uniform(0.88, 1.08))
    pixel = rng.uniform(0.235, 0.28)
    off = rng.choice([-1, 1]) * rng.uniform(45, 80) if rng.random() < 0.15 else 0.0
    x = bones["C5"].level.centre[0] + rng.normal(6, 9)
    y = bones["C4"].level.centre[1] + rng.normal(-4, 12) + off
    return Camera(
        source_object_mm=rng.uniform(1250, 1600),
        object_detector_mm=rng.uniform(150, 320),
        pixel_mm=pixel,
        height_px=height,
        width_px=width,
        left_mm=x - 0.5 * width * pixel,
        top_mm=y + 0.5 * height * pixel,
        source_x_mm=x,
        source_y_mm=y + rng.normal(0, 15),
    )


def draw_surroundings(canvas: Canvas, bones: Mapping[str, Bone], seed: int) -> None:
    """Draw C1, the skull and the mandible, then the soft tissue of the neck with its airway."""
    scale = bones["C5"].level.dimensions.depth / 16.0
    axis = bones["C2"].level
    draw_atlas(canvas, axis, scale, stream(seed, "atlas"))
    head = draw_skull(canvas, axis, scale, stream(seed, "skull"))
    draw_neck(canvas, bones, head, stream(seed, "neck"))
