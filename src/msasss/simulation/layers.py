"""The physical layers of one simulated patient, before any exposure.

They are slow to compute and are kept; many films are drawn from each set by `msasss.simulation.appearance`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from msasss.anatomy import Region, Vertebra, corners_of
from msasss.errors import ReadingError
from msasss.imaging import Facing, Landmarks, Point, PointKind, VertebraLandmarks
from msasss.reading import CornerFinding, Lesion

LayerPixels = npt.NDArray[np.float32] | npt.NDArray[np.float16]

_THICKNESSES = ("cortical_mm", "trabecular_mm", "soft_mm", "metal_mm")


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """Path lengths of each material along the rays to each pixel, with the truth about the corners.

    Args:
        region: The view.
        cortical_mm: (H, W) path length through cortical bone, in mm.
        trabecular_mm: (H, W) path length through trabecular bone times its relative density, in mm.
        soft_mm: (H, W) path length through everything, bone included, as water-like tissue, in mm.
        metal_mm: (H, W) path length through titanium, in mm.
        pixel_mm: Side of a pixel at the detector.
        magnification: Of the mid-sagittal plane at the detector.
        landmarks: Points in image coordinates, facing right.
        findings: The twelve corners, cranio-caudally; not visible only where outside the image.

    Raises:
        ReadingError: If the findings are not the twelve corners of the region in order, or the landmarks are of
            another region or do not face right.
    """

    region: Region
    cortical_mm: LayerPixels
    trabecular_mm: LayerPixels
    soft_mm: LayerPixels
    metal_mm: LayerPixels
    pixel_mm: float
    magnification: float
    landmarks: Landmarks
    findings: tuple[CornerFinding, ...]

    def __post_init__(self) -> None:
        check_findings(self.region, self.findings)
        if self.landmarks.region is not self.region or self.landmarks.facing is not Facing.RIGHT:
            got = f"{self.landmarks.region.value} ones facing {self.landmarks.facing.value}"
            msg = f"Expected {self.region.value} landmarks facing right, got {got}."
            raise ReadingError(msg)


def check_findings(region: Region, findings: tuple[CornerFinding, ...]) -> None:
    """Refuse findings that are not those of the twelve corners of a region, cranio-caudally.

    Raises:
        ReadingError: If they are not.
    """
    if tuple(finding.corner for finding in findings) != corners_of(region):
        names = ", ".join(str(finding.corner) for finding in findings) or "none"
        msg = f"Expected the twelve {region.value} corners from above downwards, got {names}."
        raise ReadingError(msg)


def save_layers(path: Path, layers: Layers) -> None:
    """Write layers as a compressed .npz of float16 arrays and a JSON text; float32 arrays lose precision."""
    arrays = {name: getattr(layers, name).astype(np.float16) for name in _THICKNESSES}
    metadata = {
        "region": layers.region.value,
        "pixel_mm": layers.pixel_mm,
        "magnification": layers.magnification,
        "landmarks": {item.vertebra.value: _points_to_json(item) for item in layers.landmarks},
        "level_margin": layers.landmarks.level_margin,
        "lesions": [sorted(lesion.value for lesion in finding.lesions) for finding in layers.findings],
        "not_visible": [finding.not_visible for finding in layers.findings],
    }
    with path.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, metadata=np.array(json.dumps(metadata)), **arrays)


def load_layers(path: Path) -> Layers:
    """Read layers written by `save_layers`; arrays are float16."""
    with np.load(path, allow_pickle=False) as archive:
        metadata = json.loads(str(archive["metadata"]))
        cortical, trabecular, soft, metal = (archive[name] for name in _THICKNESSES)
    region = Region(metadata["region"])
    return Layers(
        region=region,
        cortical_mm=cortical,
        trabecular_mm=trabecular,
        soft_mm=soft,
        metal_mm=metal,
        pixel_mm=metadata["pixel_mm"],
        magnification=metadata["magnification"],
        landmarks=_landmarks_from_json(region, metadata),
        findings=_findings_from_json(region, metadata),
    )


def _points_to_json(item: VertebraLandmarks) -> dict[str, list[float]]:
    points = {kind.value: item.point(kind) for kind in PointKind}
    return {name: [point.x, point.y, point.confidence] for name, point in points.items() if point is not None}


def _landmarks_from_json(region: Region, metadata: Mapping[str, Any]) -> Landmarks:
    vertebrae = tuple(
        VertebraLandmarks(Vertebra(name), **{kind: Point(*values) for kind, values in points.items()})
        for name, points in metadata["landmarks"].items()
    )
    return Landmarks(region, Facing.RIGHT, vertebrae, metadata["level_margin"])


def _findings_from_json(region: Region, metadata: Mapping[str, Any]) -> tuple[CornerFinding, ...]:
    lesions, not_visible = metadata["lesions"], metadata["not_visible"]
    return tuple(
        CornerFinding(corner, frozenset(map(Lesion, found)), hidden)
        for corner, found, hidden in zip(corners_of(region), lesions, not_visible, strict=True)
    )
