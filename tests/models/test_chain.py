import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msasss.models.chain import decode_column, local_axis
from msasss.models.column_points import CENTRES, level_of
from support.pose_maps import perfect_maps, straight_column, straight_prior

PICTURE = np.array([0.0, 0.0, 64.0, 96.0])


def without_levels(places, *levels):
    gone = np.array([level_of(index) in levels for index in range(len(places))])
    return np.where(gone[:, None], np.nan, places)


def decode(places, *, picture=PICTURE, seen=None):
    return decode_column(perfect_maps(places, seen=seen), straight_prior(), above_picture=picture)


@settings(max_examples=15, deadline=None)
@given(x=st.floats(15.0, 45.0), y=st.floats(6.0, 14.0), spacing=st.floats(8.0, 12.0), lean=st.floats(-0.3, 0.3))
def test_a_whole_column_is_read_to_a_tenth_of_a_pixel(x, y, spacing, lean):
    places = straight_column(top=(x, y), spacing=spacing)
    places[:, 0] += lean * (places[:, 1] - 48.0)
    column = decode(places)
    np.testing.assert_allclose(column.positions, places, atol=0.1 / 4)
    assert column.margin > 0.9


def test_a_missing_lowest_vertebra_leaves_the_names_right():
    places = without_levels(straight_column(top=(30, 22)), 6)
    column = decode(places)
    assert np.isnan(column.centres[6]).all()
    np.testing.assert_allclose(column.positions, places, atol=0.03)
    assert column.mass[6] == 0.0


def test_vertebrae_above_the_picture_leave_the_names_right():
    places = without_levels(straight_column(top=(30, 8 - 2 * 11)), 0, 1)
    column = decode(places)
    np.testing.assert_allclose(column.centres, places[CENTRES], atol=0.03)


def test_a_vertebra_missing_in_the_middle_leaves_the_names_right():
    places = without_levels(straight_column(), 3)
    column = decode(places)
    np.testing.assert_allclose(column.centres, places[CENTRES], atol=0.03)


def misnamed_maps(share):
    """Maps of a whole column, of which all levels but the first answer by `share` for the vertebra above theirs."""
    places = straight_column(top=(30, 16))
    maps = perfect_maps(places)
    centres = maps.mass[CENTRES].copy()
    centres[1:] = share * maps.mass[:6] + (1 - share) * maps.mass[1:7]
    maps.mass[CENTRES] = centres
    # Short-range offsets point to whichever vertebra is near, named rightly or not.
    away = places[:7, :, None, None] - np.stack(np.meshgrid(np.arange(64) + 0.5, np.arange(96) + 0.5))
    nearest = np.hypot(away[:, 0], away[:, 1]).argmin(axis=0)
    maps.offsets[CENTRES] = np.take_along_axis(away, nearest[None, None], axis=0)
    return maps, places


def test_a_top_level_that_would_lie_in_the_picture_is_not_skipped():
    maps, places = misnamed_maps(0.55)
    ruled = decode_column(maps, straight_prior(), above_picture=PICTURE)
    np.testing.assert_allclose(ruled.centres, places[CENTRES], atol=0.1)


@pytest.mark.parametrize("share", [0.4, 0.5, 0.6])
def test_a_naming_that_another_matches_has_little_margin(share):
    maps, _ = misnamed_maps(share)
    assert decode_column(maps, straight_prior(), above_picture=PICTURE).margin < 0.65


def test_a_naming_that_none_matches_has_a_margin_of_nearly_one():
    maps, _ = misnamed_maps(0.0)
    assert decode_column(maps, straight_prior(), above_picture=PICTURE).margin > 0.95


def test_two_vertebrae_are_no_column():
    assert decode(without_levels(straight_column(), 0, 1, 2, 3, 4)) is None


def test_an_empty_answer_is_no_column():
    assert decode(np.full((19, 2), np.nan)) is None


def test_a_corner_that_no_map_shows_is_missing():
    places = straight_column()
    places[9] = np.nan
    column = decode(places)
    assert np.isnan(column.positions[9]).all()
    assert column.mass[9] == 0.0


def test_the_axis_at_a_level_comes_from_its_neighbours():
    centres = straight_column(spacing=10.0)[CENTRES]
    caudal, spacing = local_axis(centres, 3)
    assert caudal == pytest.approx([0.0, 1.0])
    assert spacing == pytest.approx(10.0)
    lonely = np.full((7, 2), np.nan)
    lonely[3] = 1.0, 2.0
    assert local_axis(lonely, 3) is None
    assert local_axis(centres * np.nan, 3) is None
