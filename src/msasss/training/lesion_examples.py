"""Disc patches with their answers, cut from labelled films once and kept in memory.

Axes: `N` patches, `P` side of a patch in px, `L` labels; the last axis of 2 is (above, below).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from msasss.anatomy import DISCS
from msasss.imaging.landmarks import Landmarks, Point, PointKind, VertebraLandmarks
from msasss.imaging.patches import disc_patches, vertebral_heights
from msasss.imaging.radiograph import Pixels
from msasss.models.lesion_classifier import LABELS, NOT_VISIBLE
from msasss.reading import CornerFinding
from msasss.training.examples import load_example, radiograph_of

# A localiser errs by some 3 to 4 % of a vertebra's height at each point.
JITTER = 0.035


@dataclass(frozen=True, slots=True, eq=False)
class LesionPatches:
    """Patches with their answers.

    Args:
        pixels: (N, P, P) uint8, each patch stretched over the whole range.
        targets: (N, L, 2) uint8, 1 where the label is given.
        known: (N, L, 2) uint8, 0 where nobody can say: the lesions of a corner that is not visible.
        discs: (N,) int64, the place of each patch's disc space in `DISCS`.
    """

    pixels: npt.NDArray[np.uint8]
    targets: npt.NDArray[np.uint8]
    known: npt.NDArray[np.uint8]
    discs: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.pixels)


def cut_patches(
    paths: Sequence[Path], *, side: float, side_px: int, jitter: float = 0.0, seed: int = 0
) -> LesionPatches:
    """Cut the disc patches of many films.

    Args:
        paths: Example files.
        side: Side of a patch, in mean heights of the two vertebrae.
        side_px: Side of a patch, in px.
        jitter: Standard deviation by which each landmark is displaced first, in heights of its vertebra.
        seed: Of the displacements.
    """
    rng = np.random.default_rng(seed)
    pixels, targets, known, discs = [], [], [], []
    for path in paths:
        example = load_example(path)
        landmarks = displaced(example.landmarks, jitter, rng) if jitter else example.landmarks
        radiograph = radiograph_of(example, path.name)
        answers = {finding.corner: finding for finding in example.findings}
        for patch in disc_patches(radiograph, landmarks, side=side, side_px=side_px):
            pair = [corner_answers(answers[corner]) for corner in (patch.disc.above, patch.disc.below)]
            pixels.append(stretched(patch.pixels))
            targets.append(np.stack([given for given, _ in pair], axis=1))
            known.append(np.stack([sure for _, sure in pair], axis=1))
            discs.append(DISCS.index(patch.disc))
    return LesionPatches(np.stack(pixels), np.stack(targets), np.stack(known), np.array(discs))


def stretched(pixels: Pixels) -> npt.NDArray[np.uint8]:
    """Return a patch in 8 bit from its darkest to its brightest pixel, so that a dark one keeps its detail.

    The network takes brightness and contrast out of a patch anyhow.
    """
    low, high = float(pixels.min()), float(pixels.max())
    grey: npt.NDArray[np.uint8] = np.round((pixels - low) * (255 / max(high - low, 1e-6))).astype(np.uint8)
    return grey


def corner_answers(finding: CornerFinding) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Return which labels (L,) a corner bears, and of which it is known."""
    names = {lesion.value for lesion in finding.lesions} | ({NOT_VISIBLE} if finding.not_visible else set())
    given = np.array([label in names for label in LABELS], dtype=np.uint8)
    sure = np.array([label == NOT_VISIBLE or not finding.not_visible for label in LABELS], dtype=np.uint8)
    return given, sure


def displaced(landmarks: Landmarks, jitter: float, rng: np.random.Generator) -> Landmarks:
    """Displace every landmark as a localiser does.

    Args:
        landmarks: Where the points are.
        jitter: Standard deviation along each axis, in heights of the vertebra.
        rng: Source of the displacements.
    """
    heights = vertebral_heights(landmarks)
    vertebrae = []
    for item in landmarks:
        shifts = rng.normal(0.0, jitter * heights[item.vertebra], size=(len(PointKind), 2))
        points = [_moved(item.point(kind), *shift) for kind, shift in zip(PointKind, shifts, strict=True)]
        vertebrae.append(VertebraLandmarks(item.vertebra, *points))
    return replace(landmarks, vertebrae=tuple(vertebrae))


def _moved(point: Point | None, dx: float, dy: float) -> Point | None:
    return None if point is None else replace(point, x=point.x + dx, y=point.y + dy)
