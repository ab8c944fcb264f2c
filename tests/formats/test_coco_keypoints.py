from pathlib import Path

import pytest

from msasss.anatomy import Vertebra
from msasss.errors import InputError
from msasss.formats import coco_keypoints
from msasss.formats.annotated_films import Annotations
from msasss.formats.coco_keypoints import PixelOrigin
from msasss.imaging import Facing, Point, PointKind
from support.annotations import Json, coco_content, picture, write_json

UPPER, LOWER, CENTRE = PointKind.UPPER_ANTERIOR, PointKind.LOWER_ANTERIOR, PointKind.CENTRE


def loaded(folder: Path, content: object, **options: PixelOrigin) -> Annotations:
    picture(folder / "a.png")
    return coco_keypoints.load(write_json(folder / "points.json", content), folder, **options)


def test_visible_points_are_taken_from_the_centre_of_the_first_pixel(tmp_path: Path):
    found = loaded(tmp_path, coco_content())
    assert found.faults == ()
    (film,) = found.films
    assert (film.image, film.reader, film.patient) == ("a.png", "coco", None)
    assert film.landmarks.facing is Facing.LEFT
    assert film.landmarks.point(Vertebra.C3, UPPER) == Point(40.5, 20.5)
    assert film.landmarks.point(Vertebra.C4, CENTRE) == Point(61.5, 47.5)


def test_a_hidden_point_is_missing(tmp_path: Path):
    (film,) = loaded(tmp_path, coco_content()).films
    assert film.landmarks.point(Vertebra.C4, LOWER) is None


def test_coordinates_from_the_corner_are_taken_as_they_are(tmp_path: Path):
    (film,) = loaded(tmp_path, coco_content(), origin=PixelOrigin.CORNER).films
    assert film.landmarks.point(Vertebra.C3, UPPER) == Point(40.0, 20.0)


def test_vertebrae_may_be_categories(tmp_path: Path):
    kinds = ["upper_anterior", "lower_anterior", "center"]
    content = coco_content()
    numbers = content["annotations"][0]["keypoints"]
    content["categories"] = [{"id": number, "name": f"C{number}", "keypoints": kinds} for number in (3, 4)]
    content["annotations"] = [
        {"image_id": 7, "category_id": 3, "keypoints": numbers[:9]},
        {"image_id": 7, "category_id": 4, "keypoints": numbers[9:]},
    ]
    (film,) = loaded(tmp_path, content).films
    (same,) = loaded(tmp_path, coco_content()).films
    assert film.landmarks == same.landmarks


def test_an_image_without_annotations_is_left_out_in_silence(tmp_path: Path):
    content = coco_content()
    content["images"].append({"id": 8, "file_name": "b.png"})
    assert loaded(tmp_path, content).faults == ()


def broken(part: str, **change: object) -> Json:
    content = coco_content()
    content[part][0].update(change)
    return content


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (broken("images", file_name="gone.png"), "gone.png: Expected an image file of that name"),
        (
            broken("annotations", keypoints=[1, 2, 2]),
            "a.png: Expected 3 numbers for each of 6 keypoints of 'spine', got 3",
        ),
        (
            broken("categories", keypoints=["nose"] * 6),
            "a.png: Expected a keypoint such as C3_upper_anterior, got 'nose'",
        ),
        (broken("categories", keypoints=["C3_centre"] * 6), "a.png: Expected C3 centre once per image"),
        (broken("annotations", keypoints=[1, 2, 0] * 6), "a.png: Expected points of one region on a film, got none"),
        (broken("annotations", keypoints=["x", 2, 2] * 6), "a.png: Expected keypoints as COCO has them"),
        (broken("annotations", keypoints=[40, 20, 2, *[0, 0, 0] * 5]), "a.png: Expected a centre beside an anterior"),
    ],
)
def test_a_faulty_image_is_left_out_and_named(tmp_path: Path, content: Json, message: str):
    found = loaded(tmp_path, content)
    assert found.films == ()
    assert found.faults[0].startswith(message)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], r"points.json: Expected COCO JSON with images, annotations and categories"),
        ({"images": [], "annotations": {}}, r"points.json: Expected COCO JSON"),
        (
            {"images": [{}], "annotations": [{}], "categories": []},
            r"points.json: Expected entries with the identifiers",
        ),
    ],
)
def test_another_file_is_refused(tmp_path: Path, content: object, message: str):
    with pytest.raises(InputError, match=message):
        loaded(tmp_path, content)


def test_a_file_that_is_no_json_or_not_there_is_refused(tmp_path: Path):
    (tmp_path / "text.json").write_text("dear colleague")
    with pytest.raises(InputError, match=r"text.json: Expected JSON, got something else"):
        coco_keypoints.load(tmp_path / "text.json", tmp_path)
    with pytest.raises(InputError, match=r"gone.json: Expected a readable JSON file"):
        coco_keypoints.load(tmp_path / "gone.json", tmp_path)
