"""Pedicles, articular processes, laminae and spinous processes, as round cones and boxes in the vertebra's own frame.

They overlap the bodies on a lateral view only in part; they make the film look, and mislead, like a real one.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from msasss.anatomy import Region
from msasss.simulation.clearance import bound_empty_space
from msasss.simulation.fields import Grid, add_body, add_boxes, add_round_cones, roughen
from msasss.simulation.shape import Level
from msasss.simulation.vertebra import Bone

_SPINOUS_SLOPE = {"C2": -0.35, "C3": -0.25, "C4": -0.30, "T1": -0.5, "T2": -0.8, "T3": -0.8}
_STEP_MM = {Region.CERVICAL: (0.8, 0.8, 1.1), Region.LUMBAR: (1.2, 1.2, 1.6)}
_BLEND_MM = {Region.CERVICAL: 1.6, Region.LUMBAR: 2.5}
_ROUGHNESS_MM = {Region.CERVICAL: (0.22, 3.5), Region.LUMBAR: (0.35, 6.0)}


@dataclass(frozen=True, slots=True, eq=False)
class Processes:
    """What stands behind a body: (N, 8) round cones and (M, 9) boxes, own frame."""

    cones: npt.NDArray[np.float64]
    boxes: npt.NDArray[np.float64]


def processes_of(level: Level, region: Region, rng: np.random.Generator) -> Processes:
    """Draw the processes of a vertebra."""
    return _cervical(level, rng) if region is Region.CERVICAL else _lumbar(level, rng)


def posterior_grid(bone: Bone, region: Region, rng: np.random.Generator) -> Grid:
    """Return the processes of a vertebra as a grid of bone, without its body."""
    parts = processes_of(bone.level, region, rng)
    low, high = _bounds(parts)
    cortex = rng.uniform(0.6, 1.1) if region is Region.LUMBAR else rng.uniform(0.4, 0.8)
    grid = Grid(low, high, _STEP_MM[region], cortex_mm=cortex, density=rng.uniform(0.8, 1.25))
    add_round_cones(grid, parts.cones, blend_mm=_BLEND_MM[region])
    if len(parts.boxes):
        add_boxes(grid, parts.boxes, blend_mm=_BLEND_MM[region])
    bound_empty_space(grid)
    body = Grid(low, high, _STEP_MM[region])
    add_body(body, bone.shape)
    amplitude, cell = _ROUGHNESS_MM[region]
    roughen(grid, rng.standard_normal((24, 24, 24)).astype(np.float32), amplitude_mm=amplitude, cell_mm=cell)
    np.maximum(grid.distance, -body.distance, out=grid.distance)
    return grid


def _bounds(parts: Processes) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    ends = np.vstack([parts.cones[:, :3], parts.cones[:, 3:6]])
    low, high = ends.min(axis=0) - 7, ends.max(axis=0) + 7
    if len(parts.boxes):
        low = np.minimum(low, (parts.boxes[:, :3] - parts.boxes[:, 3:6]).min(axis=0) - 9)
        high = np.maximum(high, (parts.boxes[:, :3] + parts.boxes[:, 3:6]).max(axis=0) + 9)
    return low, high


def _lumbar(level: Level, rng: np.random.Generator) -> Processes:
    size = level.dimensions
    s = size.depth_upper / 35.0
    back, tall = -0.5 * size.depth, size.height
    thoracic = level.name.startswith("T")
    facet = rng.uniform(0.85, 1.2)
    root = 0.20 * tall
    cones: list[list[float]] = []
    boxes = []
    for side in (-1.0, 1.0):
        out = side * (0.5 * size.canal_width + 0.5 * size.pedicle_width - 1)
        half = (8 * s, 0.5 * size.pedicle_height - 3.5, max(0.5 * size.pedicle_width - 3.5, 0.5))
        boxes.append([back - 3, root, out, *half, 3.3, 0.0, 0.0])
        reach = side * (8 if thoracic else 18 if level.name == "L5" else 22)
        wide, thick = rng.uniform(0.85, 1.25), rng.uniform(0.85, 1.15)
        own = [
            [-11 * s, root, side, -11 * s, root + 0.62 * tall * facet, 2 * side, 5.0 * s * wide, 4.2 * s],
            [-11 * s, root + 1, 0, -17 * s, -0.33 * tall, -4 * side, 4.6 * s * thick, 4.6 * s * thick],
            [-17 * s, -0.30 * tall, -4 * side, -16.5 * s, -0.86 * tall * facet, -2.5 * side, 5.2 * s * wide, 4.4 * s],
            [-8 * s, root, 2 * side, -13 * s, root + (3 if thoracic else 2), reach, 4.4 * s, 3.2 * s],
        ]
        cones += [[back + a, b, out + c, back + d, e, out + f, g, h] for a, b, c, d, e, f, g, h in own]
        lamina = [back - 18 * s, -0.25 * tall, out - 6 * side, back - size.canal_depth - 4, -0.32 * tall, 0.0]
        cones.append([*lamina, 4.0 * s, 3.5 * s])
    cones += _lumbar_spinous(level, rng)
    return Processes(np.array(cones), np.array(boxes))


def _lumbar_spinous(level: Level, rng: np.random.Generator) -> list[list[float]]:
    size = level.dimensions
    s, thoracic = size.depth_upper / 35.0, level.name.startswith("T")
    half = (0.22 if thoracic else rng.uniform(0.25, 0.34)) * size.height
    slope = math.radians(rng.uniform(12, 24) if thoracic else rng.uniform(2, 16))
    x, y = -0.5 * size.depth - size.canal_depth - 4, -0.34 * size.height + 0.6 * rng.standard_normal()
    length = size.spinous_length * s * rng.uniform(0.85, 1.2)
    cones = []
    for share in np.linspace(0.0, 1.0, 5):
        rise = half * (2 * share - 1)
        first = 5.0 if share == 0 else 2.0
        last = length * (1 - 0.22 * share**2 - (0.12 if share == 0 else 0))
        thick = s * (3.2 if share == 0 else 2.1 if share == 1 else 2.4)
        start = [x - first * math.cos(slope), y - first * math.sin(slope) + 0.75 * rise, 0.0]
        end = [x - last * math.cos(slope), y - last * math.sin(slope) + rise, 0.0]
        cones.append([*start, *end, thick, thick * (1.35 if share == 0 else 1.15)])
    return cones


def _cervical(level: Level, rng: np.random.Generator) -> Processes:
    size = level.dimensions
    s = size.depth_upper / 15.5
    back, neck = -0.5 * size.depth, level.name.startswith("C")
    cones: list[list[float]] = []
    boxes: list[list[float]] = []
    for side in (-1.0, 1.0):
        out = side * (0.5 * size.canal_width + 2.2)
        own = _neck_arch(size.height, s, side) if neck else _chest_arch(side)
        cones += [[back + a, b, out + c, back + d, e, out + f, g, h] for a, b, c, d, e, f, g, h in own]
        foot = [back - size.canal_depth - 2.5, -0.42 * size.height if neck else -6.0, 0.0]
        head = [back - 10 * s, -3.0, out + side] if neck else [back - 10, -3.0, out]
        cones.append([*head, *foot, 2.3 * s if neck else 3.0, 2.4 * s if neck else 3.0])
        if neck:
            boxes.append(_pillar(size.height, s, (back, out + 4.0 * side), rng))
    cones += _cervical_spinous(level, rng)
    return Processes(np.array(cones), np.array(boxes).reshape(-1, 9))


def _pillar(tall: float, s: float, place: tuple[float, float], rng: np.random.Generator) -> list[float]:
    x = place[0] - (7.4 + 0.9 * rng.standard_normal()) * s
    y = -0.8 + 0.6 * rng.standard_normal()
    half = (2.2 * s * rng.uniform(1.0, 1.6), 0.52 * tall - 1.7 + rng.uniform(0, 0.8), 2.6 * s)
    return [x, y, place[1], *half, 2.4, 0.08 * rng.standard_normal(), 0.72 + 0.16 * rng.standard_normal()]


def _neck_arch(tall: float, s: float, side: float) -> list[list[float]]:
    pedicle = [1.5, 0.3, -side, -5 * s, -0.5, 2.5 * side, 3.0 * s, 3.2 * s]
    front_bar = [7 * s, -0.5, 0.5 * side, 4.5 * s, -3.5, 8 * side, 1.3, 1.7]
    back_bar = [-2 * s, -1.0, 2 * side, 0.5 * s, -4.5, 9 * side, 1.2, 1.6]
    facet = [-7 * s, 0.2 * tall, 3 * side, -9.5 * s, -0.3 * tall, 3.5 * side, 2.6 * s, 2.6 * s]
    return [pedicle, front_bar, back_bar, facet]


def _chest_arch(side: float) -> list[list[float]]:
    return [
        [1.5, 2.5, -side, -6, 2, 2 * side, 4.0, 4.0],
        [-6, 2, 2 * side, -8, 10, 3 * side, 4.0, 3.2],
        [-7, 0, side, -12, -13, 0, 4.0, 3.2],
        [-8, 2, 2 * side, -14, 4, 20 * side, 4.5, 4.5],
    ]


def _cervical_spinous(level: Level, rng: np.random.Generator) -> list[list[float]]:
    size = level.dimensions
    s = size.depth_upper / 15.5
    length = size.spinous_length * s * rng.uniform(0.8, 1.25)
    slope = _SPINOUS_SLOPE.get(level.name, -0.35) + 0.08 * rng.standard_normal()
    x, y = -0.5 * size.depth - size.canal_depth - 2, -0.40 * size.height
    thick = rng.uniform(0.9, 1.5) * s
    tip = [x - length, y + slope * length]
    cones = [
        [x + 1, y + 3.2 * s, 0, x - 0.75 * length, y + 0.75 * slope * length + 1.6 * s, 0, 2.0 * s, 1.7 * s],
        [x + 1, y - 2.6 * s, 0, *tip, 0, 2.2 * thick, 2.6 * thick],
        [x + 2, y + 3.5 * s, 1.5, x + 2, y - 3.0 * s, -1.5, 2.0 * s, 2.2 * s],
    ]
    if level.name == "C2":
        cones.append([x + 2, y + 3, 0, x - length, y + slope * length + 1, 0, 4.5, rng.uniform(4.5, 7)])
    if level.name in ("C6", "C7", "T1"):
        cones.append([x + 3, y, 0, x - 1.05 * length, y + slope * length, 0, 2.4 * s, 4.0 * s])
    elif level.name.startswith("C"):
        cones += [
            [tip[0] + 2, tip[1] - 2 * slope, 0, tip[0] - 1.5, tip[1] - 1.5, 3.5 * side, 2.4, 2.2] for side in (-1, 1)
        ]
    return cones
