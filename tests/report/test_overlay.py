from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from msasss.anatomy import Region
from msasss.errors import LandmarkError
from msasss.exam import Exam
from msasss.imaging import Facing, Landmarks, Point, VertebraLandmarks
from msasss.pipeline.score import score_exam, score_reading_exam
from msasss.report.marks import (
    GRADE_COLOURS,
    POINT_COLOUR,
    graded_marks,
    notes_on_exam,
    notes_on_points,
    point_marks,
    region_sum,
)
from msasss.report.overlay import LONGEST_SIDE_PX, draw_exam_film, draw_landmarks
from support.exams import HEIGHT_PX, WIDTH_PX, BrightnessReader, KnownColumns, bridged, column, corner, film, reading

POINTS = column(Region.CERVICAL, without=["C6 superior"])
SCALE = LONGEST_SIDE_PX / HEIGHT_PX


@pytest.fixture(scope="module")
def exam() -> Exam:
    """A cervical film with a bridge below C4 and C6 superior not found."""
    return score_exam([bridged(film(), POINTS, "C4")], KnownColumns({"c.dcm": POINTS}), BrightnessReader())


def colour_at(picture: Image.Image, x: float, y: float) -> tuple[int, ...]:
    value = picture.getpixel((round(x * SCALE), round(y * SCALE)))
    assert isinstance(value, tuple)
    return value


def test_each_corner_is_marked_at_its_place_in_the_colour_of_its_grade(exam: Exam):
    picture = draw_exam_film(exam, Region.CERVICAL)
    for name, grade in (("C2 inferior", 0), ("C4 inferior", 3), ("C5 superior", 3), ("C7 inferior", 0)):
        point = POINTS.corner(corner(name))
        assert point is not None
        assert colour_at(picture, point.x, point.y) == GRADE_COLOURS[grade]


def test_a_corner_without_a_grade_is_hollow(exam: Exam):
    seen = film()
    found = KnownColumns({"c.dcm": column(Region.CERVICAL)})
    whole = score_exam([seen], found, BrightnessReader())
    hidden = tuple(
        replace(item, lesions=frozenset(), not_visible=True) if str(item.corner) == "C5 superior" else item
        for item in whole.reading
    )
    one = score_reading_exam(
        replace(whole.reading, findings=hidden), [seen], landmarks={seen.uid: column(Region.CERVICAL)}
    )
    point = column(Region.CERVICAL).corner(corner("C5 superior"))
    assert point is not None
    assert colour_at(draw_exam_film(one, Region.CERVICAL), point.x, point.y) not in GRADE_COLOURS.values()
    mark = next(mark for mark in graded_marks(one, column(Region.CERVICAL)) if str(mark.corner) == "C5 superior")
    assert (mark.label, mark.hollow) == ("-", True)


def test_a_missing_corner_is_named_in_the_legend(exam: Exam):
    assert "Not found: C6 superior" in notes_on_exam(exam, POINTS)
    assert all(str(mark.corner) != "C6 superior" for mark in graded_marks(exam, POINTS))
    assert notes_on_points(column(Region.CERVICAL)) == ()


def test_the_warnings_are_in_the_legend(exam: Exam):
    assert set(exam.warnings) <= set(notes_on_exam(exam, POINTS))


def test_a_finding_in_doubt_is_marked(exam: Exam):
    doubtful = tuple(replace(item, in_doubt=str(item.corner) == "C3 inferior") for item in exam.reading)
    marks = graded_marks(replace(exam, reading=replace(exam.reading, findings=doubtful)), POINTS)
    assert [str(mark.corner) for mark in marks if mark.doubtful] == ["C3 inferior"]
    assert next(mark.label for mark in marks if mark.doubtful) == "0?"


def test_a_point_that_is_a_guess_is_marked():
    guess = VertebraLandmarks(POINTS.vertebrae[1].vertebra, Point(160, 112, 0.2), Point(160, 168, 0.9))
    marks = point_marks(Landmarks(Region.CERVICAL, Facing.LEFT, (guess,)))
    assert [(str(mark.corner), mark.label, mark.doubtful) for mark in marks] == [
        ("C3 superior", "?", True),
        ("C3 inferior", "", False),
    ]


def test_located_films_are_drawn_without_grades():
    picture = draw_landmarks(film(), POINTS, ["Check levels."])
    assert colour_at(picture, 160, 88) == POINT_COLOUR


@pytest.mark.parametrize("size", [(3000, 2400), (90, 70)])
def test_films_of_any_size_are_drawn_at_one_size(size: tuple[int, int]):
    big = replace(film(), pixels=np.random.default_rng(0).random(size, dtype=np.float32))
    factor = size[0] / HEIGHT_PX
    near = tuple(
        replace(item, centre=Point(item.centre.x * factor, item.centre.y * factor)) for item in POINTS if item.centre
    )
    picture = draw_landmarks(big, replace(POINTS, vertebrae=near))
    assert picture.width == round(LONGEST_SIDE_PX * size[1] / size[0])
    assert picture.height > LONGEST_SIDE_PX


def test_a_narrow_film_leaves_room_for_the_legend():
    strip = replace(film(), pixels=film().pixels[:, 150:250].copy())
    only = Landmarks(Region.CERVICAL, Facing.RIGHT, (VertebraLandmarks(POINTS.vertebrae[0].vertebra),))
    assert draw_landmarks(strip, only).width == 720


def test_a_film_without_pixels_or_points_cannot_be_drawn():
    with pytest.raises(LandmarkError, match="Expected a lumbar film with its pixels and points"):
        draw_exam_film(score_reading_exam(reading()), Region.LUMBAR)


def test_the_sum_of_a_region_is_in_the_legend(exam: Exam):
    assert region_sum(exam, Region.CERVICAL) == "mSASSS, cervical: 6.5 of 36"
    assert region_sum(exam, Region.LUMBAR) == "mSASSS, lumbar: no sum"


def test_the_film_is_shown_below_the_marks(exam: Exam):
    picture = draw_exam_film(exam, Region.CERVICAL)
    body, air = colour_at(picture, WIDTH_PX / 2 + 30, 60), colour_at(picture, WIDTH_PX - 20, 60)
    assert body[0] > air[0] + 60
