import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msasss.anatomy import Region
from msasss.models.heatmaps import FARTHEST, box_sum, peaks, place_at, read_maps
from support.pose_maps import perfect_maps, raw_answer, straight_column


@settings(max_examples=30, deadline=None)
@given(x=st.floats(1.0, 63.0), y=st.floats(1.0, 95.0))
def test_a_place_is_read_back_to_a_hundredth_of_a_cell(x, y):
    maps = perfect_maps(np.array([[x, y]]))
    row, column = np.unravel_index(maps.mass[0].argmax(), maps.mass[0].shape)
    place, mass = place_at(maps.mass, maps.offsets, (int(row), int(column)))
    np.testing.assert_allclose(place, [x, y], atol=0.01)
    assert 0.7 < mass <= 1.0


@pytest.mark.parametrize("region", list(Region))
def test_the_maps_of_the_asked_region_are_read(region):
    maps = perfect_maps(straight_column())
    read = read_maps(
        *(raw_answer(maps, region, lumbar=1, faces_right=1)[name][0] for name in ("heat", "offsets", "visibility")),
        region,
    )
    np.testing.assert_allclose(read.mass, maps.mass, atol=1e-4)
    np.testing.assert_array_equal(read.offsets, np.clip(maps.offsets, -FARTHEST, FARTHEST))
    np.testing.assert_allclose(read.seen, maps.seen, atol=1e-5)
    np.testing.assert_allclose(read.mass.sum(axis=(1, 2)), 1.0, atol=1e-4)


def test_large_logits_do_not_overflow():
    heat = np.full((38, 4, 4), 3e4, np.float32)
    heat[:, 1, 2] += 50
    maps = read_maps(heat, np.zeros((76, 4, 4), np.float32), np.zeros(38, np.float32), Region.LUMBAR)
    assert maps.mass[:, 1, 2] == pytest.approx(1.0)


def test_peaks_are_the_highest_of_their_neighbourhood_highest_first():
    scores = np.zeros((10, 10), np.float32)
    scores[2, 3], scores[2, 4], scores[8, 8], scores[5, 0] = 0.5, 0.4, 0.9, 0.05
    assert peaks(scores, above=0.1, apart=2, most=5).tolist() == [[8, 8], [2, 3]]
    assert peaks(scores, above=0.1, apart=2, most=1).tolist() == [[8, 8]]
    scores[2, 4] = 0.5
    assert len(peaks(scores, above=0.1, apart=2, most=5)) == 2
    assert peaks(scores, above=1.0, apart=2, most=5).shape == (0, 2)


def test_box_sum_adds_the_square_neighbourhood():
    values = np.random.default_rng(0).random((2, 6, 7)).astype(np.float32)
    sums = box_sum(values, 1)
    assert sums[1, 3, 3] == pytest.approx(values[1, 2:5, 2:5].sum(), rel=1e-5)
    assert sums[0, 0, 0] == pytest.approx(values[0, :2, :2].sum(), rel=1e-5)
