import numpy as np
import pytest

from msasss.training import augmentation
from msasss.training.augmentation import LookSettings, blurred, change_look


def picture():
    x, y = np.meshgrid(np.linspace(0, 1, 80), np.linspace(0, 1, 120))
    return ((x + y) / 2).astype(np.float32)


def test_no_strength_changes_nothing():
    np.testing.assert_array_equal(
        change_look(picture(), np.random.default_rng(0), LookSettings(strength=0.0)), picture()
    )


def test_changed_films_stay_finite_grey_images():
    for seed in range(40):
        changed = change_look(picture(), np.random.default_rng(seed), LookSettings(strength=1.6))
        assert changed.shape == (120, 80)
        assert changed.dtype == np.float32
        assert np.isfinite(changed).all()
        assert 0.0 <= changed.min() <= changed.max() <= 1.0


@pytest.mark.parametrize("change", [change for change, _ in augmentation._CHANGES])
def test_each_change_changes_the_film_and_keeps_its_size(change):
    changed = [change(picture(), np.random.default_rng(seed)) for seed in range(3)]
    assert all(item.shape == (120, 80) and item.dtype == np.float32 for item in changed)
    assert not np.array_equal(changed[0], picture())
    assert not np.array_equal(changed[0], changed[1])


def test_a_wide_blur_on_a_small_copy_is_the_blur_itself():
    noise = np.random.default_rng(1).random((120, 80)).astype(np.float32)
    exact = augmentation.ndimage.gaussian_filter(noise, 8.0, mode="nearest")
    assert np.abs(blurred(noise, 8.0) - exact)[16:-16, 16:-16].max() < 0.25 * np.ptp(exact)


def test_inversion_comes_as_often_as_asked():
    settings = LookSettings(strength=0.01, inversion=100.0)
    inverted = change_look(picture(), np.random.default_rng(3), settings)
    assert np.corrcoef(inverted.ravel(), picture().ravel())[0, 1] < -0.9
