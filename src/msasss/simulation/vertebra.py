"""The body of one vertebra: its shape, its rim, its grid of bone.

Frame of a vertebra: mm, origin at the centre of its body, x to the front, y up, z lateral.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from msasss.anatomy import Endplate, Region
from msasss.simulation.fields import BodyShape, Grid, add_blobs, add_body, add_round_cones, roughen
from msasss.simulation.shape import Level

_FINE_STEP_MM = {Region.CERVICAL: (0.35, 0.35, 0.8), Region.LUMBAR: (0.5, 0.5, 1.2)}
_COARSE_STEP_MM = {Region.CERVICAL: (0.6, 0.6, 1.2), Region.LUMBAR: (0.9, 0.9, 1.8)}
_ROUGHNESS_MM = {Region.CERVICAL: (0.10, 4.0), Region.LUMBAR: (0.16, 7.0)}
_GROWTH_ROOM_MM = {Region.CERVICAL: 8.0, Region.LUMBAR: 14.0}
_RIM_PULL = 0.22


@dataclass(frozen=True, slots=True, eq=False)
class Bone:
    """A vertebra to be drawn.

    Args:
        level: Its sizes and its place.
        shape: Of its body.
        dens: (N, 8) round cones united with the body, own frame; empty but for C2.
        fine: Drawn on a fine grid, as are those that are scored.
    """

    level: Level
    shape: BodyShape
    dens: npt.NDArray[np.float64]
    fine: bool = True

    @property
    def name(self) -> str:
        """Name of the vertebra."""
        return self.level.name


def body_shape(level: Level, region: Region, rng: np.random.Generator, *, immaturity: float = 0.0) -> BodyShape:
    """Draw the shape of a healthy body, its anterior wall clearly concave."""
    if region is Region.CERVICAL:
        return _cervical_shape(level, rng, immaturity)
    return _sacral_shape(level, rng) if level.name == "S1" else _lumbar_shape(level, rng)


def corner_point(shape: BodyShape, endplate: Endplate) -> npt.NDArray[np.float64]:
    """Return the anterior corner of a body in the mid-sagittal plane, (3,) own frame, on its rounded edge."""
    upper = endplate is Endplate.SUPERIOR
    depth = shape.depth_upper if upper else shape.depth_lower
    half = 0.5 * _height_at(shape, 0.5 * depth)
    y = half - shape.bevel_upper if upper else -half - shape.lip_lower
    pull = _RIM_PULL * shape.fillet
    return np.array([0.5 * depth - pull, y - pull if upper else y + pull, 0.0])


def rim_points(
    shape: BodyShape, endplate: Endplate, azimuths: npt.NDArray[np.float64], *, inset_mm: float
) -> npt.NDArray[np.float64]:
    """Return points a little inside the rim of an endplate.

    Args:
        shape: The body.
        endplate: Which rim.
        azimuths: (N,) radians; 0 is the front, positive towards the detector.
        inset_mm: Depth below the surface, outwards and towards the disc.

    Returns:
        (N, 3) own frame.
    """
    upper = endplate is Endplate.SUPERIOR
    depth, width = (shape.depth_upper, shape.width_upper) if upper else (shape.depth_lower, shape.width_lower)
    cos, sin = np.cos(azimuths), np.sin(azimuths)
    power = shape.exponent_anterior
    radius = (np.abs(cos / (0.5 * depth)) ** power + np.abs(sin / (0.5 * width)) ** power) ** (-1 / power)
    x, z = radius * cos, radius * sin
    fore = np.clip(x / (0.5 * depth) - 0.35, 0, None) / 0.65
    drop = (shape.bevel_upper if upper else shape.lip_lower) * fore**2
    half = 0.5 * _height_at(shape, x)
    pull = 0.25 * shape.fillet + inset_mm
    y = half - drop - pull if upper else -half - drop + pull
    return np.stack([x - pull * cos, y, z - pull * sin], axis=1)


def outward(azimuths: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the horizontal directions of azimuths, (N, 3) own frame."""
    return np.stack([np.cos(azimuths), np.zeros_like(azimuths), np.sin(azimuths)], axis=1)


def body_grid(bone: Bone, region: Region, rng: np.random.Generator, *, room_for_growth: bool = False) -> Grid:
    """Return the body as a grid of bone with an uneven cortex and an uneven inside, without lesions."""
    shape = bone.shape
    half = 0.5 * np.array(
        [
            max(shape.depth_upper, shape.depth_lower),
            max(shape.height_anterior, shape.height_posterior),
            max(shape.width_upper, shape.width_lower),
        ]
    )
    above = float(bone.dens[:, [1, 4]].max() + 8.0 - half[1]) if len(bone.dens) else 5.0 + shape.uncinate
    front = _GROWTH_ROOM_MM[region] if room_for_growth else 5.0
    over = 5.0 + (0.5 * _GROWTH_ROOM_MM[region] if room_for_growth else 0.0)
    low, high = -half - np.array([3, 9, 3]), half + np.array([front, max(above, over), 3])
    grid = Grid(low, high, (_FINE_STEP_MM if bone.fine else _COARSE_STEP_MM)[region], cortex_mm=0.0)
    add_body(grid, shape)
    if len(bone.dens):
        add_round_cones(grid, bone.dens, blend_mm=4.5)
    amplitude, cell = _ROUGHNESS_MM[region]
    noise = rng.standard_normal((24, 24, 24)).astype(np.float32)
    roughen(grid, noise, amplitude_mm=amplitude * rng.uniform(0.7, 1.5), cell_mm=cell)
    _fill(grid, half, rng)
    return grid


