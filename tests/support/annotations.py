"""Small annotated data sets in the forms that are imported, one column of points in each."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

WIDTH_PX, HEIGHT_PX = 120, 160
Json = dict[str, Any]


def picture(path: Path, seed: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (HEIGHT_PX, WIDTH_PX), dtype=np.uint8)).save(path)
    return path


def csxa_points() -> dict[str, tuple[float, float]]:
    """C2 centroid and the corners of C2 to C7; left ends at x 40, right ends at x 80, 20 px per vertebra."""
    points = {"C2 centroid": (60.5, 12.0), "C2 bottom left": (40.0, 18.0), "C2 bottom right": (80.0, 18.0)}
    for level in range(3, 8):
        top = 22.0 + 20 * (level - 3)
        for edge, y in (("top", top), ("bottom", top + 14)):
            points[f"C{level} {edge} left"] = (40.0 + level / 8, y)
            points[f"C{level} {edge} right"] = (80.0 + level / 8, y)
    return points


def csxa(folder: Path, name: str = "0001035", change: Callable[[list[Json]], None] | None = None) -> Path:
    """The folders of CSXA with one film; `change` alters its shapes."""
    shapes: list[Json] = [
        {"label": label, "points": [list(place)], "group_id": None, "shape_type": "point", "flags": {}}
        for label, place in csxa_points().items()
    ]
    if change is not None:
        change(shapes)
    picture(folder / "datasets-PNG" / f"{name}.png")
    (folder / "datasets-JSON").mkdir(exist_ok=True)
    content = {"version": "5.0.1", "shapes": shapes, "imagePath": f"{name}.png", "imageData": None}
    content |= {"imageHeight": HEIGHT_PX, "imageWidth": WIDTH_PX}
    (folder / "datasets-JSON" / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


def buu_rows() -> list[str]:
    """Eleven endplates, L1 upper to S1 upper, from x 30 to x 70, 12 px apart."""
    return [f"30.25,{10.5 + 12 * place},70.75,{11.5 + 12 * place},0" for place in range(11)]


def buu_lspine(folder: Path, name: str = "0169-F-044Y1", rows: list[str] | None = None) -> Path:
    """The folders of BUU-LSPINE with one lateral film, and an AP one that must be left alone."""
    picture(folder / "LA" / f"{name}.jpg")
    (folder / "LA" / f"{name}.csv").write_text("\n".join(buu_rows() if rows is None else rows), encoding="utf-8")
    picture(folder / "AP" / f"{name}.jpg")
    (folder / "AP" / f"{name}.csv").write_text("1,2,3,4,0\n", encoding="utf-8")
    return folder


def coco_content(file_name: str = "a.png") -> Json:
    """Of one image: C3 and C4 in one category, all visible but the lower corner of C4, which is hidden."""
    names = [
        f"{vertebra}_{kind}" for vertebra in ("C3", "C4") for kind in ("upper_anterior", "lower_anterior", "centre")
    ]
    keypoints = [40, 20, 2, 40, 34, 2, 60, 27, 2, 41, 40, 2, 41, 54, 1, 61, 47, 2]
    return {
        "images": [{"id": 7, "file_name": file_name, "width": WIDTH_PX, "height": HEIGHT_PX}],
        "annotations": [{"id": 1, "image_id": 7, "category_id": 1, "keypoints": keypoints, "num_keypoints": 5}],
        "categories": [{"id": 1, "name": "spine", "keypoints": names}],
    }


def studio_result(label: str, x: float, y: float) -> Json:
    return {
        "type": "keypointlabels",
        "original_width": WIDTH_PX,
        "original_height": HEIGHT_PX,
        "image_rotation": 0,
        "value": {"x": x, "y": y, "width": 0.5, "keypointlabels": [label]},
    }


def studio_content(address: str = "/data/upload/3/1a2b3c4d-a.png") -> list[Json]:
    """One task: two annotators set two points each, and a third gave up."""
    points = [studio_result("L4 upper_anterior", 25, 50), studio_result("L4 centre", 50, 62.5)]
    return [
        {
            "id": 11,
            "data": {"image": address},
            "annotations": [
                {"id": 1, "completed_by": 4, "was_cancelled": False, "result": points},
                {"id": 2, "completed_by": {"id": 5, "email": "who@example.org"}, "result": points},
                {"id": 3, "completed_by": 6, "was_cancelled": True, "result": []},
            ],
            "predictions": [],
        }
    ]


def write_json(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path
