"""C1, skull and mandible on the cervical view: what lies above C2 and is easily taken for it."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from msasss.simulation.scene import Bony, Canvas, draw_cones, draw_tube
from msasss.simulation.shape import Level
from msasss.simulation.tissue import Plate, add_plate, plate_mask, smooth_outline

_Points = npt.NDArray[np.float64]
_OCCIPUT = [(8, 12), (-4, 6), (-22, -1), (-46, -4), (-72, 6), (-92, 30), (-106, 62), (-90, 120), (0, 150)]
_FOREHEAD = [(70, 120), (60, 60), (20, 28)]
_MASTOID = [(-2, 14), (-6, -2), (-14, -10), (-24, -2), (-30, 16), (-14, 24)]
_MANDIBLE = [(18, 28), (14, 6), (13, -14), (20, -27), (42, -37), (72, -44), (98, -42), (100, -22), (62, -18)]
_RAMUS = [(46, -10), (40, 6), (44, 26)]
_PALATE = [(44, 22), (70, 20), (100, 18), (104, 12), (70, 13), (44, 16)]


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """The frame of the head: mm, origin above the dens, first axis to the face, second to the vertex.

    Args:
        origin: (2,) world x and y.
        face: (2,) direction of the face.
        size: Scale.
        jaw: (2,) shift of the mandible, in mm of this frame.
        jaw_turn_rad: Its opening.
        jaw_size: Its scale.
    """

    origin: _Points
    face: _Points
    size: float
    jaw: _Points
    jaw_turn_rad: float
    jaw_size: float

    def at(self, points: npt.ArrayLike) -> _Points:
        """Return (N, 2) points of the head in the world."""
        flat = self.size * np.asarray(points, dtype=np.float64).reshape(-1, 2)
        up = np.array([-self.face[1], self.face[0]])
        world: _Points = self.origin + flat[:, :1] * self.face + flat[:, 1:] * up
        return world

    def at_jaw(self, points: npt.ArrayLike) -> _Points:
        """Return (N, 2) points of the jaw, given for a closed one, in the world."""
        flat = (np.asarray(points, dtype=np.float64).reshape(-1, 2) - [14, 0]) * self.jaw_size
        c, s = math.cos(self.jaw_turn_rad), math.sin(self.jaw_turn_rad)
        return self.at(flat @ np.array([[c, s], [-s, c]]) + [14, 0] + self.jaw)


def draw_atlas(canvas: Canvas, axis: Level, scale: float, rng: np.random.Generator) -> None:
    """Draw C1 around the dens: anterior arch, lateral masses, posterior arch; and the ring of C2's own processes."""
    up, front = axis.pose.rotation[:, 1], axis.pose.rotation[:, 0]
    middle = axis.centre + up * (0.5 * axis.dimensions.height_anterior + rng.uniform(9, 16) * scale) + front
    arch = middle + front * 9 * scale
    back = middle - front * rng.uniform(29, 43) * scale + up * rng.uniform(-9, 4)
    cones = [[*(arch - up * 4 * scale), *(arch + up * 4 * scale), 3 * scale, 2.6 * scale]]
    thick = rng.uniform(3.0, 6.5)
    for side in (-1.0, 1.0):
        out = np.array([0.0, 0.0, side])
        mass = middle + out * 17 * scale - front * 3 + up * 2
        cones.append([*mass, *(middle + out * 19 * scale - front * 4 - up * 8), 6.0, 6.5])
        bend = middle + out * 17 * scale - front * 22 - up * 2
        cones.append([*(middle + out * 19 * scale - front * 8 - up * 2), *bend, 3.2, 2.8])
        cones.append([*bend, *back, 2.8, thick])
        cones.append([*arch, *(middle + out * 16 * scale + front), 2.8, 4.0])
    draw_cones(canvas, np.array(cones), Bony(rng.uniform(0.7, 1.1), 1.2, (0.9, 0.9, 1.1), sample_mm=0.8))
    if rng.random() < 0.85:
        _draw_ring(canvas, axis, scale, rng)


def _draw_ring(canvas: Canvas, axis: Level, scale: float, rng: np.random.Generator) -> None:
    """Draw Harris's ring, the outline of the lateral masses of C2 over its body."""
    tall, angles = axis.dimensions.height, np.linspace(0, 2 * math.pi, 17)
    made = Bony(0.9, 1.0, (0.5, 0.5, 0.7), blend_mm=1.2, sample_mm=0.6)
    for side in (-1.0, 1.0):
        half = rng.uniform([5.0, 6.0], [7.0, 8.5]) * scale
        x = rng.normal(-0.5, 0.8) + half[0] * np.cos(angles)
        y = tall * rng.uniform(0.1, 0.32) + half[1] * np.sin(angles)
        ring = axis.pose.to_world(np.stack([x, y, np.full(17, side * rng.uniform(5, 10))], axis=1))
        radius = rng.uniform(0.5, 1.1)
        draw_cones(canvas, np.column_stack([ring[:-1], ring[1:], np.full((16, 2), radius)]), made)


