import base64
import io
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from msasss.anatomy import Region, discs_of
from msasss.imaging import Facing, Landmarks, Radiograph, VertebraLandmarks
from msasss.report.figures import FILM_HEIGHT_PX, FILM_WIDTH_PX, exam_figures, film_figure, patch_pictures, png_uri
from msasss.report.film_marks import LEAST_STEP_PX, spread
from support.report_exams import arc, exam_of, usual_exam, without_pixels

EXAM = usual_exam()


def decoded(uri):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(uri.removeprefix("data:image/png;base64,")))))


@pytest.fixture(scope="module")
def figures():
    return exam_figures(EXAM)


def test_both_films_and_all_disc_spaces_are_shown(figures):
    assert set(figures.films) == set(Region)
    assert set(figures.patches) == {disc for region in Region for disc in discs_of(region)}
    assert decoded(figures.films[Region.LUMBAR].picture).shape == (FILM_HEIGHT_PX, FILM_WIDTH_PX)


def test_without_pixels_there_are_no_figures():
    figures = exam_figures(without_pixels(EXAM))
    assert (figures.films, figures.patches) == ({}, {})


def test_a_level_name_stands_on_its_bright_body(figures):
    for figure in figures.films.values():
        picture = decoded(figure.picture)
        assert [level.name for level in figure.levels][:2] in (["C2", "C3"], ["T12", "L1"])
        for level in figure.levels:
            assert picture[int(level.y), int(level.x)] > 180


def test_the_chips_stand_in_front_of_their_corners_without_overlap(figures):
    figure = figures.films[Region.CERVICAL]
    assert len(figure.chips) == 11
    assert all(chip.x < chip.corner_x for chip in figure.chips)
    heights = [chip.y for chip in figure.chips]
    assert all(below - above >= LEAST_STEP_PX - 1e-6 for above, below in pairwise(heights))
    assert [chip.label for chip in figure.chips] == ["0", "0", "0", "0", "0", "0", "2", "2", "0", "0", "–"]


def test_a_film_that_faces_right_has_its_chips_on_the_right():
    film = EXAM.films[0]
    right = replace(film, landmarks=replace(film.landmarks, facing=Facing.RIGHT))
    figure = film_figure(exam_of(EXAM.reading, (right, EXAM.films[1])), right)
    assert all(chip.x > chip.corner_x for chip in figure.chips)


def test_a_film_smaller_than_the_spine_s_box_is_shown_whole():
    film = EXAM.films[0]
    narrow = Radiograph(film.radiograph.pixels[:, 200:500], film.source, uid=film.uid)
    shifted = tuple(
        VertebraLandmarks(
            item.vertebra,
            *(
                None if point is None else replace(point, x=point.x - 200)
                for point in (item.upper_anterior, item.lower_anterior, item.centre)
            ),
        )
        for item in film.landmarks
    )
    small = replace(film, radiograph=narrow, landmarks=replace(film.landmarks, vertebrae=shifted))
    figure = film_figure(EXAM, small)
    picture = decoded(figure.picture)
    assert picture[:, 0].max() == 0
    assert picture[:, -1].max() == 0
    assert all(picture[int(level.y), int(level.x)] > 180 for level in figure.levels)


def test_a_film_without_any_point_is_still_shown():
    film = replace(EXAM.films[0], landmarks=Landmarks(Region.CERVICAL, Facing.LEFT, ()))
    figure = film_figure(EXAM, film)
    assert figure.chips == ()
    assert decoded(figure.picture).std() > 0
    assert patch_pictures(film) == {}


def test_a_disc_space_not_found_has_no_patch():
    film = replace(EXAM.films[0], landmarks=arc(Region.CERVICAL, without=["C7 inferior", "T1 superior"]))
    assert [str(disc) for disc in patch_pictures(film)] == ["C2/C3", "C3/C4", "C4/C5", "C5/C6", "C6/C7"]


def test_a_picture_fills_the_grey_scale_whatever_its_contrast():
    ramp = np.linspace(0.4, 0.5, 64 * 64, dtype=np.float32).reshape(64, 64)
    picture = decoded(png_uri(ramp))
    assert (picture.min(), picture.max()) == (0, 255)
    assert decoded(png_uri(np.zeros((4, 4), np.float32))).max() == 0


@given(st.lists(st.floats(0, 900), min_size=1, max_size=12).map(sorted), st.floats(1, 60))
def test_spread_heights_are_apart_in_order_and_keep_their_mean(heights, least):
    moved = spread(heights, least)
    assert all(below - above >= least - 1e-6 for above, below in pairwise(moved))
    assert np.mean(moved) == pytest.approx(np.mean(heights))


def test_heights_that_are_apart_stay():
    assert spread([1.0, 50.0, 99.0], 20.0) == [1.0, 50.0, 99.0]
    assert spread([], 20.0) == []