def _fill(grid: Grid, half: npt.NDArray[np.float64], rng: np.random.Generator) -> None:
    x, y, _ = grid.axes()
    up = np.clip(np.abs(y) / half[1], 0, 1)
    fore = np.clip(x / half[0], -1, 1)
    wall = rng.uniform(0.2, 0.5)
    front = 1 - rng.uniform(0.0, 0.6) * np.clip(fore, 0, 1)[:, None] * (1 - up[None, :] ** 3)
    cortex = wall * front + rng.uniform(0.08, 0.35) * up[None, :] ** 6
    density = 0.86 + rng.uniform(0.15, 0.4) * up**3
    grid.cortex += cortex[:, :, None].astype(np.float32)
    grid.density *= density[None, :, None].astype(np.float32)
    add_blobs(grid.cortex, grid, _blobs(half, rng, count=16, sizes=(0.12, 0.35), spread=0.35 * wall))
    add_blobs(grid.density, grid, _blobs(half, rng, count=12, sizes=(0.15, 0.45), spread=0.25))
    vein = [-half[0], 0, 0, 0.45 * half[0], 0.13 * half[1], 0.3 * half[2], -rng.uniform(0.2, 0.7)]
    add_blobs(grid.density, grid, np.array([vein]))
    np.maximum(grid.cortex, 0.06, out=grid.cortex)
    np.maximum(grid.density, 0.3, out=grid.density)


def _blobs(
    half: npt.NDArray[np.float64],
    rng: np.random.Generator,
    *,
    count: int,
    sizes: tuple[float, float],
    spread: float,
) -> npt.NDArray[np.float64]:
    centre = rng.uniform(-1, 1, (count, 3)) * half
    sigma = rng.uniform(*sizes, (count, 3)) * half
    return np.hstack([centre, sigma, spread * rng.standard_normal((count, 1))])


def _height_at(shape: BodyShape, x: float | npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    mean = 0.5 * (shape.height_anterior + shape.height_posterior)
    slope = (shape.height_anterior - shape.height_posterior) / (0.5 * (shape.depth_upper + shape.depth_lower))
    height: npt.NDArray[np.float64] = np.asarray(mean + slope * x)
    return height


def _plain(level: Level) -> BodyShape:
    size = level.dimensions
    return BodyShape(
        depth_upper=size.depth_upper,
        depth_lower=size.depth_lower,
        width_upper=size.width_upper,
        width_lower=size.width_lower,
        height_anterior=size.height_anterior,
        height_posterior=size.height_posterior,
    )


def _lumbar_shape(level: Level, rng: np.random.Generator) -> BodyShape:
    return replace(
        _plain(level),
        waist_anterior=rng.uniform(1.3, 3.2),
        waist_posterior=rng.uniform(0.6, 1.4),
        waist_lateral=rng.uniform(3.0, 4.5),
        concavity_upper=rng.uniform(0.6, 2.4),
        concavity_lower=rng.uniform(0.8, 3.0),
        fillet=rng.uniform(0.9, 1.8),
        exponent_posterior=3.2,
        bias_upper=0.25,
        bias_lower=0.45,
    )


def _sacral_shape(level: Level, rng: np.random.Generator) -> BodyShape:
    return replace(
        _plain(level),
        waist_anterior=rng.uniform(1.3, 2.6),
        waist_posterior=0.8,
        concavity_upper=rng.uniform(0.4, 1.0),
        concavity_lower=0.4,
        fillet=rng.uniform(1.0, 1.7),
        exponent_posterior=3.0,
        posterior_concavity=1.0,
    )


def _cervical_shape(level: Level, rng: np.random.Generator, immaturity: float) -> BodyShape:
    size = level.dimensions.depth_upper / 15.5
    neck = level.name.startswith("C")
    shape = replace(
        _plain(level),
        waist_anterior=rng.uniform(0.6, 1.3),
        waist_posterior=rng.uniform(0.3, 0.7),
        waist_lateral=rng.uniform(0.8, 1.5),
        concavity_upper=rng.uniform(0.1, 0.6),
        concavity_lower=rng.uniform(0.7, 1.9),
        fillet=rng.uniform(1.0, 2.0) if immaturity else rng.uniform(0.6, 1.1),
        exponent_anterior=2.4,
        exponent_posterior=4.0,
        uncinate=rng.uniform(2.5, 4.5) if neck else 1.0,
        bevel_upper=rng.uniform(0.6, 1.8) * size if neck else 0.4,
        lip_lower=rng.uniform(0.5, 1.8) * size if neck else 0.4,
        posterior_concavity=0.3,
        bias_lower=0.1,
    )
    if level.name != "C2":
        return shape
    taper = rng.uniform(0.72, 0.92)
    return replace(
        shape,
        depth_upper=shape.depth_upper * taper,
        width_upper=shape.width_upper * 0.75,
        concavity_upper=0.0,
        uncinate=0.0,
        bevel_upper=0.0,
    )
