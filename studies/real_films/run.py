"""Where the shipped localiser finds the corners of real films, marked by people.

The folder holds `images/` and `corners.csv` with the columns image, vertebra, point (or corner), x_px, y_px (index
coordinates: the centre of the top-left pixel is (0, 0)) and optionally region and facing. Each file is read and
located as it is. Errors are given in shares of the vertebral height, and in mm where --mm-per-px is given; a film is
level-shifted where the column found fits the marks better after renaming it by one level or more.

Usage: python studies/real_films/run.py --films DIR [--mm-per-px 0.2] [--out results.json]
"""

import argparse
import csv
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from msasss.anatomy import Vertebra, vertebrae_of
from msasss.errors import MsasssError
from msasss.formats.raster import read_raster
from msasss.imaging import Facing, Landmarks, PointKind
from msasss.imaging.landmarks import shift_levels
from msasss.pipeline.networks import open_networks

Marks = dict[tuple[Vertebra, PointKind], tuple[float, float]]


def main() -> None:
    """Run the study."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--films", type=Path, required=True)
    parser.add_argument("--mm-per-px", type=float)
    parser.add_argument("--weights", default="default")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    localiser = open_networks(arguments.weights).localiser
    marks, facings = _read_marks(arguments.films / "corners.csv")
    rows = []
    for path in sorted((arguments.films / "images").iterdir()):
        try:
            found = localiser.locate(read_raster(path))
        except MsasssError as error:
            rows.append({"image": path.name, "refused": str(error)})
            continue
        rows.append({"image": path.name, **_compare(found, marks.get(path.name, {}), facings.get(path.name))})
    report = _summary(rows, arguments.mm_per_px)
    print(json.dumps(report, indent=2))
    if arguments.out:
        arguments.out.write_text(json.dumps({"summary": report, "films": rows}, indent=2) + "\n", encoding="utf-8")


def _read_marks(path: Path) -> tuple[dict[str, Marks], dict[str, Facing]]:
    marks: dict[str, Marks] = defaultdict(dict)
    facings: dict[str, Facing] = {}
    kinds = {kind.value: kind for kind in PointKind}
    with path.open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            kind = kinds.get(row.get("point") or row["corner"])
            if kind is not None:
                place = (float(row["x_px"]) + 0.5, float(row["y_px"]) + 0.5)
                marks[row["image"]][Vertebra(row["vertebra"]), kind] = place
            if row.get("facing"):
                facings[row["image"]] = Facing(row["facing"])
    return marks, facings


def _compare(found: Landmarks, marks: Marks, facing: Facing | None) -> dict[str, Any]:
    row: dict[str, Any] = {
        "region": found.region.value,
        "facing": found.facing.value,
        "level_margin": round(found.level_margin, 3),
        "vertebrae": len(found.vertebrae),
    }
    if facing is not None:
        row["facing_right"] = found.facing is facing
    if not marks:
        return row
    row["region_right"] = next(iter(marks))[0].region is found.region
    if not row["region_right"]:
        return row
    height = _height_px(marks)
    by_shift = {by: _errors(shift_levels(found, by), marks) for by in (-2, -1, 0, 1, 2)}
    best = min(by_shift, key=lambda by: (np.median(by_shift[by]) if by_shift[by] else np.inf, abs(by)))
    row["shift"] = -best
    row["errors_px"] = by_shift[0]
    row["errors_px_level_right"] = by_shift[best]
    row["height_px"] = height
    return row


def _height_px(marks: Marks) -> float:
    heights = [
        float(np.hypot(*np.subtract(marks[name, PointKind.UPPER_ANTERIOR], marks[name, PointKind.LOWER_ANTERIOR])))
        for name in {vertebra for vertebra, _ in marks}
        if (name, PointKind.UPPER_ANTERIOR) in marks and (name, PointKind.LOWER_ANTERIOR) in marks
    ]
    return float(np.median(heights)) if heights else float("nan")


def _errors(found: Landmarks, marks: Marks) -> list[float]:
    errors = []
    for vertebra in vertebrae_of(found.region):
        for kind in (PointKind.UPPER_ANTERIOR, PointKind.LOWER_ANTERIOR):
            point, mark = found.point(vertebra, kind), marks.get((vertebra, kind))
            if point is not None and mark is not None:
                errors.append(float(np.hypot(point.x - mark[0], point.y - mark[1])))
    return errors


def _summary(rows: list[dict[str, Any]], mm_per_px: float | None) -> dict[str, Any]:
    located = [row for row in rows if "refused" not in row]
    marked = [row for row in located if "errors_px" in row]
    facing = [row["facing_right"] for row in located if "facing_right" in row]
    report: dict[str, Any] = {
        "films": len(rows),
        "refused": len(rows) - len(located),
        "facing_right": f"{sum(facing)} of {len(facing)}" if facing else None,
        "region_right": f"{sum(bool(row.get('region_right')) for row in located if 'region_right' in row)} of "
        f"{sum('region_right' in row for row in located)}",
        "level_shifted": f"{sum(row['shift'] != 0 for row in marked)} of {len(marked)}",
    }
    for name in ("errors_px", "errors_px_level_right"):
        shares = [error / row["height_px"] for row in marked for error in row[name]]
        pixels = [error for row in marked for error in row[name]]
        if not pixels:
            continue
        report[name.replace("_px", "_of_height")] = {
            "median": float(np.nanmedian(shares)),
            "p90": float(np.nanpercentile(shares, 90)),
        }
        if mm_per_px:
            mm = np.asarray(pixels) * mm_per_px
            report[name.replace("_px", "_mm")] = {
                "median": float(np.median(mm)),
                "within_2_mm": float(np.mean(mm <= 2.0)),
            }
    return report


if __name__ == "__main__":
    main()
