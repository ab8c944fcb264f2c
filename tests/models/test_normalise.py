import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msasss.imaging.geometry import letterbox
from msasss.models.normalise import LOCAL_LIMIT, inside_mask, network_input


def noise(seed=0, shape=(40, 30)):
    return np.random.default_rng(seed).random(shape).astype(np.float32)


@settings(max_examples=20, deadline=None)
@given(gain=st.floats(0.5, 1.0), shift=st.floats(0.0, 0.4))
def test_brightness_is_taken_out(gain, shift):
    grey = noise()
    seen = network_input((gain * grey + shift).astype(np.float32), radius_px=5)
    np.testing.assert_allclose(seen, network_input(grey, radius_px=5), atol=0.3)
    assert abs(float(seen[0].mean())) < 1e-3


def test_the_local_channel_is_the_direct_computation_over_each_neighbourhood():
    grey, radius = noise(1), 3
    local = network_input(grey, radius_px=radius)[1]
    for row, column in ((0, 0), (10, 12), (39, 29), (5, 29)):
        near = grey[max(row - radius, 0) : row + radius + 1, max(column - radius, 0) : column + radius + 1]
        expected = (grey[row, column] - near.mean()) / (near.std() + 0.02)
        assert local[row, column] == pytest.approx(expected, abs=2e-3)


def test_padding_is_zero_and_changes_nothing_inside():
    grey = noise(2)
    padded = np.zeros((60, 50), np.float32)
    padded[10:50, 10:40] = grey
    inside = np.zeros(padded.shape, bool)
    inside[10:50, 10:40] = True
    seen = network_input(padded, radius_px=4, inside=inside)
    assert not seen[:, ~inside].any()
    np.testing.assert_allclose(seen[:, 10:50, 10:40], network_input(grey, radius_px=4), atol=1e-4)


def test_local_contrast_is_limited():
    spot = np.zeros((60, 60), np.float32)
    spot[30, 30] = 1.0
    assert network_input(spot, radius_px=20)[1].max() == LOCAL_LIMIT


def test_a_letterbox_marks_its_padding():
    to_image = letterbox((100, 20), (50, 50))
    inside = inside_mask(to_image, (100, 20), (50, 50))
    assert inside.sum() == 50 * 10
    assert inside[:, 20:30].all()


def test_the_mask_of_a_centred_letterbox_is_its_own_mirror_image():
    inside = inside_mask(letterbox((90, 41), (32, 32)), (90, 41), (32, 32))
    assert (inside == inside[:, ::-1]).all()
