"""The lumbar view: column from S1 to T8, sacrum, pelvis, ribs, trunk with lungs, bowel gas and fat."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.interpolate import CubicSpline

from msasss.anatomy import Region
from msasss.simulation.fields import BodyShape, Grid, add_body
from msasss.simulation.pose import Pose, rotation_of
from msasss.simulation.projection import Camera, accumulate
from msasss.simulation.scene import Bony, Canvas, draw_cones, draw_tube
from msasss.simulation.shape import Bend, Level, Proportions, bend, stack
from msasss.simulation.streams import stream
from msasss.simulation.tissue import (
    Field,
    Plate,
    add_plate,
    clutter_mm,
    ellipse_mm,
    low_frequency_field,
    smooth_outline,
    trunk_mm,
)
from msasss.simulation.vertebra import Bone, body_shape

_LEVELS = ("S1", "L5", "L4", "L3", "L2", "L1", "T12", "T11", "T10", "T9", "T8")
_FAR = ("T8", "T9", "T10", "T11")
_REGION = Region.LUMBAR
_RIB_LENGTH = {"T12": 0.75, "T11": 1.0, "T10": 1.1, "T9": 1.2, "T8": 1.2}
# Width, depth above and below and height of S2 to S4, and the bend after each of S1 to S4 in degrees.
_SACRUM = ((38.0, 23.0, 17.0, 22.0), (31.0, 16.0, 12.0, 19.0), (25.0, 12.0, 9.0, 16.5))
_SACRAL_BENDS_DEG = (8.0, 14.0, 18.0)
_ILIUM = np.array(
    [
        *[(78, -22), (70, 8), (45, 34), (12, 44), (-20, 34), (-48, 6), (-58, -22)],
        *[(-40, -40), (-28, -58), (0, -72), (18, -100), (40, -120), (52, -80), (66, -50)],
    ],
    dtype=np.float64,
)


def bones_of(seed: int) -> dict[str, Bone]:
    """Draw the healthy column, from S1 upwards."""
    proportions = _proportions(stream(seed, "proportions"))
    rng = stream(seed, "bend")
    how = Bend(rng.normal(0, 9), math.radians(rng.normal(0, 3.5)), 0.0, math.radians(1.7))
    column = bend(stack(_LEVELS, proportions, _REGION, stream(seed, "layout")), how, rng)
    return {
        level.name: Bone(
            level,
            body_shape(level, _REGION, stream(seed, "body", level.name)),
            np.empty((0, 8)),
            level.name not in _FAR,
        )
        for level in column
    }


def _proportions(rng: np.random.Generator) -> Proportions:
    return Proportions(
        scale=rng.uniform(0.85, 1.1),
        height=rng.uniform(0.9, 1.12),
        depth=rng.uniform(0.9, 1.12),
        disc=rng.uniform(0.65, 1.2) if rng.random() < 0.85 else rng.uniform(0.4, 0.7),
        lordosis=rng.normal(0.9, 0.28),
        tilt_deg=rng.normal(0, 8),
        segment_sd_deg=float(rng.choice([2.5, 4.5])),
        wedge_sd=float(rng.choice([0.02, 0.07])),
        disc_sd=float(rng.choice([0.08, 0.2])),
    )


def camera_of(bones: Mapping[str, Bone], seed: int) -> Camera:
    """Draw the geometry of the exposure, centred near L3; some films cut off one end of the column."""
    rng = stream(seed, "camera")
    width, height = int(900 * rng.uniform(0.85, 1.12)), int(1380 * rng.uniform(0.9, 1.08))
    pixel = rng.uniform(0.28, 0.33)
    x, y = bones["L3"].level.centre[:2] + rng.normal([12, -6], [15, 22])
    y += rng.choice([-1, 1]) * rng.uniform(35, 80) if rng.random() < 0.15 else 0.0
    return Camera(
        source_object_mm=rng.uniform(800, 1200),
        object_detector_mm=rng.uniform(180, 280),
        pixel_mm=pixel,
        height_px=height,
        width_px=width,
        left_mm=x - 0.5 * width * pixel,
        top_mm=y + 0.5 * height * pixel,
        source_x_mm=x,
        source_y_mm=y + rng.normal(0, 15),
    )


def draw_surroundings(canvas: Canvas, bones: Mapping[str, Bone], seed: int) -> None:
    """Draw the sacrum below S1, the pelvis, the ribs and the soft tissue."""
    scale = bones["L5"].level.dimensions.depth / 34.7
    _draw_sacrum(canvas, bones["S1"].level, stream(seed, "sacrum"))
    _draw_pelvis(canvas, scale, stream(seed, "pelvis"))
    for name, length in _RIB_LENGTH.items():
        _draw_ribs(canvas, bones[name].level, (length, scale), stream(seed, "ribs", name))
    half = _trunk(canvas.half_grid(), _Midline.of(bones), stream(seed, "soft tissue"))
    canvas.soft += canvas.enlarged(half)


def _draw_sacrum(canvas: Canvas, first: Level, rng: np.random.Generator) -> None:
    scale = first.dimensions.width_upper / 50.0
    curve = rng.uniform(0.6, 1.6)
    lean, height = first.lean_rad, first.dimensions.height
    place = first.centre - (0.5 * height + rng.uniform(0.3, 2.0)) * _up(lean)
    made = Bony(rng.uniform(0.15, 0.4), rng.uniform(0.35, 0.7), (1.5, 1.5, 2.0), blend_mm=5.0, sample_mm=1.2)
    draw_cones(canvas, _wings(first, first.dimensions.depth_upper, 0, first.dimensions.width_upper), made)
    for number, (size, turn) in enumerate(zip(_SACRUM, _SACRAL_BENDS_DEG, strict=True), start=1):
        width, upper, lower, tall = (scale * value for value in size)
        lean -= math.radians(turn) * curve
        centre = place - 0.5 * tall * _up(lean)
        level = Level(f"S{number + 1}", first.dimensions, 1.0, lean, Pose(rotation_of(lean), centre))
        shape = BodyShape(upper, lower, width, 0.85 * width, tall, tall, 1.5, 0.8, 2.0, 0.2, 0.2, 1.5)
        half = 0.5 * np.array([upper, tall, width]) + 4
        grid = Grid(-half, half, (1, 1, 2), cortex_mm=rng.uniform(0.3, 0.7), density=0.9)
        add_body(grid, shape)
        accumulate(canvas.camera, grid, level.pose, canvas.cortical, canvas.trabecular, step_mm=1.4)
        draw_cones(canvas, _wings(level, upper, number, width), made)
        place = centre - 0.5 * tall * _up(lean)


def _wings(level: Level, depth: float, number: int, width: float) -> npt.NDArray[np.float64]:
    """Return the lateral and posterior mass of a sacral vertebra: wide and flat towards the iliac bones."""
    back, k = -0.5 * depth, float(number)
    rows = [[back - 13, 4, 0, back - 12, -12, 0, 4.0, 4.0]]
    for side in (-1, 1):
        near, far = side * 0.35 * width, side * (0.5 * width + 22 - 5 * k)
        rows.append([4 - k, 3 - k, near, -6, -2 - k, far, 6.5 - k, 10 - 2 * k])
        rows.append([-10, 0, near, -22, -10 - k, far, 8 - 1.5 * k, 11 - 2 * k])
        rows.append([back - 9, 6, side * 18, back - 11, -12, side * 14, 3.5, 3.5])
        if number == 0:
            rows.append([back - 6, 3, side * 20, back - 8, 17, side * 20, 5.5, 4.5])
    cones = np.array(rows, dtype=np.float64)
    cones[:, :3] = level.pose.to_world(cones[:, :3])
    cones[:, 3:6] = level.pose.to_world(cones[:, 3:6])
    return cones


def _draw_pelvis(canvas: Canvas, scale: float, rng: np.random.Generator) -> None:
    common = rng.normal([-8, -2], [6, 7])
    for side in (-1.0, 1.0):
        points = _ILIUM * scale * 0.98 + rng.normal(0, 3.0, _ILIUM.shape)
        turn = rng.normal(0, 0.12)
        spin = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
        points = points @ spin + common + rng.normal(0, 3.5, 2)
        plate = Plate(rng.uniform(1, 3), rng.uniform(3, 8), rng.uniform(1.5, 5), 13.0, 9.0, 1.3)
        add_plate(canvas.camera, canvas.cortical, canvas.trabecular, smooth_outline(points), side * 115, plate=plate)
        angles = np.linspace(0, 2 * math.pi, 14)[:-1]
        head = points.mean(axis=0) + [30, -75] + 24 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
        hip = Plate(1.0, 14.0, 3.0, 4.0, 6.0, 1.0)
        add_plate(canvas.camera, canvas.cortical, canvas.trabecular, smooth_outline(head), side * 90, plate=hip)


def _draw_ribs(canvas: Canvas, level: Level, sizes: tuple[float, float], rng: np.random.Generator) -> None:
    length, scale = sizes
    for side in (-1.0, 1.0):
        path = np.array(
            [
                *[[-22, 3, 18], [-36, 0, 42], [-34, -12, 78], [-10, -38 * length, 112]],
                *[[28 * length, -66 * length, 126], [58 * length, -92 * length, 124]],
            ]
        )
        path[:, 2] *= side
        path[1:, 1] += 6 * rng.standard_normal()
        path[3:, 0] += 8 * rng.standard_normal()
        path = path[: 5 if level.name == "T12" else 6] * scale + level.centre
        draw_tube(canvas, path, (5.2, 3.6), cortex_mm=rng.uniform(0.4, 1.2), density=0.8)


@dataclass(frozen=True, slots=True, eq=False)
class _Midline:
    """Where the column runs: its x as a function of y, between the heights of L5 and T8."""

    spline: CubicSpline
    low: float
    high: float
    waist: float
    chest: float

    @classmethod
    def of(cls, bones: Mapping[str, Bone]) -> "_Midline":
        places = [bone.level.centre for name, bone in bones.items() if name != "S1"]
        spline = CubicSpline([place[1] for place in places], [place[0] for place in places])
        return cls(spline, places[0][1], places[-1][1], bones["L3"].level.centre[1], bones["T12"].level.centre[1])

    def x(self, y: npt.ArrayLike, below_mm: float = 0.0) -> Field:
        return np.asarray(self.spline(np.clip(y, self.low - below_mm, self.high)), np.float32)


def _trunk(places: tuple[Field, Field], midline: _Midline, rng: np.random.Generator) -> Field:
    x, y = places
    bulk = rng.uniform(0.75, 1.3)
    behind = 78 * bulk + rng.normal(0, 5)
    buttock = rng.uniform(10, 45) / (1 + np.exp((y - (midline.low + 5)) / 22))
    middle = float(midline.x(0.5 * (midline.low + midline.high)))
    back: Field = 0.55 * midline.x(y, 10.0) + 0.45 * middle - behind - buttock.astype(np.float32)
    soft = trunk_mm(x, y, back, depth_mm=215 * bulk, width_mm=285 * bulk, waist_y_mm=midline.waist)
    size = (x.shape[0], x.shape[1])
    soft *= 1 + 0.03 * low_frequency_field(rng, size, cells=6) + 0.02 * low_frequency_field(rng, size, cells=14)
    soft -= _lungs(places, midline, bulk, rng) + _gas(places, midline, rng)
    spine = midline.x(y)
    blobs = int(rng.integers(40, 110))
    low, high = rng.uniform(1.5, 4.0) * bulk, rng.uniform(3, 7) * bulk
    mottle = clutter_mm(rng, x, y, spine, behind_mm=low, front_mm=high, blobs=blobs)
    soft += mottle * np.clip(soft / 80, 0, 1)
    front = 1 / (1 + np.exp(-(x - spine - 24 - 6 * np.sin(y / 37.0)) / 5))
    soft *= 1 - rng.uniform(0.03, 0.15) * front
    soft += 6 * np.exp(-(((x - spine + 2) / 26) ** 2)) + 6 * np.exp(-(((x - spine + 42) / 26) ** 2))
    return np.clip(soft, 0, None).astype(np.float32)


def _lungs(places: tuple[Field, Field], midline: _Midline, bulk: float, rng: np.random.Generator) -> Field:
    x, y = places
    spine = float(midline.x(midline.chest))
    air = np.zeros_like(x)
    for _ in range(2):
        dome = midline.chest + rng.normal(6, 22) + 18 * np.exp(-(((x - spine - 45) / 55) ** 2))
        dome -= np.clip(spine - 10 - x, 0, 90) * 0.75 + np.clip(x - spine - 75, 0, 300) * 0.25
        inside = 1 / (1 + np.exp(-np.clip((y - dome) / 1.3, -40, 40)))
        chest = np.clip(1 - np.abs((x - spine - 22) / (95 * bulk)) ** 3, 0, 1)
        air += inside * chest * 78 * bulk * np.clip((y - dome) / 30, 0, 1) ** 0.45
    return air


def _gas(places: tuple[Field, Field], midline: _Midline, rng: np.random.Generator) -> Field:
    x, y = places
    air = np.zeros_like(x)
    for _ in range(int(rng.integers(2, 14))):
        centre = (float(midline.x(midline.waist)) + rng.uniform(-15, 120), rng.uniform(midline.low - 50, midline.high))
        half = np.array([rng.uniform(6, 30), rng.uniform(5, 18)])
        pocket = ellipse_mm(x, y, centre, half, angle_rad=rng.uniform(0, 3.1))
        wavy = 1 + 0.3 * np.sin((x - centre[0]) / half[0] * 4) * np.sin((y - centre[1]) / half[1] * 3)
        air += rng.uniform(8, 40) * pocket * wavy
    return air


def _up(lean_rad: float) -> npt.NDArray[np.float64]:
    return np.array([math.sin(lean_rad), math.cos(lean_rad), 0.0])