def draw_skull(canvas: Canvas, axis: Level, scale: float, rng: np.random.Generator) -> Head:
    """Draw occiput, mastoids, skull base, mandible with teeth, palate and face, both sides; return their frame."""
    up = axis.pose.rotation[:2, 1]
    above = 0.5 * axis.dimensions.height_anterior + (rng.uniform(9, 16) + rng.uniform(11, 24)) * scale
    nod = math.radians(rng.normal(4, 9))
    head = Head(
        origin=axis.centre[:2] + up * above,
        face=np.array([math.cos(nod), -math.sin(nod)]),
        size=scale * rng.uniform(0.95, 1.08),
        jaw=rng.normal([4, -13], [7, 9]),
        jaw_turn_rad=rng.normal(0, 0.14),
        jaw_size=rng.uniform(0.85, 1.1),
    )
    for side in (-1.0, 1.0):
        _draw_vault(canvas, head, side, rng)
        _draw_jaw(canvas, head, side, rng)
        _draw_face(canvas, head, side, rng)
    return head


def _plate(canvas: Canvas, outline: _Points, z_mm: float, plate: Plate) -> None:
    add_plate(canvas.camera, canvas.cortical, canvas.trabecular, smooth_outline(outline), z_mm, plate=plate)


def _draw_vault(canvas: Canvas, head: Head, side: float, rng: np.random.Generator) -> None:
    vault = np.array(_OCCIPUT + _FOREHEAD, dtype=np.float64)
    vault[1:7] += rng.normal(0, 2.0, (6, 2))
    thick = Plate(rng.uniform(2, 6), rng.uniform(3, 8), rng.uniform(3, 8), 9.0, 5.5, 1.4)
    _plate(canvas, head.at(vault), side * 32, thick)
    mastoid = np.array(_MASTOID, dtype=np.float64) + rng.normal(0, 1.5, (6, 2)) + [0, rng.normal(0, 4)]
    _plate(canvas, head.at(mastoid), side * 55, Plate(rng.uniform(1, 5), 9.0, 2.0, 2.0, 3.0))
    for _ in range(int(rng.integers(2, 7))):
        ends = head.at([rng.uniform([-40, 0], [30, 35]), rng.uniform([-30, 5], [60, 60])])
        bow = ends.mean(axis=0) + rng.normal(0, 8, 2)
        path = np.column_stack([np.stack([ends[0], bow, ends[1]]), side * np.array([40, 30, 25])])
        draw_tube(canvas, path, (rng.uniform(1, 4), rng.uniform(1, 3)), cortex_mm=1.0, density=0.6)


def _draw_jaw(canvas: Canvas, head: Head, side: float, rng: np.random.Generator) -> None:
    shift = rng.normal(0, 2.5, 2)
    own = Head(head.origin, head.face, head.size, head.jaw + shift, head.jaw_turn_rad, head.jaw_size)
    jaw = np.array(_MANDIBLE + _RAMUS, dtype=np.float64)
    jaw[4, 1] += rng.normal(0, 2)
    thick = Plate(rng.uniform(1.5, 5), rng.uniform(3, 9), rng.uniform(2, 6), 2.0, 5.0, 1.6)
    _plate(canvas, own.at_jaw(jaw), side * 42, thick)
    filled = rng.random() < 0.3
    for number in range(9):
        for height in (-14.0, 4.0):
            wide = rng.uniform(2.4, 4.0)
            x = 46 + 6.6 * number + rng.normal(0, 0.5)
            y = height - 0.6 * number
            tooth = own.at_jaw([(x - wide, y - 9), (x + wide, y - 9), (x + wide, y + 9), (x - wide, y + 9)])
            z = side * (30 - 2.2 * number)
            enamel = Plate(rng.uniform(3, 9), 0.0, 0.0, 0.0)
            add_plate(canvas.camera, canvas.cortical, canvas.trabecular, tooth, z, plate=enamel)
            if filled and rng.random() < 0.3:
                middle = tooth.mean(axis=0)
                canvas.metal += rng.uniform(1, 3) * plate_mask(canvas.camera, 0.5 * (tooth + middle), z)


def _draw_face(canvas: Canvas, head: Head, side: float, rng: np.random.Generator) -> None:
    palate = Plate(rng.uniform(1, 5), 3.0, 2.0, 2.0)
    _plate(canvas, head.at_jaw(_PALATE), side * 20, palate)
    for _ in range(int(rng.integers(2, 6))):
        angles = np.sort(rng.uniform(0, 2 * math.pi, 7)) + 0.02 * np.arange(7)
        radii = rng.uniform(6, 28, 7)
        centre = head.at([rng.uniform([25, 20], [100, 100])])[0]
        outline = centre + np.stack([np.cos(angles), np.sin(angles)], axis=1) * radii[:, None]
        plate = Plate(rng.uniform(0.5, 3), rng.uniform(0, 4), rng.uniform(1, 5), 2.0, 3.0)
        _plate(canvas, outline, side * rng.uniform(10, 50), plate)
