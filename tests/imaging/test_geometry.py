import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from msasss.imaging import geometry

scales = st.floats(0.2, 5.0)
angles = st.floats(-3.2, 3.2)
points = st.lists(st.tuples(st.floats(-500, 500), st.floats(-500, 500)), min_size=1, max_size=5)


def ramp(height: int, width: int) -> np.ndarray:
    """An image whose value at (x, y) is x / 1000 + y / 2000, so that any sample can be checked."""
    x, y = np.arange(width) + 0.5, np.arange(height)[:, None] + 0.5
    return (x / 1000 + y / 2000).astype(np.float32)


@given(scales, angles, points)
def test_the_inverse_brings_every_point_back(scale, angle, xy):
    affine = geometry.similarity(scale=scale, angle_rad=angle, centre_from=(3, 4), centre_to=(-20, 70))
    there = geometry.transform(affine, xy)
    np.testing.assert_allclose(geometry.transform(geometry.invert(affine), there), xy, atol=1e-6)


@given(scales, angles, points)
def test_composing_equals_applying_one_after_the_other(scale, angle, xy):
    inner = geometry.similarity(scale=scale, angle_rad=angle, centre_from=(1, 2), centre_to=(5, 6))
    outer = geometry.mirror(640)
    both = geometry.transform(geometry.compose(outer, inner), xy)
    np.testing.assert_allclose(both, geometry.transform(outer, geometry.transform(inner, xy)), atol=1e-6)


def test_a_similarity_takes_its_centre_to_its_centre():
    affine = geometry.similarity(scale=2, angle_rad=0.3, centre_from=(10, 20), centre_to=(30, 40))
    np.testing.assert_allclose(geometry.transform(affine, [(10, 20)]), [(30, 40)])


def test_mirroring_twice_changes_nothing():
    image = np.random.default_rng(1).random((40, 64), dtype=np.float32)
    once = geometry.resample(image, geometry.mirror(64), (40, 64))
    np.testing.assert_array_equal(once, image[:, ::-1])


@pytest.mark.parametrize("shape_in", [(1000, 600), (600, 1000), (384, 256)])
def test_a_letterboxed_image_fits_and_is_centred(shape_in):
    to_image = geometry.letterbox(shape_in, (384, 256))
    corners = geometry.transform(geometry.invert(to_image), [(0, 0), (shape_in[1], shape_in[0])])
    assert np.all(corners >= -1e-9)
    assert np.all(corners <= np.array([256, 384]) + 1e-9)
    np.testing.assert_allclose(corners.mean(axis=0), (128, 192))
    assert np.isclose(np.ptp(corners[:, 0]), 256) or np.isclose(np.ptp(corners[:, 1]), 384)


@pytest.mark.parametrize("scale", [0.5, 1.0, 1.7, 2.0, 3.3])
def test_a_ramp_is_sampled_without_a_shift_at_any_scale(scale):
    image = ramp(200, 300)
    to_image = geometry.similarity(scale=scale, angle_rad=0.2, centre_from=(16, 16), centre_to=(150, 100))
    sampled = geometry.resample(image, to_image, (32, 32))
    x, y = geometry.transform(to_image, [(8.5, 20.5)])[0]
    assert sampled[20, 8] == pytest.approx(x / 1000 + y / 2000, abs=1e-4)


def test_shrinking_averages_instead_of_picking_pixels():
    image = np.indices((64, 64)).sum(axis=0) % 2  # a chessboard
    sampled = geometry.resample(image.astype(np.float32), geometry.letterbox((64, 64), (8, 8)), (8, 8))
    np.testing.assert_allclose(sampled, 0.5, atol=1e-6)


def test_what_lies_beyond_the_border_gets_the_value_asked_for():
    image = np.full((20, 20), 0.5, dtype=np.float32)
    to_image = geometry.similarity(scale=1, angle_rad=0, centre_from=(0, 0), centre_to=(10, 0))
    sampled = geometry.resample(image, to_image, (20, 20), outside=-1.0)
    np.testing.assert_array_equal(sampled[:, 10:], -1.0)
    np.testing.assert_array_equal(sampled[:, :10], 0.5)


def test_a_grid_that_misses_the_image_is_all_outside():
    image = np.full((20, 20), 0.5, dtype=np.float32)
    far = geometry.similarity(scale=1, angle_rad=0, centre_from=(0, 0), centre_to=(500, 500))
    np.testing.assert_array_equal(geometry.resample(image, far, (4, 4), outside=0.25), 0.25)
