from pathlib import Path

import pytest

from msasss.anatomy import Region, Vertebra
from msasss.errors import InputError
from msasss.formats import label_studio
from msasss.formats.annotated_films import Annotations
from msasss.imaging import Facing, Point, PointKind
from support.annotations import picture, studio_content, studio_result, write_json


def loaded(folder: Path, content: object) -> Annotations:
    picture(folder / "a.png")
    return label_studio.load(write_json(folder / "export.json", content), folder)


def test_percentages_become_pixels_from_the_outer_corner(tmp_path: Path):
    film = loaded(tmp_path, studio_content()).films[0]
    assert film.landmarks.point(Vertebra.L4, PointKind.UPPER_ANTERIOR) == Point(30.0, 80.0)
    assert film.landmarks.point(Vertebra.L4, PointKind.CENTRE) == Point(60.0, 100.0)
    assert (film.landmarks.region, film.landmarks.facing) == (Region.LUMBAR, Facing.LEFT)


def test_each_annotator_is_a_reader_without_a_mail_address(tmp_path: Path):
    films = loaded(tmp_path, studio_content()).films
    assert [film.reader for film in films] == ["label-studio-4", "label-studio-5"]
    assert {film.image for film in films} == {"a.png"}


@pytest.mark.parametrize(
    "address",
    ["a.png", "/data/upload/3/1a2b3c4d-a.png", "/data/local-files/?d=films/a.png", "https://x.org/films/a.png?v=1"],
)
def test_the_image_is_found_by_its_name(tmp_path: Path, address: str):
    assert loaded(tmp_path, studio_content(address)).films[0].file == tmp_path / "a.png"


def test_a_task_without_annotations_is_left_out_in_silence(tmp_path: Path):
    assert loaded(tmp_path, [{"id": 1, "data": {"image": "gone.png"}, "annotations": []}]) == Annotations(())


def test_other_kinds_of_results_are_left_alone(tmp_path: Path):
    content = studio_content()
    content[0]["annotations"][0]["result"].append({"type": "rectanglelabels", "value": {}})
    assert loaded(tmp_path, content).faults == ()


def broken(**change: object) -> list:
    content = studio_content()
    content[0]["annotations"] = [{"completed_by": 4, "result": [studio_result("L4 centre", 50, 55) | change]}]
    return content


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (studio_content("gone.png"), "Task 11: Expected an image file gone.png, got none"),
        (
            broken(value={"x": 1, "y": 2, "keypointlabels": ["tip"]}),
            "Task 11: Expected one label such as .*got .'tip'.",
        ),
        (broken(image_rotation=90), "Task 11: Expected an image as it is, got one turned by 90 degrees"),
        (broken(original_width=None), "Task 11: Expected a task as exported, got another form"),
        (broken(), "Task 11: Expected a centre beside an anterior corner"),
    ],
)
def test_a_faulty_task_is_left_out_and_named(tmp_path: Path, content: object, message: str):
    found = loaded(tmp_path, content)
    assert found.films == ()
    with pytest.raises(InputError, match=message):
        raise InputError(found.faults[0])


def test_a_point_set_twice_is_refused(tmp_path: Path):
    content = studio_content()
    content[0]["annotations"][0]["result"].append(studio_result("L4 centre", 50, 55))
    assert "Expected L4 centre once per annotation" in loaded(tmp_path, content).faults[0]


@pytest.mark.parametrize("content", [{}, ["a"], [{"id": 1, "label": []}]])
def test_another_file_is_refused(tmp_path: Path, content: object):
    with pytest.raises(InputError, match=r"export.json: Expected a list of tasks with annotations"):
        loaded(tmp_path, content)
