"""Which lesions a simulated column shall bear, and the written definitions by which its corners are labelled.

The plan is a wish; the labels come from the geometry that was built, by `Criteria`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from msasss.anatomy import Corner, Disc, Region, Vertebra, corners_of, discs_of, vertebrae_of
from msasss.errors import UsageError
from msasss.reading import Lesion

Severities = Mapping[Corner, Mapping[Lesion, float]]
_NOT_WITH_BRIDGE = (Lesion.SYNDESMOPHYTE, Lesion.OSTEOPHYTE, Lesion.OTHER, Lesion.EROSION)


@dataclass(frozen=True, slots=True)
class Criteria:
    """From which size on a change is a lesion.

    Args:
        squaring_sagitta_mm: Squared where the anterior wall is less concave than this.
        outgrowth_reach_mm: A syndesmophyte reaches at least so far along the disc, from the rim.
        outgrowth_angle_deg: It leaves the anterior border by at most this angle, an osteophyte by more (Chen 2024).
        osteophyte_length_mm: An osteophyte is at least so long.
        erosion_depth_mm: An erosion has removed bone to at least this depth.
        sclerosis_contrast: Sclerotic bone is at least so many times as dense as before.
        sclerosis_extent_mm: Over at least this diameter.
    """

    squaring_sagitta_mm: float
    outgrowth_reach_mm: float
    osteophyte_length_mm: float
    erosion_depth_mm: float
    outgrowth_angle_deg: float = 45.0
    sclerosis_contrast: float = 1.8
    sclerosis_extent_mm: float = 2.0


CRITERIA: Mapping[Region, Criteria] = MappingProxyType(
    {
        Region.CERVICAL: Criteria(0.25, 1.0, 1.5, 0.5),
        Region.LUMBAR: Criteria(0.5, 1.5, 2.5, 0.8),
    }
)


@dataclass(frozen=True, slots=True)
class LesionPlan:
    """The lesions to build into one region, each with a severity in (0, 1].

    Args:
        region: The view.
        severities: Per corner its lesions; a corner that is left out gets none.

    Raises:
        UsageError: If a corner is of another region, a severity is outside (0, 1], a bridge is planned at one corner
            of a disc only or with a lesion it excludes, or squaring at one corner of a vertebra only.
    """

    region: Region
    severities: Severities

    def __post_init__(self) -> None:
        for corner, lesions in self.severities.items():
            _check_corner(self.region, corner, lesions)
        for disc in discs_of(self.region):
            _check_same(self, disc.above, disc.below, Lesion.BRIDGE)
        for vertebra in vertebrae_of(self.region):
            own = [corner for corner in corners_of(self.region) if corner.vertebra is vertebra]
            _check_same(self, own[0], own[-1], Lesion.SQUARING)
        frozen = {corner: MappingProxyType(dict(lesions)) for corner, lesions in self.severities.items() if lesions}
        object.__setattr__(self, "severities", MappingProxyType(frozen))

    def severity(self, corner: Corner, lesion: Lesion) -> float:
        """Return the planned severity of a lesion at a corner, 0 where it is not planned."""
        return self.severities.get(corner, {}).get(lesion, 0.0)

    def squaring(self, vertebra: Vertebra) -> float:
        """Return the planned severity of the squaring of a vertebra, 0 where it is not planned."""
        own = [corner for corner in corners_of(self.region) if corner.vertebra is vertebra]
        return self.severity(own[0], Lesion.SQUARING)


def plan_of(region: Region, severities: Severities) -> LesionPlan:
    """Complete lesions that concern two corners, a bridge of a disc and squaring of a vertebra, to a plan."""
    full: dict[Corner, dict[Lesion, float]] = {corner: {} for corner in corners_of(region)}
    for corner, lesions in severities.items():
        for lesion, severity in lesions.items():
            for sharer in _sharers(corner, lesion):
                full.setdefault(sharer, {})[lesion] = severity
    return LesionPlan(region, full)


def _sharers(corner: Corner, lesion: Lesion) -> tuple[Corner, ...]:
    if lesion is Lesion.BRIDGE:
        return (corner.disc.above, corner.disc.below)
    if lesion is Lesion.SQUARING:
        return tuple(other for other in corners_of(corner.region) if other.vertebra is corner.vertebra)
    return (corner,)


def _check_corner(region: Region, corner: Corner, lesions: Mapping[Lesion, float]) -> None:
    if corner.region is not region:
        msg = f"Expected corners of the {region.value} view, got {corner}. Plan each region on its own."
        raise UsageError(msg)
    for lesion, severity in lesions.items():
        if not 0.0 < severity <= 1.0:
            msg = f"Expected a severity in (0, 1], got {severity} for {lesion.value} at {corner}. Leave it out."
            raise UsageError(msg)
        if Lesion.BRIDGE in lesions and lesion in _NOT_WITH_BRIDGE:
            msg = f"A bridge excludes {lesion.value} at the same corner, got both at {corner}. Remove one."
            raise UsageError(msg)


def _check_same(plan: LesionPlan, first: Corner, second: Corner, lesion: Lesion) -> None:
    if plan.severity(first, lesion) != plan.severity(second, lesion):
        msg = f"Expected {lesion.value} at {first} and {second} alike, got it at one. Use plan_of to complete it."
        raise UsageError(msg)


def draw_plan(region: Region, rng: np.random.Generator) -> LesionPlan:
    """Draw lesions for training: each frequent enough to be learned, more alike within a film than between films."""
    draft: dict[Corner, dict[Lesion, float]] = {corner: {} for corner in corners_of(region)}
    kind = rng.choice(["clean", "bamboo", "mixed"], p=[0.14, 0.12, 0.74])
    if kind == "clean":
        return LesionPlan(region, draft)
    if kind == "bamboo":
        _fuse(draft, region, rng)
    busy = rng.uniform(0.75, 1.35)
    for disc in discs_of(region):
        _draw_disc(draft, disc, busy, rng)
    for corner in corners_of(region):
        _draw_corner(draft[corner], busy, rng)
    for vertebra in vertebrae_of(region):
        if rng.random() < 0.055 * busy:
            _square(draft, vertebra, rng)
    return LesionPlan(region, draft)


Draft = dict[Corner, dict[Lesion, float]]


def _fuse(draft: Draft, region: Region, rng: np.random.Generator) -> None:
    discs = discs_of(region)
    first = int(rng.integers(0, 4))
    run = discs[first : first + int(rng.integers(3, 7))]
    squared = rng.random() < 0.75
    for disc in run:
        severity = draw_severity(rng)
        draft[disc.above][Lesion.BRIDGE] = draft[disc.below][Lesion.BRIDGE] = severity
        if squared and rng.random() < 0.8:
            _square(draft, disc.upper, rng)


def _square(draft: Draft, vertebra: Vertebra, rng: np.random.Generator) -> None:
    severity = draw_severity(rng)
    for corner, lesions in draft.items():
        if corner.vertebra is vertebra:
            lesions[Lesion.SQUARING] = severity


def _draw_disc(draft: Draft, disc: Disc, busy: float, rng: np.random.Generator) -> None:
    shares = np.array([0.09, 0.20, 0.155, 0.105]) * busy
    kinds = [Lesion.BRIDGE, Lesion.SYNDESMOPHYTE, Lesion.OSTEOPHYTE, Lesion.OTHER, None]
    kind = kinds[int(rng.choice(5, p=[*shares, 1 - shares.sum()]))]
    both = bool(rng.random() < 0.45)
    first, second = (disc.above, disc.below) if rng.random() < 0.5 else (disc.below, disc.above)
    severities = draw_severity(rng), draw_severity(rng)
    if kind is None or Lesion.BRIDGE in draft[first]:
        return
    if kind is Lesion.BRIDGE:
        draft[first][kind] = draft[second][kind] = severities[0]
        return
    draft[first][kind] = severities[0]
    if both:
        draft[second][kind] = severities[1]


def _draw_corner(lesions: dict[Lesion, float], busy: float, rng: np.random.Generator) -> None:
    roll, severities = rng.random(3), (draw_severity(rng), draw_severity(rng))
    if not lesions and roll[0] < 0.22 * busy:
        lesions[Lesion.EROSION] = severities[0]
    if roll[1] < (0.38 if Lesion.EROSION in lesions else 0.06 * busy):
        lesions[Lesion.SCLEROSIS] = severities[1]


def draw_severity(rng: np.random.Generator) -> float:
    """Draw a severity: mostly one that can be seen at a glance, sometimes a slight one."""
    return float(rng.uniform(0.35, 1.0) if rng.random() < 0.85 else rng.uniform(0.12, 0.35))
