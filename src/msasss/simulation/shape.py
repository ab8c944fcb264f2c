"""Where the vertebrae of one person stand: sizes, the sagittal chain of bodies and discs, and the pose in space.

World frame: mm, x to the front, y up, z to the detector. The leaning angle of a vertebra is positive to the front.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from msasss.anatomy import Region
from msasss.simulation.dimensions import DISC_BELOW, VERTEBRAE, Dimensions, DiscDimensions
from msasss.simulation.projection import Pose, rotation_of

_LEAST_RIM_GAP_MM = {Region.CERVICAL: 1.6, Region.LUMBAR: 3.0}
_LEAST_DISC_MM = {Region.CERVICAL: 1.6, Region.LUMBAR: 3.0}
_SLIP_SD_MM = {Region.CERVICAL: 0.5, Region.LUMBAR: 0.9}


@dataclass(frozen=True, slots=True)
class Proportions:
    """What makes one person's column differ from the mean one; factors unless a unit is named.

    Args:
        scale: Size of everything.
        height: Height of the bodies.
        axis_height: Height of the body of C2.
        depth: Depth of the bodies, front to back.
        disc: Height of the discs.
        lordosis: Wedge of the discs.
        tilt_deg: Lean to the front of the line from the lowest to the highest vertebra.
        segment_sd_deg: Spread of the single segments' angles.
        wedge_sd: Spread of the anterior heights of the bodies.
        disc_sd: Spread of the single discs' heights.
        immaturity: In [0, 1]; lowers the front of the bodies, as in the young.
    """

    scale: float
    height: float
    depth: float
    disc: float
    lordosis: float
    tilt_deg: float
    segment_sd_deg: float
    wedge_sd: float
    disc_sd: float
    axis_height: float = 1.0
    immaturity: float = 0.0


@dataclass(frozen=True, slots=True)
class Level:
    """One vertebra in its place.

    Args:
        name: C2, T12, S1 and so on.
        dimensions: Its sizes.
        disc_height_mm: Height of the disc below it.
        lean_rad: Lean of its upward axis to the front.
        pose: Of the centre of its body in the world.
    """

    name: str
    dimensions: Dimensions
    disc_height_mm: float
    lean_rad: float
    pose: Pose

    @property
    def centre(self) -> npt.NDArray[np.float64]:
        """Centre of the body, (3,) world mm."""
        return self.pose.translation

    def at(self, x: float, y: float, z: float = 0.0) -> npt.NDArray[np.float64]:
        """Return a point of the vertebra's own frame in the world, (3,) mm."""
        point: npt.NDArray[np.float64] = self.pose.rotation @ np.array([x, y, z]) + self.pose.translation
        return point


@dataclass(frozen=True, slots=True)
class Bend:
    """How the column is turned out of the sagittal plane.

    Args:
        sideways_mm: Amplitude of the lateral curve.
        axial_rad: Rotation of the whole column about its long axis.
        coronal_rad: Side tilt of the whole column.
        jitter_rad: Spread of each vertebra's own tilt and rotation.
    """

    sideways_mm: float
    axial_rad: float
    coronal_rad: float
    jitter_rad: float


@dataclass(frozen=True, slots=True)
class _Link:
    name: str
    dimensions: Dimensions
    disc_mm: float
    wedge_rad: float
    slip_mm: float


def stack(
    levels: Sequence[str], proportions: Proportions, region: Region, rng: np.random.Generator
) -> tuple[Level, ...]:
    """Stack the vertebrae, lowest first, upwards from the origin in the sagittal plane.

    Returns:
        The vertebrae, lowest first, upright in the coronal plane and without axial rotation.
    """
    links = [_link(name, proportions, region, rng) for name in levels]
    first = _chain(links, 0.0)
    run = first[-1].centre - first[levels[0] == "S1"].centre
    return _chain(links, math.radians(proportions.tilt_deg) - math.atan2(run[0], run[1]))


