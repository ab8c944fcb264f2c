"""Soft tissue of the cervical view: neck, shoulders, airway, hyoid, clavicles and first ribs."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.interpolate import CubicSpline

from msasss.simulation.scene import Canvas, draw_tube
from msasss.simulation.skull import Head
from msasss.simulation.tissue import Field, clutter_mm, ellipse_mm, low_frequency_field, noise_field
from msasss.simulation.vertebra import Bone


@dataclass(frozen=True, slots=True, eq=False)
class _Frame:
    """Places the soft tissue hangs on: (h, w) world x, y and the x of the column at that height; levels by name."""

    x: Field
    y: Field
    spine: Field
    wall: Field
    at: Mapping[str, npt.NDArray[np.float64]]
    scale: float
    atlas_y: float


def draw_neck(canvas: Canvas, bones: Mapping[str, Bone], head: Head, rng: np.random.Generator) -> None:
    """Draw everything in front of, behind and below the cervical column."""
    frame = _frame(canvas, bones)
    _draw_bones(canvas, frame, rng)
    soft = _neck(frame, head, rng)
    soft += _shoulders(frame, rng)
    soft -= _airway(frame, head, rng)
    size = (frame.x.shape[0], frame.x.shape[1])
    soft *= 1 + 0.03 * low_frequency_field(rng, size, cells=7) + 0.02 * low_frequency_field(rng, size, cells=18)
    behind, front, blobs = rng.uniform(0.5, 2.5), rng.uniform(0.8, 3.0), int(rng.integers(25, 80))
    mottle = clutter_mm(
        rng, frame.x, frame.y, frame.spine, behind_mm=behind, front_mm=front, blobs=blobs, radii_mm=(3.0, 14.0)
    )
    soft += mottle * np.clip(soft / 40, 0, 1)
    canvas.soft += canvas.enlarged(np.clip(soft, 0, None))
    canvas.cortical += canvas.enlarged(_larynx(frame, rng))


def _frame(canvas: Canvas, bones: Mapping[str, Bone]) -> _Frame:
    x, y = canvas.half_grid()
    levels = [bone.level for bone in bones.values()]
    heights = np.array([level.centre[1] for level in levels])
    spline = CubicSpline(heights, [level.centre[0] for level in levels])
    within = np.clip(y, heights[0] - 8, heights[-1] + 12)
    wall = np.interp(within, heights, [0.5 * level.dimensions.depth_lower for level in levels])
    axis = bones["C2"].level
    scale = bones["C5"].level.dimensions.depth / 16.0
    top = axis.at(1.0, 0.5 * axis.dimensions.height_anterior + 12 * scale)
    spine = np.asarray(spline(within), np.float32)
    at = {level.name: level.centre for level in levels}
    return _Frame(x, y, spine, np.asarray(wall, np.float32), at, scale, float(top[1]))


def _rise(values: npt.NDArray[np.floating]) -> Field:
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -40, 40))), np.float32)


def _neck(frame: _Frame, head: Head, rng: np.random.Generator) -> Field:
    x, y, base = frame.x, frame.y, float(frame.at["C7"][1])
    wide = 118 * rng.uniform(0.8, 1.25) * frame.scale
    front = frame.spine + rng.uniform(40, 60) * frame.scale + 0.010 * np.clip(base + 25 - y, 0, 200) ** 2
    chin, face = head.at_jaw([(100, -46)])[0], head.at([(122, 0)])[0]
    front += (face[0] - front) * _rise((y - chin[1] + 6 - 0.12 * (x - chin[0] + 30)) / 5.0)
    back = frame.spine - rng.uniform(55, 85) * frame.scale - 0.006 * np.clip(base + 40 - y, 0, 300) ** 2
    back -= 45 * _rise((y - frame.atlas_y - 12) / 10)
    middle, half = 0.5 * (front + back), 0.5 * (front - back)
    section = np.sqrt(np.clip(1 - np.abs((x - middle) / half) ** 2.3, 0, None))
    return np.asarray(wide * (1 + 0.25 * _rise((y - frame.atlas_y - 4) / 8)) * section, np.float32)


def _shoulders(frame: _Frame, rng: np.random.Generator) -> Field:
    level = float(frame.at["C7"][1]) + rng.normal(-8, 18)
    soft = np.zeros_like(frame.x)
    for _ in range(2):
        off, dx = rng.normal(0, 10), rng.normal(0, 15)
        along = frame.x - float(frame.spine.mean()) + 8 + dx
        depth = level + off - 0.0022 * along**2 + 6 * np.sin((frame.x + dx) / 45) - frame.y
        soft += rng.uniform(50, 140) * (1 - np.exp(-np.clip(depth, 0, None) / rng.uniform(25, 60)))
    return soft


def _airway(frame: _Frame, head: Head, rng: np.random.Generator) -> Field:
    x, y, at = frame.x, frame.y, frame.at
    swallow = (3 + 9 * _rise(-(y - at["C5"][1] + 2) / 4.0)) * rng.uniform(0.6, 1.8)
    start = frame.spine + frame.wall + swallow
    wide = rng.uniform(8, 15) + 4 * np.sin((y - at["C4"][1]) / 13.0) * _rise((y - at["C6"][1] - 6) / 5)
    wide = wide + 5 * _rise(-(y - at["C6"][1]) / 8)
    profile = np.sqrt(np.clip(1 - (2 * (x - start) / wide - 1) ** 2, 0, None))
    deep = rng.uniform(12, 26) + 10 * np.exp(-(((y - at["C3"][1]) / 16) ** 2))
    air = deep * profile * _rise(-(y - frame.atlas_y - 26) / 3)
    lid = at["C3"][:2] + rng.normal([26, -6], [4, 6])
    air -= 10 * np.exp(-(((x - lid[0] + 0.35 * (y - lid[1])) / 2.2) ** 2)) * np.exp(-(((y - lid[1]) / 9) ** 2))
    air -= 9 * np.exp(-(((y - at["C5"][1] + 6 - rng.normal(0, 6)) / 2.2) ** 2)) * profile
    mouth = head.at([(52, -4)])[0]
    air += rng.uniform(4, 20) * ellipse_mm(x, y, (mouth[0], mouth[1]), (34, 5), angle_rad=0.1)
    for _ in range(int(rng.integers(3, 8))):
        sinus = head.at([rng.uniform([-10, 8], [100, 80])])[0]
        air += rng.uniform(8, 40) * ellipse_mm(x, y, (sinus[0], sinus[1]), rng.uniform(5, 18, 2))
    apex = at["T2"][1] + rng.normal(-6, 8)
    across = x - frame.spine - 12
    dome = np.clip((apex - y + 6 - 0.004 * across**2) / 25, 0, 1)
    air += 60 * dome * _rise((55 - np.abs(across)) / 6)
    return np.asarray(air, np.float32)


def _larynx(frame: _Frame, rng: np.random.Generator) -> Field:
    """Return flecks of calcified cartilage."""
    centre = frame.at["C5"][:2] + rng.normal([36, -4], [4, 5])
    x = (frame.x - centre[0] - 0.2 * (frame.y - centre[1])) / 7
    y = (frame.y - centre[1]) / 13
    flecks = np.clip(noise_field(rng, (x.shape[0], x.shape[1]), exponent=1.0), 0, 2)
    return np.asarray(np.exp(-((x**2 + y**2) ** 2)) * flecks * rng.uniform(0, 2.5), np.float32)


def _draw_bones(canvas: Canvas, frame: _Frame, rng: np.random.Generator) -> None:
    hyoid = frame.at["C3"] + rng.normal([34, -10, 0], [6, 8, 0])
    turn = rng.normal(0, 0.3)
    spin = np.array([[np.cos(turn), np.sin(turn), 0], [-np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
    for side in (-1.0, 1.0):
        horn = np.array([[-24, 5, 19], [-10, 1, 18], [2, -2, 12], [7, -4, 0]]) * [1, 1, side]
        radii = (rng.uniform(1.2, 2.5), rng.uniform(2.5, 5))
        draw_tube(canvas, horn @ spin + hyoid, radii, cortex_mm=0.7, density=0.7)
        _draw_girdle(canvas, frame, side, rng)


def _draw_girdle(canvas: Canvas, frame: _Frame, side: float, rng: np.random.Generator) -> None:
    x, y = frame.at["T1"][0] + rng.normal(5, 14), frame.at["T2"][1] - rng.uniform(0, 28)
    clavicle = np.array([[x + 60, y + 4, 40], [x + 30, y + 10, 90], [x + 2, y + 8, 140], [x - 16, y + 6, 165]])
    draw_tube(canvas, clavicle * [1, 1, side], (6, 5), cortex_mm=rng.uniform(0.3, 0.9), density=rng.uniform(0.2, 0.6))
    for number in range(3):
        neck = frame.at["T2"][:2] + np.array([-12, 2 - 14 * number])
        rib = np.array([[0, 0, 18], [-14, -2, 45], [10, -18, 62], [45, -34, 40]]) * [1, 1, side]
        rib[:, :2] += neck + rng.normal(0, 4, 2)
        draw_tube(canvas, rib, (3.5, 4), cortex_mm=rng.uniform(0.3, 0.7), density=0.5)
