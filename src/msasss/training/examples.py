"""Labelled films on disk, as the networks are trained on them.

One file per film, named `<region>-<geometry seed>-<k>.npz`: the pixels of the film and, as JSON text, what is known
about it. The films of one geometry seed show the same spine under different exposures, so folds are made of whole
seeds, by number:

    train        0 to 899,999
    validation   900,000 to 949,999
    test         950,000 to 999,999
"""

import hashlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from msasss.anatomy import Corner, Endplate, Region, Vertebra, corners_of
from msasss.errors import InputError, UsageError
from msasss.imaging.landmarks import Facing, Landmarks, Point, PointKind, VertebraLandmarks
from msasss.imaging.radiograph import PixelSpacing, Radiograph, SpacingSource
from msasss.reading import CornerFinding, Lesion


class Fold(Enum):
    """What the films of a geometry seed are used for."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


SEEDS = {
    Fold.TRAIN: range(900_000),
    Fold.VALIDATION: range(900_000, 950_000),
    Fold.TEST: range(950_000, 1_000_000),
}
_NAME = re.compile(r"(?P<region>cervical|lumbar)-(?P<seed>\d+)-(?P<k>\d+)\.npz")


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """One film with everything that is known about it.

    Args:
        pixels: (H, W) uint8, bone bright.
        pixel_mm: Distance between pixel centres at the detector, in mm.
        landmarks: The points that lie on the film.
        findings: One for each of the twelve corners of the region, cranio-caudally.

    Raises:
        InputError: If the pixels are no 2-D uint8 image or the findings are not those of the region's corners.
    """

    pixels: npt.NDArray[np.uint8]
    pixel_mm: float
    landmarks: Landmarks
    findings: tuple[CornerFinding, ...]

    def __post_init__(self) -> None:
        if self.pixels.ndim != 2 or self.pixels.dtype != np.uint8:
            msg = f"Expected a 2-D uint8 image, got shape {self.pixels.shape} of {self.pixels.dtype}."
            raise InputError(msg)
        if tuple(finding.corner for finding in self.findings) != corners_of(self.landmarks.region):
            msg = (
                f"Expected the twelve {self.landmarks.region.value} corners cranio-caudally, "
                f"got {', '.join(str(finding.corner) for finding in self.findings) or 'none'}."
            )
            raise InputError(msg)

    @property
    def region(self) -> Region:
        """The view."""
        return self.landmarks.region


def radiograph_of(example: Example, source: str) -> Radiograph:
    """Return the film of an example as the radiograph that inference sees."""
    pixels = example.pixels.astype(np.float32) / np.float32(255)
    return Radiograph(pixels, source, PixelSpacing(example.pixel_mm, SpacingSource.DETECTOR))


def example_name(region: Region, seed: int, k: int) -> str:
    """Return the file name of the k-th film of a geometry seed."""
    return f"{region.value}-{seed:06d}-{k}.npz"


def fold_of(seed: int) -> Fold:
    """Return the fold that a geometry seed belongs to.

    Raises:
        UsageError: If the seed belongs to none.
    """
    for fold, seeds in SEEDS.items():
        if seed in seeds:
            return fold
    msg = f"Expected a geometry seed from 0 to 999999, got {seed}."
    raise UsageError(msg)


def example_paths(folder: Path, *, fold: Fold, region: Region | None = None) -> tuple[Path, ...]:
    """Return the examples of one fold in a folder, in the order of their names.

    Raises:
        UsageError: If the folder holds none.
    """
    found = []
    for path in sorted(folder.glob("*.npz")):
        match = _NAME.fullmatch(path.name)
        if match and fold_of(int(match["seed"])) is fold and region in (None, Region(match["region"])):
            found.append(path)
    if not found:
        seeds = SEEDS[fold]
        msg = (
            f"Expected examples for {fold.value} in {folder}, got none. "
            f"Simulate some with geometry seeds from {seeds.start} to {seeds.stop - 1}."
        )
        raise UsageError(msg)
    return tuple(found)


def data_digest(paths: Sequence[Path]) -> str:
    """Return the sha256 over the names and contents of example files, whatever their order."""
    digest = hashlib.sha256()
    for path in sorted(paths, key=lambda item: item.name):
        digest.update(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def save_example(path: Path, example: Example) -> None:
    """Write an example; a file of that name appears whole or not at all."""
    metadata = {
        "pixel_mm": example.pixel_mm,
        "landmarks": _landmarks_to_json(example.landmarks),
        "findings": [_finding_to_json(finding) for finding in example.findings],
    }
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.part")
    with unfinished.open("wb") as stream:
        np.savez(stream, pixels=example.pixels, metadata=np.array(json.dumps(metadata)))
    unfinished.replace(path)


def load_example(path: Path) -> Example:
    """Read an example.

    Raises:
        InputError: If the file is none.
    """
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            pixels, metadata = arrays["pixels"], json.loads(str(arrays["metadata"]))
        return Example(
            pixels,
            float(metadata["pixel_mm"]),
            _landmarks_from_json(metadata["landmarks"]),
            tuple(_finding_from_json(item) for item in metadata["findings"]),
        )
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        msg = f"{path.name}: Expected an example film, got a file without one ({error}). Simulate it again."
        raise InputError(msg) from error


def _landmarks_to_json(landmarks: Landmarks) -> dict[str, Any]:
    points = [
        [item.vertebra.value, kind.value, point.x, point.y, point.confidence]
        for item in landmarks
        for kind in PointKind
        if (point := item.point(kind)) is not None
    ]
    return {
        "region": landmarks.region.value,
        "facing": landmarks.facing.value,
        "level_margin": landmarks.level_margin,
        "points": points,
    }


def _landmarks_from_json(record: Mapping[str, Any]) -> Landmarks:
    points: dict[Vertebra, dict[str, Point]] = {}
    for vertebra, kind, x, y, confidence in record["points"]:
        points.setdefault(Vertebra(vertebra), {})[PointKind(kind).value] = Point(x, y, confidence)
    vertebrae = tuple(VertebraLandmarks(vertebra, **found) for vertebra, found in points.items())
    return Landmarks(Region(record["region"]), Facing(record["facing"]), vertebrae, record["level_margin"])


def _finding_to_json(finding: CornerFinding) -> dict[str, Any]:
    return {
        "vertebra": finding.corner.vertebra.value,
        "endplate": finding.corner.endplate.value,
        "lesions": sorted(lesion.value for lesion in finding.lesions),
        "not_visible": finding.not_visible,
    }


def _finding_from_json(record: Mapping[str, Any]) -> CornerFinding:
    corner = Corner(Vertebra(record["vertebra"]), Endplate(record["endplate"]))
    lesions = frozenset(Lesion(name) for name in record["lesions"])
    return CornerFinding(corner, lesions, bool(record["not_visible"]))