def bend(column: Sequence[Level], how: Bend, rng: np.random.Generator) -> tuple[Level, ...]:
    """Give each vertebra its lateral place, side tilt and rotation."""
    heights = np.array([level.centre[1] for level in column])
    low, span = heights.min(), np.ptp(heights) + 1e-6
    return tuple(_turned(level, float((level.centre[1] - low) / span), float(span), (how, rng)) for level in column)


def _turned(level: Level, along: float, span_mm: float, how: tuple[Bend, np.random.Generator]) -> Level:
    curve, rng = how
    tilt = math.atan(curve.sideways_mm * math.pi / span_mm * math.cos(math.pi * along)) + curve.coronal_rad
    tilt += curve.jitter_rad * rng.standard_normal()
    axial = curve.axial_rad + curve.jitter_rad * rng.standard_normal()
    x, y, _ = level.centre
    place = np.array([x, y, curve.sideways_mm * math.sin(math.pi * along)])
    return replace(level, pose=Pose(rotation_of(level.lean_rad, tilt, axial), place))


def _link(name: str, proportions: Proportions, region: Region, rng: np.random.Generator) -> _Link:
    size = VERTEBRAE[region][name].times(_factors(name, proportions, rng))
    disc = DISC_BELOW[region].get(name, DiscDimensions(0.0, 0.0))
    height = disc.height_mm * proportions.scale * proportions.disc * (1 + proportions.disc_sd * rng.standard_normal())
    height = max(_LEAST_DISC_MM[region], height)
    wedge = math.radians(disc.wedge_deg * proportions.lordosis + proportions.segment_sd_deg * rng.standard_normal())
    widest = 2 * (height - 0.4 * _LEAST_RIM_GAP_MM[region]) / size.depth
    narrowest = -2 * (height - _LEAST_RIM_GAP_MM[region]) / size.depth
    wedge = min(max(wedge, narrowest), max(widest, narrowest))
    return _Link(name, size, height, wedge, _SLIP_SD_MM[region] * rng.standard_normal())


def _factors(name: str, proportions: Proportions, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    factors = proportions.scale * (1 + 0.03 * rng.standard_normal(11))
    tall = proportions.axis_height if name == "C2" else proportions.height
    factors[4:6] *= tall * (1 + 0.04 * rng.standard_normal())
    factors[[1, 3]] *= proportions.depth
    factors[4] *= 1 + proportions.wedge_sd * rng.standard_normal()
    young = proportions.immaturity * rng.uniform(0.5, 1.0)
    if name != "C2":
        factors[4:6] *= 1 - young, 1 - 0.4 * proportions.immaturity
    return factors


def _chain(links: Sequence[_Link], lean_rad: float) -> tuple[Level, ...]:
    place = np.zeros(2)
    levels = []
    for link in links:
        middle = lean_rad - 0.5 * link.wedge_rad
        place = place + link.disc_mm * _up(middle) + link.slip_mm * _front(middle)
        lean_rad -= link.wedge_rad
        wedge = _body_wedge(link.dimensions)
        own = lean_rad - 0.5 * wedge
        centre = np.append(place + 0.5 * link.dimensions.height * _up(own), 0.0)
        levels.append(Level(link.name, link.dimensions, link.disc_mm, own, Pose(rotation_of(own), centre)))
        place = place + link.dimensions.height * _up(own)
        lean_rad -= wedge
    return tuple(levels)


def _body_wedge(size: Dimensions) -> float:
    return math.atan2(size.height_anterior - size.height_posterior, size.depth)


def _up(lean_rad: float) -> npt.NDArray[np.float64]:
    return np.array([math.sin(lean_rad), math.cos(lean_rad)])


def _front(lean_rad: float) -> npt.NDArray[np.float64]:
    return np.array([math.cos(lean_rad), -math.sin(lean_rad)])


def by_name(column: Sequence[Level]) -> Mapping[str, Level]:
    """Return the vertebrae of a column by their names."""
    return {level.name: level for level in column}
