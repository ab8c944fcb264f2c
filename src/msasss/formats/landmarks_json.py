"""Landmarks in JSON's types, as `score.json` and `locate --json` both hold them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from msasss.anatomy import Region, Vertebra
from msasss.imaging import Facing, Landmarks, PixelSpacing, Point, PointKind, Radiograph, VertebraLandmarks

SCHEMA = "msasss/locate/1"
SCHEMA_FILE = "locate-1.schema.json"

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class LocatedFilm:
    """A film with the points found on it, and what is doubtful about them."""

    radiograph: Radiograph
    landmarks: Landmarks
    warnings: tuple[str, ...] = ()


def dump_located(films: Iterable[LocatedFilm], *, software: str, weights: Mapping[str, str]) -> str:
    """Return located films as JSON text of schema `msasss/locate/1`.

    Args:
        films: The films.
        software: Name and version of what located them.
        weights: sha256 of each network used, by its name.
    """
    provenance = {"software": software, "weights": {name: f"sha256:{digest}" for name, digest in weights.items()}}
    record = {"schema": SCHEMA, "images": [_located(film) for film in films], "provenance": provenance}
    return json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def landmarks_to_json(landmarks: Landmarks | None) -> Record:
    """Return the entries that state landmarks; all are null or empty where there are none."""
    if landmarks is None:
        return {"facing": None, "level_margin": None, "landmarks": []}
    return {
        "facing": landmarks.facing.value,
        "level_margin": float(landmarks.level_margin),
        "landmarks": [
            _point_to_json(item.vertebra, kind, point)
            for item in landmarks
            for kind in PointKind
            if (point := item.point(kind)) is not None
        ],
    }


def landmarks_from_json(record: Record, region: Region) -> Landmarks | None:
    """Return the landmarks that the entries of `landmarks_to_json` state, or None where they state none."""
    if record["facing"] is None:
        return None
    points: dict[Vertebra, dict[str, Point]] = {}
    for item in record["landmarks"]:
        kind = PointKind(item["point"])
        points.setdefault(Vertebra(item["vertebra"]), {})[kind.value] = Point(item["x"], item["y"], item["confidence"])
    vertebrae = tuple(VertebraLandmarks(vertebra, **found) for vertebra, found in points.items())
    return Landmarks(region, Facing(record["facing"]), vertebrae, record["level_margin"])


def spacing_to_json(spacing: PixelSpacing | None) -> Record:
    """Return the entries that state a pixel spacing; null where it is unknown."""
    if spacing is None:
        return {"spacing_mm": None, "spacing_source": None}
    return {"spacing_mm": float(spacing.mm), "spacing_source": spacing.source.value}


def _located(film: LocatedFilm) -> Record:
    radiograph = film.radiograph
    return {
        "source": radiograph.source,
        "uid": radiograph.uid,
        "region": film.landmarks.region.value,
        "width_px": radiograph.width_px,
        "height_px": radiograph.height_px,
        **spacing_to_json(radiograph.spacing),
        **landmarks_to_json(film.landmarks),
        "warnings": list(film.warnings),
    }


def _point_to_json(vertebra: Vertebra, kind: PointKind, point: Point) -> Record:
    return {
        "vertebra": vertebra.value,
        "point": kind.value,
        "x": float(point.x),
        "y": float(point.y),
        "confidence": float(point.confidence),
    }
