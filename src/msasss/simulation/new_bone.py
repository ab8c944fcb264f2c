"""New bone at the corners: syndesmophytes, bridges, osteophytes and the forms that are none of these.

All are round cones laid side by side over several azimuths of the rim. Syndesmophytes and bridges are built in the
world between two bodies; osteophytes in the frame of their body, so that its cortex runs on over them.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from msasss.anatomy import Endplate, Region
from msasss.reading import Lesion
from msasss.simulation.lesions import Criteria
from msasss.simulation.vertebra import Bone, corner_point, outward, rim_points

_Cones = npt.NDArray[np.float64]
_GAP_LEFT_MM = {Region.CERVICAL: 1.0, Region.LUMBAR: 1.6}
_THICKNESS_MM = {Region.CERVICAL: (0.45, 0.8), Region.LUMBAR: (0.7, 1.3)}
_INSET_MM = 0.42


@dataclass(frozen=True, slots=True, eq=False)
class Outgrowth:
    """New bone that starts at a corner, with its measures in the mid-sagittal plane.

    Args:
        cones: (N, 8) round cones.
        reach_mm: How far it rises from the rim.
        angle_deg: Between its direction and the anterior border of its vertebra.
        gap_mm: What is left between its tip and the bone across the disc; 0 or less where they touch.
    """

    cones: _Cones
    reach_mm: float
    angle_deg: float
    gap_mm: float


def lesion_of(outgrowth: Outgrowth, criteria: Criteria) -> Lesion | None:
    """Name an outgrowth by its measures; None where it is too small to be called a lesion."""
    if outgrowth.gap_mm <= 0:
        return Lesion.BRIDGE
    if outgrowth.angle_deg > criteria.outgrowth_angle_deg:
        return Lesion.OSTEOPHYTE if outgrowth.reach_mm >= criteria.osteophyte_length_mm else None
    return Lesion.SYNDESMOPHYTE if outgrowth.reach_mm >= criteria.outgrowth_reach_mm else None


@dataclass(frozen=True, slots=True, eq=False)
class DiscSpace:
    """The two bodies at a disc."""

    upper: Bone
    lower: Bone

    def rims(self, azimuths: npt.NDArray[np.float64], inset_mm: float) -> tuple[_Cones, _Cones, _Cones]:
        """Return points of the lower and of the upper rim and the outward directions, each (N, 3) world."""
        low = rim_points(self.lower.shape, Endplate.SUPERIOR, azimuths, inset_mm=inset_mm)
        high = rim_points(self.upper.shape, Endplate.INFERIOR, azimuths, inset_mm=inset_mm)
        turn = 0.5 * (self.lower.level.pose.rotation + self.upper.level.pose.rotation)
        return (
            self.lower.level.pose.to_world(low),
            self.upper.level.pose.to_world(high),
            outward(azimuths) @ turn.T,
        )

    def rim_gap_mm(self) -> float:
        """Return the distance of the two anterior corners."""
        low = self.lower.level.at(*corner_point(self.lower.shape, Endplate.SUPERIOR))
        high = self.upper.level.at(*corner_point(self.upper.shape, Endplate.INFERIOR))
        return float(np.linalg.norm(high - low))


def bridge(space: DiscSpace, severity: float, region: Region, rng: np.random.Generator) -> Outgrowth:
    """Join the two rims of a disc by a shell of bone."""
    azimuths = rng.uniform(0.5, 1.0) * np.linspace(-1, 1, 11)
    low, high, out = space.rims(azimuths, _INSET_MM)
    thick = _thickness(region, rng) * (0.8 + 0.5 * severity)
    bulge = rng.uniform(-0.2, 1.6) * (1.0 if region is Region.LUMBAR else 0.5)
    steps = np.linspace(0, 1, 8)
    cones = []
    for column in range(len(azimuths)):
        line = [_along(low[column], high[column], step) + out[column] * bulge * 4 * step * (1 - step) for step in steps]
        radii = thick * (1 + 0.3 * (2 * steps - 1) ** 2) * (1 + 0.12 * rng.standard_normal(len(steps)))
        cones += _chain(line, radii)
    gap = space.rim_gap_mm()
    return Outgrowth(np.array(cones), gap, _angle(space, low[5], high[5], Endplate.SUPERIOR), 0.0)


def syndesmophytes(
    space: DiscSpace,
    severities: dict[Endplate, float],
    region: Region,
    criteria: Criteria,
    rng: np.random.Generator,
) -> dict[Endplate, Outgrowth]:
    """Grow thin vertical bone from one or both rims, leaving a gap that can be seen.

    Where the disc is too narrow for both, only the severer one grows, and none where it is too narrow for one.

    Args:
        space: The disc.
        severities: Per endplate facing the disc (superior is that of the lower vertebra) its severity in (0, 1].
        region: The view.
        criteria: Sets the least reach of what is built.
        rng: Random stream of this disc's syndesmophytes.
    """
    free = space.rim_gap_mm() - _GAP_LEFT_MM[region]
    least = 1.1 * criteria.outgrowth_reach_mm
    grown = dict(severities)
    if len(grown) == 2 and free < 2 * least:
        grown = dict([max(grown.items(), key=lambda item: item[1])])
    if free < least:
        return {}
    share = free / len(grown)
    reaches = {end: min(share, max(least, share * (0.3 + 0.7 * severity))) for end, severity in grown.items()}
    left = free + _GAP_LEFT_MM[region] - sum(reaches.values())
    return {end: _spur(space, end, (reach, left), region, rng) for end, reach in reaches.items()}


def _spur(
    space: DiscSpace, end: Endplate, measures: tuple[float, float], region: Region, rng: np.random.Generator
) -> Outgrowth:
    reach, left = measures
    azimuths = rng.uniform(0.4, 0.9) * np.linspace(-1, 1, 11)
    low, high, out = space.rims(azimuths, _INSET_MM)
    start, goal = (low, high) if end is Endplate.SUPERIOR else (high, low)
    base = _thickness(region, rng) * rng.uniform(0.9, 1.2)
    tip, bulge = 0.45 * base, rng.uniform(-0.1, 0.8) * (1.0 if region is Region.LUMBAR else 0.5)
    bumps = 1 + 0.12 * np.sin(rng.uniform(0, 6.28) + 2.1 * np.arange(11))
    wide = np.abs(azimuths / azimuths[-1])
    pull = 0.5 * (np.linalg.norm(goal[5] - start[5]) - space.rim_gap_mm())
    cones: list[list[float]] = []
    for column in range(11):
        length = max(0.3, (reach + pull - tip) * (1 - 0.6 * wide[column] ** 2) * bumps[column] / 1.12)
        if wide[column] < 0.1:
            length = reach + pull - tip
        axis = (goal[column] - start[column]) / np.linalg.norm(goal[column] - start[column])
        steps = np.linspace(0, 1, 5)
        line = [start[column] + axis * length * step + out[column] * bulge * step * (1.5 - step) for step in steps]
        cones += _chain(line, base + (tip - base) * steps)
    return Outgrowth(np.array(cones), reach, _angle(space, start[5], goal[5], end), left)


def osteophyte(
    bone: Bone, end: Endplate, measures: tuple[float, float], region: Region, rng: np.random.Generator
) -> Outgrowth:
    """Grow a claw that leaves the corner to the front.

    Args:
        bone: The vertebra.
        end: The endplate of the corner.
        measures: Severity in (0, 1], and the room in mm between this corner and the one across the disc.
        region: The view.
        rng: Random stream of this lesion.

    Returns:
        The outgrowth in the frame of the vertebra.
    """
    severity, room = measures
    towards = 1.0 if end is Endplate.SUPERIOR else -1.0
    small = region is Region.CERVICAL
    length = (1.8 + 3.7 * severity) if small else (3.2 + 6.3 * severity)
    base, point = (rng.uniform(1.2, 1.9), 0.5) if small else (rng.uniform(2.2, 3.3), 0.8)
    hook = min(rng.uniform(0.0, 0.45) * length, 0.3 * room)
    azimuths = rng.uniform(0.45, 0.75) * np.linspace(-1, 1, 15)
    rim = rim_points(bone.shape, end, azimuths, inset_mm=_INSET_MM)
    out, up = outward(azimuths), np.array([0.0, towards, 0.0])
    cones = []
    for column, wide in enumerate(np.abs(np.linspace(-1, 1, 15))):
        own = length * (1 - 0.55 * wide**2)
        root = rim[column] - 1.5 * out[column] - 0.75 * base * up
        knee = rim[column] + 0.5 * own * out[column] - 0.2 * base * up
        tip = rim[column] + (own + _INSET_MM - point) * out[column] + hook * own / length * up
        cones.append([*root, *knee, base, 0.62 * base])
        cones.append([*knee, *tip, 0.62 * base, point])
    angle = 90.0 - math.degrees(math.atan2(hook, length))
    return Outgrowth(np.array(cones), length, angle, room - hook)


def nonmarginal(bone: Bone, end: Endplate, severity: float, region: Region, rng: np.random.Generator) -> _Cones:
    """Grow bulky bone that starts 3 to 8 mm from the corner on the anterior wall and passes the rim in front of it."""
    towards = 1.0 if end is Endplate.SUPERIOR else -1.0
    size = 0.55 if region is Region.CERVICAL else 1.0
    corner = corner_point(bone.shape, end)
    most = min(8.0, 0.45 * bone.shape.height_anterior)
    start_mm = rng.uniform(3.0, max(3.2, most))
    thick = size * rng.uniform(1.5, 2.4) * (0.75 + 0.4 * severity)
    past = size * (1.0 + 3.5 * severity)
    cones: list[list[float]] = []
    for z in size * rng.uniform(4.0, 8.0) * np.linspace(-1, 1, 5):
        curve = 0.035 / size * z**2
        y = corner[1] - towards * start_mm
        points = [
            np.array([corner[0] - bone.shape.waist_anterior - 0.5 - curve, y, z]),
            np.array([corner[0] + 0.9 * thick - curve, corner[1] - towards * 0.4 * start_mm, z]),
            np.array([corner[0] + (1.4 + 0.5 * severity) * thick - curve, corner[1] + towards * past, z]),
        ]
        cones += _chain(points, np.array([1.1, 1.0, 0.45]) * thick)
    return np.array(cones)


def intradiscal(space: DiscSpace, severity: float, region: Region, rng: np.random.Generator) -> _Cones:
    """Ossify the front part of a disc: a flat lens between the endplates."""
    low, high, out = space.rims(np.zeros(1), _INSET_MM)
    middle, front = 0.5 * (low[0] + high[0]), out[0]
    gap, depth = space.rim_gap_mm(), space.lower.shape.depth_upper
    thick = gap * (0.14 + 0.16 * severity)
    length = depth * rng.uniform(0.2, 0.35) * (0.7 + 0.6 * severity)
    cones = []
    for z in depth * rng.uniform(0.2, 0.4) * np.linspace(-1, 1, 7):
        behind = rng.uniform(0.05, 0.12) * depth + 1.2 * thick + 0.5 * length
        centre = middle - front * behind + np.array([0, rng.normal(0, 0.1 * gap), z])
        own = 0.5 * length * rng.uniform(0.6, 1.0)
        cones.append([*(centre - own * front), *(centre + own * front), *(thick * rng.uniform(0.7, 1.2, 2))])
    return np.array(cones)


def flowing(space: DiscSpace, severity: float, region: Region, rng: np.random.Generator) -> _Cones:
    """Ossify the anterior longitudinal ligament over a disc, a gap of 1 to 2 mm in front of the bodies."""
    size = 0.6 if region is Region.CERVICAL else 1.0
    thick = size * rng.uniform(1.1, 1.8) * (0.8 + 0.5 * severity)
    away = thick + rng.uniform(1.0, 2.0) * size
    cones: list[list[float]] = []
    for z in size * rng.uniform(4.0, 9.0) * np.linspace(-1, 1, 5):
        fore = away - 0.025 / size * z**2
        points = [
            *_ahead(space.lower, (-0.35, 0.0, 0.46), fore, z),
            *_ahead(space.upper, (-0.46, 0.0, 0.35), fore, z),
        ]
        radii = thick * np.array([0.5, 0.9, 1.15, 1.15, 0.9, 0.5]) * rng.uniform(0.85, 1.15, 6)
        cones += _chain(points, radii)
    return np.array(cones)


def _ahead(bone: Bone, heights: tuple[float, ...], fore: float, z: float) -> list[npt.NDArray[np.float64]]:
    shape = bone.shape
    points = []
    for height in heights:
        depth = shape.depth_lower + (shape.depth_upper - shape.depth_lower) * (height + 0.5)
        wall = 0.5 * depth - 0.5 * shape.waist_anterior * (1 - abs(2 * height) ** 2.4)
        points.append(bone.level.at(wall + fore, height * shape.height_anterior, z))
    return points


def _thickness(region: Region, rng: np.random.Generator) -> float:
    return float(rng.uniform(*_THICKNESS_MM[region]))


def _along(start: npt.NDArray[np.float64], end: npt.NDArray[np.float64], share: float) -> npt.NDArray[np.float64]:
    return start * (1 - share) + end * share


def _chain(line: list[npt.NDArray[np.float64]], radii: npt.NDArray[np.float64]) -> list[list[float]]:
    return [[*a, *b, ra, rb] for a, b, ra, rb in zip(line[:-1], line[1:], radii[:-1], radii[1:], strict=True)]


def _angle(space: DiscSpace, start: npt.NDArray[np.float64], goal: npt.NDArray[np.float64], end: Endplate) -> float:
    bone = space.lower if end is Endplate.SUPERIOR else space.upper
    upper = bone.level.at(*corner_point(bone.shape, Endplate.SUPERIOR))
    lower = bone.level.at(*corner_point(bone.shape, Endplate.INFERIOR))
    border = upper - lower if end is Endplate.SUPERIOR else lower - upper
    way = goal - start
    cosine = float(np.dot(border, way) / (np.linalg.norm(border) * np.linalg.norm(way)))
    return math.degrees(math.acos(min(1.0, max(-1.0, cosine))))
