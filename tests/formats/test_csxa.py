from pathlib import Path

import pytest

from msasss.anatomy import Region, Vertebra
from msasss.errors import InputError
from msasss.formats import csxa
from msasss.imaging import Facing, Landmarks, Point, PointKind
from support import annotations
from support.annotations import Json

UPPER, LOWER, CENTRE = PointKind.UPPER_ANTERIOR, PointKind.LOWER_ANTERIOR, PointKind.CENTRE


def loaded(folder: Path, **options: Facing) -> Landmarks:
    found = csxa.load(folder, **options)
    assert found.faults == ()
    (film,) = found.films
    return film.landmarks


def fault(folder: Path) -> str:
    found = csxa.load(folder)
    assert found.films == ()
    (message,) = found.faults
    return message


def test_the_front_corners_and_centres_are_taken(tmp_path: Path):
    (film,) = csxa.load(annotations.csxa(tmp_path)).films
    assert (film.image, film.reader, film.patient) == ("0001035.png", "csxa", "csxa-0001035")
    marks = film.landmarks
    assert (marks.region, marks.facing) == (Region.CERVICAL, Facing.LEFT)
    assert marks.point(Vertebra.C2, LOWER) == Point(40.0, 18.0)
    assert marks.point(Vertebra.C2, CENTRE) == Point(60.5, 12.0)
    assert marks.point(Vertebra.C4, UPPER) == Point(40.5, 42.0)
    assert marks.point(Vertebra.C4, LOWER) == Point(40.5, 56.0)
    assert marks.point(Vertebra.C4, CENTRE) == Point(60.5, 49.0)


def test_what_is_not_annotated_is_missing(tmp_path: Path):
    marks = loaded(annotations.csxa(tmp_path))
    assert marks.point(Vertebra.C2, UPPER) is None
    assert marks.of(Vertebra.T1).centre is None


def test_the_side_can_be_given(tmp_path: Path):
    marks = loaded(annotations.csxa(tmp_path), facing=Facing.RIGHT)
    assert marks.facing is Facing.RIGHT
    assert marks.point(Vertebra.C4, UPPER) == Point(80.5, 42.0)


def test_swapped_ends_are_put_right(tmp_path: Path):
    def swap(shapes: list[Json]) -> None:
        names = {"C5 top left": "C5 top right", "C5 top right": "C5 top left"}
        for shape in shapes:
            shape["label"] = names.get(shape["label"], shape["label"])

    assert loaded(annotations.csxa(tmp_path / "a", change=swap)) == loaded(annotations.csxa(tmp_path / "b"))


def test_labels_may_differ_in_case_and_blanks(tmp_path: Path):
    def respell(shapes: list[Json]) -> None:
        for shape in shapes:
            shape["label"] = f" {shape['label'].lower().replace(' ', '  ')}"

    assert loaded(annotations.csxa(tmp_path / "a", change=respell)) == loaded(annotations.csxa(tmp_path / "b"))


def test_an_endplate_with_one_end_is_missing(tmp_path: Path):
    marks = loaded(annotations.csxa(tmp_path, change=lambda shapes: shapes.pop()))
    assert marks.point(Vertebra.C7, LOWER) is None
    assert marks.point(Vertebra.C7, CENTRE) is None
    assert marks.point(Vertebra.C7, UPPER) is not None


def test_clicks_in_one_place_are_one_point(tmp_path: Path):
    def double(shapes: list[Json]) -> None:
        shapes[1]["points"] = [[39.5, 18.0], [40.5, 18.0]]

    assert loaded(annotations.csxa(tmp_path, change=double)).point(Vertebra.C2, LOWER) == Point(40.0, 18.0)


def test_two_places_of_one_name_are_refused(tmp_path: Path):
    def double(shapes: list[Json]) -> None:
        shapes[1]["points"] = [[40.0, 18.0], [40.0, 58.0]]

    message = fault(annotations.csxa(tmp_path, change=double))
    assert message.startswith("0001035.json: Expected c2 bottom left in one place, got 2 up to 20 px")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda shapes: shapes[1].update(label="C9 top left"), "got 'c9 top left'"),
        (lambda shapes: shapes[1].update(points=[["a", 1]]), r"two coordinates of c2 bottom left, got \['a', 1\]"),
        (lambda shapes: shapes[1].update(points=[3]), "two coordinates of c2 bottom left, got 3"),
        (lambda shapes: shapes.clear(), "points of one region on a film, got none"),
    ],
)
def test_a_faulty_file_is_left_out_and_named(tmp_path: Path, change: object, message: str):
    with pytest.raises(InputError, match=message):
        raise InputError(fault(annotations.csxa(tmp_path, change=change)))  # type: ignore[arg-type]


def test_one_faulty_file_leaves_the_others(tmp_path: Path):
    annotations.csxa(tmp_path)
    (tmp_path / "datasets-JSON" / "0002040.json").write_text("{")
    (tmp_path / "datasets-JSON" / "0003040.json").write_text("[]")
    annotations.picture(tmp_path / "datasets-PNG" / "0003040.png")
    annotations.csxa(tmp_path, "0004040")
    (tmp_path / "datasets-PNG" / "0004040.png").unlink()
    found = csxa.load(tmp_path)
    assert [film.image for film in found.films] == ["0001035.png"]
    assert [
        next(it for it in ("image 0002040.png", "list of shapes", "image 0004040.png") if it in fault)
        for fault in found.faults
    ] == ["image 0002040.png", "list of shapes", "image 0004040.png"]


def test_a_folder_without_annotations_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match="JSON files below empty, got none"):
        csxa.load(tmp_path / "empty")
